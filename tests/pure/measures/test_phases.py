"""Where in an episode people agree: tenths that add up, and change sides with the sides."""

import pytest
from hypothesis import given

from review.measures.counts import POOLED, Measure, count_pair
from review.measures.phases import BOUNDARIES, EVENTS, PHASES, phase_of, phase_tallies
from review.measures.records import Answer, Instant, Interval, Tolerances
from review.measures.tally import Tally
from tests.pure.measures.strategies import DURATION_NS, answers

TOLERANCES = Tolerances(default_ns=60, boundary_ns=100)


def step(start_ns: int, end_ns: int) -> Interval:
    return Interval("step", "right", start_ns, end_ns, "", True)


def phases(a: Answer, b: Answer) -> dict[str, list[Tally]]:
    return phase_tallies(a, b, duration_ns=DURATION_NS, tolerances=TOLERANCES)


@given(answers, answers)
def test_the_tenths_add_up_to_the_whole(a: Answer, b: Answer) -> None:
    found = phases(a, b)
    whole = count_pair(a, b, duration_ns=DURATION_NS, tolerances=TOLERANCES)
    for kind, measure in ((EVENTS, Measure.EVENT), (BOUNDARIES, Measure.BOUNDARY)):
        assert len(found[kind]) == PHASES
        assert sum(found[kind], Tally()) == whole[measure, POOLED].tally


@given(answers, answers)
def test_exchanging_both_sides_exchanges_the_tallies(a: Answer, b: Answer) -> None:
    turned = phases(b, a)
    for kind, tallies in phases(a, b).items():
        assert [one.swapped() for one in tallies] == turned[kind]


def test_a_worked_example() -> None:
    """Of 1,000 ns: a pair around 200, one mark alone at 950, a boundary apart at 500 and 700."""
    a = Answer(
        (Instant("grasp", "right", 190),),
        (
            Interval("step", "right", 0, 500, "", True),
            Interval("step", "right", 500, 1000, "", True),
        ),
    )
    b = Answer(
        (Instant("grasp", "right", 214), Instant("grasp", "right", 950)),
        (
            Interval("step", "right", 0, 700, "", True),
            Interval("step", "right", 700, 1000, "", True),
        ),
    )
    found = phase_tallies(a, b, duration_ns=1_000, tolerances=TOLERANCES)
    assert found[EVENTS][2] == Tally(1, 1, 1)
    assert found[EVENTS][9] == Tally(0, 0, 1)
    assert found[BOUNDARIES][5] == Tally(0, 1, 0)
    assert found[BOUNDARIES][7] == Tally(0, 0, 1)


@pytest.mark.parametrize(("at", "phase"), [(-5, 0), (0, 0), (99, 0), (100, 1), (999, 9), (1000, 9)])
def test_times_at_the_edges(at: int, phase: int) -> None:
    assert phase_of(at, 1_000) == phase
