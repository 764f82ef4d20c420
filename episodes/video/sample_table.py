"""The tables of a plain MP4 track (ISO/IEC 14496-12): where each coded picture lies, and when.

Read with array arithmetic out of the movie header, a few milliseconds for a million pictures. Only
for files on which nothing can be misread: one unfragmented picture track of one coding, decoded in
the order it is shown, from which no edit list takes anything away. For every other file the answer
is None, and the demultiplexer tells.
"""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodes.video.boxes import Box, child, children

Ints = NDArray[np.int64]
# More entries than this in one table are no recording's.
MAX_ENTRIES = 16_000_000
# What makes packets lie or count otherwise than the plain tables say.
UNPLAIN = {b"ctts", b"sbgp", b"stz2", b"cslg", b"saiz", b"saio", b"padb"}


@dataclass(frozen=True, slots=True, eq=False)
class SampleTable:
    """Rows in decode order, which is the order shown: byte offset and size, PTS, duration, sync.

    ``timescale`` is ticks a second. ``key`` is the container's own mark.
    """

    timescale: int
    off: Ints
    size: Ints
    pts: Ints
    duration: Ints
    key: NDArray[np.bool_]


def read_sample_table(moov: bytes) -> SampleTable | None:
    """The table of the movie's only picture track, or None where it is not plain."""
    try:
        return _read(moov, Box(b"moov", 0, len(moov)))
    except (struct.error, ValueError, IndexError, OverflowError):
        return None


def _read(moov: bytes, root: Box) -> SampleTable | None:
    tracks = [box for box in children(moov, root) if box.kind == b"trak"]
    pictures = [track for track in tracks if _handler(moov, track) == b"vide"]
    if child(moov, root, b"mvex") is not None or len(pictures) != 1:
        return None
    track = pictures[0]
    header = child(moov, track, b"mdia", b"mdhd")
    tables = child(moov, track, b"mdia", b"minf", b"stbl")
    if header is None or tables is None:
        return None
    timescale, length = _track_clock(moov, header)
    boxes = {box.kind: box for box in children(moov, tables)}
    if timescale < 1 or boxes.keys() & UNPLAIN or _count(moov, boxes.get(b"stsd")) != 1:
        return None
    table = _rows(moov, boxes, timescale, length)
    if table is None or not _all_shown(moov, root, track, table):
        return None
    return table


def _handler(moov: bytes, track: Box) -> bytes:
    handler = child(moov, track, b"mdia", b"hdlr")
    return b"" if handler is None else moov[handler.start + 8 : handler.start + 12]


def _track_clock(moov: bytes, header: Box) -> tuple[int, int]:
    """Ticks a second, and the track's length in ticks."""
    if moov[header.start] == 1:
        timescale, length = struct.unpack_from(">IQ", moov, header.start + 20)
    else:
        timescale, length = struct.unpack_from(">II", moov, header.start + 12)
    return timescale, length


def _count(moov: bytes, box: Box | None) -> int:
    return 0 if box is None else int(struct.unpack_from(">I", moov, box.start + 4)[0])


def _entries(moov: bytes, box: Box, width: int, kind: str, at: int = 8) -> Ints:
    """The table's numbers, shape (entries, width). Raises ValueError where they reach past it."""
    count = struct.unpack_from(">I", moov, box.start + at - 4)[0]
    size = np.dtype(kind).itemsize * width
    if count > MAX_ENTRIES or box.start + at + count * size > box.end:
        raise ValueError("a table reaches past its box")
    found = np.frombuffer(moov, kind, count * width, box.start + at)
    return found.reshape(count, width).astype(np.int64)


def _rows(moov: bytes, boxes: dict[bytes, Box], timescale: int, length: int) -> SampleTable | None:
    if not {b"stsz", b"stsc", b"stts"} <= boxes.keys() or not {b"stco", b"co64"} & boxes.keys():
        return None
    if struct.unpack_from(">I", moov, boxes[b"stsz"].start + 4)[0]:
        return None  # one size for all: raw pictures, not a coded track
    size = _entries(moov, boxes[b"stsz"], 1, ">u4", at=12)[:, 0]
    steps = _entries(moov, boxes[b"stts"], 2, ">u4")
    rows = len(size)
    if not rows or int(size.min()) == 0 or int(steps[:, 0].sum()) != rows:
        return None
    if int(steps[:, 1].min()) < 1 or int(steps[:, 1].max()) >= 2**31:
        return None
    duration = np.repeat(steps[:, 1], steps[:, 0])
    pts = np.concatenate(([0], np.cumsum(duration)[:-1]))
    off = _offsets(moov, boxes, size)
    if off is None:
        return None
    duration[-1] = max(length - int(pts[-1]), 0)
    key = np.ones(rows, dtype=np.bool_)
    if b"stss" in boxes:
        marked = _entries(moov, boxes[b"stss"], 1, ">u4")[:, 0] - 1
        if not len(marked):
            return None
        key[:] = False
        key[marked[(marked >= 0) & (marked < rows)]] = True
    return SampleTable(timescale, off, size, pts, duration, key)


def _offsets(moov: bytes, boxes: dict[bytes, Box], size: Ints) -> Ints | None:
    """Where each sample begins: its chunk, and what of the chunk lies before it."""
    wide = b"co64" in boxes
    chunks = _entries(moov, boxes[b"co64" if wide else b"stco"], 1, ">u8" if wide else ">u4")[:, 0]
    runs = _entries(moov, boxes[b"stsc"], 3, ">u4")
    if not len(runs) or runs[0, 0] != 1 or np.any(np.diff(runs[:, 0]) < 1):
        return None
    if int(runs[:, 2].min()) != 1 or int(runs[:, 2].max()) != 1:
        return None  # another sample description than the only one
    held = np.diff(np.append(runs[:, 0], len(chunks) + 1))
    if int(held.min()) < 1:
        return None
    a_chunk = np.repeat(runs[:, 1], held)
    if int(a_chunk.sum()) != len(size):
        return None
    before = np.concatenate(([0], np.cumsum(size)[:-1]))
    first = np.concatenate(([0], np.cumsum(a_chunk)[:-1]))
    if int(a_chunk.min()) < 1:
        return None
    found: Ints = np.repeat(chunks - before[first], a_chunk) + before
    return found


def _all_shown(moov: bytes, root: Box, track: Box, table: SampleTable) -> bool:
    """No edit list, or one that shows the whole track from its first picture on."""
    edits = child(moov, track, b"edts", b"elst")
    if edits is None:
        return True
    movie = child(moov, root, b"mvhd")
    if movie is None or _count(moov, edits) != 1:
        return False
    scale = struct.unpack_from(">I", moov, movie.start + (20 if moov[movie.start] == 1 else 12))[0]
    layout = ">QqI" if moov[edits.start] == 1 else ">IiI"
    length, begin, rate = struct.unpack_from(layout, moov, edits.start + 8)
    if begin != 0 or rate != 0x10000 or scale < 1:
        return False
    # In units of both clocks, so that nothing is rounded: the edit ends after the last beginning.
    return not length or length * table.timescale > int(table.pts[-1]) * scale
