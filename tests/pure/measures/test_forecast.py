"""Forecasts of a backlog: worked cases, bounds, what cannot be told."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from review.measures.forecast import forecast

TODAY = date(2026, 3, 2)


def before(counts: list[int]) -> dict[date, int]:
    return {TODAY - timedelta(days=back): done for back, done in enumerate(counts, 1)}


def test_an_even_pace_ends_on_its_day() -> None:
    found = forecast(100, before([10] * 28), TODAY)
    assert found is not None
    assert found.low == found.middle == found.high == TODAY + timedelta(days=10)
    assert found.left[:2] == ((100, 100, 100), (90, 90, 90))


def test_weekends_stay_empty() -> None:
    week = {TODAY - timedelta(days=k): 10 for k in range(1, 29)}
    week = {day: done if day.weekday() < 5 else 0 for day, done in week.items()}
    found = forecast(50, week, TODAY)
    assert found is not None
    # Tuesday to Friday, a weekend, Monday.
    assert found.middle == TODAY + timedelta(days=7)


def test_nothing_done_is_not_told() -> None:
    assert forecast(10, {}, TODAY) is None
    assert forecast(10, {TODAY: 5, TODAY - timedelta(days=40): 9}, TODAY) is None


def test_nothing_left_is_over_today() -> None:
    found = forecast(0, {}, TODAY)
    assert found is not None
    assert found.high == TODAY


def test_beyond_three_years_is_no_date() -> None:
    found = forecast(10_000, {TODAY - timedelta(days=1): 1}, TODAY)
    assert found is not None
    assert found.high is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=28, max_size=28), st.integers(1, 300))
def test_the_interval_holds_the_median_and_its_extremes(counts: list[int], left: int) -> None:
    found = forecast(left, before(counts), TODAY)
    assert found is not None
    assert found.low is not None
    assert found.middle is not None
    assert found.high is not None
    assert found.low <= found.middle <= found.high
    assert found.low >= TODAY + timedelta(days=-(-left // max(counts)))
    assert found.high <= TODAY + timedelta(days=-(-left // min(counts)))
    assert found == forecast(left, before(counts), TODAY)
