"""What LeRobot v2 and v3 readers share: everything but where an episode's rows and videos lie."""

import hashlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from episodes.errors import EpisodeBroken, EpisodeUnknown, PathOutsideDataset
from episodes.formats import lerobot_labels, lerobot_rows
from episodes.formats.features import camera_role
from episodes.formats.lerobot_columns import UNREADABLE
from episodes.formats.lerobot_info import Feature, LeRobotInfo, info_notices, total_notices
from episodes.formats.lerobot_language import language_labels
from episodes.formats.lerobot_pictures import depth_unit_m, picture_stream
from episodes.formats.paths import confined
from episodes.formats.questions import answered_role
from episodes.formats.sidecar import Sidecar
from episodes.records import (
    Answers,
    BrokenEpisode,
    DatasetRecord,
    EpisodeListing,
    EpisodeRecord,
    FoundLabel,
    Json,
    Modality,
    Notice,
    PictureStreamRecord,
    Reason,
    StreamRecord,
)

# A data file of LeRobot's is 100 MB; these bounds keep a crafted one from filling memory.
MAX_FILE_ROWS = 50_000_000
MAX_FILE_BYTES = 4 * 2**30
# Below this a file is read once and cut by episode, above it is filtered for every episode.
CACHED_FILE_BYTES = 256 * 2**20


Entry = EpisodeListing | BrokenEpisode


@dataclass(frozen=True, slots=True, eq=False)
class SourceEpisode:
    """What a LeRobot release copies of an episode, bit for bit.

    ``rows`` are the declared columns in frame order; ``task_texts`` maps their task_index to
    text; ``stats`` are the source's own per-episode statistics, by feature.
    """

    key: str
    rows: pa.Table
    task_texts: Mapping[int, str]
    tasks: tuple[str, ...]
    streams: tuple[StreamRecord, ...]
    stats: Json


@runtime_checkable
class LeRobotSource(Protocol):
    """A dataset whose episodes can be written as LeRobot again."""

    @property
    def dataset(self) -> DatasetRecord: ...

    def source_episode(self, key: str) -> SourceEpisode:
        """Raises EpisodeUnknown, EpisodeBroken."""


def episode_key(index: int) -> str:
    return f"episode_{index:06d}"


def _cut(table: pa.Table, at: NDArray[np.intp]) -> pa.Table:
    """Rows by position; without copying where they lie together, as recorded datasets have them."""
    if len(at) and at[-1] - at[0] == len(at) - 1:
        return table.slice(int(at[0]), len(at))
    return table.take(at)


