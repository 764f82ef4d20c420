"""The one pass over a recording: every topic's messages into its lane, with bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from episodes.formats.bag_files import Recording
from episodes.formats.recording import Message, Topic
from episodes.formats.ros2_decode import Undecodable
from episodes.formats.ros2_lanes import (
    AudioInfoLane,
    Budget,
    DescriptionLane,
    Lane,
    SignalLane,
    TextLane,
    lane_for,
)
from episodes.formats.ros2_messages import described_joints
from episodes.formats.ros2_spool import LOG
from episodes.records import Notice

MAX_LANES = 1000
# A topic that has not spoken by then is asked about without having been heard.
MAX_SURVEYED = 500_000
MAX_TIME_NS = 2**63 - 1
CALIBRATION = ("CameraInfo", "CameraCalibration")


@dataclass(slots=True)
class Scan:
    """What the pass found. ``skipped`` counts messages of topics that become nothing, by reason."""

    lanes: dict[Topic, Lane] = field(default_factory=dict)
    skipped: dict[Topic, str] = field(default_factory=dict)
    publish_apart_ns: int = 0
    messages: int = 0
    bad_times: int = 0
    budget: Budget = field(default_factory=Budget)

    def timed(self) -> list[Lane]:
        """Lanes with samples that lie on the episode's clock."""
        return [lane for lane in self.lanes.values() if any(s.count for s in lane.spools)]

    def described(self) -> dict[str, str]:
        return described_joints(self.urdf())

    def urdf(self) -> str:
        found = [lane.urdf for lane in self.lanes.values() if isinstance(lane, DescriptionLane)]
        return found[0] if found else ""

    def audio_info(self, topic: str) -> AudioInfoLane | None:
        """The information beside an audio topic: of its own name space, else the only one."""
        found = [lane for lane in self.lanes.values() if isinstance(lane, AudioInfoLane)]
        space = topic.rsplit("/", 1)[0]
        beside = [lane for lane in found if lane.topic.name.rsplit("/", 1)[0] == space]
        chosen = beside or (found if len(found) == 1 else [])
        return chosen[0] if chosen else None

    def lane(self, topic: Topic) -> Lane | None:
        """The topic's lane, made when its first message comes; None for what becomes nothing."""
        if topic in self.lanes or topic in self.skipped:
            return self.lanes.get(topic)
        try:
            made = lane_for(topic, self.budget) if len(self.lanes) < MAX_LANES else None
        except Undecodable as error:
            self.skipped[topic] = str(error)
            return None
        if made is None:
            self.skipped[topic] = ""
            return None
        self.lanes[topic] = made
        return made

    def take(self, message: Message) -> Lane | None:
        self.messages += 1
        if not 0 <= message.log_ns <= MAX_TIME_NS:
            self.bad_times += 1
            return None
        return self.lane(message.topic)


def scan(recording: Recording) -> Scan:
    """One pass over all messages. Raises EpisodeBroken."""
    found = Scan()
    for place, message in recording.messages():
        lane = found.take(message)
        if lane is not None:
            apart = abs(message.log_ns - message.publish_ns)
            if message.publish_ns and apart > found.publish_apart_ns:
                found.publish_apart_ns = apart
            lane.take(place, message)
    return found


def survey(recording: Recording, known: set[tuple[str, str]]) -> Scan:
    """The first message of every topic that is not ``known`` by (name, type).

    Reads no further than the last of them; topics without messages are made lanes too.
    """
    found = Scan()
    counts = recording.topics()
    fresh = [topic for topic in counts if (topic.name, topic.type) not in known]
    waiting = {topic for topic in fresh if found.lane(topic) is not None and counts[topic] != 0}
    names = {topic.name for topic in waiting}
    if not waiting:
        return found
    for number, (place, message) in enumerate(recording.messages(names)):
        if message.topic in waiting:
            lane = found.lanes[message.topic]
            lane.take(place, message)
            if lane.taken:
                waiting.discard(message.topic)
        if not waiting or number >= MAX_SURVEYED:
            break
    return found


def scan_notices(found: Scan) -> Iterator[Notice]:
    """What was left out of a recording, topic by topic."""
    for topic, reason in found.skipped.items():
        if any(topic.type.endswith(word) for word in CALIBRATION):
            said = f"{topic.name} holds a camera's calibration, which is not imported."
            yield Notice("calibration_left_out", said)
        elif topic.name.rstrip("/").endswith("tf_static"):
            yield Notice("static_left_out", f"{topic.name} holds fixed mountings, no series.")
        elif reason:
            said = f"{topic.name} ({topic.type}) is left out: {reason}."
            yield Notice("topic_unreadable", said, "Record it with a definition that is embedded.")
        else:
            said = f"{topic.name} ({topic.type or topic.encoding}) is of a type that is not read."
            yield Notice("topic_left_out", said, "Republish what matters as a type that is read.")
    for lane in found.lanes.values():
        if lane.damaged:
            said = f"{lane.damaged:,} messages of {lane.topic.name} cannot be decoded."
            yield Notice("messages_damaged", said, "Restore the recording from its source.")
        if isinstance(lane, SignalLane) and lane.left_out:
            said = f"Of {lane.topic.name} these are left out: {', '.join(sorted(lane.left_out))}."
            yield Notice("signals_left_out", said[:500], "Record a topic of what matters.")
    if found.bad_times:
        said = f"{found.bad_times:,} messages have times no clock shows and are left out."
        yield Notice("times_absurd", said)


def texts_at(lane: TextLane, column: int, start_ns: int) -> list[tuple[int, str]]:
    """(t_ns, text) by time; the log time orders those of one time."""
    rows = lane.times.rows()
    order = sorted((int(row["t"][column]), int(row["t"][LOG]), int(row["v"][0])) for row in rows)
    return [(t - start_ns, lane.texts[number]) for t, _, number in order]
