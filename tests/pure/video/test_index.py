"""The frame index: positions are presentation order, rows are where the bytes lie."""

import av
import numpy as np
import pytest

from episodes.video import FrameIndexRecord, build_index
from episodes.video.errors import IndexUnreadable
from tests.fixtures_video import FRAME_TICKS, NAMES
from tests.pure.video.conftest import Videos


@pytest.mark.parametrize("name", NAMES)
def test_positions_are_presentation_order(videos: Videos, name: str) -> None:
    video = videos(name)
    index = build_index(video.path)
    assert index.frames == video.frames
    shown = index.pts[index.order]
    assert (np.diff(shown) > 0).all()
    with av.open(str(video.path)) as container:
        played = [frame.pts for frame in container.decode(video=0)]
    assert shown.tolist() == played


@pytest.mark.parametrize("name", NAMES)
def test_rows_hold_the_packets_bytes(videos: Videos, name: str) -> None:
    video = videos(name)
    index = build_index(video.path)
    stored = video.path.read_bytes()
    with av.open(str(video.path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    rows = zip(index.off.tolist(), index.size.tolist(), strict=True)
    assert [stored[off : off + size] for off, size in rows] == packets


@pytest.mark.parametrize("name", NAMES)
def test_storage_gives_back_the_same_index(videos: Videos, name: str) -> None:
    index = build_index(videos(name).path)
    stored = index.to_bytes()
    again = FrameIndexRecord.from_bytes(stored)
    assert again.to_bytes() == stored
    for column in ("off", "size", "pts", "key", "discard", "order"):
        assert np.array_equal(getattr(again, column), getattr(index, column)), column
    assert (again.codec, again.description) == (index.codec, index.description)


@pytest.mark.parametrize("stored", [b"", b"not gzip", b"\x1f\x8b\x08\x00 no more"])
def test_a_damaged_stored_index_is_named(stored: bytes) -> None:
    with pytest.raises(IndexUnreadable):
        FrameIndexRecord.from_bytes(stored)


def test_a_cut_off_stored_index_is_named(videos: Videos) -> None:
    stored = build_index(videos("h264_g2").path).to_bytes()
    with pytest.raises(IndexUnreadable) as caught:
        FrameIndexRecord.from_bytes(stored[: len(stored) // 2])
    assert caught.value.remedy


def test_bframes_are_decoded_in_another_order_than_shown(videos: Videos) -> None:
    index = build_index(videos("h264_b").path)
    assert not np.array_equal(index.order, np.arange(index.frames))
    assert sorted(index.order.tolist()) == list(range(index.frames))


def test_an_edit_list_hides_frames_without_dropping_their_rows(videos: Videos) -> None:
    index = build_index(videos("edit_list").path)
    assert index.frames == 60
    assert index.discard.sum() > 0
    assert len(index.off) == index.frames + index.discard.sum()
    assert not index.discard[index.order].any()


def test_a_first_pts_above_zero_is_kept_and_times_start_at_zero(videos: Videos) -> None:
    index = build_index(videos("first_pts").path)
    assert index.pts[index.order[0]] == 23040
    assert index.times_ns(0, 3).tolist() == [0, 33333333, 66666667]


def test_uneven_frame_times_are_exact(videos: Videos) -> None:
    index = build_index(videos("vfr").path)
    ticks = [n * FRAME_TICKS + (n % 7) * 61 + (n // 10) * 900 for n in range(index.frames)]
    expected = [(2 * tick * 10**9 + 15360) // (2 * 15360) for tick in ticks]
    assert index.times_ns(0, index.frames).tolist() == expected


@pytest.mark.parametrize(("name", "turn"), [("rotated_90", 90), ("rotated_180", 180)])
def test_rotation_is_clockwise_for_display(videos: Videos, name: str, turn: int) -> None:
    video = videos(name)
    assert build_index(video.path).rotation == turn
    with av.open(str(video.path)) as container:
        assert -next(container.decode(video=0)).rotation % 360 == turn


def test_open_gop_keys_are_not_offered_to_browsers(videos: Videos) -> None:
    video = videos("h264_open_gop")
    with av.open(str(video.path)) as container:
        marked = sum(packet.is_keyframe for packet in container.demux(video=0) if packet.size)
    index = build_index(video.path)
    assert marked > 1
    assert np.flatnonzero(index.key).tolist() == [0]


def test_the_longest_gop_is_found(videos: Videos) -> None:
    assert build_index(videos("h264_g2").path).max_gop == 2
    assert build_index(videos("h264_g15").path).max_gop == 15


def test_duration_includes_the_last_frame(videos: Videos) -> None:
    assert build_index(videos("h264_g2").path).duration_ns == 3_000_000_000
