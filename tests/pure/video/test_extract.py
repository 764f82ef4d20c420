"""Extraction shows the frame that was asked for, on every kind of file."""

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from episodes.video import build_index
from episodes.video.errors import DecodeFailed, SliceOutsideVideo, VideoMissing
from episodes.video.extract import read_frame, read_frames
from tests import barcode
from tests.fixtures_video import NAMES
from tests.pure.video.conftest import Videos


@pytest.mark.parametrize("name", NAMES)
def test_random_positions_show_their_own_number(videos: Videos, name: str) -> None:
    video = videos(name)
    index = build_index(video.path)
    rng = random.Random(name)
    for _ in range(12):
        wanted = rng.sample(range(video.frames), rng.randrange(1, 6))
        got = list(read_frames(video.path, index, wanted))
        assert [position for position, _ in got] == sorted(wanted)
        assert [barcode.read(image) for _, image in got] == [video.shows[n] for n, _ in got]


@settings(max_examples=25, deadline=None)
@given(wanted=st.lists(st.integers(0, 99), min_size=1, max_size=8))
def test_any_set_of_positions_comes_once_and_ascending(videos: Videos, wanted: list[int]) -> None:
    video = videos("h264_b")
    got = list(read_frames(video.path, build_index(video.path), wanted))
    assert [position for position, _ in got] == sorted(set(wanted))
    assert all(barcode.read(image) == video.shows[position] for position, image in got)


@pytest.mark.parametrize("name", ["rotated_90", "rotated_180", "rotated_270"])
def test_pictures_come_upright(videos: Videos, name: str) -> None:
    video = videos(name)
    index = build_index(video.path)
    image = read_frame(video.path, index, 7)
    assert (image.shape[1], image.shape[0]) == index.display_size
    assert barcode.read(image) == video.shows[7]


@pytest.mark.parametrize("name", ["h264_g2", "av1_g2"])
def test_colours_are_those_of_the_reference_converter(videos: Videos, name: str) -> None:
    av = pytest.importorskip("av")
    video = videos(name)
    ours = read_frame(video.path, build_index(video.path), 0).astype(int)
    with av.open(str(video.path)) as container:
        reference = next(container.decode(video=0)).to_ndarray(format="bgr24").astype(int)
    assert np.abs(ours - reference).mean() < 3


def test_a_position_beyond_the_end_is_refused(videos: Videos) -> None:
    video = videos("h264_g2")
    with pytest.raises(SliceOutsideVideo):
        read_frame(video.path, build_index(video.path), video.frames)


def test_a_file_that_lost_its_end_after_indexing_is_named(videos: Videos, tmp_path: Path) -> None:
    video = videos("h264_g15")
    index = build_index(video.path)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(video.path.read_bytes()[: int(index.off[60])])
    with pytest.raises(DecodeFailed, match=r"cut\.mp4"):
        list(read_frames(cut, index, [70]))


def test_a_file_that_went_missing_is_named(videos: Videos, tmp_path: Path) -> None:
    with pytest.raises(VideoMissing, match=r"gone\.mp4"):
        read_frame(tmp_path / "gone.mp4", build_index(videos("h264_g2").path), 0)


def test_garbage_instead_of_pictures_is_named(videos: Videos, tmp_path: Path) -> None:
    video = videos("av1_g2")
    data = bytearray(video.path.read_bytes())
    index = build_index(video.path)
    start, size = int(index.off[40]), int(index.size[40])
    data[start : start + size] = bytes(size)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(bytes(data))
    with pytest.raises(DecodeFailed, match=r"broken\.mp4"):
        read_frame(broken, index, 40)
