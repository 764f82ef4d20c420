"""How sure a rate is: Wilson intervals, widened because labels of one episode go together.

The unit of sampling is the episode. With per-episode x_i agreements of m_i trials, r = sum x / sum
m, V = E/(E-1) * sum (x_i - r m_i)^2 / (sum m)^2, the design effect is deff = max(1, V / (r (1-r) /
sum m)) and Wilson is taken of (r n/deff, n/deff). V is itself estimated, from the episodes that are
not perfect: with few of them the normal quantile z promises too much. So n is further scaled by
(z / t)^2, t Student's quantile with (imperfect episodes - 1) degrees of freedom, at least 1; but
never below what it would be if an episode were one trial, min(E, n/deff). At r = 0 or 1 V says
nothing: n is then E. For F, x_i = TP and m_i = (n_a + n_b) / 2, the cautious half of 2 TP of
n_a + n_b. ``make simulate`` prints how often the bounds hold.
Source: Wilson 1927; Kish 1965 for the design effect; Korn and Graubard 1998 for the scaling.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from scipy.special import ndtr, ndtri, stdtrit

from review.measures.refused import InputRefused, Reason
from review.measures.tally import Tally

# Standard normal quantiles at 0.975 and 0.95.
Z_TWO_SIDED = 1.959963984540054
Z_ONE_SIDED = 1.6448536269514722


def wilson(x: float, n: float, z: float = Z_TWO_SIDED) -> tuple[float, float]:
    """Wilson score interval of x successes in n trials; both may be fractional, n above 0."""
    if not 0 <= x <= n or not 0 < n < math.inf:
        raise InputRefused("impossible_count", f"{x} of {n} is no rate")
    p, z2 = x / n, z * z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    # Rounding would leave 1e-17 at the ends, where the interval touches 0 or 1 exactly.
    low = 0.0 if x == 0 else max(0.0, centre - half)
    high = 1.0 if x == n else min(1.0, centre + half)
    return low, high


@dataclass(frozen=True, slots=True)
class Estimate:
    """A pooled rate with its bounds; what is undefined is None, and ``reason`` says why.

    ``trials`` is sum m, ``episodes`` those with m above 0, ``n_effective`` what the trials are
    worth; ``deff`` is None at a rate of 0 or 1, where it cannot be measured. ``imperfect`` episodes
    have an error. ``low`` and ``high`` hold 95% between them; ``lower`` and ``upper`` are one-sided
    95%.
    """

    rate: float | None
    trials: float
    episodes: int
    deff: float | None = None
    n_effective: float | None = None
    low: float | None = None
    high: float | None = None
    lower: float | None = None
    upper: float | None = None
    reason: Reason | None = None
    imperfect: int = 0


@dataclass(frozen=True, slots=True)
class Moments:
    """The sums over episodes that an estimate needs, exact; a database can add them up.

    ``x`` matched, ``n`` items of both sides (so m = n/2), ``xx`` ``xn`` ``nn`` their products.
    ``episodes`` counts those with n above 0, ``imperfect`` those of them with 2 x below n.
    """

    episodes: int = 0
    x: int = 0
    n: int = 0
    xx: int = 0
    xn: int = 0
    nn: int = 0
    imperfect: int = 0

    @classmethod
    def of(cls, episodes: Iterable[Tally]) -> "Moments":
        rows = [(tally.matched, tally.n_a + tally.n_b) for tally in episodes if not tally.empty]
        return cls(
            episodes=len(rows),
            x=sum(x for x, _ in rows),
            n=sum(n for _, n in rows),
            xx=sum(x * x for x, _ in rows),
            xn=sum(x * n for x, n in rows),
            nn=sum(n * n for _, n in rows),
            imperfect=sum(2 * x < n for x, n in rows),
        )


def estimate(episodes: Iterable[Tally]) -> Estimate:
    """Pool tallies, one an episode (sum several pairs of one episode before)."""
    return estimate_of(Moments.of(episodes))


def estimate_of(sums: Moments) -> Estimate:
    if sums.n == 0:
        return Estimate(None, 0, 0, reason=Reason.NOTHING)
    exact, trials = Fraction(2 * sums.x, sums.n), sums.n / 2
    rate = float(exact)
    if sums.episodes == 1:
        return Estimate(rate, trials, 1, reason=Reason.ONE_EPISODE)
    deff, worth = _design_effect(sums, exact, trials)
    both = _sure(worth, sums.episodes, sums.imperfect, Z_TWO_SIDED)
    one = _sure(worth, sums.episodes, sums.imperfect, Z_ONE_SIDED)
    low, high = wilson(rate * both, both)
    lower, upper = wilson(rate * one, one, Z_ONE_SIDED)
    return Estimate(
        rate, trials, sums.episodes, deff, worth, low, high, lower, upper, imperfect=sums.imperfect
    )


def _sure(worth: float, episodes: float, imperfect: float, z: float) -> float:
    """Effective trials, less what the uncertainty of the design effect itself costs."""
    t = float(stdtrit(max(1.0, imperfect - 1), float(ndtr(z))))
    return max(worth * (z / t) ** 2, min(episodes, worth))


def _design_effect(sums: Moments, rate: Fraction, trials: float) -> tuple[float | None, float]:
    """The design effect and the effective number of trials."""
    if rate in (0, 1):
        return None, min(float(sums.episodes), trials)
    # sum (x - r m)^2 with m = n / 2, in exact arithmetic: the terms nearly cancel.
    spread = sums.xx - rate * sums.xn + rate * rate * sums.nn / 4
    variance = float(spread * sums.episodes / (sums.episodes - 1)) / trials**2
    deff = max(1.0, variance / float(rate * (1 - rate)) * trials)
    return deff, trials / deff


class Gate(StrEnum):
    """Three states: with too little data a rate is neither good enough nor too low."""

    PASS = "pass"
    FAIL = "fail"
    NEEDS_MORE = "needs_more_samples"


CONFIDENCE = 0.95


def one_sided(measured: Estimate, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """(lower, upper), each at this confidence; None where the estimate has no interval."""
    if measured.lower is None or measured.upper is None:
        return None
    if confidence == CONFIDENCE:
        return measured.lower, measured.upper
    z = float(ndtri(confidence))
    rate, worth = measured.rate or 0.0, measured.n_effective or 0.0
    n = _sure(worth, measured.episodes, measured.imperfect, z)
    return wilson(rate * n, n, z)


def gate(measured: Estimate, bar: float = 0.95, confidence: float = CONFIDENCE) -> Gate:
    """PASS if the one-sided lower bound reaches the bar, FAIL if the upper one stays below it."""
    bounds = one_sided(measured, confidence)
    if bounds is None:
        return Gate.NEEDS_MORE
    if bounds[0] >= bar:
        return Gate.PASS
    return Gate.FAIL if bounds[1] < bar else Gate.NEEDS_MORE


def episodes_to_pass(
    measured: Estimate, bar: float = 0.95, confidence: float = CONFIDENCE
) -> int | None:
    """How many more episodes would make the gate pass if all rates stay as they are.

    0 when it passes already, None when the rate does not lie above the bar or is not known.
    """
    bounds = one_sided(measured, confidence)
    if measured.rate is None or measured.n_effective is None or bounds is None:
        return None
    if bounds[0] >= bar:
        return 0
    if measured.rate <= bar:
        return None
    each = measured.n_effective / measured.episodes
    z = Z_ONE_SIDED if confidence == CONFIDENCE else float(ndtri(confidence))

    def passes(episodes: int) -> bool:
        imperfect = measured.imperfect * episodes / measured.episodes
        worth = _sure(each * episodes, episodes, imperfect, z)
        return wilson((measured.rate or 0) * worth, worth, z)[0] >= bar

    high = measured.episodes
    while not passes(high):
        high *= 2
    low = measured.episodes
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if passes(middle) else (middle, high)
    return high - measured.episodes
