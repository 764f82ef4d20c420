"""Every agreement figure of a set of episodes, with its interval, from their additive counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from review.measures.bootstrap import (
    EpisodeBootstrap,
    Floats,
    Spread,
    TimingSpread,
    timing_spread,
)
from review.measures.bounds import Estimate
from review.measures.categorical import (
    Coefficient,
    coincidences,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
)
from review.measures.episodes import EpisodeCounts
from review.measures.events import TimingBias, timing_bias
from review.measures.measure import POOLED, Key, Measure
from review.measures.refused import Reason
from review.measures.tally import Tally
from review.measures.text import text_alpha_of
from review.measures.timeline import SEGMENTS, duration_alpha, frame_accuracy

CHANCE_TOO_HIGH = 0.9
RATES = (
    Measure.EVENT,
    Measure.EVENT_HALF,
    Measure.EVENT_DOUBLE,
    Measure.ONSET,
    Measure.BOUNDARY,
    Measure.BOUNDARY_HALF,
    Measure.BOUNDARY_DOUBLE,
    Measure.SEGMENT_25,
    Measure.SEGMENT_50,
    Measure.SEGMENT_75,
    Measure.EDIT,
    Measure.TEXT,
    Measure.SLOT,
)


@dataclass(frozen=True, slots=True)
class Bounded:
    """A coefficient with its episode-bootstrap interval; None where undefined."""

    coefficient: Coefficient
    spread: Spread | None


@dataclass(frozen=True, slots=True)
class Timing:
    bias: TimingBias
    spread: TimingSpread | None


@dataclass(frozen=True, slots=True)
class OutcomeFigures:
    """``agreement`` is P_o over pairs, bounded by episodes; the rest are diagnostics."""

    agreement: Estimate
    alpha: Bounded
    ordinal: Bounded | None
    ac1: Bounded
    fleiss: Coefficient


@dataclass(frozen=True, slots=True)
class AgreementFigures:
    """``rates`` by measure and class are micro, ``pair_means`` the means over annotator pairs."""

    episodes: int
    comparisons: int
    rates: Mapping[Key, Estimate]
    pair_means: Mapping[Key, float | None]
    exact: Estimate
    above_chance: Coefficient
    timing: Mapping[str, Timing]
    confusion: Mapping[Key, int]
    segments_alpha: Bounded
    frame_accuracy: Coefficient
    segment_ratio: float | None
    edit_score: float | None
    text_similarity: float | None
    text_alpha: Coefficient
    outcome: OutcomeFigures


def agreement_figures(
    counts: EpisodeCounts,
    *,
    ordinal: Sequence[str] | None = None,
    replicates: int = 1_000,
    timing_replicates: int = 400,
    seed: int = 0,
) -> AgreementFigures:
    """All figures. ``ordinal`` names outcomes from worst to best, if they are declared ordered."""
    wanted = [key for key in counts.kinds() if key[0] in RATES]
    durations = counts.durations_total()
    several = counts.episodes > 1
    return AgreementFigures(
        episodes=counts.episodes,
        comparisons=counts.comparisons,
        rates={key: counts.estimate(*key) for key in wanted},
        pair_means={key: counts.mean_of_pairs(*key) for key in wanted},
        exact=counts.exact(),
        above_chance=above_chance(counts.tally(Measure.EVENT), counts.tally(Measure.EVENT_CHANCE)),
        timing=_timing(counts, timing_replicates if several else 0, seed),
        confusion={
            key: counts.tally(*key).matched
            for key in counts.kinds()
            if key[0] in (Measure.EVENT_CONFUSION, Measure.SEGMENT_CONFUSION)
        },
        segments_alpha=Bounded(
            duration_alpha(durations),
            _alpha_spread(counts, EpisodeBootstrap(counts.episodes, replicates, seed))
            if several
            else None,
        ),
        frame_accuracy=frame_accuracy(durations),
        segment_ratio=_segment_ratio(counts),
        edit_score=counts.similarity(Measure.EDIT),
        text_similarity=counts.similarity(Measure.TEXT),
        text_alpha=_text_alpha(counts, seed),
        outcome=outcome_figures(counts, ordinal=ordinal, replicates=replicates, seed=seed),
    )


def above_chance(measured: Tally, chance: Tally) -> Coefficient:
    """(F - F_e) / (1 - F_e), F_e from shifted comparisons (Measure.EVENT_CHANCE).

    None when a side has fewer than two instants, or F_e lies above 0.9.
    """
    if measured.f is None or chance.f is None:
        return Coefficient.undefined(Reason.NOTHING)
    n = measured.n_a + measured.n_b
    if min(measured.n_a, measured.n_b) < 2:
        return Coefficient.undefined(Reason.TOO_FEW_ITEMS, measured.f, n)
    if chance.f > CHANCE_TOO_HIGH:
        return Coefficient(None, measured.f, chance.f, n, Reason.CHANCE_TOO_HIGH)
    return Coefficient((measured.f - chance.f) / (1 - chance.f), measured.f, chance.f, n)


def _timing(counts: EpisodeCounts, replicates: int, seed: int) -> dict[str, Timing]:
    types = [POOLED, *(name for kind, name in counts.kinds() if kind is Measure.EVENT and name)]
    found = {}
    for type_ in types:
        episode, ns = counts.offsets_of(Measure.EVENT, type_)
        bias = timing_bias(ns)
        if bias is None:
            continue
        spread = None
        if replicates:
            bootstrap = EpisodeBootstrap(counts.episodes, replicates, seed)
            spread = timing_spread(bootstrap, episode, ns)
        found[type_] = Timing(bias, spread)
    return found


def _alpha_spread(counts: EpisodeCounts, bootstrap: EpisodeBootstrap) -> Spread | None:
    """Nominal alpha needs of an episode: time both say the same, and time of each category."""
    episode, layer, a, b, ns = counts.durations
    own = layer == counts.names.code(SEGMENTS)
    episode, a, b, seconds = episode[own], a[own], b[own], ns[own] / 1e9
    names, codes = np.unique(np.concatenate((a, b)), return_inverse=True)
    columns = np.zeros((counts.episodes, len(names) + 1))
    np.add.at(columns, (episode, codes[: len(a)]), seconds)
    np.add.at(columns, (episode, codes[len(a) :]), seconds)
    np.add.at(columns[:, -1], episode[a == b], 2 * seconds[a == b])
    return bootstrap.spread(columns, _nominal_alpha)


def _nominal_alpha(sums: Floats) -> Floats:
    """From (B, V + 1): marginals, then the diagonal's sum; durations need no n - 1."""
    marginal, same = sums[:, :-1], sums[:, -1]
    total = marginal.sum(1)
    expected = total - (marginal**2).sum(1) / total
    return np.asarray(1 - (total - same) / np.where(expected > 0, expected, np.nan))


