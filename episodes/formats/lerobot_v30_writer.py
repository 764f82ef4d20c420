"""A release as LeRobot v3.0: what every source of episodes and every profile have in common.

Episodes, and their `index`, are numbered anew from 0, as LeRobot demands. Where the source is
LeRobot too, videos are copied byte for byte and `from_timestamp` keeps pointing into them, and
timestamps are the source's own float32; lerobot_export writes the releases of other sources.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from episodes.export_records import ExportRecord, LabelledEpisode, ReleaseRecord
from episodes.formats import lerobot_classic as classic
from episodes.formats import lerobot_language as language
from episodes.formats.contract import Progress
from episodes.formats.lerobot_files import (
    DATA_FILE_BYTES,
    FILES_PER_CHUNK,
    DataFiles,
    VideoFiles,
    write_index,
)
from episodes.formats.lerobot_info import NUMBERS
from episodes.formats.lerobot_profiles import PROFILES, MarkedRows, Profile
from episodes.formats.lerobot_rows import column_values
from episodes.formats.lerobot_source import LeRobotSource, SourceEpisode
from episodes.formats.lerobot_stats import dataset_stats, episode_stats
from episodes.formats.lerobot_tables import TASKS_PATH
from episodes.formats.lerobot_v30 import DATA_PATH, EPISODES_PATH, VIDEO_PATH
from episodes.formats.manifest import write_json
from episodes.formats.paths import fill
from episodes.formats.release_files import check_keys, release_folder
from episodes.formats.release_ledger import Ledger
from episodes.records import DatasetRecord, Json, Notice

LABEL_COLUMNS = classic.FEATURES.keys() | language.FEATURES.keys()


def write_classic(
    source: LeRobotSource,
    episodes: Sequence[LabelledEpisode],
    out: Path,
    release: ReleaseRecord,
    *,
    progress: Progress | None = None,
) -> ExportRecord:
    """``write_lerobot`` in the profile that LeRobot 0.4 loads."""
    return write_lerobot(source, episodes, out, release, profile="classic", progress=progress)


def write_lerobot(
    source: LeRobotSource,
    episodes: Sequence[LabelledEpisode],
    out: Path,
    release: ReleaseRecord,
    *,
    profile: str,
    progress: Progress | None = None,
) -> ExportRecord:
    """Write the episodes, in the order given, into the folder ``out``, which must not exist yet.

    ``profile`` is one of PROFILES; ``progress`` is called with (done, all) after every episode.
    Raises ExportFailed for an empty or repeated list, a taken folder, too little space or a
    source that has gone; ``out`` then does not exist. Raises EpisodeBroken, EpisodeUnknown for a
    key the source cannot give.
    """
    check_keys([labelled.key for labelled in episodes])
    with release_folder(out) as partial:
        writer = SourceWriter(source, partial, release, PROFILES[profile](release))
        for done, labelled in enumerate(episodes, start=1):
            writer.add_source(labelled)
            if progress is not None:
                progress(done, len(episodes))
        return writer.finish(out)


@dataclass(frozen=True, slots=True, eq=False)
class NewEpisode:
    """An episode on its way into a release, without labels and without numbers.

    ``rows`` has the columns that stay, ``timestamp`` and ``frame_index`` among them; ``task_texts``
    the task of each row; ``places`` the ``videos/`` columns of meta/episodes; ``stats`` those of
    pictures. ``facts`` goes into the sidecar.
    """

    key: str
    rows: pa.Table
    task_texts: Sequence[str]
    tasks: Sequence[str]
    places: Mapping[str, Any]
    stats: Mapping[str, dict[str, Any]]
    facts: Json = field(default_factory=dict)


class V30Writer:
    """Takes episodes one by one, keeping no more than their metadata, then writes meta/.

    ``declared`` has the features of rows and cameras, and may grow until the first is added;
    ``cameras`` are those of them that every episode has.
    """

    def __init__(
        self, dataset: DatasetRecord, root: Path, release: ReleaseRecord, profile: Profile
    ) -> None:
        self.dataset, self.root, self.release, self.profile = dataset, root, release, profile
        self.declared: Mapping[str, Json] = {}
        self.metadata: Mapping[str, Any] = {}
        self.data, self.tasks = DataFiles(root), classic.Vocabulary()
        self.contents: list[dict[str, Any]] = []
        self.stats: list[dict[str, Any]] = []
        self.ledger = Ledger("lerobot_v30", dataset, release)
        self.cameras: set[str] | None = None
        self.known: dict[str, str] = {}
        self.notices: list[Notice] = []
        self.frames = 0

    def add(self, new: NewEpisode, labels: Sequence[Json], provenance: Json) -> None:
        stamps = new.rows["timestamp"].to_numpy().astype(np.float32)
        marked = self.profile.marked(labels, stamps, self.dataset.rate)
        table = self._table(new, marked)
        stats = dict(new.stats) | self._row_stats(new.key, table)
        number, length = len(self.contents), table.num_rows
        chunk, file = self.data.add(table)
        self.contents.append(
            {
                "episode_index": number,
                "tasks": list(new.tasks),
                "length": length,
                "data/chunk_index": chunk,
                "data/file_index": file,
                "dataset_from_index": self.frames,
                "dataset_to_index": self.frames + length,
                **new.places,
            }
        )
        self.stats.append(stats)
        self._remember(new, marked, provenance)
        self.frames += length

    def _table(self, new: NewEpisode, marked: MarkedRows) -> pa.Table:
        length = new.rows.num_rows
        numbers: dict[str, Any] = {
            "episode_index": np.full(length, len(self.contents)),
            "index": np.arange(self.frames, self.frames + length),
            "task_index": [self.tasks.number(text) for text in new.task_texts],
        }
        columns: dict[str, Any] = {name: new.rows[name] for name in new.rows.column_names}
        columns |= {name: pa.array(values, pa.int64()) for name, values in numbers.items()}
        return pa.table(columns | dict(marked.columns))

    def _row_stats(self, key: str, table: pa.Table) -> dict[str, Any]:
        stats = {}
        for name in table.column_names:
            feature = {**self.declared, **self.profile.features}[name]
            if feature["dtype"] in NUMBERS | {"bool"}:
                shape = tuple(feature["shape"])
                values = column_values(table, name, int(np.prod(shape)), key)
                if np.isfinite(values).all():
                    stats[name] = episode_stats(values, shape)
        return stats

    def _remember(self, new: NewEpisode, marked: MarkedRows, provenance: Json) -> None:
        rate = self.dataset.rate
        entry = {
            "episode_index": len(self.contents) - 1,
            "source_key": new.key,
            "frames": new.rows.num_rows,
            "rate": [rate.num, rate.den],
            "outcome": marked.outcome or None,
        }
        tasks = self.contents[-1]["tasks"]
        self.ledger.lines.append({**entry, **new.facts, "tasks": tasks, "labels": marked.labels})
        self.ledger.entries.append({**entry, **provenance})

    def finish(self, out: Path) -> ExportRecord:
        """Write meta/ and the manifest; the record names ``out``, where the folder is to go."""
        self.data.close()
        write_json(self.root / "meta/info.json", self._info())
        write_json(self.root / "meta/stats.json", dataset_stats(self.stats))
        write_index(self.root / TASKS_PATH, "task", self.tasks.texts)
        self.profile.write_tables(self.root)
        self._write_contents()
        return self.ledger.finish(
            self.root,
            out,
            (*self._left_out(), *self.notices, *self.profile.notices()),
            details={"profile": self.profile.name, "codebase_version": "v3.0"},
            known=self.known,
        )

    def _info(self) -> dict[str, Any]:
        old = {"total_videos", "total_chunks"}
        kept = {name: value for name, value in self.metadata.items() if name not in old}
        return kept | {
            "codebase_version": "v3.0",
            "robot_type": self.metadata.get("robot_type"),
            "total_episodes": len(self.contents),
            "total_frames": self.frames,
            "total_tasks": len(self.tasks.texts),
            "chunks_size": FILES_PER_CHUNK,
            "data_files_size_in_mb": DATA_FILE_BYTES // 2**20,
            "video_files_size_in_mb": self.metadata.get("video_files_size_in_mb", 200),
            "splits": {"train": f"0:{len(self.contents)}"},
            "data_path": DATA_PATH,
            "video_path": VIDEO_PATH,
            "features": self._features(),
        }

    def _features(self) -> dict[str, Json]:
        """Declared is what is there: LeRobot 0.4 refuses a table with more or fewer columns."""
        columns = set(self.data.schema.names) if self.data.schema is not None else set()
        present = columns | (self.cameras or set())
        kept = {name: f for name, f in self.declared.items() if name in present}
        return {**kept, **self.profile.features}

    def _left_out(self) -> list[Notice]:
        missing = self.declared.keys() - self._features().keys()
        found = [
            Notice("feature_left_out", f"“{name}” of the source is not in this export.")
            for name in sorted(missing)
        ]
        for name in sorted(self.declared.keys() & self.profile.features.keys()):
            text = f"The source's own column “{name}” is replaced by this release's."
            found.append(Notice("column_replaced", text))
        return found

    def _write_contents(self) -> None:
        place = {"meta/episodes/chunk_index": 0, "meta/episodes/file_index": 0}
        entries = [
            row | flat_stats(stats) | place
            for row, stats in zip(self.contents, self.stats, strict=True)
        ]
        columns = dict.fromkeys(name for entry in entries for name in entry)
        table = pa.table({name: [entry.get(name) for entry in entries] for name in columns})
        path = self.root / fill(EPISODES_PATH, {"chunk_index": 0, "file_index": 0})
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)


class SourceWriter(V30Writer):
    """Episodes of a LeRobot dataset: rows as they are, videos byte for byte."""

    def __init__(
        self, source: LeRobotSource, root: Path, release: ReleaseRecord, profile: Profile
    ) -> None:
        super().__init__(source.dataset, root, release, profile)
        self.source, self.videos = source, VideoFiles(root)
        self.metadata = source.dataset.metadata
        self.declared = source.dataset.metadata["features"]
        self.known = self.videos.sha256

    def add_source(self, labelled: LabelledEpisode) -> None:
        found = self.source.source_episode(labelled.key)
        kept = [name for name in found.rows.column_names if self._kept(name)]
        pictures = {"video", "image"}
        new = NewEpisode(
            key=labelled.key,
            rows=found.rows.select(kept),
            task_texts=_task_texts(found),
            tasks=list(found.tasks) or list(found.task_texts.values()),
            places=self._video_places(found),
            stats={
                name: dict(values)
                for name, values in found.stats.items()
                if self.declared.get(name, {}).get("dtype") in pictures
            },
        )
        self.add(new, labelled.labels, labelled.provenance)

    def _kept(self, name: str) -> bool:
        """Language columns break LeRobot 0.4; label columns of an earlier release are replaced."""
        return name not in LABEL_COLUMNS and self.declared[name]["dtype"] != "language"

    def _video_places(self, found: SourceEpisode) -> dict[str, Any]:
        cameras = {stream.source_key for stream in found.streams}
        self.cameras = cameras if self.cameras is None else self.cameras & cameras
        places: dict[str, Any] = {}
        for stream in found.streams:
            places |= video_place(
                stream.source_key, self.videos.place(stream), stream.span_s or (0.0, 0.0)
            )
        return places


def _task_texts(found: SourceEpisode) -> list[str]:
    listed = found.tasks[0] if found.tasks else ""
    numbers: list[Any] = found.rows["task_index"].to_pylist()
    return [found.task_texts.get(number, listed) for number in numbers]


def video_place(
    feature: str, place: tuple[int, int], span_s: tuple[float, float]
) -> dict[str, Any]:
    """The columns of meta/episodes that say where an episode's video lies."""
    prefix = f"videos/{feature}"
    return {
        f"{prefix}/chunk_index": place[0],
        f"{prefix}/file_index": place[1],
        f"{prefix}/from_timestamp": span_s[0],
        f"{prefix}/to_timestamp": span_s[1],
    }


def flat_stats(stats: Json) -> dict[str, Any]:
    return {
        f"stats/{feature}/{name}": value
        for feature, values in stats.items()
        for name, value in values.items()
    }
