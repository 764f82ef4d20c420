"""A release as LeRobot v3.0, `classic` profile; see lerobot_classic for what its columns hold.

Videos are copied byte for byte and `from_timestamp` keeps pointing into them; timestamps are the
source's own float32. Episodes, and their `index`, are numbered anew from 0, as LeRobot demands.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from episodes.formats import lerobot_classic as classic
from episodes.formats.contract import Progress
from episodes.formats.lerobot import LeRobotSource, SourceEpisode
from episodes.formats.lerobot_files import (
    DATA_FILE_BYTES,
    FILES_PER_CHUNK,
    DataFiles,
    VideoFiles,
    write_index,
)
from episodes.formats.lerobot_info import NUMBERS
from episodes.formats.lerobot_rows import column_values
from episodes.formats.lerobot_stats import dataset_stats, episode_stats
from episodes.formats.lerobot_tables import SUBTASKS_PATH, TASKS_PATH
from episodes.formats.lerobot_v30 import DATA_PATH, EPISODES_PATH, VIDEO_PATH
from episodes.formats.manifest import write_json
from episodes.formats.paths import fill
from episodes.formats.release_files import (
    SIDECAR_PATH,
    check_keys,
    release_folder,
    write_manifest,
    write_sidecar,
)
from episodes.records import (
    ExportRecord,
    Json,
    LabelledEpisode,
    Notice,
    ReleaseRecord,
)
from episodes.timebase import rate_times_ns

CLASSES_PATH = "meta/annotation_classes.json"


def write_classic(
    source: LeRobotSource,
    episodes: Sequence[LabelledEpisode],
    out: Path,
    release: ReleaseRecord,
    *,
    progress: Progress | None = None,
) -> ExportRecord:
    """Write the episodes, in the order given, into the folder ``out``, which must not exist yet.

    ``progress`` is called with (done, all) after every episode. Raises ExportFailed for an empty
    or repeated list, a taken folder, too little space or a source that has gone; ``out`` then
    does not exist. Raises EpisodeBroken, EpisodeUnknown for a key the source cannot give.
    """
    check_keys([labelled.key for labelled in episodes])
    with release_folder(out) as partial:
        writer = ClassicWriter(source, partial, release)
        for done, labelled in enumerate(episodes, start=1):
            writer.add(labelled)
            if progress is not None:
                progress(done, len(episodes))
        return writer.finish(out)


class ClassicWriter:
    """Takes episodes one by one, keeping no more than their metadata, then writes meta/."""

    def __init__(self, source: LeRobotSource, root: Path, release: ReleaseRecord) -> None:
        self.source, self.root, self.release = source, root, release
        declared: Mapping[str, Json] = source.dataset.metadata["features"]
        self.declared = declared
        self.videos, self.data = VideoFiles(root), DataFiles(root)
        self.tasks, self.subtasks = classic.Vocabulary(), classic.Vocabulary()
        self.contents: list[dict[str, Any]] = []
        self.stats: list[dict[str, Any]] = []
        self.sidecar: list[Json] = []
        self.episodes: list[Json] = []
        self.cameras: set[str] | None = None
        self.frames = self.hidden = 0

    def add(self, labelled: LabelledEpisode) -> None:
        found = self.source.source_episode(labelled.key)
        rate = self.source.dataset.rate
        marked = classic.classic_columns(
            labelled.labels,
            self.release.schema,
            rate_times_ns(found.rows.num_rows, rate),
            rate.time_ns(found.rows.num_rows),
            self.subtasks,
        )
        table = self._table(found, marked)
        stats = self._stats(found, table)
        number, length = len(self.contents), table.num_rows
        chunk, file = self.data.add(table)
        self.contents.append(
            {
                "episode_index": number,
                "tasks": list(found.tasks) or list(found.task_texts.values()),
                "length": length,
                "data/chunk_index": chunk,
                "data/file_index": file,
                "dataset_from_index": self.frames,
                "dataset_to_index": self.frames + length,
                **self._video_places(found),
            }
        )
        self.stats.append(stats)
        self._remember(labelled, found, marked)
        self.frames += length
        self.hidden += marked.hidden

    def _table(self, found: SourceEpisode, marked: classic.ClassicColumns) -> pa.Table:
        """The source's rows, renumbered, with the label columns; timestamps untouched."""
        length = found.rows.num_rows
        renumbered: dict[str, Any] = {
            "episode_index": np.full(length, len(self.contents)),
            "index": np.arange(self.frames, self.frames + length),
            "task_index": self._task_numbers(found),
        }
        kept = [n for n in found.rows.column_names if self._kept(n)]
        columns: dict[str, Any] = {name: found.rows[name] for name in kept}
        columns |= {name: pa.array(values, pa.int64()) for name, values in renumbered.items()}
        columns |= {name: pa.array(values) for name, values in marked.columns.items()}
        return pa.table(columns)

    def _kept(self, name: str) -> bool:
        """Language columns break LeRobot 0.4; label columns of an earlier release are replaced."""
        return name not in classic.FEATURES and self.declared[name]["dtype"] != "language"

    def _task_numbers(self, found: SourceEpisode) -> list[int]:
        numbers = {i: self.tasks.number(text) for i, text in sorted(found.task_texts.items())}
        listed = found.tasks[0] if found.tasks else ""
        return [
            numbers[index] if index in numbers else self.tasks.number(listed)
            for index in found.rows["task_index"].to_pylist()
        ]

    def _video_places(self, found: SourceEpisode) -> dict[str, Any]:
        cameras = {stream.source_key for stream in found.streams}
        self.cameras = cameras if self.cameras is None else self.cameras & cameras
        places: dict[str, Any] = {}
        for stream in found.streams:
            chunk, file = self.videos.place(stream)
            start, end = stream.span_s or (0.0, 0.0)
            prefix = f"videos/{stream.source_key}"
            places |= {
                f"{prefix}/chunk_index": chunk,
                f"{prefix}/file_index": file,
                f"{prefix}/from_timestamp": start,
                f"{prefix}/to_timestamp": end,
            }
        return places

    def _stats(self, found: SourceEpisode, table: pa.Table) -> dict[str, Any]:
        """Numbers from the rows as they are written; pictures from the source's own statistics."""
        stats = {
            name: dict(values)
            for name, values in found.stats.items()
            if self.declared.get(name, {}).get("dtype") in {"video", "image"}
        }
        for name in table.column_names:
            feature = {**self.declared, **classic.FEATURES}[name]
            if feature["dtype"] in NUMBERS | {"bool"}:
                shape = tuple(feature["shape"])
                values = column_values(table, name, int(np.prod(shape)), found.key)
                if np.isfinite(values).all():
                    stats[name] = episode_stats(values, shape)
        return stats

    def _remember(
        self, labelled: LabelledEpisode, found: SourceEpisode, marked: classic.ClassicColumns
    ) -> None:
        rate = self.source.dataset.rate
        entry = {
            "episode_index": len(self.contents) - 1,
            "source_key": labelled.key,
            "frames": found.rows.num_rows,
            "rate": [rate.num, rate.den],
            "outcome": marked.outcome or None,
        }
        self.sidecar.append({**entry, "tasks": self.contents[-1]["tasks"], "labels": marked.labels})
        self.episodes.append({**entry, **labelled.provenance})

    def finish(self, out: Path) -> ExportRecord:
        """Write meta/ and the manifest; the record names ``out``, where the folder is to go."""
        self.data.close()
        write_json(self.root / "meta/info.json", self._info())
        write_json(self.root / "meta/stats.json", dataset_stats(self.stats))
        write_json(self.root / CLASSES_PATH, self._classes())
        write_index(self.root / TASKS_PATH, "task", self.tasks.texts)
        write_index(self.root / SUBTASKS_PATH, "subtask", self.subtasks.texts)
        self._write_contents()
        write_sidecar(self.root, self.sidecar)
        notices = tuple(self._notices())
        files, manifest_sha256 = write_manifest(
            self.root,
            "lerobot_v30",
            self.source.dataset,
            self.release,
            self.episodes,
            notices,
            details={"profile": "classic", "codebase_version": "v3.0"},
            known=self.videos.sha256,
        )
        return ExportRecord(
            root=out,
            episodes=len(self.contents),
            frames=self.frames,
            files=files,
            manifest_sha256=manifest_sha256,
            notices=notices,
        )

    def _info(self) -> dict[str, Any]:
        old = {"total_videos", "total_chunks"}
        kept = {n: v for n, v in self.source.dataset.metadata.items() if n not in old}
        return kept | {
            "codebase_version": "v3.0",
            "robot_type": self.source.dataset.metadata.get("robot_type"),
            "total_episodes": len(self.contents),
            "total_frames": self.frames,
            "total_tasks": len(self.tasks.texts),
            "chunks_size": FILES_PER_CHUNK,
            "data_files_size_in_mb": DATA_FILE_BYTES // 2**20,
            "video_files_size_in_mb": self.source.dataset.metadata.get(
                "video_files_size_in_mb", 200
            ),
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
        return {**kept, **classic.FEATURES}

    def _notices(self) -> list[Notice]:
        missing = self.declared.keys() - self._features().keys()
        found = [
            Notice("feature_left_out", f"“{name}” of the source is not in this export.")
            for name in sorted(missing)
        ]
        for name in sorted(self.declared.keys() & classic.FEATURES.keys()):
            text = f"The source's own column “{name}” is replaced by this release's."
            found.append(Notice("column_replaced", text))
        if self.hidden:
            text = f"{self.hidden} contacts share a frame with another; they are in {SIDECAR_PATH}."
            found.append(Notice("contacts_share_a_frame", text))
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

    def _classes(self) -> dict[str, Any]:
        def codes(kind: str) -> dict[str, int]:
            return {"none": 0, **classic.class_codes(self.release.schema, kind)}

        return {
            "codes": {classic.CONTACT: codes("instant"), classic.OUTCOME: codes("outcome")},
            "subtasks": {"column": classic.SUBTASK, "table": SUBTASKS_PATH, "unmarked": 0},
            "schema": self.release.schema,
        }


def flat_stats(stats: Json) -> dict[str, Any]:
    return {
        f"stats/{feature}/{name}": value
        for feature, values in stats.items()
        for name, value in values.items()
    }
