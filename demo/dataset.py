"""Writes a LeRobot v3.0 dataset: the files LeRobot 0.4 writes, with pyarrow and PyAV alone."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from demo.features import (
    COUNTERS,
    FPS,
    ROBOT_TYPE,
    VECTORS,
    Json,
    Stats,
    declaration,
    describe,
    pooled,
)
from demo.video import join, video_info

DATA_FILE_MB = 100
# LeRobot starts a new video file when the next episode would make it larger than this (default
# 200). Small here, so that the demo has several files a camera and readers meet that case.
VIDEO_FILE_MB = 2
FIRST_FILE = "chunk-000/file-000"


@dataclass(frozen=True)
class Recorded:
    """One episode ready to be written: vector features, clips and image statistics by camera."""

    task: str
    vectors: dict[str, NDArray[np.float32]]
    clips: dict[str, Path]
    image_stats: dict[str, Stats]

    @property
    def length(self) -> int:
        """Number of frames."""
        return len(self.vectors["action"])


def write(root: Path, episodes: list[Recorded]) -> None:
    """Write the whole dataset under `root`, which must not exist yet."""
    root.mkdir(parents=True)
    tasks = list(dict.fromkeys(episode.task for episode in episodes))
    columns = _columns(episodes, tasks)
    stats = [_stats(e, c) for e, c in zip(episodes, columns, strict=True)]
    _write_data(root, columns)
    placed = {key: _write_videos(root, key, episodes) for key in episodes[0].clips}
    _write_tasks(root, tasks)
    _write_episodes(root, episodes, placed, stats)
    total = {key: pooled([part[key] for part in stats]) for key in stats[0]}
    _write_json(root / "meta/stats.json", total)
    cameras = {key: video_info(root / f"videos/{key}/{FIRST_FILE}.mp4") for key in placed}
    _write_json(root / "meta/info.json", _info(episodes, tasks, cameras))


def _columns(episodes: list[Recorded], tasks: list[str]) -> list[dict[str, NDArray[Any]]]:
    """The data columns of every episode; `timestamp` restarts at 0 in each."""
    found: list[dict[str, NDArray[Any]]] = []
    start = 0
    for number, episode in enumerate(episodes):
        frame = np.arange(episode.length, dtype=np.int64)
        columns: dict[str, NDArray[Any]] = {
            **episode.vectors,
            "timestamp": (frame / FPS).astype(np.float32),
            "frame_index": frame,
            "episode_index": np.full_like(frame, number),
            "index": start + frame,
            "task_index": np.full_like(frame, tasks.index(episode.task)),
        }
        found.append(columns)
        start += episode.length
    return found


def _stats(episode: Recorded, columns: dict[str, NDArray[Any]]) -> dict[str, Stats]:
    tall = {key: rows.reshape(len(rows), -1) for key, rows in columns.items()}
    return {key: describe(rows) for key, rows in tall.items()} | episode.image_stats


def _write_data(root: Path, episodes: list[dict[str, NDArray[Any]]]) -> None:
    """One row group an episode, as LeRobot's newest writer does."""
    fields: list[tuple[str, pa.DataType]] = [
        (key, pa.list_(pa.float32(), len(names))) for key, names in VECTORS.items()
    ]
    fields += [("timestamp", pa.float32()), *((key, pa.int64()) for key in COUNTERS)]
    schema = pa.schema(fields)
    path = root / f"data/{FIRST_FILE}.parquet"
    path.parent.mkdir(parents=True)
    with pq.ParquetWriter(path, schema, compression="snappy") as writer:
        for columns in episodes:
            rows = {key: columns[key].tolist() for key in schema.names}
            writer.write_table(pa.table(rows, schema=schema))


def _write_videos(root: Path, key: str, episodes: list[Recorded]) -> list[Json]:
    """Fill files by LeRobot's rule; returns where each episode is, times in s."""
    groups: list[list[Recorded]] = []
    filled_mb = 0.0
    for episode in episodes:
        size_mb = episode.clips[key].stat().st_size / 1024**2
        if not groups or filled_mb + size_mb >= VIDEO_FILE_MB:
            groups.append([])
            filled_mb = 0.0
        groups[-1].append(episode)
        filled_mb += size_mb
    placed = []
    for number, group in enumerate(groups):
        join([e.clips[key] for e in group], root / f"videos/{key}/chunk-000/file-{number:03d}.mp4")
        first = 0
        for episode in group:
            last = first + episode.length
            placed.append(
                {
                    f"videos/{key}/chunk_index": 0,
                    f"videos/{key}/file_index": number,
                    f"videos/{key}/from_timestamp": first / FPS,
                    f"videos/{key}/to_timestamp": last / FPS,
                }
            )
            first = last
    return placed


def _write_tasks(root: Path, tasks: list[str]) -> None:
    """The task text is the index of a pandas frame; its metadata is what makes pandas see that."""
    name = "__index_level_0__"

    def column(field: str | None, stored: str, kind: str, numpy_type: str) -> Json:
        return {
            "name": field,
            "field_name": stored,
            "pandas_type": kind,
            "numpy_type": numpy_type,
            "metadata": None,
        }

    pandas = {
        "index_columns": [name],
        "column_indexes": [
            column(None, "None", "unicode", "object") | {"metadata": {"encoding": "UTF-8"}}
        ],
        "columns": [
            column("task_index", "task_index", "int64", "int64"),
            column(None, name, "unicode", "object"),
        ],
        "creator": {"library": "pyarrow", "version": pa.__version__},
        "pandas_version": "2.2.3",
    }
    table = pa.table({"task_index": pa.array(range(len(tasks)), pa.int64()), name: tasks})
    path = root / "meta/tasks.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata({"pandas": json.dumps(pandas)}), path)


def _write_episodes(
    root: Path,
    episodes: list[Recorded],
    placed: dict[str, list[Json]],
    stats: list[dict[str, Stats]],
) -> None:
    rows = []
    start = 0
    for number, episode in enumerate(episodes):
        row: Json = {"episode_index": number, "tasks": [episode.task], "length": episode.length}
        row |= {"data/chunk_index": 0, "data/file_index": 0}
        row |= {"dataset_from_index": start, "dataset_to_index": start + episode.length}
        for places in placed.values():
            row |= places[number]
        for key, values in stats[number].items():
            row |= {f"stats/{key}/{name}": value for name, value in values.items()}
        row |= {"meta/episodes/chunk_index": 0, "meta/episodes/file_index": 0}
        rows.append(row)
        start += episode.length
    path = root / f"meta/episodes/{FIRST_FILE}.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), path)


def _info(episodes: list[Recorded], tasks: list[str], cameras: dict[str, Json]) -> Json:
    return {
        "codebase_version": "v3.0",
        "robot_type": ROBOT_TYPE,
        "total_episodes": len(episodes),
        "total_frames": sum(episode.length for episode in episodes),
        "total_tasks": len(tasks),
        "chunks_size": 1000,
        "data_files_size_in_mb": DATA_FILE_MB,
        "video_files_size_in_mb": VIDEO_FILE_MB,
        "fps": FPS,
        "splits": {"train": f"0:{len(episodes)}"},
        "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
        "video_path": "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
        "features": declaration(cameras),
    }


def _write_json(path: Path, value: Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=4, ensure_ascii=False) + "\n", encoding="utf-8")
