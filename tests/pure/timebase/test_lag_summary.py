"""A camera's lag over many episodes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from episodes.timebase.lag_summary import summarise_lags

lags = st.lists(st.integers(-500_000_000, 500_000_000), min_size=1, max_size=60)


def test_a_worked_example() -> None:
    """Of ten, the second smallest to the second largest hold the median in 97.9 % of cases."""
    summary = summarise_lags(list(range(10, 110, 10)))
    assert summary is not None
    assert (summary.episodes, summary.median_ns, summary.interval_ns) == (10, 55, (20, 90))


def test_too_few_have_no_interval() -> None:
    assert summarise_lags([]) is None
    assert [summarise_lags([7] * n).interval_ns for n in (1, 5)] == [None, None]  # type: ignore[union-attr]
    six = summarise_lags([1, 2, 3, 4, 5, 6])
    assert six is not None
    assert six.interval_ns == (1, 6)


@given(lags, st.integers(-(10**8), 10**8))
def test_the_median_lies_inside_and_moves_along(values: list[int], moved: int) -> None:
    summary = summarise_lags(values)
    shifted = summarise_lags([value + moved for value in values])
    assert summary is not None
    assert shifted is not None
    assert abs(shifted.median_ns - summary.median_ns - moved) <= 1
    if summary.interval_ns:
        low, high = summary.interval_ns
        assert low <= summary.median_ns <= high


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    chance = np.random.default_rng(1)
    held = 0
    for _ in range(1000):
        sample = chance.laplace(20e6, 8e6, size=16).astype(np.int64)
        summary = summarise_lags(sample.tolist())
        assert summary is not None
        assert summary.interval_ns is not None
        held += summary.interval_ns[0] <= 20_000_000 <= summary.interval_ns[1]
    assert 940 <= held <= 990
