"""Qualification by sequential test."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.measures.calibration.sprt import Qualification, SprtPlan, sprt
from review.measures.calibration.trials import Trials, measured_deff
from review.measures.refused import InputRefused
from review.measures.tally import Tally

RIGHT, WRONG = Trials(1, 1), Trials(0, 1)
PLAIN = SprtPlan(deff=1, min_episodes=1)


def test_lines_of_montgomerys_example() -> None:
    """p1 = 0.01, alpha = 0.05, p2 = 0.06, beta = 0.10: -1.22 and 1.57 + 0.028 n."""
    plan = SprtPlan(p_good=0.99, p_bad=0.94, alpha=0.05, beta=0.10, deff=1)
    slope, passes, fails = plan.lines
    assert (slope, passes, fails) == pytest.approx((0.028, -1.22, 1.57), abs=0.006)


def test_without_an_error_thirty_one_labels_qualify() -> None:
    """ln 19 / ln (0.97 / 0.88) = 30.2; at a design effect of 2 it takes twice as many."""
    needed = math.ceil(math.log(19) / math.log(0.97 / 0.88))
    assert needed == 31
    assert sprt([RIGHT] * 30, PLAIN).labels_to_pass == 1
    assert sprt([RIGHT] * 40, PLAIN).state is Qualification.PASSED
    assert sprt([RIGHT] * 40, PLAIN).labels == 31
    clustered = sprt([Trials(10, 10)] * 20, SprtPlan())
    assert (clustered.state, clustered.episodes) == (Qualification.PASSED, 8)
    assert sprt([RIGHT] * 200, SprtPlan()).labels == 61


def test_three_errors_in_a_row_fail() -> None:
    assert sprt([WRONG] * 3, PLAIN).state is Qualification.FAILED
    assert sprt([WRONG] * 2, PLAIN).state is Qualification.CONTINUE


def test_no_decision_before_eight_episodes() -> None:
    many = Trials(50, 50)
    assert sprt([many], SprtPlan(cap=1e9)).state is Qualification.CONTINUE
    assert sprt([many] * 8, SprtPlan(cap=1e9)).state is Qualification.PASSED
    assert sprt([Trials(0, 50)] * 7, SprtPlan()).state is Qualification.CONTINUE


def test_the_cap_leaves_it_to_a_reviewer_and_counts_effective_labels() -> None:
    undecided = [Trials(14, 15)] * 12
    assert sprt(undecided, PLAIN).state is Qualification.UNDECIDED
    capped = sprt(undecided, SprtPlan(deff=2))
    assert (capped.state, capped.labels) == (Qualification.UNDECIDED, 165)


def test_nothing_is_no_decision() -> None:
    found = sprt([])
    assert (found.state, found.llr, found.path) == (Qualification.CONTINUE, 0, ())
    assert found.labels_to_pass == 61


results = st.lists(st.integers(0, 10).map(lambda k: Trials(k, 10)), max_size=30)


@given(results, results)
def test_what_follows_a_decision_changes_nothing(first: list[Trials], more: list[Trials]) -> None:
    found = sprt(first, PLAIN)
    if found.state is not Qualification.CONTINUE:
        assert sprt(first + more, PLAIN) == found


@given(results)
def test_the_llr_is_that_of_the_likelihoods(rows: list[Trials]) -> None:
    found = sprt(rows, PLAIN)
    seen = rows[: found.episodes]
    right, wrong = sum(r.right for r in seen), sum(r.wrong for r in seen)
    good = right * math.log(0.97) + wrong * math.log(0.03)
    bad = right * math.log(0.88) + wrong * math.log(0.12)
    assert found.llr == pytest.approx(good - bad, abs=1e-9)


@pytest.mark.parametrize(
    "broken",
    [{"p_good": 0.8}, {"p_good": 1.0}, {"alpha": 0.0}, {"deff": 0.5}, {"cap": float("nan")}],
)
def test_an_impossible_plan_is_refused(broken: dict[str, float]) -> None:
    with pytest.raises(InputRefused):
        SprtPlan(**broken)  # type: ignore[arg-type]


def test_trials_are_the_pooled_f_and_impossible_ones_are_refused() -> None:
    assert Trials.of(Tally(8, 10, 9)) == Trials(8, 9.5)
    for right, total in ((3, 2), (-1, 2), (float("nan"), 2)):
        with pytest.raises(InputRefused):
            Trials(right, total)


def test_the_design_effect_starts_at_two_until_it_can_be_measured() -> None:
    assert measured_deff([Tally(9, 10, 10)] * 7) == 2
    assert measured_deff([Tally(10, 10, 10)] * 50) == 2
    assert measured_deff([Tally(10, 10, 10)] * 18 + [Tally(0, 10, 10)] * 2) > 8
