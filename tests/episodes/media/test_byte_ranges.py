"""The Range parser on its own: whatever a client sends, a range inside the file or a refusal."""

from hypothesis import example, given
from hypothesis import strategies as st

from episodes.byte_ranges import ByteRange, parse_range
from episodes.media_errors import RangeNotSatisfiable


@given(
    header=st.one_of(st.text(), st.text("0123456789-,= ").map("bytes=".__add__)),
    size=st.integers(0, 99),
)
@example(header="bytes=٣-٤", size=10)
@example(header="bytes=0-" + "9" * 30, size=10)
@example(header="bytes=0-0", size=0)
def test_any_header(header: str, size: int) -> None:
    try:
        part = parse_range(header, size)
    except RangeNotSatisfiable:
        return
    assert part is None or 0 <= part.start < part.end <= size


@given(st.integers(0, 99), st.integers(0, 99))
def test_first_and_last_byte(first: int, last: int) -> None:
    if first <= last:
        expected = ByteRange(first, last + 1)
        assert parse_range(f"bytes={first}-{last}", 100) == expected
        assert len(expected) == last - first + 1


@given(st.integers(1, 99))
def test_suffix_is_the_end(length: int) -> None:
    assert parse_range(f"bytes=-{length}", 100) == ByteRange(100 - length, 100)


def test_within() -> None:
    window = ByteRange(10, 20)
    assert ByteRange(10, 20).within(window)
    assert not ByteRange(9, 12).within(window)
    assert not ByteRange(19, 21).within(window)
