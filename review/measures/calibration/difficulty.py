"""How hard gold items are and how able annotators are: the Rasch model.

P(right) = 1 / (1 + exp(-(skill - difficulty))), skills ~ N(0, 1), difficulties ~ N(mu, 1.5^2), mu ~
N(0, 5^2): annotators are mostly right, so items are easy on the whole. The posterior mode is found
by Newton's method; the Hessian's block of items is diagonal, so it is eliminated. Used to rank and
to spread difficulty equally over people; the raw bound stays the gate. Source: Rasch 1960;
Swaminathan and Gifford 1982 for the priors.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from review.measures.refused import InputRefused, Reason

Floats = NDArray[np.float64]

SKILL_SD = 1.0
ITEM_SD = 1.5
MEAN_SD = 5.0
MIN_ITEMS = 30
MIN_ANNOTATORS = 5
_STEPS = 60
_SETTLED = 1e-9


@dataclass(frozen=True, slots=True)
class Attempt:
    """One annotator's attempt at one gold item; an item passes when its episode conforms."""

    annotator: str
    item: str
    right: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """A place on the logit scale with its standard error; larger is abler, or harder."""

    name: str
    value: float
    se: float
    attempts: int
    passed: int


@dataclass(frozen=True, slots=True)
class Difficulty:
    """Skills and difficulties, each from the highest; empty with a reason when unknown."""

    skills: tuple[Placed, ...]
    items: tuple[Placed, ...]
    reason: Reason | None = None


def rasch(
    attempts: Iterable[Attempt],
    *,
    min_items: int = MIN_ITEMS,
    min_annotators: int = MIN_ANNOTATORS,
) -> Difficulty:
    """Fit all attempts together. An annotator's second attempt at an item is refused."""
    rows = sorted(attempts, key=lambda one: (one.annotator, one.item))
    people = sorted({one.annotator for one in rows})
    items = sorted({one.item for one in rows})
    if len(items) < min_items:
        return Difficulty((), (), Reason.TOO_FEW_ITEMS)
    if len(people) < min_annotators:
        return Difficulty((), (), Reason.TOO_FEW_RATERS)
    seen = np.zeros((len(people), len(items)))
    right = np.zeros_like(seen)
    person_at = {name: i for i, name in enumerate(people)}
    item_at = {name: i for i, name in enumerate(items)}
    for one in rows:
        place = person_at[one.annotator], item_at[one.item]
        if seen[place]:
            raise InputRefused(
                "duplicate",
                f"{one.annotator} attempted {one.item} twice.",
                remedy="Count the first attempt only: an item known already is no test.",
            )
        seen[place], right[place] = 1, one.right
    fitted = _fit(seen, right)
    if fitted is None:
        return Difficulty((), (), Reason.NOT_CONVERGED)
    skill, hard, skill_se, hard_se = fitted
    return Difficulty(
        skills=_placed(people, skill, skill_se, seen.sum(1), right.sum(1)),
        items=_placed(items, hard, hard_se, seen.sum(0), right.sum(0)),
    )


def _fit(seen: Floats, right: Floats) -> tuple[Floats, Floats, Floats, Floats] | None:
    """Mode and standard errors. Unknowns: skills and mu together (t), difficulties (b)."""
    people = seen.shape[0]
    t, b = np.zeros(people + 1), np.zeros(seen.shape[1])
    for _ in range(_STEPS):
        p = seen / (1 + np.exp(b[None, :] - t[:people, None]))
        weight = p * (1 - p / np.where(seen > 0, seen, 1))
        apart = (b - t[-1]) / ITEM_SD**2
        slope_t = np.append(
            (right - p).sum(1) - t[:-1] / SKILL_SD**2, apart.sum() - t[-1] / MEAN_SD**2
        )
        slope_b = (p - right).sum(0) - apart
        # The negative Hessian, in blocks.
        own_t = np.append(weight.sum(1) + 1 / SKILL_SD**2, b.size / ITEM_SD**2 + 1 / MEAN_SD**2)
        own_b = weight.sum(0) + 1 / ITEM_SD**2
        cross = np.vstack([-weight, np.full((1, b.size), -1 / ITEM_SD**2)])
        rest = np.diag(own_t) - (cross / own_b) @ cross.T
        step_t = np.linalg.solve(rest, slope_t - cross @ (slope_b / own_b))
        step_b = (slope_b - cross.T @ step_t) / own_b
        t, b = t + step_t, b + step_b
        if max(np.abs(step_t).max(), np.abs(step_b).max()) < _SETTLED:
            inverse = np.linalg.inv(rest)
            through = (cross / own_b).T
            spread_b = 1 / own_b + np.einsum("ij,jk,ik->i", through, inverse, through)
            return t[:people], b, np.sqrt(np.diag(inverse)[:people]), np.sqrt(spread_b)
    return None


def _placed(
    names: Sequence[str], value: Floats, se: Floats, attempts: Floats, passed: Floats
) -> tuple[Placed, ...]:
    rows = [
        Placed(name, float(value[i]), float(se[i]), int(attempts[i]), int(passed[i]))
        for i, name in enumerate(names)
    ]
    return tuple(sorted(rows, key=lambda one: (-one.value, one.name)))
