"""Sums over episodes, their intervals, and every figure, against the truth of simulated answers."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from scipy import stats

from review.measures.bootstrap import EpisodeBootstrap, spread_of, timing_spread
from review.measures.bounds import estimate
from review.measures.counts import POOLED, Measure, PairCounts, count_pair, total
from review.measures.episodes import (
    EpisodeAnswers,
    EpisodeCounter,
    EpisodeCounts,
    Submission,
    latest_answers,
    seed_of,
)
from review.measures.events import timing_bias
from review.measures.figures import agreement_figures
from review.measures.records import Answer, Instant, Interval, Tolerances
from review.measures.refused import InputRefused, Reason
from review.measures.simulation import OUTCOMES, Annotator, EpisodePlan, annotate, true_answer
from review.measures.tally import Tally

PLAN = EpisodePlan()
PEOPLE = (Annotator("ada", 0.97), Annotator("abe", 0.9, icc=0.2), Annotator("bo", 0.95))
TOLERANCES = Tolerances(by_type={"release": 150_000_000})


def simulated(count: int, seed: int = 1, *, gold: bool = False) -> list[EpisodeAnswers]:
    rng = np.random.default_rng(seed)
    found = []
    for position in range(count):
        truth = true_answer(PLAN, rng, f"e{position}")
        answers = {who.name: annotate(truth, who, PLAN, rng) for who in PEOPLE}
        if position % 7 == 0:
            del answers["bo"]
        found.append(
            EpisodeAnswers(
                f"e{position}", PLAN.duration_ns, answers, TOLERANCES, truth if gold else None
            )
        )
    return found


def counted(episodes: list[EpisodeAnswers]) -> EpisodeCounts:
    counter = EpisodeCounter()
    counter.add(episodes)
    return counter.counts()


def one_by_one(episode: EpisodeAnswers) -> list[PairCounts]:
    return [
        count_pair(
            a,
            b,
            duration_ns=episode.duration_ns,
            tolerances=episode.tolerances,
            seed=seed_of(episode.id, one, two),
        )
        for one, two, a, b in episode.pairs()
    ]


@pytest.fixture(scope="module")
def episodes() -> list[EpisodeAnswers]:
    return simulated(60)


def test_sums_are_those_of_comparisons_made_one_by_one(episodes: list[EpisodeAnswers]) -> None:
    counts = counted(episodes)
    by_episode = [total(one_by_one(episode)) for episode in episodes]
    whole = total(by_episode)
    assert set(counts.kinds()) == set(whole.rows)
    for key in whole.rows:
        assert counts.tally(*key) == whole[key].tally
    assert counts.durations_total() == whole.durations
    for key in ((Measure.EVENT, POOLED), (Measure.SEGMENT_50, POOLED), (Measure.TEXT, POOLED)):
        assert counts.estimate(*key) == estimate(one[key].tally for one in by_episode)
    _, offsets = counts.offsets_of(Measure.EVENT)
    assert sorted(offsets.tolist()) == sorted(whole[Measure.EVENT, POOLED].offsets_ns)
    _, released = counts.offsets_of(Measure.EVENT, "release")
    assert sorted(released.tolist()) == sorted(whole[Measure.EVENT, "release"].offsets_ns)


def test_in_how_many_pieces_episodes_come_does_not_matter(episodes: list[EpisodeAnswers]) -> None:
    counter = EpisodeCounter()
    for begin in range(0, 60, 7):
        counter.add(episodes[begin : begin + 7])
    pieces, whole = counter.counts(), counted(episodes)
    assert pieces.kinds() == whole.kinds()
    for key in whole.kinds():
        assert pieces.estimate(*key) == whole.estimate(*key)
    assert pieces.couples == whole.couples


def test_a_missing_annotator_is_no_pair_and_an_empty_answer_is_one() -> None:
    full = Answer((Instant("slip", "", 5),))
    there = EpisodeAnswers("one", 100, {"ada": full, "abe": Answer()}, TOLERANCES)
    alone = EpisodeAnswers("two", 100, {"ada": full}, TOLERANCES)
    counts = counted([there, alone])
    assert counts.comparisons == 1
    assert counts.tally(Measure.EVENT) == Tally(0, 0, 1)
    nobody = counted([EpisodeAnswers("none", 100, {}, TOLERANCES)])
    figures = agreement_figures(nobody)
    assert figures.rates == {}
    assert figures.outcome.agreement.reason is Reason.NOTHING


def test_nobody_pairs_with_themself_and_the_last_round_counts() -> None:
    early, late = Answer(outcome="outcome_failure"), Answer(outcome="outcome_success")
    answers = latest_answers(
        [Submission("ada", 2, late), Submission("ada", 1, early), Submission("abe", 1, early)]
    )
    assert answers == {"abe": early, "ada": late}
    episode = EpisodeAnswers("one", 100, answers, TOLERANCES)
    assert [(one, two) for one, two, *_ in episode.pairs()] == [("abe", "ada")]


def test_a_duplicate_submission_is_one_and_two_different_ones_are_refused() -> None:
    one, other = Answer(outcome="outcome_failure"), Answer(outcome="outcome_success")
    assert latest_answers([Submission("ada", 1, one), Submission("ada", 1, one)]) == {"ada": one}
    with pytest.raises(InputRefused, match="two answers as round 1") as refused:
        latest_answers([Submission("ada", 1, one), Submission("ada", 1, other)])
    assert refused.value.reason == "duplicate"


def test_pooled_and_mean_over_pairs() -> None:
    marks = tuple(Instant("slip", "", t) for t in range(0, 50, 10))
    some = {"ada": Answer(marks), "abe": Answer(marks), "bo": Answer(marks[:1])}
    counts = counted([EpisodeAnswers("one", 100, some, Tolerances(default_ns=1))])
    assert counts.tally(Measure.EVENT) == Tally(7, 15, 7)
    assert counts.estimate(Measure.EVENT).rate == pytest.approx(14 / 22)
    assert counts.mean_of_pairs(Measure.EVENT) == pytest.approx((1 + 2 / 6 + 2 / 6) / 3)


def test_against_a_reference_direction_is_kept() -> None:
    gold = Answer((Instant("slip", "", 5), Instant("slip", "", 50)))
    mine = Answer((Instant("slip", "", 7),))
    one = EpisodeAnswers("one", 100, {"ada": mine}, Tolerances(default_ns=3), gold)
    counts = counted([one])
    tally = counts.tally(Measure.EVENT)
    assert (tally.precision, tally.recall) == (1, 0.5)
    assert counts.offsets_of(Measure.EVENT)[1].tolist() == [2]


def test_figures_find_the_truth_of_simulated_annotators() -> None:
    """Against the truth, F is 1 - errors of known rates; bounds hold it, biases are found."""
    people = (Annotator("ada", 0.95, bias_ns={"release": 30_000_000}, missed=1.0, confused=0.0),)
    rng = np.random.default_rng(4)
    rows = []
    for position in range(400):
        truth = true_answer(PLAN, rng)
        answers = {who.name: annotate(truth, who, PLAN, rng) for who in people}
        rows.append(EpisodeAnswers(f"e{position}", PLAN.duration_ns, answers, TOLERANCES, truth))
    figures = agreement_figures(counted(rows), ordinal=OUTCOMES, replicates=200)
    events = figures.rates[Measure.EVENT, POOLED]
    # 5% are left out: F = 2 * 0.95 / 1.95.
    truth_f = 2 * 0.95 / 1.95
    assert events.low is not None
    assert events.high is not None
    assert events.low <= truth_f <= events.high
    assert figures.timing["release"].bias.median_ns == pytest.approx(30e6, abs=3e6)
    assert figures.timing["lift_off"].bias.median_ns == pytest.approx(0, abs=3e6)
    spread = figures.timing["release"].spread
    assert spread is not None
    assert spread.median_ns is not None
    assert spread.median_ns.low <= 30e6 <= spread.median_ns.high
    slots = figures.rates[Measure.SLOT, POOLED].rate
    assert slots == pytest.approx(0.95, abs=0.02)


def test_every_figure_is_finite_or_missing_with_a_reason(episodes: list[EpisodeAnswers]) -> None:
    figures = agreement_figures(counted(episodes), ordinal=OUTCOMES, replicates=50)
    # allow_nan: a NaN anywhere would be refused.
    parts = [asdict(one) for one in figures.rates.values()]
    parts += [asdict(figures.segments_alpha), asdict(figures.outcome), asdict(figures.text_alpha)]
    json.dumps(parts, allow_nan=False)
    for measured in figures.rates.values():
        assert (measured.rate is None) == (measured.reason is Reason.NOTHING)
    ordinal = figures.outcome.ordinal
    assert ordinal is not None
    assert ordinal.coefficient.value is not None
    assert figures.text_alpha.value == pytest.approx(0.9, abs=0.1)


def test_bootstrap_mean_has_the_known_standard_error() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(3, 1, 300)
    columns = np.column_stack((values, np.ones(300)))
    spread = EpisodeBootstrap(300, 2_000).spread(columns, lambda sums: sums[:, 0] / sums[:, 1])
    assert spread is not None
    low, high = stats.norm.interval(0.95, values.mean(), values.std() / np.sqrt(300))
    assert (spread.low, spread.high) == pytest.approx((low, high), abs=0.015)
    assert spread.low < spread.lower < spread.upper < spread.high


def test_bootstrap_is_reproducible_and_draws_as_many_as_there_are() -> None:
    bootstrap = EpisodeBootstrap(7, 40, seed=3)
    first = np.concatenate(list(bootstrap.weights()))
    assert (first == np.concatenate(list(bootstrap.weights()))).all()
    assert (first.sum(1) == 7).all()


@pytest.mark.parametrize("size", [40, 5_000])
def test_timing_quantiles_of_the_bootstrap_are_those_of_numpy(size: int) -> None:
    """Resampled one by one with NumPy; 5,000 offsets go through bins."""
    rng = np.random.default_rng(8)
    episode = rng.integers(0, 20, size)
    offsets = np.rint(rng.normal(5e6, 20e6, size)).astype(np.int64)
    bootstrap = EpisodeBootstrap(20, 200, seed=1)
    found = timing_spread(bootstrap, episode, offsets)
    rows = []
    for weight in np.concatenate(list(bootstrap.weights())):
        drawn = np.repeat(offsets, weight[episode])
        bias = timing_bias(drawn)
        assert bias is not None
        rows.append((bias.median_ns, bias.mad_ns, bias.p95_abs_ns))
    expected = [spread_of(np.array(column, dtype=float)) for column in zip(*rows, strict=True)]
    for ours, theirs in zip(
        (found.median_ns, found.mad_ns, found.p95_abs_ns), expected, strict=True
    ):
        assert ours is not None
        assert theirs is not None
        # The median of an even number is the lower middle one here, their mean in NumPy.
        near = 4e6 if size == 40 else 2e5
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=near)


def test_one_episode_has_no_bootstrap() -> None:
    with pytest.raises(InputRefused, match="at least two"):
        EpisodeBootstrap(1)
    marks = Answer((Instant("slip", "", 5),), (Interval("failure", "", 0, 9),), "outcome_success")
    one = EpisodeAnswers("one", 100, {"ada": marks, "abe": marks}, TOLERANCES)
    figures = agreement_figures(counted([one]))
    assert figures.timing[POOLED].spread is None
    assert figures.segments_alpha.spread is None
    assert figures.outcome.alpha.coefficient.reason is Reason.ONE_CATEGORY