class LeRobotReader(ABC):
    """An opened LeRobot dataset; see ``DatasetReader`` and ``LeRobotSource``."""

    def __init__(
        self,
        root: Path,
        *,
        format_id: str,
        info: LeRobotInfo,
        entries: Iterable[Entry],
        tasks: Mapping[int, str],
        subtasks: Mapping[int, str],
        answers: Answers,
    ) -> None:
        self.root = root
        self.info = info
        self._format_id = format_id
        self._entries = without_doubles(entries)
        self._tasks, self._subtasks, self._answers = tasks, subtasks, answers
        self._sidecar = Sidecar(root)
        self._last: tuple[tuple[object, ...], pa.Table] | None = None
        self._places: tuple[str, dict[str, Path]] = ("", {})
        self._file: tuple[tuple[Path, int, int], pa.Table, NDArray[Any]] | None = None

    @abstractmethod
    def _data_file(self, listing: EpisodeListing) -> str:
        """The parquet file of an episode, relative to the dataset."""

    @abstractmethod
    def _stream(self, listing: EpisodeListing, camera: Feature) -> StreamRecord: ...

    @abstractmethod
    def _stats(self, listing: EpisodeListing) -> Json: ...

    @cached_property
    def dataset(self) -> DatasetRecord:
        listed = [entry for entry in self._entries if isinstance(entry, EpisodeListing)]
        frames = sum(entry.frames for entry in listed)
        return DatasetRecord(
            name=self.root.name,
            format=self._format_id,
            version=self.info.version,
            embodiment=self.info.robot_type,
            rate=self.info.rate,
            licence=str(self.info.raw.get("license") or "")[:200],
            fingerprint=metadata_fingerprint(self.root),
            metadata=self.info.raw,
            metadata_files=metadata_files(self.root),
            notices=(
                *info_notices(self.info),
                *total_notices(self.info, len(self._entries), frames),
            ),
        )

    def listing(self) -> tuple[Entry, ...]:
        return self._entries

    @cached_property
    def _by_key(self) -> dict[str, Entry]:
        return {entry.key: entry for entry in self._entries}

    def episodes(self) -> Iterator[EpisodeRecord | BrokenEpisode]:
        for entry in self._entries:
            yield self.episode(entry.key)

    def episode(self, key: str) -> EpisodeRecord | BrokenEpisode:
        entry = self._entry(key)
        if isinstance(entry, BrokenEpisode):
            return entry
        try:
            return self._read(entry)
        except EpisodeBroken as broken:
            return BrokenEpisode(key, broken.reason, str(broken), broken.remedy)
        except PathOutsideDataset as outside:
            return BrokenEpisode(key, Reason.PATH_OUTSIDE, str(outside), outside.remedy)

    def source_episode(self, key: str) -> SourceEpisode:
        entry = self._entry(key)
        if isinstance(entry, BrokenEpisode):
            raise EpisodeBroken(entry.code, entry.message, remedy=entry.remedy)
        rows = self._rows(entry)
        used = set(rows["task_index"].to_pylist())
        return SourceEpisode(
            key=key,
            rows=rows,
            task_texts={index: text for index, text in self._tasks.items() if index in used},
            tasks=entry.tasks,
            streams=self._streams(entry, self.info.videos),
            stats=self._stats(entry),
        )

    def _entry(self, key: str) -> Entry:
        if key not in self._by_key:
            raise EpisodeUnknown(
                f"The dataset lists no episode “{key}”.",
                remedy="Choose a key from the dataset's listing.",
            )
        return self._by_key[key]

    def place(self, listing: EpisodeListing, relative: str) -> Path:
        """``confined``, once an episode: links are followed anew for the next one."""
        if self._places[0] != listing.key:
            self._places = (listing.key, {})
        known = self._places[1]
        if relative not in known:
            known[relative] = confined(self.root, relative)
        return known[relative]

    def _read(self, listing: EpisodeListing) -> EpisodeRecord:
        self._places = ("", {})
        lerobot_rows.check_listing(listing, self.info.rate)
        streams = self._streams(listing, self.info.videos)
        file, rows = self._data_file(listing), self._rows(listing)
        lerobot_rows.check_numbering(rows, file)
        notices = list(lerobot_rows.check_timestamps(rows, self.info.rate, file))
        task, task_notices = self._task(listing, rows)
        pictures, picture_notices = self._pictures(listing, file)
        labels, label_notices = self._labels(listing, file, rows)
        return EpisodeRecord(
            key=listing.key,
            index=listing.index,
            task=task,
            frames=listing.frames,
            rate=self.info.rate,
            duration_ns=self.info.rate.time_ns(listing.frames),
            streams=(*streams, *pictures),
            signals=lerobot_rows.signals(rows, self.info, file, self._answers),
            notices=(*notices, *task_notices, *picture_notices, *label_notices),
            labels=labels,
        )

    def _pictures(
        self, listing: EpisodeListing, file: str
    ) -> tuple[list[PictureStreamRecord], list[Notice]]:
        """Cameras kept as pictures in the rows, and those that stay behind."""
        found = [self._picture_stream(listing, file, camera) for camera in self.info.images]
        return (
            [one for one in found if isinstance(one, PictureStreamRecord)],
            [one for one in found if isinstance(one, Notice)],
        )

    def _picture_stream(
        self, listing: EpisodeListing, file: str, feature: Feature
    ) -> PictureStreamRecord | Notice:
        name = self.info.camera_names[feature.name]
        return picture_stream(
            self.root,
            file,
            listing,
            feature,
            camera=name,
            role=answered_role(self._answers, name, camera_role(name)),
            rate=self.info.rate,
            unit_m=depth_unit_m(feature, self._answers, name),
        )

    @cached_property
    def _classes(self) -> Mapping[str, Mapping[int, str]]:
        return lerobot_labels.class_names(self.root)

    def _labels(
        self, listing: EpisodeListing, file: str, rows: pa.Table
    ) -> tuple[tuple[FoundLabel, ...], tuple[Notice, ...]]:
        """Those of a release of ours in full; of other datasets what columns say."""
        released = self._sidecar.labels(listing.index, listing.frames)
        if released is not None:
            return released, ()
        found = lerobot_labels.column_labels(
            rows,
            self.info.rate,
            subtasks=self._subtasks,
            tasks=self._tasks,
            classes=self._classes,
        )
        language = language_labels(
            self.place(listing, file),
            file,
            listing,
            [feature.name for feature in self.info.languages],
            lerobot_rows.column_values(rows, "timestamp", 1, file)[:, 0],
            self.info.rate,
        )
        labels = lerobot_labels.bounded([*found, *language.found])
        return labels, tuple(language.notices())

    def _rows(self, listing: EpisodeListing) -> pa.Table:
        """The episode's rows, in order; of the last episode they are remembered."""
        path = self.place(listing, self._data_file(listing))
        stat = path.stat() if has_bytes(path) else None
        version = (listing.key, path, stat and stat.st_mtime_ns, stat and stat.st_size)
        if self._last is None or self._last[0] != version:
            self._last = (version, self._fresh_rows(listing))
        return self._last[1]

    def _fresh_rows(self, listing: EpisodeListing) -> pa.Table:
        file = self._data_file(listing)
        path = self.place(listing, file)
        if not has_bytes(path):
            raise EpisodeBroken(
                Reason.DATA_MISSING,
                f"The data file {file} of {listing.key} is missing or empty.",
                remedy="Restore the file from the source.",
            )
        try:
            rows = self._read_rows(path, file, listing)
        except UNREADABLE as error:
            raise EpisodeBroken(
                Reason.DATA_UNREADABLE,
                f"The data file {file} cannot be read: {error}",
                remedy="Restore the file from the source; the copy may be incomplete.",
            ) from error
        return lerobot_rows.ordered_rows(rows, listing, file)

    def _read_rows(self, path: Path, file: str, listing: EpisodeListing) -> pa.Table:
        """The declared columns of the rows with the episode's index, as they lie in the file."""
        wanted = pa.compute.field("episode_index") == listing.index
        stat = path.stat()
        version = (path, stat.st_mtime_ns, stat.st_size)
        if self._file is None or self._file[0] != version:
            with pq.ParquetFile(path) as parquet:
                lerobot_rows.check_columns(parquet.schema_arrow.names, self.info, file)
                size = decoded_bytes(parquet, file)
            columns = [feature.name for feature in self.info.columns]
            if size > CACHED_FILE_BYTES:
                return pq.read_table(path, columns=columns, filters=wanted)
            table = pq.read_table(path, columns=columns)
            self._file = (version, table, table["episode_index"].to_numpy())
        return _cut(self._file[1], np.flatnonzero(self._file[2] == listing.index))

    def _streams(
        self, listing: EpisodeListing, videos: Iterable[Feature]
    ) -> tuple[StreamRecord, ...]:
        return tuple(self._stream(listing, video) for video in videos)

    def _make_stream(
        self,
        listing: EpisodeListing,
        camera: Feature,
        *,
        media: str,
        from_ns: int,
        span_s: tuple[float, float],
    ) -> StreamRecord:
        path = self.place(listing, media)
        if not has_bytes(path):
            raise EpisodeBroken(
                Reason.MEDIA_MISSING,
                f"The video {media} of {listing.key} is missing or empty.",
                remedy="Restore the file from the source, or correct video_path in meta/info.json.",
            )
        name = self.info.camera_names[camera.name]
        return StreamRecord(
            camera=name,
            source_key=camera.name,
            role=answered_role(self._answers, name, camera_role(name)),
            media=media,
            path=path,
            from_ns=from_ns,
            frames=listing.frames,
            rate=self.info.rate,
            span_s=span_s,
            modality=Modality.DEPTH if camera.is_depth else Modality.RGB,
        )

    def _task(self, listing: EpisodeListing, rows: pa.Table) -> tuple[str, tuple[Notice, ...]]:
        """The text that LeRobot itself would give the first frame; else the listed one.

        Where the dataset has no text, the instruction that was answered.
        """
        text = self._tasks.get(rows["task_index"][0].as_py())
        answered = plain_text(self._answers.get("instruction", ""))
        if text is not None:
            return plain_text(text) or answered, ()
        listed = plain_text(listing.tasks[0]) if listing.tasks else ""
        said = f"The task_index of {listing.key} is in no task table; its listed task is used."
        notice = Notice("task_unknown", said, "Restore meta/tasks from the source.")
        return listed or answered, (notice,)


