"""Simulated annotators, and a small slice of what ``make simulate`` checks at length."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from review.measures.acceptance.plans import plan
from review.measures.calibration.drift import CusumPlan
from review.measures.calibration.sprt import SprtPlan
from review.measures.events import compare_events
from review.measures.records import Interval, Tolerances
from review.measures.refused import InputRefused
from review.measures.simulation import (
    MS,
    SECOND,
    Annotator,
    EpisodePlan,
    annotate,
    correct_labels,
    true_answer,
)
from tests.simulate.coverage import coverage
from tests.simulate.lots import KnownLot, accepted_share
from tests.simulate.promise import Promise
from tests.simulate.sequential import cusum_runs, sprt_runs

PLAN = EpisodePlan()


def test_the_truth_is_a_valid_episode() -> None:
    truth = true_answer(PLAN, np.random.default_rng(1))
    times = [mark.at_ns for mark in truth.instants]
    assert len(times) == 10
    assert min(np.diff(times)) >= PLAN.apart_ns
    edges = [(one.start_ns, one.end_ns) for one in truth.intervals]
    assert (edges[0][0], edges[-1][1]) == (0, PLAN.duration_ns)
    assert all(a[1] == b[0] for a, b in pairwise(edges))


def test_the_same_seed_makes_the_same_answers() -> None:
    made = []
    for _ in range(2):
        rng = np.random.default_rng(9)
        truth = true_answer(PLAN, rng)
        made.append((truth, annotate(truth, Annotator("ada"), PLAN, rng)))
    assert made[0] == made[1]


def test_a_perfect_annotator_repeats_the_truth() -> None:
    rng = np.random.default_rng(2)
    truth = true_answer(PLAN, rng)
    exact = Annotator("ada", accuracy=1.0, jitter_ns=0, boundary_jitter_ns=0)
    found = annotate(truth, exact, PLAN, rng)
    assert [(m.type, m.at_ns) for m in found.instants] == [
        (m.type, m.at_ns) for m in truth.instants
    ]
    assert [(s.start_ns, s.text) for s in found.intervals] == [
        (s.start_ns, s.text) for s in truth.intervals
    ]
    assert found.outcome == truth.outcome


def test_accuracy_bias_and_confusion_are_as_set() -> None:
    who = Annotator(
        "ada", accuracy=0.9, missed=0.0, confused=1.0, bias_ns={"placed": 40 * MS},
        confusion={"placed": "release"},
    )  # fmt: skip
    rng = np.random.default_rng(3)
    compared = []
    for _ in range(300):
        truth = true_answer(PLAN, rng)
        compared.append(compare_events(truth.instants, annotate(truth, who, PLAN, rng).instants,
                                       Tolerances()))  # fmt: skip
    placed = sum(one.by_type["placed"].matched for one in compared) / 600
    assert placed == pytest.approx(0.9, abs=0.03)
    offsets = [p.dt_ns for one in compared for p in one.matched if p.a.type == "placed"]
    assert np.median(offsets) == pytest.approx(40 * MS, abs=4 * MS)
    taken = [p.b.type for one in compared for p in one.confused if p.a.type == "placed"]
    assert set(taken) == {"release"}


@pytest.mark.parametrize("icc", [0.0, 0.3])
def test_errors_cluster_as_set(icc: float) -> None:
    """Variance of a beta-binomial: n p q (1 + (n - 1) icc)."""
    right = correct_labels(0.9, icc, [10] * 20_000, np.random.default_rng(4))
    assert right.mean() == pytest.approx(9, abs=0.05)
    assert right.var() == pytest.approx(10 * 0.9 * 0.1 * (1 + 9 * icc), rel=0.06)


def test_impossible_annotators_are_refused() -> None:
    for broken in ({"accuracy": 1.5}, {"icc": 1.0}, {"missed": 0.8, "confused": 0.3}):
        with pytest.raises(InputRefused):
            Annotator("ada", **broken)  # type: ignore[arg-type]
    with pytest.raises(InputRefused):
        EpisodePlan(duration_ns=10, events=5)


def test_bounds_hold_at_icc_03_and_naive_ones_do_not() -> None:
    lower, upper, naive = coverage(0.95, 0.3, np.full(50, 10), 500, np.random.default_rng(5))
    assert lower >= 0.93
    assert upper >= 0.93
    assert naive < 0.88


def test_the_sequential_tests_have_the_designs_characteristics() -> None:
    plain = SprtPlan(deff=1, min_episodes=1)
    rng = np.random.default_rng(6)
    passed, _, labels = sprt_runs(0.99, plain, 400, rng)
    assert passed >= 0.97
    assert labels.mean() == pytest.approx(36, abs=2)
    assert sprt_runs(0.85, plain, 400, rng)[1] >= 0.94
    assert cusum_runs(0.80, CusumPlan(), 300, rng).mean() == pytest.approx(20, abs=3)


def test_a_bad_lot_is_accepted_no_more_often_than_promised() -> None:
    chosen = plan(1, lot=100)
    assert chosen is not None
    for together in (False, True):
        assert accepted_share(KnownLot(100, 6, together), chosen, 200, seed=1) <= 0.10
    assert accepted_share(KnownLot(100, 1), chosen, 30, seed=1) == 1


def test_a_broken_promise_shows() -> None:
    assert not Promise("p", 0.92, 0.93, 1, "").kept
    assert "MISSED" in str(Promise("p", 0.92, 0.93, 1, ""))
    assert not Promise("p", float("nan"), 0, 1, "").kept


def test_failures_overlap_instructions_and_stay_apart_from_them() -> None:
    """A recovery that ends with the episode, over segments: nothing is chained to anything."""
    layout = EpisodePlan(duration_ns=6 * SECOND, events=2, segments=3, apart_ns=SECOND)
    rng = np.random.default_rng(3)
    truth = true_answer(layout, rng)
    span = Interval("recovery", "right", 5 * SECOND, 6 * SECOND, id="r")
    truth = replace(truth, intervals=(span, *truth.intervals))
    wild = Annotator("w", accuracy=1.0, boundary_jitter_ns=4 * SECOND)
    for _ in range(200):
        answer = annotate(truth, wild, layout, rng)
        segments = [one for one in answer.intervals if one.exclusive]
        assert [one.start_ns for one in segments[1:]] == [one.end_ns for one in segments[:-1]]
        assert (segments[0].start_ns, segments[-1].end_ns) == (0, layout.duration_ns)
        assert [one.label for one in answer.intervals if not one.exclusive] == ["recovery"]
    careless = Annotator("c", accuracy=0.0)
    assert not [
        one for one in annotate(truth, careless, layout, rng).intervals if not one.exclusive
    ]
