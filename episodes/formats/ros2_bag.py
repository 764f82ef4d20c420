"""The format: MCAP files and rosbag2 bags, a recording an episode. See docs/formats/mcap.md."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from episodes.errors import DatasetBroken, EpisodeBroken
from episodes.formats.bag_files import (
    Found,
    Recording,
    RecordingFiles,
    find_recordings,
    fingerprint,
    listed_counts,
)
from episodes.formats.listed_reader import ListedReader
from episodes.formats.recording import Topic
from episodes.formats.ros2_clock import choose_clock
from episodes.formats.ros2_decode import UNREADABLE, Undecodable, decoder, stamp_ns
from episodes.formats.ros2_episode import Builder, Built, measured_rate
from episodes.formats.ros2_labels import read_texts
from episodes.formats.ros2_messages import described_robot
from episodes.formats.ros2_pictures import is_camera
from episodes.formats.ros2_questions import once, scan_questions
from episodes.formats.ros2_scan import Scan, scan, scan_notices, survey
from episodes.records import (
    Answers,
    BrokenEpisode,
    DatasetRecord,
    EpisodeListing,
    EpisodeRecord,
    Json,
    Notice,
    Probe,
    Question,
    Reason,
)
from episodes.timebase import Rate

FORMAT_ID = "ros2_bag"
OWN_METADATA = "touchline.episode"
SAMPLED_STAMPS = 60
DAMAGE = ("recording_cut_off", "chunks_damaged", "messages_damaged", "topic_unreadable")
RESTORE = "Restore the recordings from their source; the copy may be incomplete."


class Ros2Bag:
    """The format; see ``Format``."""

    id = FORMAT_ID
    title = "MCAP or rosbag2"

    def probe(self, root: Path) -> Probe | None:
        found = find_recordings(root)
        if not found:
            return None
        return Probe(FORMAT_ID, version_of(found), root.name, len(found))

    def questions(self, root: Path) -> tuple[Question, ...]:
        """By the topics of every recording; each topic is heard once."""
        known: set[tuple[str, str]] = set()
        asked: list[Question] = []
        for entry in opened_entries(root):
            if isinstance(entry, BrokenEpisode):
                continue
            try:
                with Recording(entry) as recording:
                    found = survey(recording, known)
                    # An export says its instruction itself.
                    own = own_metadata(recording).get("task")
            except EpisodeBroken:
                continue
            asked += [q for q in scan_questions(found) if not (own and q.id == "instruction")]
            known |= {(topic.name, topic.type) for topic in found.lanes}
        return once(asked)

    def read(self, root: Path, answers: Answers) -> "Ros2BagReader":
        return Ros2BagReader(root, opened_entries(root), answers)


def opened_entries(root: Path) -> tuple[Found, ...]:
    """Raises DatasetBroken where no recording is left."""
    found = find_recordings(root)
    if all(isinstance(entry, BrokenEpisode) for entry in found):
        first = next((str(e.message) for e in found if isinstance(e, BrokenEpisode)), "")
        raise DatasetBroken(
            f"“{root.name}” holds no recording that can be read. {first}".strip(), remedy=RESTORE
        )
    return found


def version_of(found: tuple[Found, ...]) -> str:
    suffixes = {p.suffix for e in found if isinstance(e, RecordingFiles) for p in e.parts}
    names = {".mcap": "MCAP", ".db3": "sqlite3"}
    return ", ".join(sorted(names[suffix.lower()] for suffix in suffixes)) or "rosbag2"


def own_metadata(recording: Recording) -> dict[str, str]:
    return dict(recording.metadata().get(OWN_METADATA, {}))


class Ros2BagReader(ListedReader):
    """Opened recordings; see ``DatasetReader``."""

    def __init__(self, root: Path, found: tuple[Found, ...], answers: Answers) -> None:
        self.root, self._found, self._answers = root, found, answers
        self._files = {one.key: one for one in found if isinstance(one, RecordingFiles)}
        super().__init__(
            one if isinstance(one, BrokenEpisode) else EpisodeListing(one.key, index, 0)
            for index, one in enumerate(found)
        )

    @cached_property
    def dataset(self) -> DatasetRecord:
        rate, metadata, robot = self._described()
        return DatasetRecord(
            name=self.root.stem if self.root.is_file() else self.root.name,
            format=FORMAT_ID,
            version=version_of(self._found),
            embodiment=robot,
            rate=rate,
            licence="",
            fingerprint=fingerprint(self.root, self._found),
            metadata=metadata,
            metadata_files=tuple(path for one in self._files.values() for path in one.files),
        )

    def _described(self) -> tuple[Rate, Json, str]:
        """Rate, topics and robot of the first recording that opens."""
        for files in self._files.values():
            try:
                with Recording(files) as recording:
                    topics = recording.topics()
                    listed = {topic.name: topic.type for topic in topics}
                    cameras = sorted(topic.name for topic in topics if is_camera(topic))
                    rate = first_rate(recording, cameras)
                    descriptions = {n for n in listed if n.endswith("robot_description")}
                    urdf = robot_description(recording, descriptions)
            except EpisodeBroken:
                continue
            return rate, {"topics": listed}, described_robot(urdf)
        return Rate(1), {}, ""

    def _frames(self, entry: EpisodeListing) -> int:
        """The pictures of the first camera, where an index or metadata.yaml counts them.

        A file without either would have to be read through: its length stays unknown.
        """
        files = self._files[entry.key]
        counts: Mapping[Topic, int | None]
        try:
            with Recording(files) as recording:
                counts = recording.topics() if recording.indexed else listed_counts(files)
        except EpisodeBroken:  # which its episode tells
            return 0
        # Colour before depth, as cameras are read.
        cameras = sorted(filter(is_camera, counts), key=lambda topic: "depth" in topic.name)
        return (counts[cameras[0]] or 0) if cameras else 0

    def _read(self, listing: EpisodeListing) -> EpisodeRecord:
        files = self._files[listing.key]
        with Recording(files) as recording:
            found = scan(recording)
            own = own_metadata(recording)
            notices = [*files.notices, *recording.notices, *scan_notices(found)]
        lanes = found.timed()
        if not lanes:
            raise nothing_here(files.key, found, notices)
        origin = own.get("origin_ns", "")
        clock = choose_clock(
            lanes, found.publish_apart_ns, int(origin) if origin.isdecimal() else None
        )
        built = Builder(files, found, clock, self._answers).build()
        if not built.streams and not built.signals:
            raise nothing_here(files.key, found, [*notices, *built.notices])
        rate, frames = paced_by(built)
        if own.get("rate_num", "").isdecimal() and own.get("rate_den", "").isdecimal():
            rate = own_rate(own, rate)
        end_ns = built.last_ns + int(rate.period_ns)
        texts = read_texts(found.lanes.values(), clock, end_ns)
        return EpisodeRecord(
            key=files.key,
            index=listing.index,
            task=own.get("task") or texts.task or self._answers.get("instruction", ""),
            frames=frames,
            rate=rate,
            duration_ns=end_ns,
            streams=built.streams,
            signals=built.signals,
            notices=(*notices, *clock.notices, *built.notices, *texts.notices),
            labels=texts.labels,
        )


def own_rate(own: dict[str, str], measured: Rate) -> Rate:
    try:
        return Rate(int(own["rate_num"]), int(own["rate_den"]))
    except ValueError:
        return measured


def paced_by(built: Built) -> tuple[Rate, int]:
    """The step table's rate and length: the first camera's, else the longest signal's."""
    if built.streams:
        return built.streams[0].rate, built.streams[0].frames
    longest = max(built.signals, key=lambda signal: len(signal.t_ns))
    rate = measured_rate(longest.t_ns) if len(longest.t_ns) > 1 else Rate(1)
    return rate, len(longest.t_ns)


