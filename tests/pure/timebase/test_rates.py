"""Times of frames are exact integers."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from episodes.timebase import (
    ClockMap,
    Rate,
    frame_at,
    nearest_frame,
    rate_times_ns,
    round_half_up,
    seconds_to_ns,
    ticks_to_ns,
)

rates = st.builds(Rate, st.integers(1, 10_000), st.integers(1, 100_000).filter(lambda d: d < 9000))


def test_thirty_hertz() -> None:
    assert rate_times_ns(4, Rate(30)).tolist() == [0, 33_333_333, 66_666_667, 100_000_000]


@pytest.mark.parametrize(
    ("value", "num", "den"),
    [(30, 30, 1), (30.0, 30, 1), (29.97, 2997, 100), (30000 / 1001, 30000, 1001), (12.5, 25, 2)],
)
def test_a_rate_is_the_number_it_prints_as(value: float, num: int, den: int) -> None:
    assert Rate.from_number(value) == Rate(num, den)


@pytest.mark.parametrize("value", [0, -30, float("nan"), float("inf"), 1e300, 1e-9, True])
def test_impossible_rates_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="Hz"):
        Rate.from_number(value)


@given(st.lists(st.integers(0, 2**40), min_size=1), st.integers(1, 2000), st.integers(1, 2**31))
def test_ticks_agree_with_exact_arithmetic(ticks: list[int], num: int, den: int) -> None:
    assume(max(ticks) * num < 9 * 10**9 * den)  # 285 years
    expected = [round_half_up(Fraction(t * num * 10**9, den)) for t in ticks]
    assert ticks_to_ns(np.array(ticks, dtype=np.int64), num, den).tolist() == expected


@given(st.integers(1, 400), rates)
def test_times_ascend_and_match_the_rate(count: int, rate: Rate) -> None:
    times = rate_times_ns(count, rate)
    assert (np.diff(times) > 0).all()
    assert times[-1] == rate.time_ns(count - 1)


@given(st.integers(1, 200), rates, st.data())
def test_the_frame_on_show_started_last(count: int, rate: Rate, data: st.DataObject) -> None:
    times = rate_times_ns(count, rate)
    at = data.draw(st.integers(-10, int(times[-1]) + 10**9))
    shown = frame_at(times, at)
    started = [i for i, t in enumerate(times.tolist()) if t <= at]
    assert shown == (started[-1] if started else 0)


@given(st.integers(1, 200), rates, st.data())
def test_no_frame_is_nearer_than_the_nearest(count: int, rate: Rate, data: st.DataObject) -> None:
    times = rate_times_ns(count, rate)
    at = data.draw(st.integers(-(10**9), int(times[-1]) + 10**9))
    best = nearest_frame(times, at)
    assert abs(int(times[best]) - at) == int(np.abs(times - at).min())


def test_seconds_become_ns_without_drift() -> None:
    assert seconds_to_ns(221 / 30) == 7_366_666_667
    assert seconds_to_ns(0.0) == 0


def test_a_clock_map_offsets_and_stretches() -> None:
    assert ClockMap(offset_ns=5, drift_ppm=10.0).to_episode_ns(1_000_000_000) == 1_000_010_005
    assert ClockMap().confidence is None
