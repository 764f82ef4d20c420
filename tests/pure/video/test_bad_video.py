"""Files that are not what they claim: each refused with the file's name and a remedy."""

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from episodes.video import VideoLimits, build_index
from episodes.video.errors import (
    NotAVideo,
    NoVideoStream,
    TruncatedVideo,
    UnsupportedCodec,
    VideoError,
    VideoMissing,
    VideoTooLarge,
)
from tests.fixtures_video import RECIPES, Recipe, encode
from tests.pure.video.conftest import Videos


@pytest.fixture
def damaged(videos: Videos, tmp_path: Path) -> Callable[..., Path]:
    def make(change: Callable[[bytes], bytes], name: str = "h264_g2") -> Path:
        path = tmp_path / "damaged.mp4"
        path.write_bytes(change(videos(name).path.read_bytes()))
        return path

    return make


def refused(path: Path, error: type[VideoError], **limits: int) -> VideoError:
    with pytest.raises(error) as caught:
        build_index(path, VideoLimits(**limits))
    assert path.name in str(caught.value)
    assert str(path.parent) not in str(caught.value)
    assert caught.value.remedy
    assert type(caught.value) is error
    return caught.value


def faststart(source: Path, target: Path) -> Path:
    with (
        av.open(str(source)) as read,
        av.open(str(target), "w", options={"movflags": "faststart"}) as out,
    ):
        track = read.streams.video[0]
        copy = out.add_stream_from_template(track)
        for packet in read.demux(track):
            if packet.dts is not None:
                packet.stream = copy
                out.mux(packet)
    return target


@pytest.mark.parametrize("part", [0.02, 0.3, 0.7, 0.99])
def test_header_at_the_end_and_cut_off(damaged: Callable[..., Path], part: float) -> None:
    refused(damaged(lambda data: data[: int(len(data) * part)]), TruncatedVideo)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_header_at_the_front_and_cut_off(videos: Videos, tmp_path: Path, part: float) -> None:
    path = faststart(videos("h264_g2").path, tmp_path / "fast.mp4")
    build_index(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    refused(path, TruncatedVideo)


def test_header_whole_and_pictures_missing(videos: Videos, tmp_path: Path) -> None:
    path = faststart(videos("h264_g2").path, tmp_path / "fast.mp4")
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"mdat") - 4])
    refused(path, TruncatedVideo)


@pytest.mark.parametrize("content", [b"", b"\0", b"hello, this is a text file", bytes(5000)])
def test_not_a_video_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.mp4"
    path.write_bytes(content)
    refused(path, NotAVideo)


def test_missing_file(tmp_path: Path) -> None:
    refused(tmp_path / "absent.mp4", VideoMissing)


def test_folder_instead_of_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "folder.mp4"
    folder.mkdir()
    refused(folder, VideoMissing)


def test_matroska_is_refused_because_its_offsets_do_not_point_at_pictures(tmp_path: Path) -> None:
    recipe = Recipe(**{**RECIPES["h264_g2"].__dict__, "frames": 4, "container": "matroska"})
    error = refused(encode(tmp_path / "film.mp4", recipe).path, NotAVideo)
    assert "-c copy" in error.remedy


def test_a_codec_browsers_and_training_code_do_not_share(tmp_path: Path) -> None:
    recipe = Recipe("mpeg4", {}, frames=4)
    error = refused(encode(tmp_path / "old.mp4", recipe).path, UnsupportedCodec)
    assert error.fields["codec"] == "mpeg4"
    assert "ffmpeg" in error.remedy


def test_sound_only(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 48000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    refused(path, NoVideoStream)


def test_a_mirrored_picture(damaged: Callable[..., Path]) -> None:
    def mirror(data: bytes) -> bytes:
        upright = bytes.fromhex("00010000 00000000 00000000 00000000 00010000")
        at = data.index(upright, data.index(b"tkhd"))
        return data[:at] + bytes.fromhex("ffff0000") + data[at + 4 :]

    refused(damaged(mirror), UnsupportedCodec)


@pytest.mark.parametrize("limits", [{"file_bytes": 1000}, {"frames": 10}, {"side": 100}])
def test_absurd_sizes(videos: Videos, limits: dict[str, int]) -> None:
    refused(videos("h264_g2").path, VideoTooLarge, **limits)


def test_a_box_that_claims_more_than_the_file(damaged: Callable[..., Path]) -> None:
    def swell(data: bytes) -> bytes:
        at = data.index(b"mdat") - 4
        return data[:at] + b"\x7f\xff\xff\xff" + data[at + 4 :]

    error = refused(damaged(swell), TruncatedVideo)
    assert error.fields["expected_bytes"] > error.fields["found_bytes"]


FUZZ = """
import sys
from pathlib import Path
from episodes.video import build_index
from episodes.video.errors import VideoError
from episodes.video.extract import read_frames
for name in sys.argv[1:]:
    try:
        index = build_index(Path(name))
        for _ in read_frames(Path(name), index, [0, index.frames // 2, index.frames - 1]):
            pass
    except VideoError:
        pass
print("survived")
"""


@pytest.mark.parametrize("name", ["h264_b", "av1_g2", "edit_list"])
def test_random_damage_is_always_a_named_error(videos: Videos, tmp_path: Path, name: str) -> None:
    """In a process of its own, so that a crash of a decoder would show as one."""
    rng = random.Random(name)
    whole = videos(name).path.read_bytes()
    header = whole.index(b"moov")
    files = []
    for number in range(40):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 20)):
            span = (header, len(data)) if number % 2 else (0, len(data))
            data[rng.randrange(*span)] = rng.randrange(256)
        path = tmp_path / f"{number}.mp4"
        path.write_bytes(bytes(data))
        files.append(str(path))
    done = subprocess.run(
        [sys.executable, "-c", FUZZ, *files],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.stdout == "survived\n", done.stderr[-2000:]
