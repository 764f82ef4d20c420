"""Building a frame index: tables and demultiplexing only, no picture is decoded."""

import mmap
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from episodes.video.boxes import Layout, read_layout
from episodes.video.codecs import CodecFacts, NotDescribed, codec_string, h264_has_idr
from episodes.video.errors import (
    NotAVideo,
    NoVideoStream,
    TimestampsUnusable,
    TruncatedVideo,
    UnsupportedCodec,
    VideoTooLarge,
)
from episodes.video.frame_index import Flags, FrameIndexRecord, Ints
from episodes.video.sample_table import read_sample_table

REENCODE = "Re-encode it: ffmpeg -i INPUT -c:v libx264 -g 15 -pix_fmt yuv420p OUTPUT.mp4"
COPY_AGAIN = "Copy the file again from its source."


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """What no real recording exceeds; beyond it a file is refused before it costs memory."""

    file_bytes: int = 64 * 2**30
    frames: int = 4_000_000
    side: int = 16_384


LIMITS = VideoLimits()
Row = tuple[int, int, int, bool, bool, int]
# Coded pictures that libavformat hands over just as they lie in the file; it takes VP9's apart.
TABLED = frozenset({"h264", "hevc", "av1", "mjpeg", "png"})


def build_index(path: Path, limits: VideoLimits = LIMITS) -> FrameIndexRecord:
    """The frame index of an MP4 or MOV file.

    Raises VideoMissing, NotAVideo, TruncatedVideo, NoVideoStream, UnsupportedCodec, VideoTooLarge
    or TimestampsUnusable; each names the file and the remedy.
    """
    layout = read_layout(path)
    if layout.size > limits.file_bytes:
        raise _too_large(path, f"{layout.size:,} bytes, the limit is {limits.file_bytes:,}")
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            return _index_container(path, container, layout, limits)
    except FFmpegError as error:
        raise NotAVideo(
            path, f"the container cannot be read ({error.strerror})", remedy=COPY_AGAIN
        ) from error


@dataclass(frozen=True, slots=True, eq=False)
class _Packets:
    """The coded pictures in decode order, arrays of shape (rows,); ``first`` is the first's bytes.

    AV1 carries its configuration in its first picture too.
    """

    first: bytes
    off: Ints
    size: Ints
    pts: Ints
    key: Flags
    discard: Flags
    duration: Ints


def _index_container(
    path: Path, container: InputContainer, layout: Layout, limits: VideoLimits
) -> FrameIndexRecord:
    number, stream = _picture_track(path, container)
    if max(stream.width, stream.height) > limits.side:
        raise _too_large(path, f"pictures of {stream.width}x{stream.height} pixels")
    found = _tabled(path, stream, layout, limits.frames)
    if found is None:
        found = _demuxed(path, container, stream, layout.size, limits.frames)
    codec, description = _codec(path, stream, found.first)
    shown = np.flatnonzero(~found.discard)
    if not len(shown):
        raise NoVideoStream(path, "its edit list hides every frame", remedy=REENCODE)
    if not np.diff(np.sort(found.pts[shown])).all():
        raise TimestampsUnusable(path, "two frames share one presentation time", remedy=REENCODE)
    last = shown[np.argmax(found.pts[shown])]
    base = stream.time_base or Fraction(1, 1)
    return FrameIndexRecord(
        codec=codec,
        description=description,
        width=stream.width,
        height=stream.height,
        rotation=layout.rotations[number] if number < len(layout.rotations) else 0,
        time_base=(base.numerator, base.denominator),
        duration_ticks=int(found.pts[last] + found.duration[last] - found.pts[shown].min()),
        file_size=layout.size,
        off=found.off,
        size=found.size,
        pts=found.pts,
        key=found.key,
        discard=found.discard,
    )


def _picture_track(path: Path, container: InputContainer) -> tuple[int, VideoStream]:
    """The first track of moving pictures and its place among the video tracks."""
    for number, stream in enumerate(container.streams.video):
        if stream.disposition & Disposition.attached_pic:
            continue
        # PyAV gives a track of unknown coding no codec context, and then no size either.
        context: VideoCodecContext | None = stream.codec_context
        if context is None or context.width < 1 or context.height < 1:
            raise UnsupportedCodec(path, "its picture track cannot be read", remedy=REENCODE)
        return number, stream
    raise NoVideoStream(path, "there is no picture track in it", remedy="Check the source file.")


