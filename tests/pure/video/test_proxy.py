"""Proxies: every position shows the source's picture at the source's PTS, keys 15 apart."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from episodes.video import build_index
from episodes.video.errors import DecodeFailed, ProxyFailed
from episodes.video.extract import read_frames
from episodes.video.proxy import needs_proxy, write_proxy
from tests import barcode
from tests.fixtures_video import X264, Recipe, encode
from tests.pure.video.conftest import Videos

LONG = Recipe("libx264", X264 | {"sc_threshold": "0"}, gop=250, bframes=3, frames=600)


@pytest.mark.parametrize(
    "name",
    ["h264_b", "h264_open_gop", "vfr", "first_pts", "vp9", "concat_b", "edit_list_b", "rotated_90"],
)
def test_pictures_and_times_are_the_sources(name: str, videos: Videos, tmp_path: Path) -> None:
    video = videos(name)
    index = build_index(video.path)
    made = write_proxy(video.path, index, tmp_path / "proxy.mp4")
    assert made.max_gop <= 15
    assert made.time_base == index.time_base
    assert made.pts[made.order].tolist() == index.pts[index.order].tolist()
    assert made.duration_ticks == index.duration_ticks
    assert (made.display_size, made.rotation) == (index.display_size, index.rotation)
    shown = [barcode.read(image) for _, image in read_frames(
        tmp_path / "proxy.mp4", made, range(made.frames)
    )]  # fmt: skip
    assert shown == list(video.shows)


def test_a_file_of_many_gops_far_apart(tmp_path: Path) -> None:
    """Also where one run of decoding ends and the next begins."""
    video = encode(tmp_path / "long.mp4", replace(LONG, frames=1300, size=(64, 48)))
    index = build_index(video.path)
    assert (index.max_gop, needs_proxy(index.codec, index.max_gop)) == (250, True)
    made = write_proxy(video.path, index, tmp_path / "proxy.mp4")
    assert made.pts[made.order].tolist() == index.pts[index.order].tolist()
    assert not needs_proxy(made.codec, made.max_gop)
    starts = {made.start_row(position) for position in range(made.frames)}
    assert max(np.diff(sorted(starts))) <= 15


def test_odd_sides_become_even(tmp_path: Path) -> None:
    odd = replace(LONG, encoder="libvpx-vp9", options={"deadline": "realtime"}, bframes=0)
    video = encode(tmp_path / "odd.mp4", replace(odd, frames=40, size=(321, 241)))
    index = build_index(video.path)
    made = write_proxy(video.path, index, tmp_path / "proxy.mp4")
    assert (index.width, index.height, made.width, made.height) == (321, 241, 322, 242)
    assert made.frames == 40


@pytest.mark.parametrize(
    ("codec", "gop", "needed"),
    [
        ("avc1.64001e", 16, True),
        ("avc1.64001e", 15, False),
        ("av01.0.04M.08", 250, True),
        ("vp09.00.10.08", 128, True),
        ("hvc1.1.6.L93.B0", 250, False),
        ("jpeg", 1, False),
    ],
)
def test_which_videos_need_one(codec: str, gop: int, needed: bool) -> None:
    assert needs_proxy(codec, gop) is needed


def test_a_damaged_source_is_named(videos: Videos, tmp_path: Path) -> None:
    path = tmp_path / "damaged.mp4"
    content = bytearray(videos("h264_b").path.read_bytes())
    index = build_index(videos("h264_b").path)
    start = int(index.off[0])
    content[start:-3000] = bytes(len(content) - 3000 - start)
    path.write_bytes(bytes(content))
    with pytest.raises(DecodeFailed, match=r"damaged\.mp4"):
        write_proxy(path, index, tmp_path / "proxy.mp4")


def test_a_time_that_a_file_cannot_hold_is_named(videos: Videos, tmp_path: Path) -> None:
    """An index that is not the file's: the proxy would show a picture at another time."""
    video = videos("h264_b")
    index = build_index(video.path)
    with pytest.raises(ProxyFailed, match="counts in") as error:
        write_proxy(video.path, replace(index, time_base=(2, 15360)), tmp_path / "proxy.mp4")
    assert error.value.remedy
