"""An episode's slice of a shared video: its rows decode its frames, and little else."""

import json
import random
from itertools import pairwise

import numpy as np
import pytest

from episodes.video import FrameIndexRecord, build_index, slice_index
from episodes.video.errors import SliceOutsideVideo
from episodes.video.extract import read_frames
from tests import barcode
from tests.fixtures_video import NAMES
from tests.pure.video.conftest import Videos


@pytest.mark.parametrize("name", NAMES)
def test_the_slices_own_rows_decode_its_frames(videos: Videos, name: str) -> None:
    """What the browser gets is enough: decode from the JSON alone."""
    video = videos(name)
    whole = build_index(video.path)
    rng = random.Random(name)
    for _ in range(4):
        start = rng.randrange(whole.frames - 12)
        part = slice_index(whole, start, 12)
        wire = json.loads(json.dumps(part.to_json()))
        alone = FrameIndexRecord(
            codec=whole.codec,
            description=whole.description,
            width=whole.width,
            height=whole.height,
            rotation=wire["rotation"],
            time_base=(1, 15360),
            duration_ticks=0,
            file_size=whole.file_size,
            off=np.array(wire["off"]),
            size=np.array(wire["size"]),
            pts=np.array(wire["pts"]),
            key=np.array(wire["key"], dtype=np.bool_),
            discard=~np.isin(np.arange(len(wire["off"])), wire["order"]),
        )
        assert wire["key"][0] == 1
        assert alone.order.tolist() == wire["order"]
        seen = [barcode.read(image) for _, image in read_frames(video.path, alone, range(12))]
        assert seen == list(video.shows[start : start + 12])


@pytest.mark.parametrize("name", NAMES)
def test_the_byte_window_holds_every_row(videos: Videos, name: str) -> None:
    whole = build_index(videos(name).path)
    part = slice_index(whole, 20, 5)
    wire = part.to_json()
    ends = [off + size for off, size in zip(wire["off"], wire["size"], strict=True)]
    assert (part.byte_start, part.byte_end) == (min(wire["off"]), max(ends))


def test_a_slice_starts_on_the_key_at_or_before_its_first_frame(videos: Videos) -> None:
    whole = build_index(videos("h264_g15").path)
    assert slice_index(whole, 37, 3).first_row == 30
    assert slice_index(whole, 30, 3).first_row == 30


def test_episodes_of_one_file_share_no_bytes_when_they_start_on_keys(videos: Videos) -> None:
    video = videos("concat_av1")
    whole = build_index(video.path)
    firsts = [n for n, shown in enumerate(video.shows) if shown[1] == 0]
    parts = [
        slice_index(whole, start, end - start)
        for start, end in zip(firsts, [*firsts[1:], video.frames], strict=True)
    ]
    for before, after in pairwise(parts):
        assert before.byte_end <= after.byte_start
        assert after.times_ns[0] == 0


def test_times_move_to_the_episode_clock(videos: Videos) -> None:
    whole = build_index(videos("h264_g2").path)
    assert slice_index(whole, 4, 2, offset_ns=500).times_ns.tolist() == [500, 33333833]


@pytest.mark.parametrize(("start", "frames"), [(-1, 2), (0, 0), (0, 91), (90, 1), (10**9, 1)])
def test_frames_that_are_not_there_are_refused(videos: Videos, start: int, frames: int) -> None:
    whole = build_index(videos("h264_g2").path)
    with pytest.raises(SliceOutsideVideo) as caught:
        slice_index(whole, start, frames)
    assert caught.value.fields["video_frames"] == 90
