"""Datasets for the import bench: LeRobot v3.0 of any size, encoded once and repeated."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pyarrow as pa
import pyarrow.parquet as pq

from tests.fixtures_video import Recipe, encode
from tests.pure.formats.sets import TASK, Plan, contents_v30, info, rows, write_json, write_parquet

FPS = 30


def write_dataset(
    root: Path, *, episodes: int, frames: int, cameras: Sequence[str], recipe: Recipe
) -> Path:
    """``episodes`` of ``frames`` frames each, all rows in one parquet file, an mp4 a camera.

    Every camera has its own bytes, so that no video is stored for another.
    """
    plan = Plan(lengths=(frames,) * episodes, cameras=cameras)
    write_json(root / "meta/info.json", info(plan, "v3.0"))
    tasks = pa.table({"task_index": pa.array([0], pa.int64()), "__index_level_0__": [TASK]})
    write_parquet(root / "meta/tasks.parquet", tasks)
    write_parquet(root / "meta/episodes/chunk-000/file-000.parquet", contents_v30(plan))
    data = root / "data/chunk-000/file-000.parquet"
    data.parent.mkdir(parents=True)
    with pq.ParquetWriter(data, rows(plan, 0).schema) as writer:
        for episode in range(episodes):
            writer.write_table(rows(plan, episode))
    for number, camera in enumerate(cameras):
        clip = encode(root.parent / f"{camera}.mp4", replace(recipe, camera=number))
        path = root / f"videos/observation.images.{camera}/chunk-000/file-000.mp4"
        repeat(clip.path, path, episodes * frames)
        clip.path.unlink()
    return root


def repeat(clip: Path, target: Path, frames: int) -> None:
    """The clip's packets over and over until there are ``frames`` of them."""
    target.parent.mkdir(parents=True)
    with av.open(str(clip)) as source, av.open(str(target), "w") as out:
        template = source.streams.video[0]
        stream = out.add_stream_from_template(template, opaque=True)
        packets = [
            (bytes(packet), packet.is_keyframe) for packet in source.demux(template) if packet.size
        ]
        stream.time_base = Fraction(1, FPS)
        for number in range(frames):
            data, key = packets[number % len(packets)]
            packet = av.Packet(data)
            packet.stream, packet.time_base = stream, Fraction(1, FPS)
            packet.pts = packet.dts = number
            packet.duration, packet.is_keyframe = 1, key
            out.mux(packet)
