"""Synthetic test videos whose every frame names itself: what players and indexers get wrong.

`python -m tests.fixtures_video FOLDER` writes them all, with a `videos.json` that says what each
position shows, for tests in other languages.
"""

import json
import os
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from tests import barcode
from tests.barcode import Image

os.environ.setdefault("SVT_LOG", "1")  # the AV1 encoder's banners drown a test's output

SIZE = (320, 240)
TICK = Fraction(1, 15360)
FRAME_TICKS = 512  # 30 frames a second


@dataclass(frozen=True)
class VideoFixture:
    """A video and the (camera, frame) that each presentation position shows."""

    path: Path
    shows: tuple[tuple[int, int], ...]

    @property
    def frames(self) -> int:
        return len(self.shows)


@dataclass(frozen=True)
class Recipe:
    """How to code a video: PyAV encoder and its options, PTS of each frame in ``TICK``s."""

    encoder: str
    options: dict[str, str]
    frames: int = 90
    gop: int = 2
    bframes: int = 0
    rotation: int = 0
    camera: int = 1
    size: tuple[int, int] = SIZE
    container: str = "mp4"
    ticks: Callable[[int], int] = field(default=lambda frame: frame * FRAME_TICKS)


X264 = {"preset": "veryfast", "crf": "26"}
H264_G2 = Recipe("libx264", X264)
H264_G15 = Recipe("libx264", X264, gop=15, frames=120)
AV1_G2 = Recipe("libsvtav1", {"preset": "8", "crf": "30"})


def _uneven(frame: int) -> int:
    return frame * FRAME_TICKS + (frame % 7) * 61 + (frame // 10) * 900


RECIPES = {
    "h264_g2": H264_G2,
    "h264_g15": H264_G15,
    "h264_b": Recipe("libx264", X264, gop=250, bframes=3, frames=120),
    "h264_open_gop": Recipe(
        "libx264", X264 | {"x264-params": "open-gop=1:scenecut=0:b-adapt=0"}, gop=12, bframes=2
    ),
    "av1_g2": AV1_G2,
    "vp9": Recipe("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8"}, gop=15, frames=60),
    "hevc": Recipe("libx265", {"preset": "ultrafast", "x265-params": "log-level=none"}, gop=15),
    "first_pts": Recipe(
        "libx264", X264, bframes=2, gop=15, ticks=lambda n: 23040 + n * FRAME_TICKS
    ),
    "vfr": Recipe("libx264", X264, bframes=2, gop=30, frames=120, ticks=_uneven),
    "rotated_90": Recipe("libx264", X264, rotation=90, gop=15, frames=45),
    "rotated_180": Recipe("libx264", X264, rotation=180, frames=30),
    "rotated_270": Recipe("libx264", X264, rotation=270, frames=30),
}
TURN_BACK = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


