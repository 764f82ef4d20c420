"""What recordings do not say, and what the answers mean for names, kinds and units."""

from collections.abc import Iterable, Iterator

from episodes.formats.features import camera_role
from episodes.formats.questions import (
    UNKNOWN,
    answered_role,
    gripper_question,
    instruction_question,
    role_question,
    unit_question,
)
from episodes.formats.recording import Topic
from episodes.formats.ros2_audio import SAMPLE_FORMATS, AudioInfo
from episodes.formats.ros2_lanes import AudioLane, CameraLane, Lane, SignalLane, is_instruction
from episodes.formats.ros2_messages import (
    JOINT_UNITS,
    Sample,
    dimension_records,
    is_gripper,
    kind_of,
    own_description,
    topic_label,
)
from episodes.formats.ros2_pictures import OWN_ROLE, PictureKind, camera_label
from episodes.formats.ros2_scan import Scan
from episodes.records import (
    Answers,
    DimensionRecord,
    Modality,
    Question,
    QuestionKind,
    Role,
    SignalKind,
)

ARRAY_UNITS = ("rad", "deg", "m", "mm", "m/s", "rad/s", "m/s2", "N", "Nm", "ratio")
DEPTH_UNITS = {"m": 1.0, "mm": 0.001}
MAX_NAME = 150


def kind_question(signal: str) -> Question:
    return Question(
        id=f"kind.{signal}",
        text=f"What does “{signal}” hold?",
        kind=QuestionKind.CHOICE,
        choices=tuple(kind.value for kind in SignalKind),
        why="Training takes states and actions apart; the topic's name says neither.",
    )


def audio_questions(label: str) -> tuple[Question, ...]:
    why = "The messages hold bytes alone; without this the sound stays out."
    return (
        Question(
            id=f"audio_format.{label}",
            text=f"In which form are the samples of “{label}”?",
            kind=QuestionKind.CHOICE,
            choices=(*SAMPLE_FORMATS, UNKNOWN),
            why=why,
        ),
        Question(
            id=f"audio_rate.{label}",
            text=f"How many samples a second has “{label}”?",
            kind=QuestionKind.NUMBER,
            unit="Hz",
            why=why,
        ),
        Question(
            id=f"audio_channels.{label}",
            text=f"How many channels has “{label}”?",
            kind=QuestionKind.NUMBER,
            why=why,
        ),
    )


def answered_audio(answers: Answers, label: str) -> AudioInfo | None:
    """None unless all three are answered and sane."""
    form = answers.get(f"audio_format.{label}", UNKNOWN)
    rate, channels = answers.get(f"audio_rate.{label}"), answers.get(f"audio_channels.{label}")
    if rate is None or channels is None:
        return None
    found = AudioInfo(form, round(float(rate)), round(float(channels)))
    return found if found.known else None


def scan_questions(found: Scan) -> Iterator[Question]:
    """Every question that the topics of a survey raise, in the order of their names."""
    for lane in sorted(found.lanes.values(), key=lambda lane: lane.topic.name):
        if isinstance(lane, CameraLane):
            yield from _camera_questions(lane)
        elif isinstance(lane, SignalLane):
            yield from _signal_questions(lane, found.described())
        elif isinstance(lane, AudioLane) and lane.stated is None:
            beside = found.audio_info(lane.topic.name)
            if beside is None:
                yield from audio_questions(topic_label(lane.topic.name))
    if not any(is_instruction(topic) for topic in found.lanes):
        yield instruction_question()


def _camera_questions(lane: CameraLane) -> Iterator[Question]:
    name = camera_label(lane.topic)
    if stated_role(lane.topic, name) is Role.UNKNOWN:
        yield role_question(name)
    kind = lane.kind
    if kind is not None and kind.modality is Modality.DEPTH and kind.depth_unit_m is None:
        yield unit_question(name, DEPTH_UNITS)


def _signal_questions(lane: SignalLane, described: dict[str, str]) -> Iterator[Question]:
    for name, sample in named_samples(lane):
        if own_description(lane.topic) is not None:
            continue
        if kind_of(name, sample.kind) is None:
            yield kind_question(name)
        joints = set(sample.names) - described.keys()
        if sample.joint == "position" and (joints or not sample.names):
            yield unit_question(name, JOINT_UNITS)
        elif sample.untyped:
            yield unit_question(name, ARRAY_UNITS)
        kind = kind_of(name, sample.kind)
        grips = kind is SignalKind.GRIPPER or any(map(is_gripper, sample.names))
        if grips and sample.joint in ("", "position") and kind is not SignalKind.ACTION:
            yield gripper_question(name)


def named_samples(lane: SignalLane) -> Iterator[tuple[str, Sample]]:
    """(signal's name, a sample of it) in the order of ``lane.signals``; names are unique."""
    own = own_description(lane.topic)
    label = str(own["name"]) if own else topic_label(lane.topic.name)
    taken: set[str] = set()
    for sample, _ in lane.signals.values():
        wanted = name = (label + sample.part)[:MAX_NAME]
        number = 1
        while name in taken:
            number += 1
            name = f"{wanted}.{number}"
        taken.add(name)
        yield name, sample


def stated_role(topic: Topic, camera: str) -> Role:
    """What the channel of an export says, else what the name says."""
    said = topic.said(OWN_ROLE)
    return Role(said) if said in set(Role) else camera_role(camera)


def camera_role_of(topic: Topic, camera: str, answers: Answers) -> Role:
    return answered_role(answers, camera, stated_role(topic, camera))


def depth_unit(camera: str, kind: PictureKind, answers: Answers) -> float | None:
    if kind.modality is not Modality.DEPTH or kind.depth_unit_m is not None:
        return kind.depth_unit_m
    return DEPTH_UNITS.get(answers.get(f"unit.{camera}", UNKNOWN))


def signal_kind_of(name: str, sample: Sample, lane: Lane, answers: Answers) -> SignalKind:
    if own_description(lane.topic) is not None and sample.kind is not None:
        return sample.kind
    answer = answers.get(f"kind.{name}")
    if answer is not None:
        return SignalKind(answer)
    return kind_of(name, sample.kind) or SignalKind.OTHER


def signal_dimensions(
    name: str, sample: Sample, lane: Lane, described: dict[str, str], answers: Answers
) -> tuple[DimensionRecord, ...]:
    own = own_description(lane.topic)
    if own is not None:
        return tuple(
            DimensionRecord(str(d["name"]), str(d["unit"]), str(d["group"]))
            for d in own["dimensions"]
        )
    # Velocities and efforts of joints go by the answer for their positions.
    asked = name
    if sample.joint:
        asked = name.replace(f".{sample.joint}", ".position")
    answer = answers.get(f"unit.{asked}", UNKNOWN)
    return dimension_records(name, sample, described, "" if answer == UNKNOWN else answer)


def once(questions: Iterable[Question]) -> tuple[Question, ...]:
    return tuple({question.id: question for question in questions}.values())
