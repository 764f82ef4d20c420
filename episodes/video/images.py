"""JPEGs of a slice: stills, posters and the filmstrip sprite."""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from av.video.frame import VideoFrame

from episodes.timebase import frame_at
from episodes.video.codecs import PNG
from episodes.video.depth import DepthRange, depth_range
from episodes.video.extract import (
    DEPTH_FORMATS,
    Image,
    UprightBgr,
    decode_frames,
    depth_values,
    read_frames,
)
from episodes.video.slices import EpisodeIndex

STILL_QUALITY = 85
# Three, so that both processors of a small worker stay busy while one of them waits for its turn.
ENCODERS = 3
# Frames go to the encoders in batches, because each hand-over holds up the decoder's thread; large
# ones one by one. At most WAITING + 2 batches are in memory: 11 MB of 640x480, 75 MB of 3840x2160.
BATCH = 4
BATCH_PIXELS = BATCH * 640 * 480
WAITING = 4
POSTER_WIDTH = 480
TILE_BOX = (160, 120)
TILE_QUALITY = 75
TILE_PERIOD_NS = 500_000_000
SPRITE_COLUMNS = 20
# 20 x 15 tiles are 3200 x 1800 pixels: 23 MB decoded, which every browser takes as one picture.
MAX_TILES = 300

Batch = tuple[tuple[int, VideoFrame], ...]
# Workers run a process a core; OpenCV's own threads on top would only contend.
cv2.setNumThreads(1)


@dataclass(frozen=True, slots=True)
class SpriteLayout:
    """Where each tile lies, row by row, and the episode time in ns of the frame it shows.

    ``depth_range`` is a depth camera's near and far value, None for colours.
    """

    columns: int
    tile_width: int
    tile_height: int
    times_ns: tuple[int, ...]
    depth_range: DepthRange | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "columns": self.columns,
            "tile_width": self.tile_width,
            "tile_height": self.tile_height,
            "count": len(self.times_ns),
            "times_ns": list(self.times_ns),
            "depth_range": list(self.depth_range) if self.depth_range else None,
        }


def encode_jpeg(image: Image, quality: int = STILL_QUALITY) -> bytes:
    """JPEG bytes of a BGR picture; ``quality`` is libjpeg's, 1 to 100."""
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def fit(size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """``size`` (width, height) shrunk to lie within ``box``, aspect kept; never enlarged."""
    width, height = size
    scale = min(1.0, box[0] / width, box[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def shrink(image: Image, size: tuple[int, int]) -> Image:
    """``image`` at (width, height); area averaging keeps thin things visible."""
    if (image.shape[1], image.shape[0]) == size:
        return image
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def stills(
    path: Path, part: EpisodeIndex, positions: Sequence[int], max_width: int = 640
) -> Iterator[tuple[int, bytes]]:
    """(position, JPEG) of positions in the slice, each once, ascending."""
    size = fit(part.source.display_size, (max_width, 1 << 16))
    encoder = _StillEncoder(part.source.rotation, size, depth_limits(path, part))
    asset_positions = [part.start_frame + position for position in positions]
    frames = decode_frames(path, part.source, asset_positions)
    batch = min(BATCH, max(1, BATCH_PIXELS // (part.source.width * part.source.height)))
    for position, jpeg in _encoded(frames, encoder, batch):
        yield position - part.start_frame, jpeg


def depth_limits(path: Path, part: EpisodeIndex) -> DepthRange | None:
    """Near and far value of a depth camera, from the slice's middle frame; None for colours.

    One range for all pictures of the slice, so that a colour keeps its meaning.
    """
    if part.source.codec != PNG:
        return None
    middle = part.start_frame + part.frames // 2
    _, frame = next(decode_frames(path, part.source, [middle]))
    return depth_range(depth_values(frame)) if frame.format.name in DEPTH_FORMATS else None


class _StillEncoder(threading.local):
    """From decoded frames to JPEGs; each thread gets a converter of its own."""

    def __init__(self, rotation: int, size: tuple[int, int], limits: DepthRange | None) -> None:
        self.convert = UprightBgr(rotation, limits)
        self.size = size

    def encode(self, batch: Batch) -> list[tuple[int, bytes]]:
        return [
            (position, encode_jpeg(shrink(self.convert(frame), self.size)))
            for position, frame in batch
        ]


def _encoded(
    frames: Iterator[tuple[int, VideoFrame]], encoder: _StillEncoder, length: int
) -> Iterator[tuple[int, bytes]]:
    """Convert and encode in order, on threads beside the decoder: all leave the lock alone.

    Conversion happens there too: the decoder is what the rest waits for, and a BGR picture that is
    made and given back by one thread reuses memory. Handed from thread to thread it costs three
    times as much, most of it page faults.
    """
    waiting: deque[Future[list[tuple[int, bytes]]]] = deque()
    with ThreadPoolExecutor(ENCODERS) as pool:
        for batch in iter(lambda: tuple(islice(frames, length)), ()):
            waiting.append(pool.submit(encoder.encode, batch))
            if len(waiting) > WAITING:
                yield from waiting.popleft().result()
        for done in waiting:
            yield from done.result()


def poster(path: Path, part: EpisodeIndex) -> bytes:
    """A JPEG of the slice's middle frame, at most ``POSTER_WIDTH`` pixels wide."""
    return next(stills(path, part, [part.frames // 2], POSTER_WIDTH))[1]


def sprite_positions(part: EpisodeIndex, most: int = MAX_TILES) -> list[int]:
    """Positions in the slice, two a second, fewer where that would make more than ``most``."""
    first, last = int(part.times_ns[0]), int(part.times_ns[-1])
    period = max(TILE_PERIOD_NS, -(-(last - first + 1) // most))
    times = range(first, last + 1, period)
    return sorted({frame_at(part.times_ns, at_ns) for at_ns in times})


def sprite(path: Path, part: EpisodeIndex, most: int = MAX_TILES) -> tuple[bytes, SpriteLayout]:
    """The filmstrip: one JPEG of tiles at most 160x120, and its layout."""
    positions = sprite_positions(part, most)
    width, height = fit(part.source.display_size, TILE_BOX)
    columns = min(SPRITE_COLUMNS, len(positions))
    rows = -(-len(positions) // columns)
    canvas = np.zeros((rows * height, columns * width, 3), dtype=np.uint8)
    wanted = [part.start_frame + position for position in positions]
    limits = depth_limits(path, part)
    for number, (_, image) in enumerate(read_frames(path, part.source, wanted, limits)):
        top, left = height * (number // columns), width * (number % columns)
        canvas[top : top + height, left : left + width] = shrink(image, (width, height))
    times = tuple(int(part.times_ns[position]) for position in positions)
    return encode_jpeg(canvas, TILE_QUALITY), SpriteLayout(columns, width, height, times, limits)
