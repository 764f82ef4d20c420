"""Frame-exactness in a real browser: every picture is asked what it is, by its burnt-in number."""

import base64
import random
from pathlib import Path
from typing import Any

import pytest

from episodes.video.index import build_index
from episodes.video.proxy import needs_proxy, write_proxy
from tests.e2e.frames.conftest import Harness, MakeVideo
from tests.e2e.frames.reorder import without_vui
from tests.e2e.frames.site import Site

pytestmark = pytest.mark.browser

WHOLE = [
    "h264_g2",
    "h264_g15",
    "h264_b",
    "h264_open_gop",
    "av1_g2",
    "vp9",
    "first_pts",
    "vfr",
    "edit_list",
    "edit_list_b",
    "rotated_90",
    "rotated_180",
    "rotated_270",
]
# Recordings of 40, 47 and 54 frames, one after the other in one file.
SLICES = [
    (name, start, frames)
    for name in ("concat_av1", "concat_b")
    for start, frames in ((0, 40), (40, 47), (87, 54))
]
SEEKS = 60


def _walk(frames: int) -> list[int]:
    """Random seeks, then steps either way from amid the video, then its ends."""
    chance = random.Random(frames)
    jumps = [chance.randrange(frames) for _ in range(SEEKS)]
    middle = frames // 2
    steps = [*range(middle, middle + 12), *range(middle + 12, middle - 12, -1)]
    return [*jumps, *(p for p in steps if 0 <= p < frames), frames - 1, 0]


def _open(harness: Harness, *streams: dict[str, Any], packs: bool = False) -> None:
    assert harness.open(list(streams), packs) is None


def _wrong(shows: tuple[tuple[int, int], ...], held: list[list[Any]]) -> list[Any]:
    """(position, what it shows) where that is not what it has to show."""
    return [[p, shown] for p, shown in held if shown is None or tuple(shown) != shows[p]]


def _check_seeks(harness: Harness, shows: tuple[tuple[int, int], ...]) -> None:
    positions = _walk(len(shows))
    shown = harness.seekAll(positions)
    assert _wrong(shows, [list(pair) for pair in zip(positions, shown, strict=True)]) == []


@pytest.mark.parametrize("name", WHOLE)
def test_every_seek_shows_the_frame_asked_for(
    harness: Harness, site: Site, video: MakeVideo, name: str
) -> None:
    made = video(name)
    _open(harness, site.add_stream(name, made.path))
    assert harness.describe()["cameras"][0]["frames"] == made.frames
    _check_seeks(harness, made.shows)
    assert harness.stats()["path"] == "webcodecs"


@pytest.mark.parametrize(("name", "start", "frames"), SLICES)
def test_an_episode_of_a_concatenated_file_shows_its_own_frames(
    harness: Harness, site: Site, video: MakeVideo, name: str, start: int, frames: int
) -> None:
    made = video(name)
    _open(harness, site.add_stream(name, made.path, start, frames))
    _check_seeks(harness, made.shows[start : start + frames])


@pytest.mark.parametrize(("name", "start", "frames"), [("vfr", 0, 120), ("concat_b", 40, 47)])
def test_a_proxy_shows_what_its_source_shows(
    harness: Harness,
    site: Site,
    video: MakeVideo,
    tmp_path: Path,
    name: str,
    start: int,
    frames: int,
) -> None:
    made = video(name)
    source = build_index(made.path)
    assert needs_proxy(source.codec, source.max_gop)
    proxy = write_proxy(made.path, source, tmp_path / "proxy.mp4")
    assert not needs_proxy(proxy.codec, proxy.max_gop)
    _open(harness, site.add_stream(name, tmp_path / "proxy.mp4", start, frames))
    _check_seeks(harness, made.shows[start : start + frames])


@pytest.mark.parametrize("name", ["h264_g2", "h264_b", "h264_open_gop", "av1_g2", "edit_list_b"])
def test_the_ring_holds_right_frames_on_both_sides(
    harness: Harness, site: Site, video: MakeVideo, name: str
) -> None:
    made = video(name)
    _open(harness, site.add_stream(name, made.path))
    for position in (0, 25, made.frames - 1):
        held = harness.ringAround(position)
        assert _wrong(made.shows, held) == []
        low, high = max(0, position - 15), min(made.frames - 1, position + 15)
        assert {p for p, _ in held} >= set(range(low, high + 1))


