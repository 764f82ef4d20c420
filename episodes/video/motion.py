"""How much moves in a camera's pictures, between each two of them."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from episodes.video.extract import Image, read_gray
from episodes.video.images import fit
from episodes.video.slices import EpisodeIndex

# Small enough for a few ms a picture, large enough for a gripper to cover whole windows.
WIDTH = 160
# Farneback's pyramid: three levels of half size follow up to about 30 pixels a picture.
LEVELS, WINDOW, ITERATIONS, POLY_N, POLY_SIGMA = 3, 15, 2, 5, 1.1
# The robot is a small part of most pictures; the mean over all of them would be mostly noise.
TOP_SHARE = 0.05
# Together at most 3,000 pictures (60 s at 50 Hz) in runs long enough for a lag of half a second.
MAX_FRAMES = 3_000
SPANS = 6
# Workers run a process a core; OpenCV's own threads on top would only contend.
cv2.setNumThreads(1)


@dataclass(frozen=True, eq=False, slots=True)
class Motion:
    """What moves between neighbouring pictures, n intervals in all.

    ``start_ns`` and ``end_ns``, int64 (n,), are the times of the two pictures on the episode
    clock; ``flow``, float32 (n,), the mean length in pixels (of a picture ``width`` wide) of the
    longest ``TOP_SHARE`` of the flow vectors; ``repeated``, bool (n,), that the second picture is
    the first one again, bit for bit after shrinking. ``span`` (n,) numbers the runs of
    neighbouring pictures: a long episode is measured in ``SPANS`` runs spread evenly over it.
    """

    start_ns: NDArray[np.int64]
    end_ns: NDArray[np.int64]
    flow: NDArray[np.float32]
    repeated: NDArray[np.bool_]
    span: NDArray[np.int64]
    width: int
    frames: int

    @property
    def t_mid_ns(self) -> NDArray[np.int64]:
        """Midpoints of the intervals, int64 (n,): what a difference of two pictures stands for."""
        mid: NDArray[np.int64] = self.start_ns + (self.end_ns - self.start_ns) // 2
        return mid


def motion_spans(frames: int, most: int = MAX_FRAMES, spans: int = SPANS) -> list[range]:
    """Which pictures are looked at: all of them, or ``spans`` equal runs, first and last included.

    The runs never overlap and hold at most ``most`` pictures together.
    """
    if frames <= most:
        return [range(frames)]
    length = most // spans
    starts = np.linspace(0, frames - length, spans).astype(int)
    return [range(start, start + length) for start in starts.tolist()]


def measure_motion(
    path: Path, part: EpisodeIndex, *, width: int = WIDTH, most: int = MAX_FRAMES
) -> Motion:
    """Decode ``part`` of the video at ``path`` and measure its motion, one picture at a time.

    Dense optical flow by Farneback (Two-Frame Motion Estimation Based on Polynomial Expansion,
    SCIA 2003) on luma. One decoder thread; about 3 to 4 ms of CPU a picture at 160 pixels, of
    which the flow is 2.6 ms. Raises DecodeFailed or VideoMissing.
    """
    # In coded orientation: the length of a vector does not change when a picture is turned.
    size = fit((part.source.width, part.source.height), (width, 1 << 16))
    rows: list[tuple[int, int, float, bool, int]] = []
    for number, span in enumerate(motion_spans(part.frames, most)):
        wanted = [part.start_frame + position for position in span]
        before: Image | None = None
        for position, picture in read_gray(path, part.source, wanted, size):
            if before is not None:
                at = position - part.start_frame
                flow, repeated = _between(before, picture)
                times = part.times_ns[at - 1 : at + 1].tolist()
                rows.append((times[0], times[1], flow, repeated, number))
            before = picture
    start, end, flows, repeats, spans = zip(*rows, strict=True) if rows else ((),) * 5
    return Motion(
        start_ns=np.array(start, dtype=np.int64),
        end_ns=np.array(end, dtype=np.int64),
        flow=np.array(flows, dtype=np.float32),
        repeated=np.array(repeats, dtype=np.bool_),
        span=np.array(spans, dtype=np.int64),
        width=size[0],
        frames=part.frames,
    )


def _between(before: Image, after: Image) -> tuple[float, bool]:
    """Motion in pixels from one picture to the next, and whether the next is the same again."""
    if np.array_equal(before, after):
        return 0.0, True
    # The stubs know no call without a first guess of the flow, which the flags say is not used.
    guess = np.zeros((*before.shape, 2), dtype=np.float32)
    flow = cv2.calcOpticalFlowFarneback(
        before, after, guess, 0.5, LEVELS, WINDOW, ITERATIONS, POLY_N, POLY_SIGMA, 0
    )
    squared = np.square(flow).sum(axis=-1).ravel()
    top = max(1, round(TOP_SHARE * squared.size))
    longest = np.partition(squared, squared.size - top)[-top:]
    return float(np.sqrt(longest).mean()), False
