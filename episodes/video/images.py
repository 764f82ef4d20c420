"""JPEGs of a slice: stills, posters and the filmstrip sprite."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from episodes.timebase import frame_at
from episodes.video.extract import Image, read_frames
from episodes.video.slices import EpisodeIndex

STILL_QUALITY = 85
ENCODERS = 2
POSTER_WIDTH = 480
TILE_BOX = (160, 120)
TILE_QUALITY = 75
TILE_PERIOD_NS = 500_000_000
SPRITE_COLUMNS = 20
# 20 x 15 tiles are 3200 x 1800 pixels: 23 MB decoded, which every browser takes as one picture.
MAX_TILES = 300
# Workers run a process a core; OpenCV's own threads on top would only contend.
cv2.setNumThreads(1)


@dataclass(frozen=True, slots=True)
class SpriteLayout:
    """Where each tile lies, row by row, and the episode time in ns of the frame it shows."""

    columns: int
    tile_width: int
    tile_height: int
    times_ns: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "columns": self.columns,
            "tile_width": self.tile_width,
            "tile_height": self.tile_height,
            "count": len(self.times_ns),
            "times_ns": list(self.times_ns),
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
    asset_positions = [part.start_frame + position for position in positions]
    images = read_frames(path, part.source, asset_positions)
    for position, jpeg in _encoded(images, lambda image: encode_jpeg(shrink(image, size))):
        yield position - part.start_frame, jpeg


def _encoded(
    images: Iterator[tuple[int, Image]], encode: Callable[[Image], bytes]
) -> Iterator[tuple[int, bytes]]:
    """Encode in order, on threads beside the decoder: both leave the interpreter's lock alone."""
    waiting: deque[tuple[int, Future[bytes]]] = deque()
    with ThreadPoolExecutor(ENCODERS) as pool:
        for position, image in images:
            waiting.append((position, pool.submit(encode, image)))
            if len(waiting) > 2 * ENCODERS:
                number, jpeg = waiting.popleft()
                yield number, jpeg.result()
        for number, jpeg in waiting:
            yield number, jpeg.result()


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
    for number, (_, image) in enumerate(read_frames(path, part.source, wanted)):
        top, left = height * (number // columns), width * (number % columns)
        canvas[top : top + height, left : left + width] = shrink(image, (width, height))
    times = tuple(int(part.times_ns[position]) for position in positions)
    return encode_jpeg(canvas, TILE_QUALITY), SpriteLayout(columns, width, height, times)