def _tabled(path: Path, stream: VideoStream, layout: Layout, most: int) -> _Packets | None:
    """From the file's own tables, where they are plain: no packet is read but the keys'."""
    table = read_sample_table(layout.moov) if _codec_name(stream) in TABLED else None
    if table is None or stream.time_base != Fraction(1, table.timescale):
        return None
    if len(table.off) > most:
        raise _too_large(path, f"more than {most:,} frames")
    cut = np.flatnonzero((table.off < 0) | (table.off + table.size > layout.size))
    if len(cut):
        raise _cut_off(path, int(cut[0]))
    key = table.key.copy()
    is_key = _key_test(stream)
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as view,
    ):
        if is_key is not None:
            for row in np.flatnonzero(table.key).tolist():
                start = int(table.off[row])
                key[row] = is_key(view[start : start + int(table.size[row])])
        first = bytes(view[int(table.off[0]) : int(table.off[0] + table.size[0])])
    if not key[0]:
        raise _no_key_first(path)
    hidden = np.zeros(len(key), dtype=np.bool_)
    return _Packets(first, table.off, table.size, table.pts, key, hidden, table.duration)


def _demuxed(
    path: Path, container: InputContainer, stream: VideoStream, file_size: int, most: int
) -> _Packets:
    """From every packet of the stream, in decode order."""
    rows: list[Row] = []
    first = b""
    is_key = _key_test(stream)
    for packet in container.demux(stream):
        size, offset, pts = packet.size, packet.pos, packet.pts
        if not size:
            continue  # the demuxer's flush marker
        if offset is None or offset < 0 or pts is None:
            raise TimestampsUnusable(
                path, f"frame {len(rows)} has no position or time", remedy=REENCODE
            )
        if packet.is_corrupt or offset + size > file_size:
            raise _cut_off(path, len(rows))
        key = packet.is_keyframe
        if key:
            if rows and packet.has_sidedata("new_extradata"):
                raise UnsupportedCodec(
                    path, f"its coding parameters change at frame {len(rows)}", remedy=REENCODE
                )
            key = is_key is None or is_key(memoryview(packet))
        if not rows:
            first = bytes(packet)
            if not key:
                raise _no_key_first(path)
        rows.append((offset, size, pts, key, packet.is_discard, packet.duration or 0))
        if len(rows) > most:
            raise _too_large(path, f"more than {most:,} frames")
    # An edit list may leave packets out for good reason; without one every frame must be there.
    if stream.frames > len(rows) and not any(row[4] for row in rows):
        raise TruncatedVideo(
            path,
            f"its header promises {stream.frames} frames, {len(rows)} are there",
            remedy=COPY_AGAIN,
        )
    if not rows:
        raise NoVideoStream(path, "its picture track holds no frame", remedy=COPY_AGAIN)
    table = np.array(rows, dtype=np.int64)
    return _Packets(
        first=first,
        off=table[:, 0],
        size=table[:, 1],
        pts=table[:, 2],
        key=table[:, 3].astype(np.bool_),
        discard=table[:, 4].astype(np.bool_),
        duration=table[:, 5],
    )


def _cut_off(path: Path, frame: int) -> TruncatedVideo:
    return TruncatedVideo(path, f"the data of frame {frame} is cut off", remedy=COPY_AGAIN)


def _no_key_first(path: Path) -> UnsupportedCodec:
    return UnsupportedCodec(path, "it does not begin with a key frame", remedy=REENCODE)


def _codec_name(stream: VideoStream) -> str:
    return stream.codec_context.codec.canonical_name


def _key_test(stream: VideoStream) -> Callable[[memoryview], bool] | None:
    """Containers also mark recovery points as key frames; browsers refuse to start at those.

    None where the container's mark is enough.
    """
    extradata = stream.codec_context.extradata or b""
    if _codec_name(stream) != "h264" or len(extradata) < 7:
        return None
    length_bytes = (extradata[4] & 3) + 1
    return lambda sample: h264_has_idr(sample, length_bytes)


def _codec(path: Path, stream: VideoStream, first_packet: bytes) -> tuple[str, bytes]:
    context = stream.codec_context
    digits = "".join(filter(str.isdigit, str(context.profile or "")))
    facts = CodecFacts(
        name=context.codec.canonical_name,
        tag=context.codec_tag,
        extradata=context.extradata or b"",
        bit_depth=context.format.components[0].bits if context.format else 8,
        profile=int(digits or 0),
        level=context.level or 0,
        width=stream.width,
        height=stream.height,
        rate=float(stream.average_rate or 30),
    )
    try:
        return codec_string(facts, first_packet)
    except NotDescribed as error:
        raise UnsupportedCodec(path, str(error), remedy=REENCODE, codec=facts.name) from error


def _too_large(path: Path, fact: str) -> VideoTooLarge:
    return VideoTooLarge(
        path, f"absurdly large: {fact}", remedy="Split the recording, or check the source file."
    )
