"""Intervals of rates: Wilson, design effect, the three-state gate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.measures.bounds import (
    Gate,
    episodes_to_pass,
    estimate,
    gate,
    one_sided,
    wilson,
)
from review.measures.refused import Reason
from review.measures.tally import Tally


def test_wilson_of_newcombe_1998() -> None:
    """Statistics in Medicine 17, table I."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)


def test_no_trial_is_no_rate() -> None:
    with pytest.raises(ValueError, match="no rate"):
        wilson(0, 0)


@given(st.integers(0, 400), st.integers(1, 400))
def test_wilson_holds_its_rate_and_mirrors(x: int, n: int) -> None:
    x = min(x, n)
    low, high = wilson(x, n)
    assert 0 <= low <= x / n <= high <= 1
    assert wilson(n - x, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_independent_episodes_have_no_design_effect() -> None:
    measured = estimate([Tally(1, 1, 1)] * 90 + [Tally(0, 1, 1)] * 10)
    assert measured.rate == 0.9
    assert measured.deff == pytest.approx(100 / 99)
    assert (measured.low, measured.high) == pytest.approx(wilson(90, 100), abs=1e-3)


def test_errors_that_come_together_widen_the_interval() -> None:
    scattered = estimate([Tally(9, 10, 10)] * 20)
    together = estimate([Tally(10, 10, 10)] * 18 + [Tally(0, 10, 10)] * 2)
    assert scattered.rate == together.rate == 0.9
    assert scattered.deff == 1
    assert together.deff == pytest.approx(10 * 20 / 19)
    assert scattered.lower is not None
    assert together.lower is not None
    assert together.lower < scattered.lower


def test_without_a_single_error_the_episodes_count_not_the_labels() -> None:
    measured = estimate([Tally(50, 50, 50)] * 4)
    assert (measured.n_effective, measured.deff) == (4, None)
    assert (measured.low, measured.high) == pytest.approx(wilson(4, 4))


def test_what_is_undefined_says_why() -> None:
    assert estimate([]).reason is Reason.NOTHING
    assert estimate([Tally()]).rate is None
    one = estimate([Tally(3, 3, 4), Tally()])
    assert one.rate == 6 / 7
    assert (one.lower, one.reason) == (None, Reason.ONE_EPISODE)


@pytest.mark.parametrize(
    ("episodes", "expected"),
    [
        ([Tally(1, 1, 1)] * 60, Gate.PASS),
        ([Tally(1, 1, 1)] * 30, Gate.NEEDS_MORE),
        ([Tally(1, 1, 1)] * 80 + [Tally(0, 1, 1)] * 20, Gate.FAIL),
        ([], Gate.NEEDS_MORE),
    ],
)
def test_three_states(episodes: list[Tally], expected: Gate) -> None:
    assert gate(estimate(episodes)) is expected


def test_how_many_more_episodes() -> None:
    """Without an error 52 episodes put Wilson's one-sided bound at 0.95 (n / (n + 2.706))."""
    assert episodes_to_pass(estimate([Tally(1, 1, 1)] * 30)) == 22
    assert episodes_to_pass(estimate([Tally(1, 1, 1)] * 52)) == 0
    assert episodes_to_pass(estimate([Tally(1, 1, 1)] * 8 + [Tally(0, 1, 1)] * 2)) is None
    assert episodes_to_pass(estimate([])) is None


tallies = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6)).map(
        lambda t: Tally(min(t), t[0], t[1])
    ),
    max_size=12,
)


@given(tallies)
def test_bounds_hold_the_rate_and_never_claim_more_than_the_trials(episodes: list[Tally]) -> None:
    measured = estimate(episodes)
    if measured.low is None or measured.high is None or measured.rate is None:
        return
    assert measured.low <= measured.rate + 1e-12
    assert measured.rate <= measured.high + 1e-12
    assert measured.n_effective is not None
    assert measured.n_effective <= measured.trials + 1e-9


@pytest.mark.parametrize(("icc", "episodes"), [(0.3, 50), (0.3, 200)])
def test_the_lower_bound_covers_what_a_naive_one_does_not(icc: float, episodes: int) -> None:
    """True rate 0.95, ten labels an episode, beta-binomial; agreement.md found 84/79 and 93/94%."""
    rng = np.random.default_rng(7)
    spread = 1 / icc - 1
    runs, held, held_naive = 400, 0, 0
    for _ in range(runs):
        rates = rng.beta(0.95 * spread, 0.05 * spread, episodes)
        x = rng.binomial(10, rates)
        measured = estimate([Tally(int(k), 10, 10) for k in x])
        assert measured.lower is not None
        held += measured.lower <= 0.95
        held_naive += wilson(int(x.sum()), 10 * episodes, 1.6448536)[0] <= 0.95
    assert held / runs >= 0.91
    assert held_naive / runs <= 0.87


@pytest.mark.parametrize("confidence", [0.9, 0.99])
def test_one_sided_bounds_at_another_confidence(confidence: float) -> None:
    """At effective n the plain Wilson bound, and wider the surer one wants to be."""
    found = estimate([Tally(10, 10, 10)] * 90 + [Tally(8, 10, 10)] * 10)
    usual, other = one_sided(found), one_sided(found, confidence)
    assert usual is not None
    assert other is not None
    assert (other[0] < usual[0] < usual[1] < other[1]) == (confidence > 0.95)
    assert gate(found, other[0], confidence) is Gate.PASS
    assert gate(found, other[0] + 1e-9, confidence) is Gate.NEEDS_MORE
    assert episodes_to_pass(found, other[0], confidence) == 0


def test_without_an_interval_there_is_no_bound_at_any_confidence() -> None:
    assert one_sided(estimate([Tally(1, 1, 1)]), 0.99) is None
