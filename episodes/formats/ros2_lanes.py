"""What the messages of one topic are gathered into during the one pass over a recording."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from episodes.formats.bag_files import Place
from episodes.formats.features import words
from episodes.formats.recording import Message, Topic
from episodes.formats.ros2_audio import AudioInfo, audio_block, audio_info, is_audio
from episodes.formats.ros2_decode import UNREADABLE, decoder, ros_type, stamp_ns
from episodes.formats.ros2_messages import (
    MAX_DIMENSIONS,
    Sample,
    Samples,
    samples_of,
)
from episodes.formats.ros2_pictures import (
    VIDEO,
    NoPicture,
    PictureKind,
    coded_bytes,
    is_camera,
    picture_kind,
)
from episodes.formats.ros2_spool import Spool, Store
from episodes.formats.wire_labels import wire_label
from episodes.records import FoundLabel
from episodes.video.assemble import is_key

# Signals of one topic: child frames of tf, or names of joints that change.
MAX_PARTS_A_TOPIC = 32
MAX_TEXTS = 10_000
MAX_TEXT = 2000
FIELDS = (
    "kind", "label_class", "start_ns", "end_ns", "text", "effector", "attributes", "uncertainty_ns"
)  # fmt: skip
ANNOTATIONS_TYPE = "touchline.Annotation"
ROBOT_DESCRIPTION = "robot_description"


class Lane:
    """One topic's messages. ``damaged`` counts those that cannot be read."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.decode = decoder(topic)
        self.taken = self.damaged = 0

    def take(self, place: Place, message: Message) -> None:
        try:
            decoded = self.decode(message.data)
            self.gather(place, message.log_ns, decoded)
            self.taken += 1
        except UNREADABLE:
            self.damaged += 1

    def gather(self, place: Place, log_ns: int, message: Any) -> None:
        raise NotImplementedError

    @property
    def spools(self) -> tuple[Spool, ...]:
        return ()


@dataclass(slots=True)
class Budget:
    """How many more signals a recording may have: each long one keeps a file open."""

    signals: int = 128


class SignalLane(Lane):
    """Numbers: a spool for each signal, told apart by part and names of dimensions."""

    def __init__(self, topic: Topic, samples: Samples, budget: Budget) -> None:
        super().__init__(topic)
        self.samples, self.budget = samples, budget
        self.signals: dict[tuple[str, tuple[str, ...], int], tuple[Sample, Spool]] = {}
        self.left_out: set[str] = set()

    def gather(self, place: Place, log_ns: int, message: Any) -> None:
        own_ns = stamp_ns(message)
        for sample in self.samples(message):
            key = (sample.part, sample.names, len(sample.values))
            if key not in self.signals:
                wide = len(sample.values) > MAX_DIMENSIONS
                full = len(self.signals) >= MAX_PARTS_A_TOPIC or self.budget.signals <= 0
                if wide or full:
                    self._leave_out(sample)
                    continue
                self.budget.signals -= 1
                self.signals[key] = (sample, Spool(len(sample.values)))
            spool = self.signals[key][1]
            spool.add(sample.stamp_ns or own_ns, log_ns, np.asarray(sample.values, np.float64))

    def _leave_out(self, sample: Sample) -> None:
        if len(self.left_out) < MAX_PARTS_A_TOPIC:
            self.left_out.add(sample.part or f"rows of {len(sample.values):,} values")

    @property
    def spools(self) -> tuple[Spool, ...]:
        return tuple(spool for _, spool in self.signals.values())


class CameraLane(Lane):
    """Pictures: where each lies and when it was taken; they are read again one by one."""

    def __init__(self, topic: Topic) -> None:
        super().__init__(topic)
        self.kind: PictureKind | None = None
        self.refused: Counter[str] = Counter()
        self.before_key = 0
        self.places = Spool(3, np.int64)

    def gather(self, place: Place, log_ns: int, message: Any) -> None:
        try:
            kind = picture_kind(self.topic, message)
        except NoPicture as reason:
            self.refused[str(reason)] += 1
            return
        starts = self.kind is None and kind.coding in VIDEO
        if starts and not is_key(coded_bytes(message), kind.coding):
            self.before_key += 1
            return
        if self.kind is not None and kind != self.kind:
            self.refused["its pictures change their encoding or size"] += 1
            return
        self.kind = kind
        self.places.add(stamp_ns(message), log_ns, place)

    @property
    def spools(self) -> tuple[Spool, ...]:
        return (self.places,)


