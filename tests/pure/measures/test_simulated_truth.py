"""The long-run values of simulated annotators, against what many simulated episodes come to."""

import math

import numpy as np
import pytest

from review.measures.episodes import EpisodeAnswers, EpisodeCounter, EpisodeCounts
from review.measures.measure import Measure
from review.measures.records import Tolerances
from review.measures.simulated_truth import true_figures
from review.measures.simulation import MS, Annotator, EpisodePlan, annotate, true_answer

PLAN = EpisodePlan(segments=4)
TOLERANCES = Tolerances()
PEOPLE = (
    Annotator("ada", accuracy=0.9, bias_ns=dict.fromkeys(PLAN.types, 70 * MS)),
    Annotator("abe", accuracy=0.8, jitter_ns=40 * MS),
    Annotator("bo", accuracy=0.95, extra=0.05),
)


def counted(episodes: int, *, gold: bool) -> EpisodeCounts:
    rng = np.random.default_rng(8)
    counter = EpisodeCounter()
    for number in range(episodes):
        truth = true_answer(PLAN, rng)
        said = {who.name: annotate(truth, who, PLAN, rng) for who in PEOPLE}
        reference = truth if gold else None
        counter.add([EpisodeAnswers(str(number), PLAN.duration_ns, said, TOLERANCES, reference)])
    return counter.counts()


@pytest.mark.parametrize("gold", [False, True])
def test_many_episodes_come_to_the_truth(gold: bool) -> None:
    """Within three standard errors of the rate at its effective n, labels of one episode and the
    pairs of one annotator going together."""
    found = counted(800, gold=gold)
    truth = true_figures(PEOPLE, PLAN, TOLERANCES, against_gold=gold)
    assert truth is not None
    for measure, value in (
        (Measure.EVENT, truth.events),
        (Measure.OUTCOME, truth.outcome),
        (Measure.TEXT, truth.text_equal),
        (Measure.BOUNDARY, truth.boundaries),
    ):
        measured = found.estimate(measure)
        assert measured.n_effective is not None
        error = math.sqrt(value * (1 - value) / measured.n_effective)
        # 800 episodes tell outcomes, one label each, to 3.4 points; the others to less.
        assert 3 * error < 0.035, measure
        assert measured.rate == pytest.approx(value, abs=3 * error), measure


def test_nobody_is_no_truth() -> None:
    assert true_figures(PEOPLE[:1], PLAN, TOLERANCES, against_gold=False) is None
    assert true_figures((), PLAN, TOLERANCES, against_gold=True) is None


def test_who_never_errs_agrees_with_gold_wholly() -> None:
    perfect = Annotator("one", accuracy=1.0, jitter_ns=0, boundary_jitter_ns=0)
    found = true_figures([perfect], PLAN, TOLERANCES, against_gold=True)
    assert found is not None
    assert (found.events, found.outcome, found.text_equal, found.boundaries) == (1, 1, 1, 1)
