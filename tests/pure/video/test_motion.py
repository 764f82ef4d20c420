"""Motion between pictures: its size, its times, what is the same picture, and how much is read."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from episodes.video import build_index, slice_index
from episodes.video.motion import SPANS, Motion, measure_motion, motion_spans


def write_clip(path: Path, offsets: list[float], fps: int = 30) -> Path:
    """A textured patch moved to the right by so many pixels from the first picture."""
    rng = np.random.default_rng(0)
    texture = cv2.GaussianBlur(rng.integers(0, 255, (60, 60)).astype(np.float32), (0, 0), 2)
    texture = 40 + 180 * (texture - texture.min()) / np.ptp(texture)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.time_base = Fraction(1, fps)
        stream.options = {"crf": "12", "preset": "veryfast", "bf": "0", "threads": "1"}
        for number, offset in enumerate(offsets):
            shift = np.array([[1, 0, 60 + offset], [0, 1, 90]], dtype=np.float32)
            gray = cv2.warpAffine(
                texture, shift, (320, 240), borderMode=cv2.BORDER_CONSTANT, borderValue=(128,)
            )
            picture: NDArray[np.uint8] = np.repeat(gray.astype(np.uint8)[..., None], 3, axis=2)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def motion_of(path: Path, start: int = 0, frames: int | None = None, most: int = 3000) -> Motion:
    index = build_index(path)
    part = slice_index(index, start, frames or index.frames, offset_ns=7)
    return measure_motion(path, part, most=most)


def test_flow_is_the_way_moved_in_pixels_of_the_small_picture(tmp_path: Path) -> None:
    motion = motion_of(write_clip(tmp_path / "a.mp4", [4.0 * n for n in range(12)]))
    assert motion.width == 160
    assert np.median(motion.flow) == pytest.approx(2.0, rel=0.25)
    double = motion_of(write_clip(tmp_path / "b.mp4", [8.0 * n for n in range(12)]))
    assert np.median(double.flow) / np.median(motion.flow) == pytest.approx(2, rel=0.25)


def test_times_are_those_between_two_pictures(tmp_path: Path) -> None:
    motion = motion_of(write_clip(tmp_path / "a.mp4", [2.0 * n for n in range(10)]), 3, 4)
    assert motion.start_ns.tolist() == [7, 33_333_340, 66_666_674]
    assert motion.end_ns[:-1].tolist() == motion.start_ns[1:].tolist()
    assert motion.t_mid_ns.tolist() == [16_666_673, 50_000_007, 83_333_340]
    assert motion.flow.dtype == np.float32


def test_a_picture_that_repeats_is_told_from_one_that_moves(tmp_path: Path) -> None:
    offsets = [0.0, 3, 6, 6, 6, 6, 9, 12]
    motion = motion_of(write_clip(tmp_path / "a.mp4", offsets))
    still = np.diff(offsets) == 0
    assert motion.flow[still].max() < 0.2 * motion.flow[~still].min()
    assert not motion.repeated[~still].any()


def test_a_slice_of_one_picture_has_no_motion(tmp_path: Path) -> None:
    motion = motion_of(write_clip(tmp_path / "a.mp4", [0.0, 1, 2]), 1, 1)
    assert (len(motion.flow), motion.frames) == (0, 1)


def test_long_episodes_are_measured_in_runs(tmp_path: Path) -> None:
    motion = motion_of(write_clip(tmp_path / "a.mp4", [1.0 * n for n in range(60)]), most=30)
    assert len(motion.flow) == SPANS * (30 // SPANS - 1)
    assert np.unique(motion.span).tolist() == list(range(SPANS))
    assert (motion.end_ns - motion.start_ns).max() == 33_333_334


@given(st.integers(1, 200_000), st.integers(12, 5_000))
def test_spans_are_bounded_apart_and_reach_both_ends(frames: int, most: int) -> None:
    spans = motion_spans(frames, most)
    looked_at = [position for span in spans for position in (span[0], span[-1])]
    assert looked_at == sorted(looked_at)
    assert (looked_at[0], looked_at[-1]) == (0, frames - 1)
    assert sum(map(len, spans)) <= max(most, min(frames, most))
    assert all(a[-1] < b[0] for a, b in pairwise(spans))
