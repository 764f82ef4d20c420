"""Encodes an episode; joins episodes to the shared files of LeRobot v3.0 without re-encoding."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from demo.features import FPS

TICKS_PER_FRAME = 256
TIME_BASE = Fraction(1, FPS * TICKS_PER_FRAME)
# Short groups of pictures and no B-frames: a seek decodes at most 15 frames, in file order.
OPTIONS = {
    "crf": "27",
    "preset": "slow",
    "g": "15",
    "bf": "0",
    "x264-params": "scenecut=0",
    # One thread: the bytes must not depend on how many cores remake the dataset.
    "threads": "1",
}


class Clip:
    """One camera of one episode, encoded to its own file."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        self.path = path
        self._container = av.open(str(path), "w")
        self._stream = self._container.add_stream("libx264", rate=FPS, options=OPTIONS)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        self._frames = 0

    def add(self, image: NDArray[np.uint8]) -> None:
        """Append one RGB frame."""
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        frame.pts = self._frames
        frame.time_base = Fraction(1, FPS)
        self._frames += 1
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Flush the encoder and finish the file."""
        self._container.mux(self._stream.encode())
        self._container.close()


def join(clips: Iterable[Path], target: Path) -> None:
    """Copy the packets of the clips, one after the other, into one file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    offset = 0
    with av.open(str(target), "w", options={"movflags": "faststart"}) as output:
        stream: VideoStream | None = None
        for clip in clips:
            with av.open(str(clip)) as source:
                video = source.streams.video[0]
                if stream is None:
                    stream = output.add_stream_from_template(video)
                    stream.time_base = TIME_BASE
                offset = _copy(source, video, output, stream, offset)


def _copy(source: Any, video: VideoStream, output: Any, stream: VideoStream, offset: int) -> int:
    frames = 0
    for packet in source.demux(video):
        if packet.dts is None:
            continue
        ticks = offset + frames * TICKS_PER_FRAME
        packet.pts = packet.dts = ticks
        packet.duration = TICKS_PER_FRAME
        packet.time_base = TIME_BASE
        packet.stream = stream
        output.mux(packet)
        frames += 1
    return offset + frames * TICKS_PER_FRAME


def video_info(path: Path) -> dict[str, Any]:
    """The `info` record LeRobot 0.4 writes for a video feature."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return {
            "video.height": stream.height,
            "video.width": stream.width,
            "video.codec": stream.codec.canonical_name,
            "video.pix_fmt": stream.pix_fmt,
            "video.is_depth_map": False,
            "video.fps": FPS,
            "video.channels": 3,
            "has_audio": False,
        }
