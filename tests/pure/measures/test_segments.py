"""Segments and spans: IoU, F1 at three thresholds, boundaries, text on the matched pairs."""

from fractions import Fraction
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings

from review.measures.records import Interval
from review.measures.segments import (
    THETAS,
    boundaries,
    compare_boundaries,
    compare_intervals,
    iou,
)
from review.measures.tally import Tally
from tests.pure.measures.strategies import DURATION_NS, intervals


def step(start: int, end: int, text: str = "", track: str = "right") -> Interval:
    return Interval("instruction", track, start, end, text, exclusive=True)


def span(label: str, start: int, end: int) -> Interval:
    return Interval(label, "right", start, end)


def test_iou_of_half_open_intervals() -> None:
    assert iou(step(0, 10), step(5, 15)) == Fraction(5, 15)
    assert iou(step(0, 10), step(10, 20)) == 0
    assert iou(step(0, 10), step(0, 10)) == 1


def test_an_interval_that_ends_at_its_start_is_refused() -> None:
    with pytest.raises(ValueError, match="ends at or before"):
        step(5, 5)


def test_a_threshold_is_inclusive() -> None:
    assert compare_intervals([step(0, 10)], [step(0, 5)]).total == Tally(1, 1, 1)
    assert compare_intervals([step(0, 10)], [step(0, 4)]).total == Tally(0, 1, 1)


def test_a_threshold_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="theta"):
        compare_intervals([], [], Fraction(0))


def test_worked_example_of_a_split_segment() -> None:
    a = [step(0, 100, "lift the block"), step(100, 200, "place the block")]
    b = [step(0, 60, "Lift the block."), step(60, 100), step(100, 200, "put the block")]
    compared = compare_intervals(a, b)
    assert compared.total == Tally(2, 2, 3)
    assert compared.total.f == 4 / 5
    assert [pair.text_equal for pair in compared.matched] == [True, False]
    assert compared.matched[1].similarity == pytest.approx(2 / 3)
    assert [item.start_ns for item in compared.only_b] == [60]


def test_classes_match_first_and_confusion_is_told_apart() -> None:
    a = [span("failure", 0, 100)]
    b = [span("recovery", 0, 100), span("failure", 0, 60)]
    compared = compare_intervals(a, b)
    assert compared.by_label == {"failure": Tally(1, 1, 1), "recovery": Tally(0, 0, 1)}
    assert not compared.confused
    only = compare_intervals(a, b[:1])
    assert [(pair.a.label, pair.b.label) for pair in only.confused] == [("failure", "recovery")]


def test_at_exactly_one_half_two_partners_compete_and_one_wins() -> None:
    assert compare_intervals([step(0, 10)], [step(0, 5), step(5, 10)]).total == Tally(1, 1, 2)


def test_boundaries_count_once_and_not_at_the_ends_of_the_episode() -> None:
    steps = [step(0, 50), step(50, 80), step(90, 100), span("failure", 10, 20)]
    assert boundaries(steps, 100) == {"right": [50, 80, 90]}


def test_boundary_tally_and_offsets() -> None:
    a = [step(0, 50), step(50, 100)]
    b = [step(0, 47), step(47, 80), step(80, 100)]
    tally, offsets = compare_boundaries(a, b, duration_ns=100, tolerance_ns=3)
    assert (tally, offsets) == (Tally(1, 1, 2), (-3,))


@pytest.mark.parametrize("theta", THETAS)
@given(a=intervals, b=intervals)
def test_symmetric_bounded_and_complete(
    theta: Fraction, a: tuple[Interval, ...], b: tuple[Interval, ...]
) -> None:
    there, back = compare_intervals(a, b, theta), compare_intervals(b, a, theta)
    assert there.total == back.total.swapped()
    assert there.total.f is None or 0 <= there.total.f <= 1
    pairs = len(there.matched) + len(there.confused)
    assert pairs + len(there.only_a) == len(a)
    assert pairs + len(there.only_b) == len(b)
    assert all(iou(pair.a, pair.b) >= theta for pair in (*there.matched, *there.confused))


@given(intervals)
def test_identical_answers_agree_wholly(a: tuple[Interval, ...]) -> None:
    assert compare_intervals(a, a).total == Tally(len(a), len(a), len(a))
    tally, offsets = compare_boundaries(a, a, duration_ns=DURATION_NS, tolerance_ns=0)
    assert tally.exact
    assert not any(offsets)


@given(intervals, intervals)
def test_a_stricter_threshold_never_finds_more(
    a: tuple[Interval, ...], b: tuple[Interval, ...]
) -> None:
    found = [compare_intervals(a, b, theta).total.matched for theta in THETAS]
    assert found == sorted(found, reverse=True)


@settings(max_examples=150, deadline=None)
@given(intervals, intervals)
def test_brute_force_finds_no_better_matching(
    a: tuple[Interval, ...], b: tuple[Interval, ...]
) -> None:
    a, b = a[:4], b[:4]
    best = max(
        (size, total)
        for size in range(min(len(a), len(b)) + 1)
        for chosen in combinations(a, size)
        for partners in permutations(b, size)
        if all(
            (x.track, x.label) == (y.track, y.label) and iou(x, y) >= THETAS[1]
            for x, y in zip(chosen, partners, strict=True)
        )
        for total in [sum(iou(x, y) for x, y in zip(chosen, partners, strict=True))]
    )
    pairs = compare_intervals(a, b).matched
    assert len(pairs) == best[0]
    assert float(sum(iou(pair.a, pair.b) for pair in pairs)) == pytest.approx(float(best[1]))
