"""A stand-in for a video whose key frames lie far apart: the same pictures at the same times.

Going to a frame means decoding from the key before it; 250 frames take a quarter of a second, 15
take none that is felt. Only what is shown is coded again, in presentation order, so that a position
of the proxy is the same position of its source, and its PTS the same integer of the same time base.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from episodes.video.errors import ProxyFailed
from episodes.video.extract import decode_frames
from episodes.video.frame_index import FrameIndexRecord
from episodes.video.index import build_index

# Seeking costs the same up to here: measured in the browser with H.264, 640x480.
LONGEST_GOP = 15
# Others come as packs of JPEG anyway (HEVC), or each picture is a key frame (JPEG, PNG).
BROWSERS_DECODE = ("avc1", "avc3", "av01", "vp09")
H264 = {
    "preset": "veryfast",
    "crf": "20",
    "g": str(LONGEST_GOP),
    "bf": "0",
    "threads": "1",
}
REMEDY = "The source is shown instead; going to a frame takes longer there."


def needs_proxy(codec: str, max_gop: int) -> bool:
    """Whether the editor is better served by a proxy than by the source itself."""
    return max_gop > LONGEST_GOP and codec.startswith(BROWSERS_DECODE)


def write_proxy(source: Path, index: FrameIndexRecord, target: Path) -> FrameIndexRecord:
    """Write the proxy of ``source`` to the MP4 file ``target``; the proxy's own frame index.

    Memory does not grow with the video. Raises DecodeFailed for a source that does not yield what
    its index lists, ProxyFailed where a picture or a time would not be the source's.
    """
    try:
        _encode(source, index, target)
    except FFmpegError as error:
        raise ProxyFailed(
            source, f"no proxy can be made of it ({error.strerror})", remedy=REMEDY
        ) from error
    made = build_index(target)
    _check_same_times(source, index, made)
    return made


def _encode(source: Path, index: FrameIndexRecord, target: Path) -> None:
    pts = index.pts[index.order]
    durations = np.append(np.diff(pts), index.duration_ticks - (pts[-1] - pts[0]))
    base = Fraction(*index.time_base)
    # Times in a file are whole ticks of the track, its beginning one of the movie: both the same.
    ticks = str(base.denominator)
    options = {"fflags": "bitexact", "video_track_timescale": ticks, "movie_timescale": ticks}
    with av.open(str(target), "w", format="mp4", options=options) as out:
        stream: VideoStream | None = None
        coded = 0
        for frame in _pictures(source, index):
            if stream is None:
                stream = _stream(out, index, frame, base)
            for packet in stream.encode(frame):
                packet.duration = int(durations[coded])
                coded += 1
                out.mux(packet)
        assert stream is not None
        for packet in stream.encode(None):
            packet.duration = int(durations[coded])
            coded += 1
            out.mux(packet)


def _pictures(source: Path, index: FrameIndexRecord) -> Iterator[VideoFrame]:
    """The shown pictures in order, 4:2:0 of 8 bit and of even sides, with the source's PTS."""
    converter = VideoReformatter()
    width, height = _even(index.width), _even(index.height)
    pts, base = index.pts[index.order], Fraction(*index.time_base)
    for position, decoded in decode_frames(source, index, range(index.frames)):
        frame = converter.reformat(decoded, width=width, height=height, format="yuv420p", threads=1)
        frame.pts, frame.time_base = int(pts[position]), base
        frame.pict_type = 0  # the coder decides anew which are keys
        yield frame


def _stream(
    out: av.container.OutputContainer, index: FrameIndexRecord, first: VideoFrame, base: Fraction
) -> VideoStream:
    seconds = index.duration_ticks * base
    rate = (index.frames / seconds).limit_denominator(1001)
    stream = out.add_stream("libx264", rate=rate, options=H264)
    stream.width, stream.height, stream.pix_fmt = first.width, first.height, "yuv420p"
    context = stream.codec_context
    context.time_base = stream.time_base = base
    context.color_range, context.colorspace = first.color_range, first.colorspace
    context.color_primaries, context.color_trc = first.color_primaries, first.color_trc
    if index.rotation:
        stream.set_display_rotation(-index.rotation)
    return stream


def _even(side: int) -> int:
    return side + side % 2


def _check_same_times(source: Path, index: FrameIndexRecord, made: FrameIndexRecord) -> None:
    fact = ""
    if made.frames != index.frames:
        fact = f"its proxy has {made.frames:,} frames instead of {index.frames:,}"
    elif made.time_base != index.time_base:
        fact = f"its proxy counts in {made.time_base} instead of {index.time_base}"
    elif not np.array_equal(made.pts[made.order], index.pts[index.order]):
        wrong = int(np.flatnonzero(made.pts[made.order] != index.pts[index.order])[0])
        fact = f"its proxy shows frame {wrong} at another time"
    elif made.rotation != index.rotation:
        fact = f"its proxy is turned by {made.rotation} instead of {index.rotation} degrees"
    if fact:
        raise ProxyFailed(source, fact, remedy=REMEDY)
