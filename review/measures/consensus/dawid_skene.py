"""Dawid and Skene's model: what raters' confusions make of their votes. A suggestion, never more.

E step: P(z_i = k) ~ pi_k prod_j theta_j[k, x_ij]; M step: theta_j[k, l] ~ s + sum_i P(z_i = k)
1[x_ij = l], pi_k ~ s + sum_i P(z_i = k), with s = 0.01 so that no confusion is held impossible.
Begins at the vote shares. Source: Dawid and Skene 1979, Applied Statistics 28.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from review.measures.refused import InputRefused, Reason

MIN_RATERS = 3
MIN_ITEMS = 200
SMOOTHING = 0.01
_ROUNDS = 500
_SETTLED = 1e-8

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The likeliest value of one item and its probability under the model.

    ``sources`` are the raters who named it: none may have.
    """

    item: str
    value: str
    probability: float
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DawidSkene:
    """``confusion[rater]`` is rows of truth by columns of answer, in the order of ``values``."""

    suggestions: tuple[Suggestion, ...]
    values: tuple[str, ...] = ()
    prevalence: tuple[float, ...] = ()
    confusion: Mapping[str, tuple[tuple[float, ...], ...]] | None = None
    log_likelihood: float | None = None
    rounds: int = 0
    reason: Reason | None = None


def dawid_skene(
    votes: Iterable[tuple[str, str, str]],
    *,
    min_raters: int = MIN_RATERS,
    min_items: int = MIN_ITEMS,
) -> DawidSkene:
    """Fit (item, rater, value) votes, one a rater and item; missing votes are simply not there.

    Without three raters and 200 items there is no suggestion: the model would fit noise.
    """
    rows = sorted(votes)
    items = sorted({item for item, _, _ in rows})
    raters = sorted({rater for _, rater, _ in rows})
    values = sorted({value for _, _, value in rows})
    if len({(item, rater) for item, rater, _ in rows}) != len(rows):
        raise InputRefused("duplicate", "A rater votes once on an item.")
    if len(raters) < min_raters:
        return DawidSkene((), reason=Reason.TOO_FEW_RATERS)
    if len(items) < min_items:
        return DawidSkene((), reason=Reason.TOO_FEW_ITEMS)
    if len(values) < 2:
        return DawidSkene((), reason=Reason.ONE_CATEGORY)
    coded = tuple(
        np.searchsorted(np.array(names), np.array([row[at] for row in rows]))
        for at, names in enumerate((items, raters, values))
    )
    item, rater, value = coded[0], coded[1], coded[2]
    shape = len(items), len(raters), len(values)
    fitted = _fit(item, rater, value, shape)
    return _told(rows, (items, raters, values), fitted)


@dataclass(frozen=True, slots=True)
class _Fit:
    truth: Floats
    prior: Floats
    confusion: Floats
    log_likelihood: float
    rounds: int
    settled: bool


def _fit(
    item: NDArray[np.int64],
    rater: NDArray[np.int64],
    value: NDArray[np.int64],
    shape: tuple[int, int, int],
) -> _Fit:
    items, raters, values = shape
    truth = np.zeros((items, values))
    np.add.at(truth, (item, value), 1.0)
    truth /= truth.sum(1, keepdims=True)
    before, settled, rounds = -np.inf, False, 0
    while not settled and rounds < _ROUNDS:
        rounds += 1
        prior = truth.sum(0) + SMOOTHING
        prior /= prior.sum()
        # rater x answer x truth, so that votes add whole rows.
        counts = np.full((raters, values, values), SMOOTHING)
        np.add.at(counts, (rater, value), truth[item])
        confusion = counts / counts.sum(1, keepdims=True)
        joint = np.tile(np.log(prior), (items, 1))
        np.add.at(joint, item, np.log(confusion)[rater, value])
        top = joint.max(1, keepdims=True)
        truth = np.exp(joint - top)
        evidence = truth.sum(1, keepdims=True)
        truth /= evidence
        now = float((np.log(evidence) + top).sum())
        settled = abs(now - before) < _SETTLED * (1 + abs(now))
        before = now
    return _Fit(truth, prior, confusion.transpose(0, 2, 1), before, rounds, settled)


def _told(
    rows: list[tuple[str, str, str]], names: tuple[list[str], list[str], list[str]], fit: _Fit
) -> DawidSkene:
    items, raters, values = names
    if not fit.settled:
        return DawidSkene((), rounds=fit.rounds, reason=Reason.NOT_CONVERGED)
    named: dict[tuple[str, str], list[str]] = {}
    for item, rater, value in rows:
        named.setdefault((item, value), []).append(rater)
    best = fit.truth.argmax(1)
    return DawidSkene(
        suggestions=tuple(
            Suggestion(
                item,
                values[best[i]],
                float(fit.truth[i, best[i]]),
                tuple(named.get((item, values[best[i]]), ())),
            )
            for i, item in enumerate(items)
        ),
        values=tuple(values),
        prevalence=tuple(map(float, fit.prior)),
        confusion={
            name: tuple(tuple(map(float, row)) for row in fit.confusion[j])
            for j, name in enumerate(raters)
        },
        log_likelihood=fit.log_likelihood,
        rounds=fit.rounds,
    )