def pictures(recipe: Recipe) -> Iterator[Image]:
    """Frames as the camera stored them: moving texture, moving discs, noise, the barcode."""
    rng = np.random.default_rng(recipe.camera)
    width, height = recipe.size if recipe.rotation in (0, 180) else recipe.size[::-1]
    texture = cv2.resize(
        rng.integers(40, 200, (24, 32, 3), dtype=np.uint8), (width * 2, height * 2)
    )
    for frame in range(recipe.frames):
        image = np.roll(texture, (frame, 2 * frame), (0, 1))[:height, :width].astype(np.uint8)
        for disc in range(4):
            centre = ((frame * (disc + 2) + 70 * disc) % width, (height // 2 + 25 * disc) % height)
            cv2.circle(image, centre, 14, (60 * disc, 255 - 50 * disc, 120), -1)
        noise = rng.integers(0, 12, image.shape, dtype=np.uint8)
        image = cv2.add(image, noise).astype(np.uint8)
        barcode.draw(image, recipe.camera, frame)
        turned = cv2.rotate(image, TURN_BACK[recipe.rotation]) if recipe.rotation else image
        yield turned.astype(np.uint8, copy=False)


@contextmanager
def own_priority() -> Iterator[None]:
    """Give the thread its scheduling back.

    Run by root, the AV1 encoder makes its caller a real-time thread. Browsers and servers that are
    started later would inherit that and starve the machine.
    """
    if not hasattr(os, "sched_getscheduler"):
        yield
        return
    policy, parameter = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameter)


def encode(path: Path, recipe: Recipe) -> VideoFixture:
    """Code a recipe into ``path``."""
    with own_priority(), av.open(str(path), "w", format=recipe.container) as container:
        stream = _add_stream(container, recipe)
        for number, image in enumerate(pictures(recipe)):
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = recipe.ticks(number), TICK
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return VideoFixture(path, tuple((recipe.camera, n) for n in range(recipe.frames)))


def _add_stream(container: av.container.OutputContainer, recipe: Recipe) -> VideoStream:
    stream = container.add_stream(recipe.encoder, rate=30, options=recipe.options)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = recipe.size
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.gop_size, context.max_b_frames = recipe.gop, recipe.bframes
    context.time_base = stream.time_base = TICK
    if recipe.encoder == "libx265":
        context.codec_tag = "hvc1"
    if recipe.rotation:
        stream.set_display_rotation(-recipe.rotation)
    return stream


def concatenated(path: Path, recipe: Recipe, segments: int = 3) -> VideoFixture:
    """Several recordings in one file as LeRobot v3 keeps them: packets copied, PTS shifted."""
    shows: list[tuple[int, int]] = []
    with av.open(str(path), "w") as out:
        target: VideoStream | None = None
        for segment in range(segments):
            part = Recipe(**{**recipe.__dict__, "camera": segment + 1, "frames": 40 + 7 * segment})
            piece = encode(path.with_suffix(f".{segment}.mp4"), part)
            with av.open(str(piece.path)) as source:
                track = source.streams.video[0]
                target = target or out.add_stream_from_template(track, opaque=True)
                shift = len(shows) * FRAME_TICKS
                for packet in source.demux(track):
                    if packet.pts is None or packet.dts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = target
                    out.mux(packet)
            piece.path.unlink()
            shows += piece.shows
    return VideoFixture(path, tuple(shows))


def edit_listed(path: Path, recipe: Recipe, first: int, count: int) -> VideoFixture:
    """A video whose edit list shows ``count`` frames from ``first`` on, amid a GOP."""
    whole = encode(path, recipe)
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") + 4
    assert struct.unpack_from(">II", data, at) == (0, 1)
    media_time = struct.unpack_from(">i", data, at + 12)[0] + first * FRAME_TICKS
    duration = count * FRAME_TICKS * 1000 // TICK.denominator
    struct.pack_into(">Ii", data, at + 8, duration, media_time)
    path.write_bytes(bytes(data))
    return VideoFixture(path, whole.shows[first : first + count])


def build(name: str, folder: Path) -> VideoFixture:
    """The fixture of that name, made in ``folder``."""
    path = folder / f"{name}.mp4"
    if name == "edit_list":
        return edit_listed(path, H264_G15, 22, 60)
    if name == "edit_list_b":
        recipe = Recipe("libx264", X264, gop=20, bframes=3, frames=100)
        return edit_listed(path, recipe, 31, 50)
    if name == "concat_av1":
        return concatenated(path, AV1_G2)
    if name == "concat_b":
        return concatenated(path, RECIPES["h264_b"])
    return encode(path, RECIPES[name])


NAMES: Sequence[str] = (*RECIPES, "edit_list", "edit_list_b", "concat_av1", "concat_b")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    videos = {name: build(name, folder) for name in NAMES}
    described = {
        name: {"file": video.path.name, "shows": video.shows} for name, video in videos.items()
    }
    (folder / "videos.json").write_text(json.dumps(described))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
