"""Acceptance plans (n, c): look at n episodes, accept the lot when at most c do not conform.

An episode conforms when it has no critical error and F = 1 at the tolerance. A plan promises: a lot
with more than ``bad_share`` bad episodes is accepted with probability at most 1 - ``confidence``.
Large lots: P(accept) = sum_{k<=c} C(n, k) p^k (1 - p)^(n - k) at p = bad_share. A lot of N:
hypergeometric, at the fewest bad episodes that are too many, D = floor(bad_share N) + 1. Source:
success-run tables (59, 93, 124, 153, 181 at 95%/95%); Montgomery, Introduction to Statistical
Quality Control.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.special import bdtr, betaincinv, gammaln

from review.measures.refused import InputRefused, count_of, share

BAD_SHARE = 0.05
CONFIDENCE = 0.95
# Errors worth offering: beyond four a lot is looked at nearly whole.
OFFERED = (0, 1, 2, 3, 4)
# From here on a lot is as good as endless: the binomial asks for at most a few episodes more.
LARGE_LOT = 5_000
# Of a probability by log-gamma: one that is the risk exactly is not above it.
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Plan:
    """``lot`` None is a lot without end (binomial). ``n`` equal to the lot is full inspection."""

    n: int
    c: int
    lot: int | None = None

    def __post_init__(self) -> None:
        if self.n < 1 or not 0 <= self.c < self.n:
            raise InputRefused("impossible_count", f"n = {self.n} and c = {self.c} is no plan.")
        if self.lot is not None and self.n > self.lot:
            raise InputRefused("impossible_count", f"{self.n} of {self.lot} cannot be looked at.")

    def accepts(self, bad_share: float) -> float:
        """P(accept) of a lot with this share of bad episodes; in a finite lot, rounded to whole."""
        share(bad_share, "bad_share")
        if self.lot is None:
            return float(bdtr(self.c, self.n, bad_share))
        return accept_of_lot(self.n, self.c, self.lot, round(bad_share * self.lot))


@dataclass(frozen=True, slots=True)
class OfferedPlan:
    """A plan with what it does to a good lot: P(accept) at 1% bad, and at what must not pass."""

    plan: Plan
    accepts_at_1_percent: float
    accepts_too_bad: float


def accept_of_lot(n: int, c: int, lot: int, bad: int) -> float:
    """P(at most c bad among n drawn from a lot with ``bad`` bad ones), hypergeometric."""
    count_of(bad, lot, "bad episodes of the lot")
    count_of(n, lot, "the sample of the lot")
    k = np.arange(max(0, n - (lot - bad)), min(c, n, bad) + 1)
    if not k.size:
        return 0.0

    def log_choose(top: int, bottom: np.ndarray) -> np.ndarray:
        found = gammaln(top + 1) - gammaln(bottom + 1) - gammaln(top - bottom + 1)
        return np.asarray(found)

    logs = log_choose(bad, k) + log_choose(lot - bad, n - k) - log_choose(lot, np.array(n))
    return min(1.0, float(np.exp(logs).sum()))


def too_many(lot: int, bad_share: float = BAD_SHARE) -> int:
    """The fewest bad episodes that are more than ``bad_share`` of the lot."""
    return math.floor(Fraction(str(bad_share)) * lot) + 1


def plan(
    c: int,
    *,
    lot: int | None = None,
    bad_share: float = BAD_SHARE,
    confidence: float = CONFIDENCE,
) -> Plan | None:
    """The smallest sample that keeps the promise with c allowed errors.

    None when even the whole lot would not: a lot that may hold no more than c bad ones by its size.
    """
    share(bad_share, "bad_share", open_ends=True)
    share(confidence, "confidence", open_ends=True)
    if c < 0:
        raise InputRefused("out_of_range", "The allowed errors are 0 or more.", name="c")
    risk = 1 - confidence
    if lot is None:
        high = c + 1
        while bdtr(c, high, bad_share) > risk:
            high *= 2
        return Plan(_first(c + 1, high, lambda n: float(bdtr(c, n, bad_share)) <= risk), c)
    if lot < 1:
        raise InputRefused("out_of_range", "A lot has at least one episode.", name="lot")
    bad = too_many(lot, bad_share)
    # Looking at everything finds every bad one; with c >= bad even that accepts too many.
    if c >= min(bad, lot):
        return None
    found = _first(c + 1, lot, lambda n: accept_of_lot(n, c, lot, bad) <= risk + ROUNDING)
    return Plan(found, c, lot)


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The smallest n in [low, high] that holds; what holds at n holds at n + 1, and at high."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def offered_plans(
    lot: int | None, *, bad_share: float = BAD_SHARE, confidence: float = CONFIDENCE
) -> list[OfferedPlan]:
    """The plans worth choosing from, c = 0 to 4, with what they do to good and to bad lots."""
    found = []
    for c in OFFERED:
        chosen = plan(c, lot=lot, bad_share=bad_share, confidence=confidence)
        if chosen is None:
            continue
        worst = (
            chosen.accepts(bad_share)
            if lot is None
            else accept_of_lot(chosen.n, c, lot, too_many(lot, bad_share))
        )
        found.append(OfferedPlan(chosen, chosen.accepts(0.01), worst))
    return found


def recommended_plan(
    lot: int | None, *, bad_share: float = BAD_SHARE, confidence: float = CONFIDENCE
) -> Plan:
    """c = 2 where it leaves a third of the lot unseen, else fewer errors, else the whole lot.

    c = 2 passes a lot with 1% bad nearly nine times in ten, c = 0 hardly more than every second.
    """
    for c in (2, 1, 0):
        chosen = plan(c, lot=lot, bad_share=bad_share, confidence=confidence)
        if chosen is not None and (lot is None or 3 * chosen.n <= 2 * lot):
            return chosen
    whole = lot or 1
    return Plan(whole, min(too_many(whole, bad_share) - 1, whole - 1), whole)


def operating_characteristic(
    chosen: Plan, shares: Sequence[float] | None = None
) -> list[tuple[float, float]]:
    """(share of bad episodes, P(accept)) points of the plan's curve, for a page to draw.

    A finite lot is asked at each whole number of bad episodes up to 20%.
    """
    if shares is None and chosen.lot is not None and chosen.lot <= LARGE_LOT:
        most = max(1, math.ceil(0.2 * chosen.lot))
        return [
            (bad / chosen.lot, accept_of_lot(chosen.n, chosen.c, chosen.lot, bad))
            for bad in range(most + 1)
        ]
    wanted = shares if shares is not None else [i / 400 for i in range(81)]
    return [(one, chosen.accepts(one)) for one in wanted]


def bad_share_bounds(
    bad: int, n: int, lot: int | None = None, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """One-sided exact bounds of the share of bad episodes: (lower, upper), each at ``confidence``.

    Clopper and Pearson 1934; in a finite lot the counts of bad ones that the sample does not
    refute. Without a sample nothing is known: (0, 1).
    """
    count_of(bad, n, "bad episodes")
    risk = 1 - share(confidence, "confidence", open_ends=True)
    if n == 0:
        return 0.0, 1.0
    if lot is not None and lot <= LARGE_LOT:
        count_of(n, lot, "the sample of the lot")
        most = bad + lot - n
        # The fewest that make so many bad ones likely enough, and the most that make so few so.
        low = _first(
            bad, most, lambda total: accept_of_lot(n, bad - 1, lot, total) < 1 - risk - ROUNDING
        )
        over = _first(
            bad,
            most + 1,
            lambda total: total > most or accept_of_lot(n, bad, lot, total) <= risk + ROUNDING,
        )
        return low / lot, (over - 1) / lot
    lower = 0.0 if bad == 0 else float(betaincinv(bad, n - bad + 1, risk))
    upper = 1.0 if bad == n else float(betaincinv(bad + 1, n - bad, confidence))
    return lower, upper
