"""Qualification by a sequential probability ratio test on gold labels.

With W right and E wrong labels, ``llr = (W ln(p_good / p_bad) + E ln((1 - p_good) / (1 - p_bad))) /
deff``. Passed at llr >= ln((1 - alpha) / beta), failed at llr <= ln(alpha / (1 - beta)). Labels of
one episode are right or wrong together: each is worth 1 / deff, the test looks after whole
episodes, and not before ``min_episodes``. ``cap`` counts effective labels (labels / deff), so that
the promised error rates do not depend on how labels cluster. Source: Wald 1945; Montgomery,
Introduction to Statistical Quality Control, item-by-item sequential sampling.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from review.measures.calibration.trials import Trials
from review.measures.refused import InputRefused, finite, share


class Qualification(StrEnum):
    CONTINUE = "continue"
    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class SprtPlan:
    """``alpha``: a good annotator fails; ``beta``: a bad one passes; both at most, about."""

    p_good: float = 0.97
    p_bad: float = 0.88
    alpha: float = 0.05
    beta: float = 0.05
    cap: float = 80
    min_episodes: int = 8
    deff: float = 2.0

    def __post_init__(self) -> None:
        for name in ("p_good", "p_bad", "alpha", "beta"):
            share(getattr(self, name), name, open_ends=True)
        if self.p_bad >= self.p_good or self.alpha + self.beta >= 1:
            raise InputRefused("out_of_range", "p_bad lies below p_good, alpha + beta below 1.")
        if finite(self.deff, "deff") < 1 or finite(self.cap, "cap") <= 0 or self.min_episodes < 1:
            raise InputRefused("out_of_range", "deff, cap and min_episodes start at 1.")

    @cached_property
    def right(self) -> float:
        """What one right label adds, before deff."""
        return math.log(self.p_good / self.p_bad)

    @cached_property
    def wrong(self) -> float:
        return math.log((1 - self.p_good) / (1 - self.p_bad))

    @cached_property
    def upper(self) -> float:
        return math.log((1 - self.alpha) / self.beta)

    @cached_property
    def lower(self) -> float:
        return math.log(self.alpha / (1 - self.beta))

    def worth(self, result: Trials) -> float:
        return (result.right * self.right + result.wrong * self.wrong) / self.deff

    @property
    def lines(self) -> tuple[float, float, float]:
        """(slope, pass intercept, fail intercept): wrong labels = intercept + slope * labels.

        At or below the pass line the annotator qualifies, at or above the fail line not.
        """
        step = self.right - self.wrong
        return (
            self.right / step,
            -self.upper * self.deff / step,
            -self.lower * self.deff / step,
        )


@dataclass(frozen=True, slots=True)
class SprtResult:
    """``path`` is the llr after each episode looked at; ``labels`` is plain, not effective.

    ``labels_to_pass`` is how many more labels without an error would qualify, None once decided
    or when the cap comes first.
    """

    state: Qualification
    llr: float
    labels: float
    episodes: int
    path: tuple[float, ...] = field(repr=False)
    labels_to_pass: int | None = None


def sprt(results: Sequence[Trials], plan: SprtPlan | None = None) -> SprtResult:
    """Test gold episodes in the order they were labelled; what follows a decision is not used.

    No result is CONTINUE. Undecided at the cap is a person's decision.
    """
    plan = plan or SprtPlan()
    llr, labels, path = 0.0, 0.0, []
    for episodes, result in enumerate(results, start=1):
        llr += plan.worth(result)
        labels += result.total
        path.append(llr)
        state = _state(plan, llr, labels, episodes)
        if state is not Qualification.CONTINUE:
            return SprtResult(state, llr, labels, episodes, tuple(path))
    more = max(0, math.ceil((plan.upper - llr) * plan.deff / plan.right - 1e-9))
    within = (labels + more) / plan.deff <= plan.cap
    return SprtResult(
        Qualification.CONTINUE, llr, labels, len(path), tuple(path), more if within else None
    )


def _state(plan: SprtPlan, llr: float, labels: float, episodes: int) -> Qualification:
    if episodes < plan.min_episodes:
        return Qualification.CONTINUE
    if llr >= plan.upper:
        return Qualification.PASSED
    if llr <= plan.lower:
        return Qualification.FAILED
    reached = labels / plan.deff >= plan.cap
    return Qualification.UNDECIDED if reached else Qualification.CONTINUE
