"""The few ISO base media boxes (ISO/IEC 14496-12) that show if a file is whole, and how it lies."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from episodes.video.errors import NotAVideo, TruncatedVideo, UnsupportedCodec, VideoMissing

TOP_LEVEL = {
    b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"mfra", b"free", b"skip", b"wide",
    b"pnot", b"uuid", b"meta", b"sidx", b"ssix", b"prft", b"emsg", b"pdin", b"udta", b"mdta",
}  # fmt: skip
MAX_MOOV_BYTES = 512 * 2**20
Matrix = tuple[int, int, int, int]
IDENTITY: Matrix = (0x10000, 0, 0, 0x10000)


@dataclass(frozen=True, slots=True)
class Box:
    """A box's payload as byte positions; ``end`` is exclusive."""

    kind: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What the boxes say: file size in bytes, the clockwise turn of each picture track.

    ``moov`` is the movie header's own bytes.
    """

    size: int
    rotations: tuple[int, ...]
    moov: bytes = b""


def read_layout(path: Path) -> Layout:
    """Walk the top-level boxes of ``path`` without touching the pictures.

    Raises VideoMissing, NotAVideo, and TruncatedVideo when a box reaches past the end of the file
    or the movie header never came.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            top = list(_top_level(path, file, size))
            moov = next((box for box in top if box.kind == b"moov"), None)
            if moov is None:
                raise TruncatedVideo(
                    path,
                    "the movie header (moov) is missing: the recording or the copy was cut off",
                    remedy="Copy the file again from its source, or finish the recording.",
                )
            if moov.end - moov.start > MAX_MOOV_BYTES:
                raise NotAVideo(path, "its header is absurdly large", remedy=_REMUX)
            file.seek(moov.start)
            header = file.read(moov.end - moov.start)
            return Layout(size, _rotations(path, header), header)
    except FileNotFoundError:
        raise VideoMissing(
            path, "there is no such file", remedy="Put the file in place and import again."
        ) from None
    except OSError as error:
        raise VideoMissing(
            path, f"the file cannot be read ({error.strerror})", remedy="Check the file's rights."
        ) from error


_REMUX = "Touchline reads MP4 and MOV. Convert without loss: ffmpeg -i INPUT -c copy OUTPUT.mp4"


def _top_level(path: Path, file: BinaryIO, size: int) -> Iterator[Box]:
    at = 0
    while at < size:
        file.seek(at)
        header = file.read(16)
        if at == 0 and header[4:8] not in TOP_LEVEL:
            raise NotAVideo(path, "this is not an MP4 or MOV file", remedy=_REMUX)
        if len(header) < 8:
            raise _cut(path, at + 8, size)
        length, kind = struct.unpack_from(">I4s", header)
        head = 8
        if length == 1 and len(header) == 16:
            length, head = struct.unpack_from(">Q", header, 8)[0], 16
        end = size if length == 0 else at + length
        if length and length < head:
            raise NotAVideo(path, f"damaged box at byte {at}", remedy=_REMUX)
        if end > size:
            raise _cut(path, end, size)
        yield Box(kind, at + head, end)
        at = end
    if size == 0:
        raise NotAVideo(path, "the file is empty", remedy="Copy the file again from its source.")


def _cut(path: Path, expected: int, size: int) -> TruncatedVideo:
    return TruncatedVideo(
        path,
        f"the file ends at byte {size:,}, its own header says {expected:,}: it was cut off",
        remedy="Copy the file again from its source.",
        expected_bytes=expected,
        found_bytes=size,
    )


def children(data: bytes, box: Box) -> Iterator[Box]:
    """The boxes in a box, as far as they lie whole in it."""
    at = box.start
    while at + 8 <= box.end:
        length, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if length == 1 and at + 16 <= box.end:
            length, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        end = box.end if length == 0 else at + length
        if end > box.end or (length and length < head):
            return
        yield Box(kind, at + head, end)
        at = end


def child(data: bytes, box: Box, *names: bytes) -> Box | None:
    """The first box down that path of names."""
    found: Box | None = box
    for name in names:
        if found is None:
            return None
        found = next((child for child in children(data, found) if child.kind == name), None)
    return found


def _rotations(path: Path, moov: bytes) -> tuple[int, ...]:
    root = Box(b"moov", 0, len(moov))
    movie = _matrix(moov, child(moov, root, b"mvhd"), matrix_at=36)
    turns = []
    for trak in (box for box in children(moov, root) if box.kind == b"trak"):
        handler = child(moov, trak, b"mdia", b"hdlr")
        if handler is None or moov[handler.start + 8 : handler.start + 12] != b"vide":
            continue
        track = _matrix(moov, child(moov, trak, b"tkhd"), matrix_at=40)
        turns.append(_clockwise(path, _product(track, movie)))
    return tuple(turns)


def _matrix(data: bytes, box: Box | None, *, matrix_at: int) -> Matrix:
    """The 2x2 part (a, b, c, d), 16.16 fixed point, of a tkhd or mvhd box."""
    if box is None:
        return IDENTITY
    at = box.start + matrix_at + (12 if data[box.start] == 1 else 0)
    if at + 20 > box.end:
        return IDENTITY
    a, b, _, c, d = struct.unpack_from(">5i", data, at)
    return a, b, c, d


def _product(m: Matrix, n: Matrix) -> Matrix:
    return (
        (m[0] * n[0] + m[1] * n[2]) >> 16,
        (m[0] * n[1] + m[1] * n[3]) >> 16,
        (m[2] * n[0] + m[3] * n[2]) >> 16,
        (m[2] * n[1] + m[3] * n[3]) >> 16,
    )


def _clockwise(path: Path, matrix: Matrix) -> int:
    """Degrees by which a picture is turned clockwise for display (y points down)."""
    a, b, c, d = ((value > 0) - (value < 0) for value in matrix)
    turn = {(1, 0, 0, 1): 0, (0, 1, -1, 0): 90, (-1, 0, 0, -1): 180, (0, -1, 1, 0): 270}.get(
        (a, b, c, d)
    )
    if turn is None:
        raise UnsupportedCodec(
            path,
            "the picture is mirrored or turned by an angle other than 90, 180 or 270 degrees",
            remedy="Re-encode it upright: ffmpeg -i INPUT -c:v libx264 OUTPUT.mp4",
        )
    return turn
