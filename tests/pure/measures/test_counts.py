"""Counts of a comparison, and that they add."""

from hypothesis import given

from review.measures.counts import POOLED, Measure, PairCounts, count_pair, total
from review.measures.records import Answer, Instant, Interval, Tolerances
from review.measures.tally import Tally
from tests.pure.measures.strategies import DURATION_NS, answers

TOLERANCES = Tolerances(default_ns=60, boundary_ns=100)


def counts(a: Answer, b: Answer) -> PairCounts:
    return count_pair(a, b, duration_ns=DURATION_NS, tolerances=TOLERANCES)


def test_worked_example() -> None:
    step = Interval("instruction", "right", 0, 1_000, "lift the block", exclusive=True)
    shorter = Interval("instruction", "right", 0, 900, "lift the red block", exclusive=True)
    found = counts(
        Answer((Instant("slip", "right", 10),), (step,), "outcome_success"),
        Answer((Instant("slip", "right", 40),), (shorter,), "outcome_failure"),
    )
    assert found[(Measure.EVENT, POOLED)].tally == Tally(1, 1, 1)
    assert found[(Measure.EVENT, "slip")].offsets_ns == (30,)
    assert found[(Measure.SEGMENT_75, "instruction")].tally == Tally(1, 1, 1)
    assert found[(Measure.BOUNDARY, POOLED)].tally == Tally(1, 1, 1)
    assert found[(Measure.TEXT, POOLED)].tally == Tally(0, 1, 1)
    assert found[(Measure.TEXT, POOLED)].similarity_ppm == 750_000
    assert found[(Measure.OUTCOME, POOLED)].tally == Tally(0, 1, 1)
    assert found.classes(Measure.OUTCOME) == ["outcome_success>outcome_failure"]
    assert found.events_exact


def test_an_empty_comparison_still_has_its_pooled_rows() -> None:
    found = counts(Answer(), Answer())
    assert found.events_exact
    assert {measure for measure, name in found.rows if name == POOLED} >= {
        Measure.EVENT,
        Measure.SEGMENT_50,
        Measure.BOUNDARY,
        Measure.OUTCOME,
    }


@given(answers, answers)
def test_exchanging_the_sides_mirrors_the_tallies(a: Answer, b: Answer) -> None:
    there, back = counts(a, b), counts(b, a).swapped()
    same = (Measure.EVENT, Measure.BOUNDARY, Measure.SEGMENT_50, Measure.OUTCOME, Measure.TEXT)
    for key in there.rows:
        if key[0] in same and key[0] is not Measure.TEXT:
            assert there[key].tally == back[key].tally
    assert there.events_exact == back.events_exact


@given(answers)
def test_identity(a: Answer) -> None:
    found = counts(a, a)
    for key in ((Measure.EVENT, POOLED), (Measure.SEGMENT_75, POOLED), (Measure.BOUNDARY, POOLED)):
        assert found[key].tally.exact
    assert not found.classes(Measure.EVENT_CONFUSION)
    assert not any(found[(Measure.EVENT, POOLED)].offsets_ns)


@given(answers, answers, answers)
def test_sums_are_associative_and_pool_the_counts(a: Answer, b: Answer, c: Answer) -> None:
    first, second, third = counts(a, b), counts(b, c), counts(a, c)
    pooled = total([first, second, third])
    assert pooled == first + (second + third)
    for measure in (Measure.EVENT, Measure.SEGMENT_50):
        by_class = [pooled[(measure, name)].tally for name in pooled.classes(measure)]
        assert sum(by_class, Tally()) == pooled[(measure, POOLED)].tally