def has_bytes(path: Path) -> bool:
    """Whether a regular file with content is there; a name no file system takes is not."""
    try:
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        return False


def without_doubles(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Each key once: an episode listed twice is ambiguous and stays out, in its first place."""
    listed = tuple(entries)
    times = Counter(entry.key for entry in listed)
    found: dict[str, Entry] = {}
    for entry in listed:
        if times[entry.key] > 1:
            entry = BrokenEpisode(
                entry.key,
                Reason.DUPLICATE_EPISODE,
                f"{entry.key} is listed {times[entry.key]} times.",
                "Keep one of the entries in the dataset's episode list and renumber the others.",
            )
        found.setdefault(entry.key, entry)
    return tuple(found.values())


def decoded_bytes(parquet: pq.ParquetFile, file: str) -> int:
    """Bytes the file says it unpacks to. Raises EpisodeBroken beyond any real dataset."""
    metadata = parquet.metadata
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if metadata.num_rows > MAX_FILE_ROWS or size > MAX_FILE_BYTES:
        raise EpisodeBroken(
            Reason.ABSURD_SIZE,
            f"{file} claims {metadata.num_rows:,} rows of {size:,} bytes;"
            f" at most {MAX_FILE_ROWS:,} rows of {MAX_FILE_BYTES:,} bytes are read.",
            remedy="Write the data in files of LeRobot's usual 100 MB.",
        )
    return size


def metadata_files(root: Path) -> tuple[Path, ...]:
    """Every regular file below meta/, in path order."""
    found = sorted((root / "meta").rglob("*"))
    return tuple(path for path in found if path.is_file() and not path.is_symlink())


def metadata_fingerprint(root: Path) -> str:
    """sha256 over path and sha256 of every file of the metadata."""
    total = hashlib.sha256()
    for path in metadata_files(root):
        relative = path.relative_to(root).as_posix()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{digest}  {relative}\n".encode())
    return total.hexdigest()


def broken_listing(key: str, message: str) -> BrokenEpisode:
    return BrokenEpisode(
        key,
        Reason.LISTING_BROKEN,
        message,
        "Restore the dataset's episode list from the source; the copy may be incomplete.",
    )


def plain_text(text: str) -> str:
    """Without what no database keeps: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()


def whole_number(value: Any) -> int | None:
    """``value`` when it is an integer; None for anything else, True and 3.0 included."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
