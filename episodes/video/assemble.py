"""Putting single pictures into a video, so that everything behind it knows one kind of camera.

JPEG, PNG and coded packets go in byte for byte (ISO/IEC 14496-14 object types 0x6C and 0x6D for
JPEG and PNG); the same pictures at the same times give the same file. Only arrays are encoded.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream
from numpy.typing import NDArray

from episodes.errors import EpisodeBroken
from episodes.records import Coding, Picture, PictureStreamRecord, Reason, StreamRecord

# Microseconds: exact for every camera's clock, and 71 minutes between two frames still fit.
TIME_BASE = Fraction(1, 1_000_000)
NS_A_TICK = 1000
MAX_PICTURE_BYTES = 256 * 2**20
MAX_SIDE = 16_384
# Close to transparent; every eighth picture is a key, so that a seek decodes few.
H264 = {"crf": "14", "preset": "veryfast", "g": "8", "bf": "0", "sc_threshold": "0", "threads": "1"}
# What a bare packet is wrapped in to learn its parameters: nothing, or IVF with its four letters.
RAW_FORMATS = {Coding.H264: "h264", Coding.HEVC: "hevc", Coding.VP9: "ivf", Coding.AV1: "ivf"}
FOUR_LETTERS = {Coding.VP9: b"VP90", Coding.AV1: b"AV01"}
FIX = "Repair or leave out the pictures of this camera, then import again."


@dataclass(frozen=True, slots=True)
class Assembled:
    """What became of the pictures: how many, and when the first is due on the episode clock."""

    frames: int
    first_ns: int


def assemble_stream(record: PictureStreamRecord, path: Path) -> StreamRecord:
    """Write the camera's pictures to the MP4 file ``path`` and describe it as a video.

    Raises EpisodeBroken when a picture cannot be used, when times do not ascend or when another
    number of pictures comes than the record says.
    """
    try:
        done = _assemble(record, path)
    except FFmpegError as error:
        raise _broken(record, f"cannot be put into a video ({error.strerror})") from error
    if done.frames != record.frames:
        raise EpisodeBroken(
            Reason.LENGTH_MISMATCH,
            f"Camera “{record.camera}” has {done.frames:,} pictures, not {record.frames:,}.",
            remedy="Restore the recording from its source; the copy may be incomplete.",
        )
    return StreamRecord(
        camera=record.camera,
        source_key=record.source_key,
        role=record.role,
        media=record.source_key,
        path=path,
        from_ns=0,
        frames=done.frames,
        rate=record.rate,
        starts_ns=done.first_ns,
        paced=record.paced,
        modality=record.modality,
        depth_unit_m=record.depth_unit_m,
    )


def _assemble(record: PictureStreamRecord, path: Path) -> Assembled:
    timed = _ticks(record)
    first = next(timed, None)
    if first is None:
        raise EpisodeBroken(
            Reason.ZERO_LENGTH, f"Camera “{record.camera}” has no picture.", remedy=FIX
        )
    options = {"movflags": "faststart", "fflags": "bitexact"}
    with av.open(str(path), "w", format="mp4", options=options) as out:
        sink = _sink(record, out, first[1])
        count = 0
        for ticks, picture in _chain(first, timed):
            sink.add(ticks - first[0], picture)
            count += 1
        sink.close()
    return Assembled(count, first[0] * NS_A_TICK)


def _ticks(record: PictureStreamRecord) -> Iterator[tuple[int, Picture]]:
    """Pictures with times in ticks, checked to ascend; two within one tick are put apart."""
    last: int | None = None
    last_ns: int | None = None
    for t_ns, picture in record.pictures():
        if last_ns is not None and t_ns <= last_ns:
            raise EpisodeBroken(
                Reason.TIMESTAMPS_DISAGREE,
                f"Camera “{record.camera}” has a picture at {t_ns / 1e9:.6f} s after the one at"
                f" {last_ns / 1e9:.6f} s.",
                remedy="Give the pictures times that ascend.",
            )
        ticks = (t_ns + NS_A_TICK // 2) // NS_A_TICK
        ticks = ticks if last is None else max(ticks, last + 1)
        last, last_ns = ticks, t_ns
        yield ticks, picture


def _chain(
    first: tuple[int, Picture], rest: Iterator[tuple[int, Picture]]
) -> Iterator[tuple[int, Picture]]:
    yield first
    yield from rest


class _Packets:
    """Copies whole coded pictures: each is a key frame of its own."""

    def __init__(self, record: PictureStreamRecord, out: OutputContainer, first: Picture) -> None:
        codec = "mjpeg" if record.coding is Coding.JPEG else "png"
        self.record, self.out = record, out
        size = picture_size(self._bytes(first), record.coding)
        if size is None:
            raise _broken(record, f"does not begin with a {record.coding} picture")
        self.size = size
        self.stream = cast(VideoStream, out.add_stream(codec, rate=30))
        self.stream.width, self.stream.height = self.size
        self.stream.pix_fmt = "yuvj420p" if record.coding is Coding.JPEG else "rgb24"
        self.stream.time_base = self.stream.codec_context.time_base = TIME_BASE

    def add(self, ticks: int, picture: Picture) -> None:
        data = self._bytes(picture)
        if picture_size(data, self.record.coding) != self.size:
            width, height = self.size
            raise _broken(
                self.record,
                f"has something other than a {self.record.coding} picture of"
                f" {width}x{height} pixels {ticks / 1e6:.6f} s after its first",
            )
        mux_packet(self.record, self.out, self.stream, data, ticks, key=True)

    def _bytes(self, picture: Picture) -> bytes:
        if not isinstance(picture, bytes) or len(picture) > MAX_PICTURE_BYTES:
            raise _broken(self.record, "has a picture that is no coded picture of a sane size")
        return picture

    def close(self) -> None:
        pass


class _Depth(_Packets):
    """16-bit arrays as PNG: exact, and small enough."""

    def _bytes(self, picture: Picture) -> bytes:
        if isinstance(picture, bytes) or picture.dtype != np.uint16 or picture.ndim != 2:
            raise _broken(self.record, "has a picture that is not uint16 (height, width)")
        settings = [cv2.IMWRITE_PNG_COMPRESSION, 1]
        return cv2.imencode(".png", picture, settings)[1].tobytes()


class _Arrays:
    """Encodes RGB arrays as H.264, 4:2:0; an odd last row or column is doubled for it."""

    def __init__(self, record: PictureStreamRecord, out: OutputContainer, first: Picture) -> None:
        self.record, self.out = record, out
        self.shape = self._array(first).shape
        height, width = self.shape[0], self.shape[1]
        if not 0 < min(height, width) <= max(height, width) <= MAX_SIDE:
            raise _broken(record, f"has pictures of {width}x{height} pixels")
        self.stream = out.add_stream("libx264", rate=30, options=H264)
        self.stream.width, self.stream.height = width + width % 2, height + height % 2
        self.stream.pix_fmt = "yuv420p"
        self.stream.time_base = self.stream.codec_context.time_base = TIME_BASE

    def _array(self, picture: Picture) -> NDArray[Any]:
        if isinstance(picture, bytes) or picture.dtype != np.uint8 or picture.shape[2:] != (3,):
            raise _broken(self.record, "has a picture that is not uint8 (height, width, 3)")
        return picture

    def add(self, ticks: int, picture: Picture) -> None:
        array = self._array(picture)
        if array.shape != self.shape:
            raise _broken(self.record, f"changes its size at {ticks / 1e6:.6f} s")
        odd = [(0, array.shape[0] % 2), (0, array.shape[1] % 2), (0, 0)]
        frame = av.VideoFrame.from_ndarray(
            np.ascontiguousarray(np.pad(array, odd, mode="edge")), format="rgb24"
        )
        frame.pts, frame.time_base = ticks, TIME_BASE
        frame.duration = max(1, round(self.record.rate.period_ns / NS_A_TICK))
        self.out.mux(self.stream.encode(frame))

    def close(self) -> None:
        self.out.mux(self.stream.encode(None))


class _Coded:
    """Copies the packets of a codec whose pictures build on one another."""

    def __init__(self, record: PictureStreamRecord, out: OutputContainer, first: Picture) -> None:
        self.record, self.out = record, out
        bare = _wrapped(self._bytes(first), record.coding)
        with av.open(io.BytesIO(bare), format=RAW_FORMATS[record.coding]) as opened:
            if not opened.streams.video:
                raise _broken(record, f"does not begin with {record.coding} parameters")
            template = opened.streams.video[0]
            self.stream = out.add_stream_from_template(template, opaque=True)
        self.stream.time_base = TIME_BASE

    def _bytes(self, picture: Picture) -> bytes:
        if not isinstance(picture, bytes) or not 0 < len(picture) <= MAX_PICTURE_BYTES:
            raise _broken(self.record, "has a packet that is empty or absurdly large")
        return picture

    def add(self, ticks: int, picture: Picture) -> None:
        data = self._bytes(picture)
        key = is_key(data, self.record.coding)
        mux_packet(self.record, self.out, self.stream, data, ticks, key=key)

    def close(self) -> None:
        pass


def _wrapped(packet: bytes, coding: Coding) -> bytes:
    if coding not in FOUR_LETTERS:
        return packet
    head = struct.pack("<4sHH4sHHIIII", b"DKIF", 0, 32, FOUR_LETTERS[coding], 0, 0, 30, 1, 1, 0)
    return head + struct.pack("<IQ", len(packet), 0) + packet


def _sink(
    record: PictureStreamRecord, out: OutputContainer, first: Picture
) -> _Packets | _Arrays | _Coded:
    match record.coding:
        case Coding.JPEG | Coding.PNG:
            return _Packets(record, out, first)
        case Coding.DEPTH16:
            return _Depth(record, out, first)
        case Coding.RGB8:
            return _Arrays(record, out, first)
        case _:
            return _Coded(record, out, first)


def mux_packet(
    record: PictureStreamRecord,
    out: OutputContainer,
    stream: VideoStream,
    data: bytes,
    ticks: int,
    *,
    key: bool,
) -> None:
    """One coded picture at ``ticks`` of ``TIME_BASE``, presented in the order it is decoded."""
    packet = av.Packet(data)
    packet.stream = stream
    packet.time_base = TIME_BASE
    packet.pts = packet.dts = ticks
    # The container takes it for the last picture only; without it players leave that one out.
    packet.duration = max(1, round(record.rate.period_ns / NS_A_TICK))
    packet.is_keyframe = key
    out.mux(packet)


def picture_size(data: bytes, coding: Coding) -> tuple[int, int] | None:
    """(width, height) in a JPEG's or PNG's header; None when it is none."""
    if coding in (Coding.PNG, Coding.DEPTH16):
        if data[:8] != b"\x89PNG\r\n\x1a\n" or len(data) < 24:
            return None
        return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    return _jpeg_size(data)


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """From the frame header (ITU-T T.81 B.2.2): markers SOF0 to SOF15 but DHT, JPG and DAC."""
    if data[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 9 < len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return None


H264_IDR, HEVC_IRAP = 5, range(16, 24)


def is_key(data: bytes, coding: Coding) -> bool:
    """Whether decoding can start at the packet."""
    match coding:
        case Coding.H264:
            return any(unit[0] & 0x1F == H264_IDR for unit in _annex_b(data))
        case Coding.HEVC:
            return any((unit[0] >> 1) & 0x3F in HEVC_IRAP for unit in _annex_b(data))
        case Coding.VP9:
            return len(data) > 0 and data[0] >> 6 == 2 and not data[0] & 0x04
        case _:
            return _av1_is_key(data)


def _annex_b(data: bytes) -> Iterator[bytes]:
    """The first bytes of each NAL unit (ITU-T H.264 annex B)."""
    at = data.find(b"\0\0\1")
    while at >= 0:
        if at + 3 < len(data):
            yield data[at + 3 : at + 5]
        at = data.find(b"\0\0\1", at + 3)


AV1_SEQUENCE_HEADER = 1


def _av1_is_key(data: bytes) -> bool:
    """A temporal unit that carries a sequence header (AV1 specification 7.5) starts anew."""
    at = 0
    while at < len(data):
        header = data[at]
        if (header >> 3) & 0x0F == AV1_SEQUENCE_HEADER:
            return True
        at += 2 if header & 0x04 else 1
        if not header & 0x02:
            return False
        size = shift = 0
        while at < len(data):
            size |= (data[at] & 0x7F) << shift
            shift += 7
            at += 1
            if not data[at - 1] & 0x80:
                break
        at += size
    return False


def _broken(record: PictureStreamRecord, fact: str) -> EpisodeBroken:
    return EpisodeBroken(Reason.MEDIA_UNREADABLE, f"Camera “{record.camera}” {fact}.", remedy=FIX)
