"""One mp4 a camera and episode whose frames are the rows of the step table.

A stored video that is that already is copied byte for byte; others are encoded, colours as H.264
and depth the way LeRobot 0.6 does: 12-bit codes on a logarithmic scale, in lossless HEVC.
Source: huggingface/lerobot 7427f318, src/lerobot/datasets/depth_utils.py and configs/video.py.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.error import FFmpegError
from av.video.stream import VideoStream
from numpy.typing import NDArray

from episodes.errors import ExportFailed
from episodes.export_records import ExportCamera
from episodes.formats.lerobot_stats import merged_stats
from episodes.formats.step_table import latest
from episodes.records import Modality
from episodes.timebase import Rate, rate_times_ns
from episodes.video import build_index
from episodes.video.copying import copy_hashed
from episodes.video.errors import VideoError

# Codecs that LeRobot's decoders open.
COPIED = frozenset({"avc1", "hvc1", "hev1", "av01"})
# LeRobot's tolerance_s for a time stamp that is to hit a frame, halved for safety.
TOLERANCE_NS = 50_000
# Videos count time in ticks, some in milliseconds: a frame that is so late is on time.
TICK_ROUNDING_NS = 1_000_000
# Every second picture is a key, as in LeRobot's own videos: training reads frames at random.
H264 = {"crf": "16", "preset": "veryfast", "g": "2", "bf": "0", "threads": "1"}
HEVC = {"preset": "veryfast", "x265-params": "lossless=1:keyint=2:bframes=0:log-level=0:pools=1"}
# x265 takes no smaller picture.
DEPTH_LEAST_SIDE = 16
DEPTH_MIN_M, DEPTH_MAX_M, DEPTH_SHIFT_M, DEPTH_TOP = 0.01, 10.0, 3.5, 4095
DEPTH_INFO: dict[str, Any] = {
    "is_depth_map": True,
    "video.depth_min": DEPTH_MIN_M,
    "video.depth_max": DEPTH_MAX_M,
    "video.shift": DEPTH_SHIFT_M,
    "video.use_log": True,
}
STATS_FRAMES = 100
STATS_SIDE = 150


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a camera: the file's first frame time in seconds, sha256 when it is known,
    coded size, statistics of its pictures."""

    from_s: float
    sha256: str | None
    width: int
    height: int
    stats: dict[str, Any]


