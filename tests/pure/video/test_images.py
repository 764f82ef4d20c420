"""Stills, posters and sprites: the right frames, the right sizes."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.stream import VideoStream

from episodes.video import build_index, slice_index
from episodes.video.errors import DecodeFailed
from episodes.video.extract import read_frames
from episodes.video.images import (
    encode_jpeg,
    fit,
    poster,
    shrink,
    sprite,
    sprite_positions,
    stills,
)
from tests import barcode
from tests.barcode import Image
from tests.pure.video.conftest import Videos


def picture(jpeg: bytes) -> Image:
    decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded.astype(np.uint8, copy=False)


@pytest.mark.parametrize("name", ["av1_g2", "h264_b", "edit_list_b", "rotated_90", "hevc"])
def test_every_tile_shows_the_frame_of_its_time(videos: Videos, name: str) -> None:
    video = videos(name)
    part = slice_index(build_index(video.path), 5, video.frames - 5)
    jpeg, layout = sprite(video.path, part)
    canvas = picture(jpeg)
    wide, high = layout.tile_width, layout.tile_height
    for number, time_ns in enumerate(layout.times_ns):
        top, left = high * (number // layout.columns), wide * (number % layout.columns)
        position = part.times_ns.tolist().index(time_ns)
        tile = canvas[top : top + high, left : left + wide]
        assert barcode.read(tile) == video.shows[5 + position]


def test_a_sprite_has_two_tiles_a_second(videos: Videos) -> None:
    video = videos("h264_g2")
    part = slice_index(build_index(video.path), 0, 90)
    assert sprite_positions(part) == [0, 15, 30, 45, 60, 75]
    _, layout = sprite(video.path, part)
    described = layout.to_json()
    assert (described["tile_width"], described["tile_height"]) == (160, 120)
    assert described["count"] == len(described["times_ns"]) == 6


def test_a_long_episode_gets_fewer_tiles_a_second(videos: Videos) -> None:
    part = slice_index(build_index(videos("h264_g2").path), 0, 90)
    assert len(sprite_positions(part, most=3)) <= 3


def test_one_frame_makes_one_tile(videos: Videos) -> None:
    part = slice_index(build_index(videos("h264_g2").path), 40, 1)
    assert sprite_positions(part) == [0]


def test_a_turned_camera_has_upright_tiles(videos: Videos) -> None:
    part = slice_index(build_index(videos("rotated_90").path), 0, 10)
    _, layout = sprite(videos("rotated_90").path, part)
    assert (layout.tile_width, layout.tile_height) == (90, 120)


def test_stills_show_their_positions_of_the_slice(videos: Videos) -> None:
    video = videos("concat_b")
    part = slice_index(build_index(video.path), 40, 47)
    got = list(stills(video.path, part, [46, 0, 13]))
    assert [position for position, _ in got] == [0, 13, 46]
    for position, jpeg in got:
        assert barcode.read(picture(jpeg)) == video.shows[40 + position]


@pytest.mark.parametrize(("name", "width"), [("h264_b", 640), ("rotated_90", 640), ("av1_g2", 160)])
def test_stills_are_the_decoded_pictures_encoded_in_order(
    videos: Videos, name: str, width: int
) -> None:
    video = videos(name)
    index = build_index(video.path)
    size = fit(index.display_size, (width, 1 << 16))
    expected = [
        (position, encode_jpeg(shrink(image, size)))
        for position, image in read_frames(video.path, index, range(30))
    ]
    assert list(stills(video.path, slice_index(index, 0, 30), range(30), width)) == expected


def test_stills_keep_the_colours_of_the_picture(tmp_path: Path) -> None:
    colours = [(40, 40, 200), (200, 60, 40), (60, 180, 60), (250, 250, 250), (5, 5, 5)]
    image = np.repeat(np.array([colours], np.uint8), 64, axis=1).repeat(192, axis=0)
    with av.open(str(tmp_path / "bars.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"crf": "10"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = image.shape[1], image.shape[0], "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
    part = slice_index(build_index(tmp_path / "bars.mp4"), 0, 1)
    [(_, jpeg)] = stills(tmp_path / "bars.mp4", part, [0])
    shown = picture(jpeg)
    for number, colour in enumerate(colours):
        middle = shown[64:128, 64 * number + 24 : 64 * number + 40].reshape(-1, 3).mean(axis=0)
        assert np.abs(middle - colour).max() < 6


def test_a_failure_comes_after_stills_in_order(videos: Videos, tmp_path: Path) -> None:
    video = videos("h264_g2")
    index = build_index(video.path)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(video.path.read_bytes()[: int(index.off[60])])
    got: list[int] = []
    with pytest.raises(DecodeFailed):
        got.extend(position for position, _ in stills(cut, slice_index(index, 0, 90), range(90)))
    assert got
    assert got == list(range(len(got)))


def test_the_poster_is_the_middle_frame(videos: Videos) -> None:
    video = videos("av1_g2")
    part = slice_index(build_index(video.path), 10, 20)
    assert barcode.read(picture(poster(video.path, part))) == video.shows[20]


@pytest.mark.parametrize(
    ("size", "box", "expected"),
    [
        ((640, 480), (160, 120), (160, 120)),
        ((1280, 720), (160, 120), (160, 90)),
        ((480, 640), (160, 120), (90, 120)),
        ((64, 64), (160, 120), (64, 64)),
        ((4000, 2), (160, 120), (160, 1)),
    ],
)
def test_pictures_shrink_in_proportion_and_never_grow(
    size: tuple[int, int], box: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert fit(size, box) == expected
