"""Where an episode's frames lie in its videos, and what the episode consists of, as a hash."""

import hashlib
import mmap
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import google_crc32c
import numpy as np

from episodes.errors import EpisodeBroken
from episodes.records import EpisodeRecord, Notice, Reason, SignalRecord, StreamRecord
from episodes.timebase import nearest_frame, rate_times_ns
from episodes.video import EpisodeIndex, FrameIndexRecord, build_index, slice_index
from episodes.video.errors import UnsupportedCodec, VideoError, VideoMissing, VideoTooLarge
from episodes.video.frame_index import Ints

SLICE_ROWS = 65_536
SUM_BYTES = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class PlacedStream:
    """A stream with the part of its video that shows it; ``assembled`` of single pictures."""

    stream: StreamRecord
    part: EpisodeIndex
    assembled: bool = False


def source_index(path: Path) -> FrameIndexRecord:
    """The frame index of a file that is not stored yet; the last few files are remembered.

    A v3 file holds many episodes, and each of them asks.
    """
    stat = path.stat()
    return _index(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=16)
def _index(path: Path, _size: int, _changed_ns: int) -> FrameIndexRecord:
    return build_index(path)


def place(
    stream: StreamRecord, *, assembled: bool = False
) -> tuple[PlacedStream, tuple[Notice, ...]]:
    """Find the stream's frames in its video. Raises EpisodeBroken when they are not there."""
    try:
        index = source_index(stream.path)
    except VideoError as error:
        raise EpisodeBroken(
            _reason(error),
            f"The video {stream.media} of camera “{stream.camera}” cannot be used: {error}",
            remedy=error.remedy,
        ) from error
    first = _first_frame(stream, index)
    if first + stream.frames > index.frames:
        raise EpisodeBroken(
            Reason.MEDIA_TOO_SHORT,
            f"Camera “{stream.camera}” needs frames {first} to {first + stream.frames - 1} of"
            f" {stream.media}, which has {index.frames:,} frames.",
            remedy="Restore the video from the source, or correct the episode's length.",
        )
    part = slice_index(index, first, stream.frames, stream.starts_ns)
    pace = _pace(stream, part) if stream.paced else ()
    return PlacedStream(stream, part, assembled), pace


def _reason(error: VideoError) -> Reason:
    if isinstance(error, UnsupportedCodec):
        return Reason.MEDIA_CODEC
    if isinstance(error, VideoTooLarge):
        return Reason.ABSURD_SIZE
    return Reason.MEDIA_MISSING if isinstance(error, VideoMissing) else Reason.MEDIA_UNREADABLE


def _first_frame(stream: StreamRecord, index: FrameIndexRecord) -> int:
    """The presentation position nearest to ``from_ns``, counted from the video's first frame."""
    times = index.shown_ns
    first = nearest_frame(times, stream.from_ns)
    off_ns = abs(int(times[first]) - stream.from_ns)
    if off_ns >= stream.rate.period_ns / 2:
        raise EpisodeBroken(
            Reason.MEDIA_OFFSET,
            f"Camera “{stream.camera}” is to start at {stream.from_ns / 1e9:.6f} s of"
            f" {stream.media}; the nearest frame is {off_ns / 1e6:.3f} ms away"
            f" (the video ends at {int(times[-1]) / 1e9:.6f} s).",
            remedy="Restore meta/episodes and the video from the same copy of the source.",
        )
    return first


def _pace(stream: StreamRecord, part: EpisodeIndex) -> tuple[Notice, ...]:
    """Say it when frames and rows drift apart; the stream keeps its own recorded times."""
    due_ns = stream.starts_ns + rate_times_ns(stream.frames, stream.rate)
    off_ns = np.abs(part.times_ns - due_ns)
    worst = int(np.argmax(off_ns))
    if off_ns[worst] < stream.rate.period_ns / 2:
        return ()
    text = (
        f"Frame {worst} of camera “{stream.camera}” is {off_ns[worst] / 1e6:.1f} ms away from its"
        f" row: the video does not run at {stream.rate} Hz."
    )
    return (Notice("video_pace", text, "Check fps in meta/info.json against the recording."),)


# How the pictures are summed up: 1 by sha256 over every packet, 2 by CRC-32C of pieces of them.
RECIPE = 2
RECIPES = (1, 2)


