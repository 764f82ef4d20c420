"""What LeRobot v2 and v3 readers share: everything but where an episode's rows and videos lie."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from episodes.errors import EpisodeBroken
from episodes.formats import lerobot_labels, lerobot_rows
from episodes.formats.features import camera_role
from episodes.formats.lerobot_data import EpisodeRows
from episodes.formats.lerobot_info import Feature, LeRobotInfo, info_notices, total_notices
from episodes.formats.lerobot_language import language_labels
from episodes.formats.lerobot_metadata import metadata_files, metadata_fingerprint
from episodes.formats.lerobot_pictures import depth_unit_m, picture_stream
from episodes.formats.lerobot_source import SourceEpisode
from episodes.formats.listed_reader import Entry, ListedReader, without_doubles
from episodes.formats.paths import confined, has_bytes
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


class LeRobotReader(ListedReader):
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
        super().__init__(without_doubles(entries))
        self.root = root
        self.info = info
        self._format_id = format_id
        self._tasks, self._subtasks, self._answers = tasks, subtasks, answers
        self._sidecar = Sidecar(root)
        self._data = EpisodeRows(info)
        self._places: tuple[str, dict[str, Path]] = ("", {})

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

    def source_episode(self, key: str) -> SourceEpisode:
        entry = self.entry(key)
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
        file = self._data_file(listing)
        return self._data.rows(listing, self.place(listing, file), file)

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


def plain_text(text: str) -> str:
    """Without what no database keeps: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()
