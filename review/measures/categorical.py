"""Agreement of any number of raters on one category an item: raw and chance-corrected.

``counts`` is (items, categories): how many raters gave an item that category; a missing rater is
simply not counted. Raw agreement P_o is the headline; coefficients are diagnostics and never the
gate, for at 95% prevalence they punish what is right: [[118, 5], [2, 0]] agrees in 94.4%, with
kappa -0.02.

- P_o = agreeing pairs / pairs, pooled over items.
- Krippendorff's alpha = 1 - D_o / D_e from the coincidences o_ck = sum_u n_uc (n_uk - [c = k]) /
  (m_u - 1) of items with m_u >= 2; nominal or ordinal distance (Krippendorff 2011).
- Gwet's AC1 = (P_a - P_e) / (1 - P_e); P_a the mean over items with two ratings or more of their
  agreeing share of pairs, P_e = sum pi_c (1 - pi_c) / (q - 1), pi_c the mean share of c over items
  (Gwet 2008).
- Fleiss' kappa with the same P_a and P_e = sum pi_c^2; equal numbers of raters (Fleiss 1971), else
  Gwet's generalisation.
- Cohen's kappa of a two-way table (Cohen 1960).

All lie in [-1, 1] (alpha may fall below), are 1 for full agreement, and None with a reason where
chance agreement is complete.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from review.measures.refused import InputRefused, Reason

Floats = NDArray[np.float64]
Metric = Literal["nominal", "ordinal"]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """``value`` is None with a ``reason``; ``observed`` agreement, agreement by ``chance``.

    ``n`` counts the items (or pairs, or ns) it was computed from.
    """

    value: float | None
    observed: float | None
    chance: float | None
    n: int
    reason: Reason | None = None

    @classmethod
    def undefined(cls, reason: Reason, observed: float | None = None, n: int = 0) -> "Coefficient":
        return cls(None, observed, None, n, reason)


def counts_of(answers: Sequence[Mapping[str, str | None]], categories: Sequence[str]) -> Floats:
    """Counts from one ``{rater: category or None}`` an item; unknown categories are refused."""
    column = {name: i for i, name in enumerate(categories)}
    counts = np.zeros((len(answers), len(categories)))
    for row, said in enumerate(answers):
        for rater, category in said.items():
            if category is None:
                continue
            if category not in column:
                raise InputRefused(
                    "unknown_name", f"{rater} said {category}, which is no category."
                )
            counts[row, column[category]] += 1
    return counts


def _checked(counts: ArrayLike) -> Floats:
    found = np.asarray(counts, dtype=np.float64)
    if found.ndim != 2 or not np.isfinite(found).all() or (found < 0).any():
        raise InputRefused("not_a_number", "Counts are items by categories, none below 0.")
    return found


def pairwise_agreement(counts: ArrayLike) -> Coefficient:
    """P_o: agreeing pairs of raters over all pairs, pooled. ``n`` counts pairs."""
    found = _checked(counts)
    raters = found.sum(1)
    pairs = float((raters * (raters - 1)).sum()) / 2
    if not pairs:
        return Coefficient.undefined(Reason.NOTHING)
    rate = float((found * (found - 1)).sum()) / 2 / pairs
    return Coefficient(rate, rate, None, round(pairs))


def coincidences(counts: ArrayLike) -> Floats:
    """(items, V, V): what each item adds to the coincidence matrix; additive over items."""
    found = _checked(counts)
    raters = found.sum(1)
    weight = np.divide(1.0, raters - 1, out=np.zeros_like(raters), where=raters > 1)
    pairs = found[:, :, None] * found[:, None, :]
    pairs[:, np.arange(found.shape[1]), np.arange(found.shape[1])] -= found
    return np.asarray(pairs * weight[:, None, None])


def alpha_of(coincidence: ArrayLike, metric: Metric = "nominal") -> Coefficient:
    """Krippendorff's alpha of a summed coincidence matrix (V, V), symmetric.

    Ordinal categories come in their order. Works on durations as on counts; the unit matters only
    through the small-sample correction, total - 1.
    """
    matrix = np.asarray(coincidence, dtype=np.float64)
    total = matrix.sum()
    if total <= 0:
        return Coefficient.undefined(Reason.NOTHING)
    marginal = matrix.sum(1)
    distance = _distance(marginal, metric)
    expected = float((np.outer(marginal, marginal) * distance).sum() / (total - 1))
    agreeing = float(np.trace(matrix) / total)
    if expected <= 0:
        return Coefficient.undefined(Reason.ONE_CATEGORY, agreeing, round(total))
    value = float(1 - (matrix * distance).sum() / expected)
    chance = float((marginal * (marginal - 1)).sum() / (total * (total - 1)))
    return Coefficient(value, agreeing, chance, round(total))


def _distance(marginal: Floats, metric: Metric) -> Floats:
    size = len(marginal)
    if metric == "nominal":
        return 1 - np.eye(size)
    # Ordinal: (sum of n_g from c to k, less half of both ends)^2.
    through = np.cumsum(marginal)
    upper = np.maximum.outer(np.arange(size), np.arange(size))
    lower = np.minimum.outer(np.arange(size), np.arange(size))
    between = through[upper] - through[lower] + marginal[lower]
    between -= (marginal[upper] + marginal[lower]) / 2
    return np.asarray(np.where(upper == lower, 0.0, between) ** 2)


def krippendorff_alpha(counts: ArrayLike, metric: Metric = "nominal") -> Coefficient:
    """Alpha of items by categories; items with one rating only take no part."""
    return alpha_of(coincidences(counts).sum(0), metric)


def _observed(counts: Floats) -> tuple[Floats, Floats]:
    """(agreeing share of pairs of each item with two ratings or more, category shares pi)."""
    raters = counts.sum(1)
    several = raters > 1
    n = raters[several]
    agreeing = (counts[several] * (counts[several] - 1)).sum(1) / (n * (n - 1))
    rated = raters > 0
    return agreeing, np.asarray((counts[rated] / raters[rated, None]).mean(0))


def _corrected(counts: ArrayLike, *, ac1: bool, categories: int | None) -> Coefficient:
    found = _checked(counts)
    if not (found.sum(1) > 1).any():
        return Coefficient.undefined(Reason.NOTHING)
    agreeing, shares = _observed(found)
    observed, n = float(agreeing.mean()), len(agreeing)
    used = int((shares > 0).sum())
    if used < 2:
        return Coefficient.undefined(Reason.ONE_CATEGORY, observed, n)
    if ac1:
        chance = float((shares * (1 - shares)).sum() / ((categories or used) - 1))
    else:
        chance = float((shares**2).sum())
    return Coefficient((observed - chance) / (1 - chance), observed, chance, n)


def gwet_ac1(counts: ArrayLike, categories: int | None = None) -> Coefficient:
    """AC1. ``categories`` is q where categories exist that nobody used; else those used."""
    return _corrected(counts, ac1=True, categories=categories)


def fleiss_kappa(counts: ArrayLike, *, equal_raters: bool = True) -> Coefficient:
    """Fleiss' kappa; with ``equal_raters`` unset, Gwet's version for missing ratings."""
    found = _checked(counts)
    raters = found.sum(1)
    if equal_raters and raters.size and not (raters == raters[0]).all():
        return Coefficient.undefined(Reason.UNEQUAL_RATERS)
    return _corrected(found, ac1=False, categories=None)


Weights = Literal["linear", "quadratic"]


def cohen_kappa(table: ArrayLike, weights: Weights | None = None) -> Coefficient:
    """Cohen's kappa of two raters, (categories in a) by (categories in b); weighted if asked.

    kappa = 1 - sum w o / sum w e with w the disagreement, [c != k], |c - k| or (c - k)^2.
    """
    found = _checked(table)
    if found.shape[0] != found.shape[1]:
        raise InputRefused("out_of_range", "Both raters have the same categories.")
    n = found.sum()
    if not n:
        return Coefficient.undefined(Reason.NOTHING)
    expected = np.outer(found.sum(1), found.sum(0)) / n
    apart = np.abs(np.subtract.outer(np.arange(len(found)), np.arange(len(found))))
    weight = {None: (apart > 0) * 1, "linear": apart, "quadratic": apart**2}[weights]
    observed = float(np.trace(found) / n)
    by_chance = float((weight * expected).sum())
    if by_chance == 0:
        return Coefficient.undefined(Reason.ONE_CATEGORY, observed, round(float(n)))
    value = 1 - float((weight * found).sum()) / by_chance
    return Coefficient(value, observed, float(np.trace(expected) / n), round(float(n)))
