"""Small LeRobot datasets written by the tests, to be read or first to be broken."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

NAMES = ["shoulder_pan.pos", "elbow_flex.pos", "gripper.pos"]
TASK = "Put the block on the plate."


@dataclass
class Plan:
    """What to write; tests change a field and write again."""

    lengths: Sequence[int] = (6, 9, 5)
    fps: int = 30
    cameras: Sequence[str] = ("front", "wrist")
    codec: str = "libx264"


def write_video(
    path: Path, frames: int, *, fps: int = 30, codec: str = "libx264", tint: int = 0
) -> None:
    """``frames`` small frames, each of its own brightness, a key frame every second one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.time_base = Fraction(1, fps)
        stream.gop_size = 2
        if codec == "libx264":
            stream.options = {"bf": "0", "preset": "ultrafast"}
        for number in range(frames):
            picture = np.full((48, 64, 3), (number * 7 + tint) % 256, dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def features(plan: Plan) -> dict[str, Any]:
    def vector(names: object) -> dict[str, Any]:
        return {"dtype": "float32", "shape": [3], "names": names}

    def scalar(dtype: str) -> dict[str, Any]:
        return {"dtype": dtype, "shape": [1], "names": None}

    return {
        "observation.state": vector(list(NAMES)),
        "action": vector({"motors": list(NAMES)}),
        **{
            f"observation.images.{camera}": {
                "dtype": "video",
                "shape": [48, 64, 3],
                "names": ["height", "width", "channels"],
                "info": {"video.fps": plan.fps, "video.is_depth_map": False},
            }
            for camera in plan.cameras
        },
        "timestamp": scalar("float32"),
        **{n: scalar("int64") for n in ("frame_index", "episode_index", "index", "task_index")},
    }


def rows(plan: Plan, episode: int) -> pa.Table:
    count = plan.lengths[episode]
    start = sum(plan.lengths[:episode])
    steps = np.arange(count)
    state = np.stack([np.sin(steps / 7 + d + episode) for d in range(3)], axis=1).astype("f4")
    return pa.table(
        {
            "observation.state": pa.array(state.tolist(), pa.list_(pa.float32())),
            "action": pa.array((state + 0.25).tolist(), pa.list_(pa.float32())),
            "timestamp": pa.array((steps / plan.fps).astype("f4")),
            "frame_index": pa.array(steps, pa.int64()),
            "episode_index": pa.array(np.full(count, episode), pa.int64()),
            "index": pa.array(start + steps, pa.int64()),
            "task_index": pa.array(np.zeros(count), pa.int64()),
        }
    )


def info(plan: Plan, version: str) -> dict[str, Any]:
    if version == "v3.0":
        data = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
        video = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
    else:
        data = "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"
        video = "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"
    return {
        "codebase_version": version,
        "robot_type": "so101",
        "total_episodes": len(plan.lengths),
        "total_frames": sum(plan.lengths),
        "total_tasks": 1,
        "chunks_size": 1000,
        "fps": plan.fps,
        "splits": {"train": f"0:{len(plan.lengths)}"},
        "data_path": data,
        "video_path": video,
        "features": features(plan),
    }


def write_parquet(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


def write_v21(root: Path, plan: Plan | None = None) -> Path:
    plan = plan or Plan()
    write_json(root / "meta/info.json", info(plan, "v2.1"))
    listed = [
        {"episode_index": i, "tasks": [TASK], "length": n} for i, n in enumerate(plan.lengths)
    ]
    write_lines(root / "meta/episodes.jsonl", listed)
    write_lines(root / "meta/tasks.jsonl", [{"task_index": 0, "task": TASK}])
    for episode, length in enumerate(plan.lengths):
        name = f"episode_{episode:06d}"
        write_parquet(root / f"data/chunk-000/{name}.parquet", rows(plan, episode))
        for camera in plan.cameras:
            video = root / f"videos/chunk-000/observation.images.{camera}/{name}.mp4"
            write_video(
                video, length, fps=plan.fps, codec=plan.codec, tint=40 * plan.cameras.index(camera)
            )
    return root


def write_v30(root: Path, plan: Plan | None = None) -> Path:
    plan = plan or Plan()
    write_json(root / "meta/info.json", info(plan, "v3.0"))
    tasks = pa.table({"task_index": pa.array([0], pa.int64()), "__index_level_0__": [TASK]})
    write_parquet(root / "meta/tasks.parquet", tasks)
    write_parquet(root / "meta/episodes/chunk-000/file-000.parquet", contents_v30(plan))
    every = pa.concat_tables([rows(plan, i) for i in range(len(plan.lengths))])
    write_parquet(root / "data/chunk-000/file-000.parquet", every)
    for camera in plan.cameras:
        video = root / f"videos/observation.images.{camera}/chunk-000/file-000.mp4"
        frames = sum(plan.lengths)
        write_video(
            video, frames, fps=plan.fps, codec=plan.codec, tint=40 * plan.cameras.index(camera)
        )
    return root


def contents_v30(plan: Plan) -> pa.Table:
    """meta/episodes; to_timestamp is a frame short, as recorded datasets have it."""
    entries = []
    for episode, length in enumerate(plan.lengths):
        start = sum(plan.lengths[:episode])
        entry: dict[str, Any] = {
            "episode_index": episode,
            "tasks": [TASK],
            "length": length,
            "data/chunk_index": 0,
            "data/file_index": 0,
            "dataset_from_index": start,
            "dataset_to_index": start + length,
        }
        for camera in plan.cameras:
            prefix = f"videos/observation.images.{camera}"
            entry[f"{prefix}/chunk_index"] = 0
            entry[f"{prefix}/file_index"] = 0
            entry[f"{prefix}/from_timestamp"] = start / plan.fps
            entry[f"{prefix}/to_timestamp"] = (start + length - 1) / plan.fps
        entries.append(entry)
    return pa.Table.from_pylist(entries)


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def write_lines(path: Path, values: Sequence[object]) -> None:
    path.write_text("".join(json.dumps(value) + "\n" for value in values))


def change_info(root: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = root / "meta/info.json"
    found = json.loads(path.read_text())
    change(found)
    path.write_text(json.dumps(found))


def change_table(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    pq.write_table(change(pq.read_table(path)), path)


def set_value(table: pa.Table, column: str, row: int, value: object) -> pa.Table:
    """The table with one cell replaced."""
    values = table[column].to_pylist()
    values[row] = value
    place = table.column_names.index(column)
    return table.set_column(place, column, pa.array(values, table.schema.field(column).type))


def cut(path: Path, keep: float) -> None:
    """Leave only the first part of a file, as a broken copy does."""
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