def _text_alpha(counts: EpisodeCounts, seed: int) -> Coefficient:
    similarity = counts.similarity(Measure.TEXT)
    if similarity is None:
        return Coefficient.undefined(Reason.NOTHING)
    return text_alpha_of(similarity, counts.tally(Measure.TEXT).n_a, counts.texts, seed)


def _segment_ratio(counts: EpisodeCounts) -> float | None:
    """Mean over episodes of min(n_a, n_b) / max(n_a, n_b); 1 means equally many segments."""
    own = counts.rows(Measure.SEGMENT_50)
    n_a, n_b = counts.n_a[own], counts.n_b[own]
    some = np.maximum(n_a, n_b) > 0
    if not some.any():
        return None
    return float((np.minimum(n_a, n_b)[some] / np.maximum(n_a, n_b)[some]).mean())


def outcome_figures(
    counts: EpisodeCounts,
    *,
    ordinal: Sequence[str] | None = None,
    replicates: int = 1_000,
    seed: int = 0,
) -> OutcomeFigures:
    episode, category = counts.outcomes
    names, codes = np.unique(category, return_inverse=True)
    table = np.zeros((counts.episodes, len(names)))
    np.add.at(table, (episode, codes), 1.0)
    bootstrap = EpisodeBootstrap(counts.episodes, replicates, seed) if counts.episodes > 1 else None
    ranked = None
    if ordinal is not None:
        order = {name: i for i, name in enumerate(ordinal)}
        said = [counts.names[int(code)] for code in names]
        if all(name in order for name in said):
            by_rank = table[:, np.argsort([order[name] for name in said])]
            ranked = Bounded(krippendorff_alpha(by_rank, "ordinal"), None)
    return OutcomeFigures(
        agreement=counts.estimate(Measure.OUTCOME),
        alpha=_bounded_alpha(table, bootstrap),
        ordinal=ranked,
        ac1=Bounded(gwet_ac1(table), _ac1_spread(table, bootstrap)),
        fleiss=fleiss_kappa(table[table.sum(1) > 1]),
    )


def _bounded_alpha(table: Floats, bootstrap: EpisodeBootstrap | None) -> Bounded:
    if bootstrap is None:
        return Bounded(krippendorff_alpha(table), None)
    own = coincidences(table)
    columns = np.column_stack((own.sum(2), np.trace(own, axis1=1, axis2=2)))
    return Bounded(krippendorff_alpha(table), bootstrap.spread(columns, _alpha_of_counts))


def _alpha_of_counts(sums: Floats) -> Floats:
    marginal, same = sums[:, :-1], sums[:, -1]
    total = marginal.sum(1)
    expected = (total**2 - (marginal**2).sum(1)) / (total - 1)
    return np.asarray(1 - (total - same) / np.where(expected > 0, expected, np.nan))


def _ac1_spread(table: Floats, bootstrap: EpisodeBootstrap | None) -> Spread | None:
    if bootstrap is None or not table.size:
        return None
    raters = table.sum(1)
    several, rated = raters > 1, raters > 0
    agreeing = np.zeros(len(table))
    n = raters[several]
    agreeing[several] = (table[several] * (table[several] - 1)).sum(1) / (n * (n - 1))
    shares = np.divide(table, raters[:, None], out=np.zeros_like(table), where=raters[:, None] > 0)

    def ac1(sums: Floats) -> Floats:
        observed = sums[:, 0] / sums[:, 1]
        pi = sums[:, 3:] / sums[:, 2:3]
        used = (pi > 0).sum(1)
        chance = (pi * (1 - pi)).sum(1) / np.where(used > 1, used - 1, np.nan)
        return np.asarray((observed - chance) / (1 - chance))

    return bootstrap.spread(np.column_stack((agreeing, several, rated, shares)), ac1)
