"""Stretches of time: their union, and where a report lies."""

from hypothesis import given
from hypothesis import strategies as st

from annotation.activity_time import LONGEST_MS, OLDEST_MS, Stretch, active_ms, placed, union

STRETCHES = st.lists(
    st.tuples(st.integers(0, 500), st.integers(1, 60)).map(lambda p: Stretch(p[0], p[0] + p[1]))
)


def test_a_worked_example() -> None:
    two_tabs = [Stretch(0, 10), Stretch(5, 20), Stretch(20, 25), Stretch(40, 41)]
    assert union(two_tabs) == [Stretch(0, 25), Stretch(40, 41)]
    assert active_ms(two_tabs) == 26


@given(STRETCHES)
def test_each_moment_counts_once(stretches: list[Stretch]) -> None:
    moments = {t for one in stretches for t in range(one.start_ms, one.end_ms)}
    assert active_ms(stretches) == len(moments)
    assert union(union(stretches)) == union(stretches)
    assert union(reversed(stretches)) == union(stretches)


@given(
    st.integers(0, 10**13), st.integers(-5, 10**13), st.integers(-5, 10**13), st.integers(0, 10**13)
)
def test_a_report_never_leaves_its_bounds(
    received: int, ago: int, length: int, earliest: int
) -> None:
    found = placed(received, ago, length, earliest)
    if found is None:
        return
    assert earliest <= found.start_ms < found.end_ms <= received
    assert found.end_ms - found.start_ms <= min(length, LONGEST_MS)
    assert found.start_ms >= received - OLDEST_MS


def test_a_report_lies_where_it_was() -> None:
    assert placed(100_000, 15_000, 15_000, 0) == Stretch(85_000, 100_000)
    assert placed(100_000, 15_000, 15_000, 90_000) == Stretch(90_000, 100_000)
    assert placed(100_000, 15_000, 15_000, 100_000) is None
    assert placed(100_000, 0, 15_000, 0) is None
