"""Single pictures become a video that holds the same bytes at the same times."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from episodes.errors import EpisodeBroken
from episodes.records import Coding, Picture, PictureStreamRecord, Reason, Role
from episodes.timebase import Rate
from episodes.video import build_index, slice_index
from episodes.video.assemble import assemble_stream
from episodes.video.depth import depth_colours
from episodes.video.extract import read_depth, read_frames
from episodes.video.images import depth_limits, sprite, stills

# Uneven, beginning late, with a gap of seconds.
TIMES_NS = (5_000_000, 38_333_333, 71_666_667, 105_000_000, 6_000_000_000)
CODED = [
    (Coding.H264, "libx264", {"bf": "0", "g": "3", "tune": "zerolatency"}),
    (Coding.VP9, "libvpx-vp9", {"lag-in-frames": "0", "g": "3"}),
    (Coding.HEVC, "libx265", {"x265-params": "bframes=0:keyint=3:log-level=0"}),
]


def colours(width: int = 64, height: int = 48) -> list[np.ndarray]:
    """Plain pictures, each of its own colour, which survive coding."""
    return [np.full((height, width, 3), (40 * i, 200 - 30 * i, 90), np.uint8) for i in range(5)]


def camera(
    coding: Coding, pictures: Sequence[Picture], times_ns: Sequence[int] = TIMES_NS, frames: int = 5
) -> PictureStreamRecord:
    return PictureStreamRecord(
        camera="wrist",
        source_key="images/wrist",
        role=Role.WRIST,
        coding=coding,
        pictures=lambda: iter(list(zip(times_ns, pictures, strict=True))),
        frames=frames,
        rate=Rate(30),
        paced=False,
    )


def files(extension: str, pictures: Sequence[np.ndarray]) -> list[bytes]:
    return [cv2.imencode(extension, picture)[1].tobytes() for picture in pictures]


def packets(codec: str, options: dict[str, str]) -> list[bytes]:
    context = av.CodecContext.create(codec, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = 64, 48, "yuv420p"
    context.time_base, context.options = Fraction(1, 30), options
    made = []
    for number, picture in enumerate(colours()):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        made += [bytes(packet) for packet in context.encode(frame)]
    return made + [bytes(packet) for packet in context.encode(None)]


def coded_bytes(path: Path) -> list[bytes]:
    index, stored = build_index(path), path.read_bytes()
    return [stored[off : off + size] for off, size in zip(index.off, index.size, strict=True)]


@pytest.mark.parametrize(("coding", "extension"), [(Coding.JPEG, ".jpg"), (Coding.PNG, ".png")])
def test_picture_files_go_in_byte_for_byte(tmp_path: Path, coding: Coding, extension: str) -> None:
    pictures = files(extension, colours())
    stream = assemble_stream(camera(coding, pictures), tmp_path / "a.mp4")
    index = build_index(stream.path)
    assert index.codec == coding.value
    assert index.key.all()
    assert coded_bytes(stream.path) == pictures
    # To the microsecond, from the first picture on.
    assert stream.starts_ns == 5_000_000
    assert index.times_ns(0, 5).tolist() == [0, 33_333_000, 66_667_000, 100_000_000, 5_995_000_000]


@pytest.mark.parametrize(("coding", "extension"), [(Coding.JPEG, ".jpg"), (Coding.PNG, ".png")])
def test_picture_files_decode_as_themselves(tmp_path: Path, coding: Coding, extension: str) -> None:
    stream = assemble_stream(camera(coding, files(extension, colours())), tmp_path / "a.mp4")
    found = dict(read_frames(stream.path, build_index(stream.path), range(5)))
    for position, picture in enumerate(colours()):
        assert np.abs(found[position].astype(int) - picture).max() <= 3


def test_the_same_pictures_give_the_same_file(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        assemble_stream(camera(Coding.RGB8, colours()), tmp_path / name)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_depth_is_kept_exactly(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    depth = [rng.integers(0, 65535, (47, 63), dtype=np.uint16) for _ in TIMES_NS]
    stream = assemble_stream(camera(Coding.DEPTH16, depth), tmp_path / "a.mp4")
    for found, picture in zip(coded_bytes(stream.path), depth, strict=True):
        read = np.asarray(cv2.imdecode(np.frombuffer(found, np.uint8), cv2.IMREAD_UNCHANGED))
        assert np.array_equal(read, picture)


def test_depth_reads_back_and_shows_in_colours_of_one_range(tmp_path: Path) -> None:
    depth = [np.full((48, 64), 800 + 400 * i, np.uint16) for i in range(5)]
    for picture in depth:
        picture[:, 32:] = 3000
        picture[:8] = 0
    stream = assemble_stream(camera(Coding.DEPTH16, depth), tmp_path / "a.mp4")
    index = build_index(stream.path)
    for position, values in read_depth(stream.path, index, range(5)):
        assert np.array_equal(values, depth[position])
    part = slice_index(index, 0, 5)
    assert depth_limits(stream.path, part) == (1600, 3000)
    jpegs = dict(stills(stream.path, part, range(5)))
    for position, jpeg in jpegs.items():
        shown = np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR))
        wanted = depth_colours(depth[position], (1600, 3000))
        for at in ((30, 10), (30, 50), (3, 10)):
            assert np.abs(shown[at].astype(int) - wanted[at]).max() <= 12
    assert sprite(stream.path, part)[1].to_json()["depth_range"] == [1600, 3000]


def test_arrays_of_odd_size_are_encoded_close_to_what_they_were(tmp_path: Path) -> None:
    pictures = colours(63, 47)
    stream = assemble_stream(camera(Coding.RGB8, pictures), tmp_path / "a.mp4")
    found = dict(read_frames(stream.path, build_index(stream.path), range(5)))
    for position, picture in enumerate(pictures):
        rgb = found[position][:47, :63, ::-1].astype(int)
        assert np.abs(rgb - picture).max() <= 6


@pytest.mark.parametrize(("coding", "codec", "options"), CODED)
def test_coded_packets_go_in_and_decode(
    tmp_path: Path, coding: Coding, codec: str, options: dict[str, str]
) -> None:
    sent = packets(codec, options)
    stream = assemble_stream(camera(coding, sent), tmp_path / "a.mp4")
    index = build_index(stream.path)
    assert index.frames == 5
    assert index.key[0]
    found = dict(read_frames(stream.path, index, range(5)))
    for position, picture in enumerate(colours()):
        assert np.abs(found[position][:, :, ::-1].astype(int) - picture).max() <= 12


def test_pictures_that_change_their_size_are_refused(tmp_path: Path) -> None:
    pictures = files(".jpg", [*colours()[:4], colours(32, 32)[4]])
    with pytest.raises(EpisodeBroken, match="64x48") as refused:
        assemble_stream(camera(Coding.JPEG, pictures), tmp_path / "a.mp4")
    assert refused.value.reason == Reason.MEDIA_UNREADABLE


def test_a_damaged_picture_is_refused(tmp_path: Path) -> None:
    pictures = [*files(".jpg", colours()[:4]), b"\xff\xd8 no picture at all"]
    with pytest.raises(EpisodeBroken, match="wrist"):
        assemble_stream(camera(Coding.JPEG, pictures), tmp_path / "a.mp4")


def test_times_have_to_ascend(tmp_path: Path) -> None:
    times = (*TIMES_NS[:4], TIMES_NS[3])
    with pytest.raises(EpisodeBroken, match=r"0\.105000 s") as refused:
        assemble_stream(camera(Coding.RGB8, colours(), times), tmp_path / "a.mp4")
    assert refused.value.reason == Reason.TIMESTAMPS_DISAGREE


def test_a_camera_with_fewer_pictures_than_it_says_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EpisodeBroken, match="5 pictures, not 7") as refused:
        assemble_stream(camera(Coding.RGB8, colours(), frames=7), tmp_path / "a.mp4")
    assert refused.value.reason == Reason.LENGTH_MISMATCH


def test_a_camera_without_a_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EpisodeBroken, match="no picture"):
        assemble_stream(camera(Coding.JPEG, [], [], 0), tmp_path / "a.mp4")
