"""A file's own tables against the demultiplexer: the same rows, or no answer at all."""

import random
from pathlib import Path

import av
import numpy as np
import pytest

from episodes.video import build_index
from episodes.video.boxes import read_layout
from episodes.video.errors import TruncatedVideo
from episodes.video.sample_table import SampleTable, read_sample_table
from tests.fixtures_video import NAMES
from tests.pure.video.conftest import Videos

PLAIN = ("h264_g2", "h264_g15", "av1_g2", "hevc", "rotated_90")
# Out of order, shown in part, or beginning late: there the demultiplexer has to tell.
NOT_PLAIN = ("h264_b", "h264_open_gop", "first_pts", "vfr", "edit_list")


def table(path: Path) -> SampleTable | None:
    return read_sample_table(read_layout(path).moov)


@pytest.mark.parametrize("name", NAMES)
def test_tables_say_what_the_demultiplexer_says(videos: Videos, name: str) -> None:
    path = videos(name).path
    found = table(path)
    if found is None:
        return  # test_what_is_not_plain_is_left_to_the_demultiplexer says which may
    with av.open(str(path)) as container:
        track = container.streams.video[0]
        packets = [packet for packet in container.demux(track) if packet.size]
        assert track.time_base is not None
        assert found.timescale == track.time_base.denominator
    assert found.off.tolist() == [packet.pos for packet in packets]
    assert found.size.tolist() == [packet.size for packet in packets]
    assert found.pts.tolist() == [packet.pts for packet in packets]
    assert found.key.tolist() == [packet.is_keyframe for packet in packets]
    assert found.duration.tolist() == [packet.duration for packet in packets]


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_plain_is_read_from_its_tables(videos: Videos, name: str) -> None:
    assert table(videos(name).path) is not None


@pytest.mark.parametrize("name", NOT_PLAIN)
def test_what_is_not_plain_is_left_to_the_demultiplexer(videos: Videos, name: str) -> None:
    assert table(videos(name).path) is None


def test_a_damaged_header_gives_no_answer_or_a_table_and_never_an_error(videos: Videos) -> None:
    moov = read_layout(videos("h264_g15").path).moov
    rng = random.Random(3)
    for _ in range(400):
        damaged = bytearray(moov)
        for _ in range(rng.randint(1, 6)):
            damaged[rng.randrange(len(damaged))] = rng.choice((0, 1, 0x7F, 0xFF))
        found = read_sample_table(bytes(damaged))
        assert found is None or len(found.off) == len(found.size) == len(found.pts)


def test_a_row_beyond_the_files_end_is_refused(videos: Videos, tmp_path: Path) -> None:
    source = videos("av1_g2").path
    stored = bytearray(source.read_bytes())
    at = stored.index(b"stco") + 12
    last = int.from_bytes(stored[at : at + 4])
    stored[at : at + 4] = (last + 2**24).to_bytes(4)
    path = tmp_path / "beyond.mp4"
    path.write_bytes(stored)
    with pytest.raises(TruncatedVideo, match="frame 0"):
        build_index(path)


def test_a_chunk_table_that_holds_too_few_samples_gives_no_answer(videos: Videos) -> None:
    moov = bytearray(read_layout(videos("h264_g2").path).moov)
    at = moov.index(b"stsc") + 12
    moov[at + 4 : at + 8] = (1).to_bytes(4)  # one sample a chunk, where there were many
    whole = read_sample_table(bytes(moov))
    assert whole is None or not np.array_equal(whole.off, np.sort(whole.off))