def content_sha256(
    episode: EpisodeRecord, placed: Iterable[PlacedStream], recipe: int = RECIPE
) -> str:
    """A hash over signals and pictures that a grown or converted dataset leaves as it is.

    Pictures count by their coded packets and times, not by their file: a v3 file that later
    episodes were appended to still holds the same earlier episode. Hashes of different recipes
    say nothing about each other.
    """
    pictures = {1: _pictures_sha256, 2: _pictures_sum}[recipe]
    total = hashlib.sha256()
    total.update(f"{episode.frames} {episode.rate.num}/{episode.rate.den}\n".encode())
    for signal in sorted(episode.signals, key=lambda s: s.name):
        total.update(f"signal {signal.name} {_signal_sha256(signal)}\n".encode())
    for one in sorted(placed, key=lambda p: p.stream.source_key):
        total.update(f"stream {one.stream.source_key} {pictures(one)}\n".encode())
    return total.hexdigest()


def same_content(
    stored: str, recipe: int, episode: EpisodeRecord, placed: Sequence[PlacedStream]
) -> bool:
    """Whether an episode is the one that ``stored`` was computed of, by the recipe of that time.

    Where the recipe was not written down it is one of them.
    """
    recipes = [recipe] if recipe in RECIPES else RECIPES
    return any(content_sha256(episode, placed, one) == stored for one in recipes)


def _signal_sha256(signal: SignalRecord) -> str:
    """In slices: a long recording's arrays may be maps of files that memory does not hold."""
    digest = hashlib.sha256()
    for array, kind in ((signal.t_ns, "<i8"), (signal.values, "<f8")):
        for at in range(0, len(array), SLICE_ROWS):
            part = np.ascontiguousarray(array[at : at + SLICE_ROWS], dtype=kind)
            digest.update(part.tobytes())
    return digest.hexdigest()


def _pictures_sha256(placed: PlacedStream) -> str:
    """Recipe 1: sha256 over the time, size and bytes of each packet."""
    index, part = placed.part.source, placed.part
    digest = hashlib.sha256(f"{index.codec} {index.width}x{index.height}".encode())
    rows = np.argsort(part.order, kind="stable")
    at = part.first_row + part.order[rows]
    table = (part.times_ns[rows].tolist(), index.off[at].tolist(), index.size[at].tolist())
    with (
        placed.stream.path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as view,
    ):
        for at_ns, start, size in zip(*table, strict=True):
            if start + size > len(view):
                raise OSError(f"{placed.stream.media} became shorter while it was read")
            digest.update(struct.pack("<qq", at_ns, size))
            digest.update(view[start : start + size])
    return digest.hexdigest()


def _pictures_sum(placed: PlacedStream) -> str:
    """Recipe 2: sha256 over times, sizes and a CRC-32C of every 64 kB of the packets in a row.

    The video's own sha256 is what guards its bytes. This only tells a picture from another one,
    and a second sha256 over all of them would cost as much as demultiplexing them twice.
    """
    index, part = placed.part.source, placed.part
    rows = np.argsort(part.order, kind="stable")  # in decode order, as they lie in the file
    at = part.first_row + part.order[rows]
    start, size = index.off[at], index.size[at]
    digest = hashlib.sha256(f"{index.codec} {index.width}x{index.height}".encode())
    digest.update(np.column_stack((part.times_ns[rows], size)).astype("<i8").tobytes())
    with (
        placed.stream.path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
    ):
        if int((start + size).max()) > len(mapped):
            raise OSError(f"{placed.stream.media} became shorter while it was read")
        digest.update(np.array(_sums(mapped, start, size), dtype="<u4").tobytes())
    return digest.hexdigest()


def _sums(mapped: mmap.mmap, start: Ints, size: Ints) -> list[int]:
    """CRC-32C of every ``SUM_BYTES`` of the packets' bytes, wherever in the file they lie."""
    sums: list[int] = []
    total = 0
    # Packets that touch are read as one.
    apart = np.flatnonzero(start[1:] != start[:-1] + size[:-1]) + 1
    first = np.concatenate(([0], apart))
    lengths = np.add.reduceat(size, first)
    for begin, length in zip(start[first].tolist(), lengths.tolist(), strict=True):
        at, end = begin, begin + length
        while at < end:
            upto = min(end, at + SUM_BYTES - total % SUM_BYTES)
            begun = bool(total % SUM_BYTES)
            crc = google_crc32c.extend(sums.pop() if begun else 0, mapped[at:upto])
            sums.append(crc)
            total += upto - at
            at = upto
    return sums
