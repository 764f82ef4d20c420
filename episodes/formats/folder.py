"""Recordings in plain files, described by a touchline.json: see docs/formats/folder.md."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from episodes.errors import DatasetBroken, EpisodeBroken, PathOutsideDataset
from episodes.formats.features import camera_role, dimension_group, signal_kind
from episodes.formats.folder_entries import (
    CameraEntry,
    DimensionEntry,
    EpisodeEntry,
    Manifest,
    SignalEntry,
)
from episodes.formats.folder_manifest import MANIFEST_PATH, VERSION, read_episode, read_manifest
from episodes.formats.folder_pictures import (
    existing,
    picture_stream,
    sound_signal,
    video_stream,
)
from episodes.formats.folder_tables import SUFFIXES, column_names, read_columns
from episodes.formats.lerobot_info import MAX_DIMENSIONS
from episodes.formats.lerobot_questions import DEPTH_UNITS
from episodes.formats.listed_reader import Entry, ListedReader, without_doubles
from episodes.formats.questions import (
    answered_rate,
    answered_role,
    instruction_question,
    rate_question,
    role_question,
    unit_question,
)
from episodes.formats.wire_labels import LabelLines
from episodes.records import (
    Answers,
    BrokenEpisode,
    DatasetRecord,
    DimensionRecord,
    EpisodeListing,
    EpisodeRecord,
    PictureStreamRecord,
    Probe,
    Question,
    Reason,
    Role,
    SignalRecord,
    StreamRecord,
)
from episodes.timebase import NS, Rate

FORMAT_ID = "folder"
METRES = {"m": 1.0, "mm": 0.001}


class Folder:
    """The format; see ``Format``. Only a touchline.json makes a folder one."""

    id = FORMAT_ID
    title = "Plain folder (videos, CSV, JSON, Parquet, PNG, WAV)"

    def probe(self, root: Path) -> Probe | None:
        if not (root / MANIFEST_PATH).is_file():
            return None
        manifest = read_manifest(root)
        return Probe(FORMAT_ID, str(VERSION), manifest.name, len(manifest.episodes))

    def questions(self, root: Path) -> tuple[Question, ...]:
        """The rate where no field says it; roles, depth units and instructions that are missing."""
        manifest = read_manifest(root)
        asked: list[Question] = []
        entries = list(_readable(manifest))
        if manifest.rate is None and not all(entry.rate for entry in entries):
            asked.append(rate_question())
        for entry in entries:
            for camera in entry.cameras:
                if camera.role is None and camera_role(camera.camera) is Role.UNKNOWN:
                    asked.append(role_question(camera.camera))
                if camera.depth and camera.unit_m is None:
                    asked.append(unit_question(camera.camera, DEPTH_UNITS))
        if not all(entry.instruction for entry in entries):
            asked.append(instruction_question())
        return tuple({question.id: question for question in asked}.values())

    def read(self, root: Path, answers: Answers) -> "FolderReader":
        return FolderReader(root, read_manifest(root), answers)


def _readable(manifest: Manifest) -> Iterator[EpisodeEntry]:
    for number, (_, raw) in enumerate(manifest.episodes):
        try:
            yield read_episode(raw, number)
        except EpisodeBroken:
            continue  # it stays out whatever is answered


def _label_lines(root: Path, name: str) -> LabelLines | None:
    """Labels that lie in a file of their own. Raises DatasetBroken, PathOutsideDataset."""
    if not name:
        return None
    try:
        return LabelLines(existing(root, name, Reason.DATA_MISSING), name)
    except EpisodeBroken as broken:
        raise DatasetBroken(str(broken), remedy=broken.remedy) from broken


class FolderReader(ListedReader):
    """An opened folder; see ``DatasetReader``."""

    def __init__(self, root: Path, manifest: Manifest, answers: Answers) -> None:
        self.root, self.manifest, self._answers = root, manifest, answers
        self._places = {key: n for n, (key, _) in enumerate(manifest.episodes)}
        self._lines = _label_lines(root, manifest.labels_file)
        super().__init__(without_doubles(_listed(manifest)))

    @cached_property
    def dataset(self) -> DatasetRecord:
        manifest, path = self.manifest, self.root / MANIFEST_PATH
        rate = manifest.rate or next((e.rate for e in _readable(manifest) if e.rate), None)
        return DatasetRecord(
            name=manifest.name,
            format=FORMAT_ID,
            version=str(VERSION),
            embodiment=manifest.robot,
            rate=answered_rate(self._answers) if rate is None else rate,
            licence=manifest.licence,
            fingerprint=hashlib.sha256(path.read_bytes()).hexdigest(),
            metadata={"touchline": VERSION, "name": manifest.name, "robot": manifest.robot},
            domain=manifest.domain,
            metadata_files=(path, *(self._lines.files if self._lines else ())),
            notices=tuple(self._lines.notices(self._places) if self._lines else ()),
        )

    def _frames(self, entry: EpisodeListing) -> int:
        """Steps while the first video runs; 0 for one that cannot be read, and for pictures in a
        folder, which are counted when they are."""
        found = self._entry(entry)
        videos = [camera for camera in found.cameras if camera.file]
        try:
            ends = [self._camera(video, self._rate(found))[1] for video in videos[:1]]
        except (EpisodeBroken, PathOutsideDataset):  # which its episode tells
            return 0
        return steps_until(ends[0], self._rate(found)) if ends else 0

    def _entry(self, listing: EpisodeListing) -> EpisodeEntry:
        return read_episode(self.manifest.episodes[listing.index][1], listing.index)

    def _rate(self, entry: EpisodeEntry) -> Rate:
        return entry.rate or self.manifest.rate or answered_rate(self._answers)

    def _read(self, listing: EpisodeListing) -> EpisodeRecord:
        entry = self._entry(listing)
        rate = self._rate(entry)
        cameras = [self._camera(camera, rate) for camera in entry.cameras]
        signals = [self._signal(signal) for signal in entry.signals]
        signals += [sound_signal(self.root, sound) for sound in entry.audio]
        ends = [end for _, end in cameras] + [int(signal.t_ns[-1]) + 1 for signal in signals]
        # The table of steps reaches as far as the longest of its parts.
        frames = steps_until(max(ends), rate)
        return EpisodeRecord(
            key=entry.key,
            index=listing.index,
            task=entry.instruction or self._answers.get("instruction", ""),
            frames=frames,
            rate=rate,
            duration_ns=max(*ends, rate.time_ns(frames)),
            streams=tuple(stream for stream, _ in cameras),
            signals=tuple(signals),
            labels=(*entry.labels, *(self._lines.labels(entry.key) if self._lines else ())),
            facts=entry.facts,
        )

    def _camera(
        self, entry: CameraEntry, rate: Rate
    ) -> tuple[StreamRecord | PictureStreamRecord, int]:
        role = entry.role or answered_role(self._answers, entry.camera, camera_role(entry.camera))
        unit_m = entry.unit_m or METRES.get(self._answers.get(f"unit.{entry.camera}", ""))
        unit_m = unit_m if entry.depth else None
        if entry.file:
            return video_stream(self.root, entry, role, unit_m)
        return picture_stream(self.root, entry, role, unit_m, rate)

    def _signal(self, entry: SignalEntry) -> SignalRecord:
        path = existing(self.root, entry.file, Reason.DATA_MISSING)
        if path.suffix not in SUFFIXES:
            raise EpisodeBroken(
                Reason.DATA_UNREADABLE,
                f"The signal file {entry.file} is of a kind that is not read.",
                remedy=f"Write it as one of {', '.join(SUFFIXES)}.",
            )
        names = column_names(path, entry.file)
        wanted = entry.dimensions or tuple(
            DimensionEntry(name, name, "") for name in names if name != entry.time.column
        )
        _require_columns(entry, names, wanted)
        t_ns, values = read_columns(path, entry.file, entry.time, [one.column for one in wanted])
        return SignalRecord(
            name=entry.name,
            kind=entry.kind or signal_kind(entry.name),
            dimensions=tuple(
                replace(DimensionRecord(one.name, one.unit), group=dimension_group(one.name))
                for one in wanted
            ),
            t_ns=t_ns + entry.offset_ns,
            values=values,
        )


def steps_until(end_ns: int, rate: Rate) -> int:
    return max(1, -(-end_ns * rate.num // (NS * rate.den)))


def _listed(manifest: Manifest) -> Iterator[Entry]:
    for number, (key, raw) in enumerate(manifest.episodes):
        try:
            entry = read_episode(raw, number)
        except EpisodeBroken as broken:
            yield BrokenEpisode(key, broken.reason, str(broken), broken.remedy)
        else:
            yield EpisodeListing(key, number, 0, (entry.instruction,) if entry.instruction else ())


def _require_columns(
    entry: SignalEntry, names: list[str], wanted: tuple[DimensionEntry, ...]
) -> None:
    for column in (entry.time.column, *(one.column for one in wanted)):
        if column not in names:
            raise EpisodeBroken(
                Reason.COLUMN_MISSING,
                f"{entry.file} has no column “{column}”; it has {', '.join(names)[:300]}.",
                remedy="Correct the column's name in touchline.json, or write the file again.",
            )
    if not 0 < len(wanted) <= MAX_DIMENSIONS:
        raise EpisodeBroken(
            Reason.ABSURD_SIZE,
            f"The signal “{entry.name}” has {len(wanted):,} dimensions.",
            remedy=f"Name 1 to {MAX_DIMENSIONS} columns under “dimensions”.",
        )
