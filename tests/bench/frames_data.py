"""What bench_frames measures on: the demo, and real recordings where there are any."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import av
from av.video.frame import VideoFrame

from episodes.formats.registry import open_dataset
from episodes.records import EpisodeRecord, StreamRecord
from episodes.video.index import build_index
from episodes.video.slices import EpisodeIndex, slice_index

CHECKOUT = Path(__file__).resolve().parents[2]
DEMO = CHECKOUT / "demo" / "so101_pick_place"
REAL = CHECKOUT.parent / "shared" / "data"


@dataclass(frozen=True)
class Camera:
    """A slice of a video and the SHA-256 of each of its pictures' planes as PyAV decodes them."""

    path: Path
    part: EpisodeIndex
    hashes: tuple[str, ...]

    @property
    def seconds(self) -> list[float]:
        """Seconds in the file amid each picture's time on the screen."""
        num, den = self.part.source.time_base
        first, last = self.part.start_frame, self.part.start_frame + self.part.frames
        source = self.part.source
        pts = [int(source.pts[row]) for row in source.order[first:last]]
        gaps = [b - a for a, b in pairwise(pts)]
        return [(p + g / 2) * num / den for p, g in zip(pts, [*gaps, gaps[-1]], strict=True)]


@dataclass(frozen=True)
class Scene:
    """An episode of a data set with two cameras."""

    dataset: str
    name: str
    cameras: tuple[Camera, ...]

    @property
    def frames(self) -> int:
        return min(camera.part.frames for camera in self.cameras)


def plane_hash(frame: VideoFrame) -> str:
    """Of the three planes of a 4:2:0 picture, rows without padding."""
    digest = hashlib.sha256()
    for plane in frame.planes:
        data, stride, width = bytes(plane), plane.line_size, plane.width
        for row in range(plane.height):
            digest.update(data[row * stride : row * stride + width])
    return digest.hexdigest()


@lru_cache
def file_hashes(path: Path) -> tuple[str, ...]:
    """Of every shown picture of a file, in presentation order."""
    with av.open(str(path)) as container:
        return tuple(plane_hash(frame) for frame in container.decode(video=0))


def camera(path: Path, start: int, frames: int) -> Camera:
    part = slice_index(build_index(path), start, frames)
    return Camera(path, part, file_hashes(path)[start : start + frames])


def _of_stream(stream: StreamRecord) -> Camera:
    index = build_index(stream.path)
    times = index.times_ns(0, index.frames).tolist()
    start = min(range(len(times)), key=lambda n: abs(times[n] - stream.from_ns))
    return camera(stream.path, start, stream.frames)


def _records(root: Path) -> list[EpisodeRecord]:
    reader = open_dataset(root)
    return [record for record in reader.episodes() if isinstance(record, EpisodeRecord)]


def _cameras(record: EpisodeRecord) -> tuple[Camera, ...]:
    return tuple(_of_stream(one) for one in record.streams if isinstance(one, StreamRecord))


def demo_scenes(count: int) -> Iterator[Scene]:
    """Episodes of the demo, both cameras."""
    records = _records(DEMO)
    for record in records[:: max(1, len(records) // count)][:count]:
        yield Scene("demo", record.key, _cameras(record))


def real_scenes(count: int) -> Iterator[Scene]:
    """Real AV1 episodes; the second camera is the same recording in its concatenated v3.0 file."""
    roots = (REAL / "unitree_g1_lerobot_v21", REAL / "unitree_g1_lerobot_v30")
    if not all(root.is_dir() for root in roots):
        return
    for single, joined in list(zip(*map(_records, roots), strict=True))[:count]:
        cameras = (_cameras(single)[0], _cameras(joined)[0])
        yield Scene("real AV1", single.key, cameras)