def write_camera(camera: ExportCamera, frames: int, rate: Rate, path: Path) -> Written:
    """Write the camera's pictures at the ``frames`` steps of ``rate`` to ``path``.

    Raises ExportFailed when they cannot be encoded or no longer decoded.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    rounding_ns = min(TICK_ROUNDING_NS, int(rate.period_ns / 4))
    steps = latest(camera.t_ns, rate_times_ns(frames, rate), rounding_ns)
    stats = _Stats(frames, 1.0 if camera.modality is Modality.DEPTH else 255.0)
    first_s = _copied_from(camera, steps, rate)
    try:
        if first_s is not None:
            sha256 = copy_hashed(camera.path, path)
            for row, picture in enumerate(camera.pictures()):
                stats.add(row, picture)
            return Written(first_s, sha256, camera.width, camera.height, stats.result())
        width, height = _encode(camera, steps, rate, path, stats)
        return Written(0.0, None, width, height, stats.result())
    except (FFmpegError, VideoError) as error:
        raise ExportFailed(
            f"The pictures of camera “{camera.camera}” cannot be written: {error}",
            remedy="Index the video again (manage.py index_media --again), then export again.",
        ) from error


def _copied_from(camera: ExportCamera, steps: NDArray[np.int64], rate: Rate) -> float | None:
    """The time of the first frame when the stored file holds these frames and no others."""
    if camera.codec not in COPIED or camera.modality is Modality.DEPTH:
        return None
    if len(steps) != len(camera.t_ns) or not np.array_equal(steps, np.arange(len(steps))):
        return None
    index = build_index(camera.path)
    if index.frames != len(steps) or index.rotation or index.discard.any():
        return None
    off_ns = index.times_ns(0, index.frames) - rate_times_ns(index.frames, rate)
    if np.abs(off_ns).max() > TOLERANCE_NS:
        return None
    num, den = index.time_base
    return int(index.pts[index.order[0]]) * num / den


def _encode(
    camera: ExportCamera, steps: NDArray[np.int64], rate: Rate, path: Path, stats: "_Stats"
) -> tuple[int, int]:
    depth = camera.modality is Modality.DEPTH
    options = {"movflags": "faststart", "fflags": "bitexact"}
    with av.open(str(path), "w", format="mp4", options=options) as out:
        codec, settings = ("libx265", HEVC) if depth else ("libx264", H264)
        fps = Fraction(rate.num, rate.den)
        stream = cast(VideoStream, out.add_stream(codec, rate=fps, options=settings))
        stream.pix_fmt = "gray12le" if depth else "yuv420p"
        stream.time_base = stream.codec_context.time_base = 1 / fps
        size: tuple[int, int] | None = None
        for row, picture in _at_steps(camera, steps):
            even = _even(picture)
            if size is None:
                size = (even.shape[1], even.shape[0])
                if depth and min(size) < DEPTH_LEAST_SIDE:
                    raise _too_small(camera)
                stream.width, stream.height = size
            stats.add(row, picture)
            frame = _depth_frame(even, camera.depth_unit_m or 0.0) if depth else _colours(even)
            frame.pts, frame.time_base = row, 1 / fps
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    if size is None:
        raise ExportFailed(
            f"Camera “{camera.camera}” has no picture.",
            remedy="Leave the episode out of the release.",
        )
    return size


def _too_small(camera: ExportCamera) -> ExportFailed:
    least = f"{DEPTH_LEAST_SIDE}x{DEPTH_LEAST_SIDE}"
    return ExportFailed(
        f"Camera “{camera.camera}” has depth pictures of {camera.width}x{camera.height} pixels;"
        f" HEVC, in which LeRobot keeps depth, holds none below {least}.",
        remedy="Export to RLDS, robomimic or MCAP, which keep depth of any size.",
    )


def _at_steps(camera: ExportCamera, steps: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[Any]]]:
    """(row, its picture): pictures between two steps are left out, others repeated."""
    row = 0
    for position, picture in enumerate(camera.pictures()):
        while row < len(steps) and steps[row] == position:
            yield row, picture
            row += 1
        if row == len(steps):
            return


def _even(picture: NDArray[Any]) -> NDArray[Any]:
    """4:2:0 needs even sides: an odd last row or column is doubled."""
    odd = [(0, picture.shape[0] % 2), (0, picture.shape[1] % 2), *[(0, 0)] * (picture.ndim - 2)]
    return np.pad(picture, odd, mode="edge") if any(b for _, b in odd) else picture


def _colours(picture: NDArray[Any]) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")


def _depth_frame(picture: NDArray[Any], unit_m: float) -> av.VideoFrame:
    """code = round(4095 (ln(m + s) - ln(min + s)) / (ln(max + s) - ln(min + s))), s the shift."""
    low = math.log(DEPTH_MIN_M + DEPTH_SHIFT_M)
    span = math.log(DEPTH_MAX_M + DEPTH_SHIFT_M) - low
    scaled = (np.log(picture * unit_m + DEPTH_SHIFT_M) - low) / span
    codes = np.rint(scaled * DEPTH_TOP).clip(0, DEPTH_TOP).astype(np.uint16)
    return av.VideoFrame.from_ndarray(codes, format="gray12le")


class _Stats:
    """LeRobot's statistics of pictures: of about a hundred of them, made small, channels apart."""

    def __init__(self, frames: int, full: float) -> None:
        self.every, self.full = max(1, frames // STATS_FRAMES), full
        self.parts: list[dict[str, Any]] = []

    def add(self, row: int, picture: NDArray[Any]) -> None:
        if row % self.every:
            return
        step = max(1, min(picture.shape[:2]) // STATS_SIDE)
        small = picture[::step, ::step].astype(np.float64) / self.full
        pixels = small.reshape(small.shape[0] * small.shape[1], -1)
        found = {
            "min": pixels.min(axis=0),
            "max": pixels.max(axis=0),
            "mean": pixels.mean(axis=0),
            "std": pixels.std(axis=0),
        }
        values = {name: value.reshape(-1, 1, 1) for name, value in found.items()}
        self.parts.append({**values, "count": [1]})

    def result(self) -> dict[str, Any]:
        return merged_stats(self.parts)
