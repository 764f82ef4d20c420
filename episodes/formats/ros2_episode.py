"""An episode out of a scanned recording: cameras, signals, sound, labels on one clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from episodes.errors import EpisodeBroken
from episodes.formats.bag_files import Place, Recording, RecordingFiles
from episodes.formats.paths import natural
from episodes.formats.ros2_audio import OWN_AUDIO, AudioInfo, sound
from episodes.formats.ros2_clock import EpisodeClock
from episodes.formats.ros2_decode import UNREADABLE
from episodes.formats.ros2_lanes import AudioLane, CameraLane, SignalLane
from episodes.formats.ros2_messages import topic_label
from episodes.formats.ros2_pictures import VIDEO, NoPicture, camera_label, picture, preference
from episodes.formats.ros2_questions import (
    answered_audio,
    camera_role_of,
    depth_unit,
    named_samples,
    signal_dimensions,
    signal_kind_of,
)
from episodes.formats.ros2_scan import Scan
from episodes.formats.ros2_spool import LOG, Series, Times
from episodes.records import (
    Answers,
    DimensionRecord,
    Modality,
    Notice,
    Picture,
    PictureStreamRecord,
    Reason,
    SignalKind,
    SignalRecord,
)
from episodes.timebase import NS, Rate

SNAP = 0.01
MIN_HZ, MAX_HZ = 0.01, 10_000.0
STAMP_REMEDY = "Set header.stamp when a message is made, from one clock."


@dataclass(frozen=True, slots=True)
class Built:
    streams: tuple[PictureStreamRecord, ...]
    signals: tuple[SignalRecord, ...]
    notices: tuple[Notice, ...]
    last_ns: int


def measured_rate(t_ns: Times) -> Rate:
    """One over the median interval; within 1 % of a whole number that number."""
    hz = NS / max(float(np.median(np.diff(t_ns))), 1.0)
    hz = min(max(hz, MIN_HZ), MAX_HZ)
    whole = round(hz)
    if whole >= 1 and abs(hz - whole) <= SNAP * whole:
        return Rate(whole)
    return Rate.from_number(round(hz, 2))


class Builder:
    """Makes the records of one episode; ``answers`` as checked against the questions."""

    def __init__(
        self, files: RecordingFiles, found: Scan, clock: EpisodeClock, answers: Answers
    ) -> None:
        self.files, self.found, self.clock, self.answers = files, found, clock, answers
        self.notices: list[Notice] = []
        self.last_ns = 0

    def build(self) -> Built:
        streams = tuple(self._streams())
        signals = (*self._signals(), *self._sounds())
        return Built(streams, signals, tuple(self.notices), self.last_ns)

    def _note(self, code: str, message: str, remedy: str = "") -> None:
        self.notices.append(Notice(code, message, remedy))

    # Cameras

    def _streams(self) -> Iterator[PictureStreamRecord]:
        for name, lane in self._cameras():
            series = self._camera_series(name, lane)
            if series is None or lane.kind is None:
                continue
            self.last_ns = max(self.last_ns, int(series.t_ns[-1]))
            yield PictureStreamRecord(
                camera=name,
                source_key=lane.topic.name,
                role=camera_role_of(lane.topic, name, self.answers),
                coding=lane.kind.coding,
                pictures=pictures_of(self.files, lane, series),
                frames=len(series.t_ns),
                rate=measured_rate(series.t_ns),
                paced=False,
                modality=lane.kind.modality,
                depth_unit_m=depth_unit(name, lane.kind, self.answers),
            )

    def _cameras(self) -> list[tuple[str, CameraLane]]:
        """One lane a camera, by name; colour before depth, so that the first one sets the pace."""
        by_name: dict[str, list[CameraLane]] = {}
        for lane in self.found.lanes.values():
            if isinstance(lane, CameraLane):
                self._say_refused(lane)
                if lane.kind is not None:
                    by_name.setdefault(camera_label(lane.topic), []).append(lane)
        chosen: list[tuple[str, CameraLane]] = []
        for name, lanes in by_name.items():
            lanes.sort(key=lambda lane: (preference(lane.topic), lane.topic.name))
            chosen.append((name, lanes[0]))
            for other in lanes[1:]:
                said = f"{other.topic.name} shows what {lanes[0].topic.name} shows; left out."
                self._note("camera_twice", said)
        return sorted(chosen, key=_colour_first)

    def _say_refused(self, lane: CameraLane) -> None:
        for reason, count in lane.refused.items():
            self._note(
                "pictures_left_out",
                f"{count:,} pictures of {lane.topic.name} are left out: {reason}.",
                "Record it as JPEG, PNG, rgb8, bgr8, mono8, 16UC1 or 32FC1.",
            )
        if lane.before_key:
            said = f"{lane.before_key:,} packets of {lane.topic.name} come before its first key."
            self._note("packets_before_key", f"{said} They cannot be decoded and are left out.")

    def _camera_series(self, name: str, lane: CameraLane) -> Series | None:
        column = self.clock.column(lane)
        series = lane.places.series(column, self.clock.start_ns)
        video = lane.kind is not None and lane.kind.coding in VIDEO
        if video and (series.reordered or series.repeated):
            # Packets build on one another: none may go, none may change its place.
            by_log = lane.places.series(LOG, self.clock.start_ns)
            early = len(by_log.t_ns) > 0 and by_log.t_ns[0] < 0
            if column == LOG or by_log.reordered or by_log.repeated or early:
                said = f"Camera {name} has packets out of order and is left out."
                self._note("camera_out_of_order", said, "Encode without B-frames.")
                return None
            series = by_log
            said = f"Stamps of {lane.topic.name} do not ascend; its log times are used."
            self._note("log_time_used", said, STAMP_REMEDY)
        self._say_order(lane.topic.name, series)
        if len(series.t_ns) < 2:
            self._note("camera_too_short", f"Camera {name} has a single picture; left out.")
            return None
        return series

    def _say_order(self, topic: str, series: Series) -> None:
        if series.reordered or series.repeated:
            self._note(
                "times_out_of_order",
                f"{topic}: {series.reordered:,} messages were out of order and are sorted,"
                f" {series.repeated:,} repeat a time and are left out.",
                STAMP_REMEDY,
            )

    # Signals

    def _signals(self) -> Iterator[SignalRecord]:
        described = self.found.described()
        taken: set[str] = set()
        lanes = [lane for lane in self.found.lanes.values() if isinstance(lane, SignalLane)]
        for lane in sorted(lanes, key=lambda lane: natural(lane.topic.name)):
            spools = [spool for _, spool in lane.signals.values()]
            for (name, sample), spool in zip(list(named_samples(lane)), spools, strict=True):
                if name in taken:
                    self._note("signal_twice", f"There is a second signal “{name}”; left out.")
                    continue
                named = signal_dimensions(name, sample, lane, described, self.answers)
                series = spool.series(self.clock.column(lane), self.clock.start_ns)
                self._say_order(name, series)
                kept = self._measured(name, named, series)
                if kept and len(series.t_ns):
                    taken.add(name)
                    self.last_ns = max(self.last_ns, int(series.t_ns[-1]))
                    kind = signal_kind_of(name, sample, lane, self.answers)
                    yield SignalRecord(name, kind, kept, series.t_ns, series.values)

    def _measured(
        self, name: str, named: tuple[DimensionRecord, ...], series: Series
    ) -> tuple[DimensionRecord, ...]:
        """The dimensions that were measured; what was not is said."""
        kept = tuple(named[column] for column in series.columns)
        if len(kept) < len(named):
            gone = [d.name for i, d in enumerate(named) if i not in series.columns]
            said = f"“{name}” never measures {', '.join(gone)[:300]}; left out."
            self._note("dimensions_not_measured", said)
        if series.not_finite:
            said = f"{series.not_finite:,} samples of “{name}” hold NaN or infinities; left out."
            self._note("samples_not_finite", said, "Repair the node that publishes them.")
        return kept

    # Sound

    def _sounds(self) -> Iterator[SignalRecord]:
        for lane in self.found.lanes.values():
            if not isinstance(lane, AudioLane) or not lane.blocks.count:
                continue
            label = lane.topic.said(OWN_AUDIO) or topic_label(lane.topic.name)
            info = self._audio_info(lane, label)
            if info is None:
                said = f"{lane.topic.name} holds sound in a form that nothing states; left out."
                remedy = f"Answer audio_format.{label}, audio_rate.{label}, audio_channels.{label}."
                self._note("audio_left_out", said, remedy)
                continue
            blocks = lane.blocks.rows()
            stamps = lane.blocks.times(self.clock.column(lane)) - self.clock.start_ns
            t_ns, pcm, gaps = sound(lane.bytes.array(), blocks["v"][:, 0], stamps, info)
            if gaps:
                self._note("audio_gaps", f"The sound of {lane.topic.name} has {gaps:,} gaps.")
            if len(t_ns):
                self.last_ns = max(self.last_ns, int(t_ns[-1]))
                named = tuple(DimensionRecord(f"channel {i}") for i in range(info.channels))
                yield SignalRecord(label, SignalKind.AUDIO, named, t_ns, pcm)

    def _audio_info(self, lane: AudioLane, label: str) -> AudioInfo | None:
        beside = self.found.audio_info(lane.topic.name)
        stated = lane.stated or (beside.info if beside else None)
        if stated is not None and stated.known:
            return stated
        return answered_audio(self.answers, label)


def _colour_first(camera: tuple[str, CameraLane]) -> tuple[bool, list[tuple[int, str]]]:
    kind = camera[1].kind
    return kind is not None and kind.modality is not Modality.RGB, natural(camera[0])


def pictures_of(
    files: RecordingFiles, lane: CameraLane, series: Series
) -> Callable[[], Iterator[tuple[int, Picture]]]:
    """Reads the camera's messages again, in the order of their times, one at a time."""
    kind = lane.kind

    def pictures() -> Iterator[tuple[int, Picture]]:
        if kind is None:
            return
        with Recording(files) as recording:
            for t_ns, row in zip(series.t_ns, series.values, strict=True):
                data = recording.read(Place(*(int(number) for number in row)))
                try:
                    found = picture(lane.topic, lane.decode(data), kind)
                except (NoPicture, *UNREADABLE) as error:
                    raise EpisodeBroken(
                        Reason.MEDIA_UNREADABLE,
                        f"A picture of {lane.topic.name} at {int(t_ns) / NS:.3f} s: {error}.",
                        remedy="Record the camera again, or leave the topic out of the recording.",
                    ) from error
                yield int(t_ns), found

    return pictures
