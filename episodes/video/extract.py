"""Frame-exact decoding: the packets that the index names go straight into the decoder.

The container is not asked to seek. What is decoded here is what a browser decodes from the same
byte ranges, so an index that is wrong fails here too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

import av
import cv2
import numpy as np
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from episodes.video.depth import DepthRange, depth_colours, depth_range
from episodes.video.errors import DecodeFailed, VideoMissing
from episodes.video.frame_index import FrameIndexRecord

Image = NDArray[np.uint8]

DECODERS: dict[str, Literal["h264", "hevc", "libdav1d", "vp9", "mjpeg", "png"]] = {
    "avc1": "h264", "avc3": "h264", "hvc1": "hevc", "hev1": "hevc", "av01": "libdav1d",
    "vp09": "vp9", "jpeg": "mjpeg", "png": "png",
}  # fmt: skip
# How PNG files of 16-bit greys decode.
DEPTH_FORMATS = ("gray16be", "gray16le")
# What one run keeps in mind at most, where key frames allow it: a long video is many runs.
RUN_FRAMES = 1024
TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
CHECK_AND_COPY = "Play the file elsewhere: if it stops there too, copy it again from its source."


@dataclass(frozen=True, slots=True)
class _Run:
    """Rows [start, end) decoded in one go, and the position that each PTS stands for."""

    start: int
    end: int
    wanted: dict[int, int]


class UprightBgr:
    """Turns decoded frames into upright BGR pictures, uint8 (h, w, 3).

    One for all frames of a thread: it is set up at the first of them, and two threads must not
    share it. It has no threads of its own. Depth comes in colours between ``limits``, without them
    between those of the first frame.
    """

    def __init__(self, rotation: int, limits: DepthRange | None = None) -> None:
        self._converter = VideoReformatter()
        self._rotation = rotation
        self._limits = limits

    def __call__(self, frame: VideoFrame) -> Image:
        if frame.format.name in DEPTH_FORMATS:
            values = depth_values(frame)
            self._limits = self._limits or depth_range(values)
            return upright(depth_colours(values, self._limits), self._rotation)
        bgr = self._converter.reformat(frame, format="bgr24", threads=1).to_ndarray()
        return upright(cast(Image, bgr), self._rotation)


def read_frames(
    path: Path,
    index: FrameIndexRecord,
    positions: Sequence[int],
    limits: DepthRange | None = None,
) -> Iterator[tuple[int, Image]]:
    """Decode presentation positions, each once, ascending: (position, BGR uint8 (h, w, 3)).

    Pictures come upright (rotation applied) in the coded resolution, depth in colours between
    ``limits`` (without them those of the first picture). One decoder thread: workers
    run one process a core. Raises DecodeFailed when the file does not yield what the index lists.
    """
    convert = UprightBgr(index.rotation, limits)
    for position, frame in decode_frames(path, index, positions):
        yield position, convert(frame)


def read_gray(
    path: Path, index: FrameIndexRecord, positions: Sequence[int], size: tuple[int, int]
) -> Iterator[tuple[int, Image]]:
    """Like ``read_frames``, but (position, luma uint8 (h, w)) scaled to ``size`` (width, height).

    Pictures come as coded, not turned upright: what needs them measures, nobody looks at them.
    """
    converter = VideoReformatter()
    width, height = size
    for position, frame in decode_frames(path, index, positions):
        gray = converter.reformat(
            frame, width=width, height=height, format="gray", interpolation="AREA", threads=1
        )
        yield position, cast(Image, gray.to_ndarray())


def depth_values(frame: VideoFrame) -> NDArray[np.uint16]:
    """The values of a decoded depth picture, uint16 (height, width), as coded."""
    return cast(NDArray[np.uint16], frame.to_ndarray(format="gray16le"))


def read_depth(
    path: Path, index: FrameIndexRecord, positions: Sequence[int]
) -> Iterator[tuple[int, NDArray[np.uint16]]]:
    """Like ``read_frames``, but (position, depth uint16 (h, w)) of a 16-bit depth video.

    Raises DecodeFailed for pictures of another kind.
    """
    for position, frame in decode_frames(path, index, positions):
        if frame.format.name not in DEPTH_FORMATS:
            raise _failed(path, position, f"it is no depth picture but {frame.format.name}")
        yield position, depth_values(frame)


def read_frame(path: Path, index: FrameIndexRecord, position: int) -> Image:
    """One upright picture, BGR uint8 (h, w, 3)."""
    return next(iter(read_frames(path, index, [position])))[1]


def upright(image: Image, rotation: int) -> Image:
    """Turn a picture clockwise by 0, 90, 180 or 270 degrees."""
    return cv2.rotate(image, TURNS[rotation]).astype(np.uint8, copy=False) if rotation else image


def decode_frames(
    path: Path, index: FrameIndexRecord, positions: Sequence[int]
) -> Iterator[tuple[int, VideoFrame]]:
    """Like ``read_frames``, but (position, frame) as the decoder gives it: planes, not upright."""
    try:
        with path.open("rb") as file:
            decoder = _decoder(index)
            for run in _runs(index, sorted(set(positions))):
                missing = dict(run.wanted)
                for frame in _decode_run(decoder, file, index, run):
                    if frame.pts is not None and frame.pts in missing:
                        yield missing.pop(frame.pts), frame
                    if not missing:
                        break
                if missing:
                    raise _failed(path, min(missing.values()), "the decoder left it out")
                decoder.flush_buffers()
    except FileNotFoundError:
        raise VideoMissing(
            path, "there is no such file", remedy="Put the file in place and index it again."
        ) from None
    except FFmpegError as error:
        raise DecodeFailed(
            path, f"a frame cannot be decoded ({error.strerror})", remedy=CHECK_AND_COPY
        ) from error


def _runs(index: FrameIndexRecord, positions: Sequence[int]) -> Iterator[_Run]:
    """Group ascending positions so that no packet is decoded twice and no gap is decoded at all."""
    run: _Run | None = None
    for position in positions:
        index.check_slice(position, 1)
        row, start = int(index.order[position]), index.start_row(position)
        joins = run is not None and start <= run.end
        if run is not None and start == run.end and len(run.wanted) >= RUN_FRAMES:
            joins = False  # at a key frame nothing is decoded twice
        if run is not None and joins:
            run.wanted[int(index.pts[row])] = position
            run = _Run(run.start, max(run.end, row + 1), run.wanted)
        else:
            if run is not None:
                yield run
            run = _Run(start, row + 1, {int(index.pts[row]): position})
    if run is not None:
        yield run


def _decoder(index: FrameIndexRecord) -> VideoCodecContext:
    name = DECODERS[index.codec.split(".")[0]]
    context = cast(VideoCodecContext, av.CodecContext.create(name, "r"))
    if index.description:
        context.extradata = index.description
    if context.name == "h264":
        # Where the stream does not bound its reordering the decoder must wait, not guess and drop.
        context.options = {"strict": "strict"}
    context.thread_count = 1
    context.thread_type = "NONE"
    return context


def _decode_run(
    decoder: VideoCodecContext, file: BinaryIO, index: FrameIndexRecord, run: _Run
) -> Iterator[VideoFrame]:
    """All pictures of a run, those held back for reordering included."""
    for row in range(run.start, run.end):
        size = int(index.size[row])
        file.seek(int(index.off[row]))
        data = file.read(size)
        if len(data) < size:
            raise _failed(Path(file.name), row, "the file ends before it")
        packet = av.Packet(data)
        packet.pts = int(index.pts[row])
        # The PNG decoder adds what is not marked so to the picture before it.
        packet.is_keyframe = bool(index.key[row])
        yield from decoder.decode(packet)
    yield from decoder.decode(None)


def _failed(path: Path, frame: int, fact: str) -> DecodeFailed:
    return DecodeFailed(path, f"frame {frame}: {fact}", remedy=CHECK_AND_COPY, frame=frame)