def nothing_here(key: str, found: Scan, notices: list[Notice]) -> EpisodeBroken:
    said = f"{key} holds {found.messages:,} messages, but no camera and no signal to annotate."
    topics = sorted(f"{topic.name} ({topic.type})" for topic in (*found.lanes, *found.skipped))
    heard = f"Its topics: {', '.join(topics)[:400]}." if topics else ""
    damage = " ".join(notice.message for notice in notices if notice.code in DAMAGE)
    return EpisodeBroken(
        Reason.ZERO_LENGTH if found.messages == 0 else Reason.DATA_MISSING,
        " ".join(part for part in (said, heard, damage) if part),
        remedy="Record a camera or numbers of the robot: docs/formats/mcap.md lists what is read.",
    )


def first_rate(recording: Recording, cameras: list[str]) -> Rate:
    """Measured at the first pictures of the first camera; 1 Hz when there is none."""
    for name in cameras[:1]:
        times: list[int] = []
        for _, message in recording.messages({name}):
            try:
                stamp = stamp_ns(decoder(message.topic)(message.data))
            except (Undecodable, *UNREADABLE):
                break
            times.append(stamp or min(message.log_ns, 2**62))
            if len(times) == SAMPLED_STAMPS:
                break
        ordered = np.unique(np.array(times, np.int64))
        if len(ordered) > 1:
            return measured_rate(ordered)
    return Rate(1)


def robot_description(recording: Recording, names: set[str]) -> str:
    """The first message of the robot's description, where one is recorded."""
    for _, message in recording.messages(names) if names else ():
        try:
            return str(decoder(message.topic)(message.data).data)
        except (Undecodable, *UNREADABLE):
            return ""
    return ""