@pytest.mark.parametrize("name", ["h264_g2", "h264_b", "av1_g2", "vp9"])
def test_the_contact_strip_shows_the_neighbours(
    harness: Harness, site: Site, video: MakeVideo, name: str
) -> None:
    made = video(name)
    _open(harness, site.add_stream(name, made.path))
    for position in (30, 2, made.frames - 1, 31):
        held = harness.strip(position, 4)
        low, high = max(0, position - 4), min(made.frames - 1, position + 4)
        assert [p for p, _ in held] == list(range(low, high + 1))
        assert _wrong(made.shows, held) == []


@pytest.mark.parametrize("name", ["h264_b", "av1_g2"])
def test_only_the_last_of_a_burst_is_answered(
    harness: Harness, site: Site, video: MakeVideo, name: str
) -> None:
    made = video(name)
    _open(harness, site.add_stream(name, made.path))
    answered = harness.burst([40, 3, 71, 12, 55])
    assert answered == [None, None, None, None, 55]
    _check_seeks(harness, made.shows)


@pytest.mark.parametrize("name", ["hevc", "h264_b", "vfr", "rotated_90", "edit_list"])
def test_fallback_packs_show_the_same_frames(
    harness: Harness, site: Site, video: MakeVideo, tmp_path: Path, name: str
) -> None:
    made = video(name)
    # HEVC is not asked to fall back: this browser has no decoder for it.
    _open(harness, site.add_stream(name, made.path, packs=tmp_path), packs=name != "hevc")
    _check_seeks(harness, made.shows)
    assert _wrong(made.shows, harness.strip(20, 3)) == []
    assert harness.stats()["path"] == "packs"


@pytest.mark.parametrize("name", ["h264_b", "vfr", "h264_open_gop"])
def test_a_stream_that_does_not_bound_its_reordering(
    harness: Harness, site: Site, video: MakeVideo, name: str
) -> None:
    made = video(name)
    bare = without_vui(build_index(made.path).description)
    stream = site.add_stream(name, made.path, description=base64.b64encode(bare).decode())
    _open(harness, stream)
    _check_seeks(harness, made.shows)
    assert _wrong(made.shows, harness.ringAround(made.frames - 20)) == []
    assert harness.stats()["path"] == "webcodecs"


def test_little_memory_keeps_fewer_pictures(harness: Harness, site: Site, video: MakeVideo) -> None:
    made = video("h264_g15")
    assert harness.open([site.add_stream("small", made.path)], False, 1) is None
    _check_seeks(harness, made.shows)
    held = harness.ringAround(60)
    assert [p for p, _ in held] == list(range(57, 64))


def test_fallback_packs_of_an_episode_in_a_concatenated_file(
    harness: Harness, site: Site, video: MakeVideo, tmp_path: Path
) -> None:
    made = video("concat_b")
    _open(harness, site.add_stream("middle", made.path, 40, 47, packs=tmp_path), packs=True)
    _check_seeks(harness, made.shows[40:87])


def test_pictures_are_closed_and_listeners_given_back(
    harness: Harness, site: Site, video: MakeVideo
) -> None:
    made = video("av1_g2")
    streams = [site.add_stream(f"camera{n}", made.path) for n in range(2)]
    _open(harness, *streams)
    for camera in range(2):
        harness.seekAll(_walk(made.frames), camera)
        harness.strip(40, 5, camera)
        harness.ringAround(45, camera)
        stats = harness.stats(camera)
        assert stats["decoded"] > 60
        assert stats["open"] == len(harness.ringAround(45, camera))
    assert harness.unclosed() == sum(harness.stats(camera)["open"] for camera in range(2))
    harness.close()
    assert harness.liveHoldings() == 0
    # What was still being decoded arrives, and is closed.
    harness.page.wait_for_timeout(300)
    harness.page.wait_for_function("framesHarness.unclosed() === 0")
