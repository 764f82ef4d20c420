"""Single byte ranges of RFC 9110 section 14, as a parser without a framework."""

import re
from dataclasses import dataclass

from episodes.media_errors import RangeNotSatisfiable

_SINGLE = re.compile(r"\s*bytes\s*=\s*(\d{0,19})\s*-\s*(\d{0,19})\s*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes [start, end) of a file."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def within(self, other: "ByteRange") -> bool:
        return other.start <= self.start and self.end <= other.end


def parse_range(header: str, size: int) -> ByteRange | None:
    """The range that a Range header asks of a file of ``size`` bytes.

    None when the unit is not bytes: such a header is to be ignored. Raises RangeNotSatisfiable for
    several ranges, for one that is malformed, and for one that begins beyond the end.
    """
    if not header.lower().lstrip().startswith("bytes"):
        return None
    match = _SINGLE.fullmatch(header)
    first, last = match.groups() if match else ("", "")
    if not first and not last:
        raise _refused(header, size, "it is not one single range")
    if not first:
        length = min(int(last), size)
        if length == 0:
            raise _refused(header, size, "it asks for no bytes")
        return ByteRange(size - length, size)
    start, end = int(first), min(int(last) + 1, size) if last else size
    if start >= size:
        raise _refused(header, size, f"the file has {size} bytes")
    if last and int(last) < start:
        raise _refused(header, size, "it ends before it begins")
    return ByteRange(start, end)


def _refused(header: str, size: int, why: str) -> RangeNotSatisfiable:
    return RangeNotSatisfiable(
        f"the range {header[:60]!r} cannot be served: {why}",
        remedy="Ask for one range such as 'bytes=0-65535'.",
        size=size,
    )