class AudioLane(Lane):
    """Sound: the bytes as they came, and how many each message brought."""

    def __init__(self, topic: Topic) -> None:
        super().__init__(topic)
        self.bytes = Store(np.dtype(np.uint8))
        self.blocks = Spool(1, np.int64)
        self.stated: AudioInfo | None = None

    def gather(self, place: Place, log_ns: int, message: Any) -> None:
        data, stated = audio_block(self.topic, message)
        self.stated = self.stated or stated
        self.bytes.append(np.frombuffer(data, np.uint8))
        self.blocks.add(stamp_ns(message), log_ns, (len(data),))

    @property
    def spools(self) -> tuple[Spool, ...]:
        return (self.blocks,)


class AudioInfoLane(Lane):
    """What an audio topic beside it holds."""

    info: AudioInfo | None = None

    def gather(self, place: Place, log_ns: int, message: Any) -> None:
        self.info = audio_info(message)


class TextLane(Lane):
    """Texts and verdicts, bounded in number and length."""

    def __init__(self, topic: Topic) -> None:
        super().__init__(topic)
        self.texts: list[str] = []
        self.times = Spool(1, np.int64)

    def gather(self, place: Place, log_ns: int, message: Any) -> None:
        if len(self.texts) < MAX_TEXTS:
            value = message.data
            text = ("success" if value else "failure") if isinstance(value, bool) else str(value)
            self.times.add(stamp_ns(message), log_ns, (len(self.texts),))
            self.texts.append(text.replace("\0", "")[:MAX_TEXT].strip())

    @property
    def spools(self) -> tuple[Spool, ...]:
        return (self.times,)


class DescriptionLane(Lane):
    """The robot's URDF, as robot_state_publisher latches it."""

    urdf = ""

    def gather(self, place: Place, log_ns: int, message: Any) -> None:
        self.urdf = self.urdf or str(message.data)


class AnnotationLane(Lane):
    """Labels of an earlier export of Touchline's; their times are on the episode clock."""

    def __init__(self, topic: Topic) -> None:
        super().__init__(topic)
        self.labels: list[FoundLabel] = []

    def gather(self, place: Place, log_ns: int, message: Any) -> None:
        raw = {name: getattr(message, name, None) for name in FIELDS}
        # The JSON decoder makes objects with fields of all objects.
        raw["attributes"] = getattr(raw["attributes"], "__dict__", None)
        label = wire_label(raw, self.topic.name)
        if label is None:
            raise ValueError("a message that is no label")
        if len(self.labels) < MAX_TEXTS:
            self.labels.append(label)


# What a topic of texts is for, by the words of its name.
INSTRUCTION = frozenset({"instruction", "instructions", "prompt", "task", "language"})
SEGMENTS = frozenset({"subtask", "subtasks", "phase", "skill", "segment", "stage"})
EVENTS = frozenset(
    {"event", "events", "marker", "label", "labels", "annotation", "annotations", "keyframe"}
)
OUTCOME = frozenset({"outcome", "success", "result"})


def is_instruction(topic: Topic) -> bool:
    found = set(words(topic.name))
    return is_text(topic) and bool(found & INSTRUCTION) and not found & (SEGMENTS | OUTCOME)


def is_text(topic: Topic) -> bool:
    return ros_type(topic.type) == "std_msgs/msg/String"


def _is_verdict(topic: Topic) -> bool:
    found = set(words(topic.name))
    return ros_type(topic.type) == "std_msgs/msg/Bool" and bool(found & OUTCOME)


def lane_for(topic: Topic, budget: Budget) -> Lane | None:
    """None for a type that becomes nothing. Raises Undecodable."""
    kind = ros_type(topic.type)
    makers: tuple[tuple[bool, Callable[[Topic], Lane]], ...] = (
        (is_camera(topic), CameraLane),
        (is_audio(topic), AudioLane),
        (kind == "audio_common_msgs/msg/AudioInfo", AudioInfoLane),
        (topic.type == ANNOTATIONS_TYPE, AnnotationLane),
        (is_text(topic) and topic.name.endswith(ROBOT_DESCRIPTION), DescriptionLane),
        (is_text(topic) or _is_verdict(topic), TextLane),
    )
    for fits, make in makers:
        if fits:
            return make(topic)
    samples = samples_of(topic)
    return None if samples is None else SignalLane(topic, samples, budget)
