"""Drift after qualification: CUSUM of accuracy, EWMA of timing bias, weekly p-chart.

CUSUM: S = max(0, S + llr / deff), llr = wrong ln((1 - p_bad) / (1 - p_in)) + right ln(p_bad / p_in)
of one gold episode; alarm at S >= h (Reynolds and Stoumbos 1999, Bernoulli CUSUM).
EWMA: z_i = w x_i + (1 - w) z_(i-1) from z_0 = centre, limits centre ± L sigma sqrt(w / (2 - w) (1 -
(1 - w)^(2 i))) (Roberts 1959; Montgomery). p-chart: p ± 3 sqrt(p (1 - p) deff / n_i), Shewhart.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from review.measures.calibration.trials import Trials
from review.measures.refused import InputRefused, Reason, count_of, finite, share

# The standard deviation of a normal distribution in units of its median absolute deviation.
MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, slots=True)
class CusumPlan:
    p_in: float = 0.96
    p_bad: float = 0.88
    h: float = 3.0
    deff: float = 1.0

    def __post_init__(self) -> None:
        share(self.p_in, "p_in", open_ends=True)
        share(self.p_bad, "p_bad", open_ends=True)
        if self.p_bad >= self.p_in:
            raise InputRefused("out_of_range", "p_bad lies below p_in.")
        if finite(self.h, "h") <= 0 or finite(self.deff, "deff") < 1:
            raise InputRefused("out_of_range", "h lies above 0 and deff is at least 1.")

    def worth(self, result: Trials) -> float:
        wrong = math.log((1 - self.p_bad) / (1 - self.p_in))
        right = math.log(self.p_bad / self.p_in)
        return (result.wrong * wrong + result.right * right) / self.deff


@dataclass(frozen=True, slots=True)
class CusumResult:
    """``alarm`` is the position of the episode that raised it, ``since`` the one after the last 0.

    ``since`` is where work may have gone wrong: what was done from there on goes to review.
    """

    path: tuple[float, ...] = field(repr=False)
    alarm: int | None
    since: int | None


def cusum(
    results: Sequence[Trials], plan: CusumPlan | None = None, *, start: float = 0.0
) -> CusumResult:
    """Follow gold episodes in order; the path goes on after an alarm, for a page to draw.

    ``start`` is S where an earlier stretch ended; ``since`` then is 0 if S has not been 0 since.
    """
    plan = plan or CusumPlan()
    s, path, begun = start, [], 0
    alarm: int | None = None
    since: int | None = None
    for position, result in enumerate(results):
        if s == 0:
            begun = position
        s = max(0.0, s + plan.worth(result))
        path.append(s)
        # The sum of logarithms reaches h only up to rounding.
        if alarm is None and s >= plan.h - 1e-12:
            alarm, since = position, begun
    return CusumResult(tuple(path), alarm, since)


# Marks that the average still remembers: all older ones have a tenth of its weight.
LATELY = 10


@dataclass(frozen=True, slots=True)
class EwmaPoint:
    value_ns: float
    low_ns: float
    high_ns: float

    @property
    def out(self) -> bool:
        return not self.low_ns <= self.value_ns <= self.high_ns


@dataclass(frozen=True, slots=True)
class EwmaResult:
    """``alarm`` is the first point outside its limits; without a scale there are no points."""

    points: tuple[EwmaPoint, ...] = field(repr=False)
    alarm: int | None
    reason: Reason | None = None

    @property
    def out_lately(self) -> bool:
        """Outside at one of the last ``LATELY``: no single mark takes a warning back."""
        return any(point.out for point in self.points[-LATELY:])


def ewma(
    offsets_ns: Sequence[float],
    *,
    sigma_ns: float,
    centre_ns: float = 0.0,
    weight: float = 0.2,
    limit: float = 3.0,
) -> EwmaResult:
    """Signed offsets to gold of one event type, in time order.

    ``centre_ns`` and ``sigma_ns`` are the team's in-control median and spread (see ``scale_of``).
    A sigma of 0 gives no limits: reason no_spread.
    """
    if not 0 < finite(weight, "weight") <= 1 or finite(sigma_ns, "sigma_ns") < 0:
        raise InputRefused("out_of_range", "weight lies in (0, 1], sigma is not negative.")
    if sigma_ns == 0:
        return EwmaResult((), None, Reason.NO_SPREAD)
    z, points = finite(centre_ns, "centre_ns"), []
    for i, offset in enumerate(offsets_ns, start=1):
        z = weight * finite(offset, "an offset") + (1 - weight) * z
        half = limit * sigma_ns * math.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * i)))
        points.append(EwmaPoint(z, centre_ns - half, centre_ns + half))
    alarm = next((i for i, point in enumerate(points) if point.out), None)
    return EwmaResult(tuple(points), alarm)


def ewma_by_type(
    offsets_ns: Mapping[str, Sequence[float]], team_ns: Mapping[str, Sequence[float]]
) -> dict[str, EwmaResult]:
    """One chart an event type; the team's offsets of that type give centre and scale."""
    found = {}
    for type_, offsets in sorted(offsets_ns.items()):
        centre, sigma = scale_of(team_ns.get(type_, ()))
        found[type_] = ewma(offsets, sigma_ns=sigma, centre_ns=centre)
    return found


def scale_of(offsets_ns: Sequence[float]) -> tuple[float, float]:
    """(median, 1.4826 MAD) in ns: a centre and a spread that single blunders do not move."""
    if not len(offsets_ns):
        return 0.0, 0.0
    values = np.asarray(offsets_ns, dtype=float)
    middle = float(np.median(values))
    return middle, MAD_TO_SIGMA * float(np.median(np.abs(values - middle)))


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One period of a p-chart; all None where nothing was judged."""

    name: str
    right: float
    total: float
    rate: float | None
    low: float | None
    high: float | None

    @property
    def out(self) -> bool:
        if self.rate is None or self.low is None or self.high is None:
            return False
        return not self.low <= self.rate <= self.high


def p_chart(
    periods: Sequence[tuple[str, float, float]], *, deff: float = 1.0
) -> tuple[float | None, tuple[ChartPoint, ...]]:
    """(centre, points) of periods given as (name, right, total); the centre pools all periods."""
    for name, right, total in periods:
        count_of(right, total, name)
    trials = sum(total for _, _, total in periods)
    if not trials:
        return None, tuple(ChartPoint(name, 0, 0, None, None, None) for name, _, _ in periods)
    centre = sum(right for _, right, _ in periods) / trials
    points = []
    for name, right, total in periods:
        if not total:
            points.append(ChartPoint(name, 0, 0, None, None, None))
            continue
        half = 3 * math.sqrt(centre * (1 - centre) * deff / total)
        low, high = max(0.0, centre - half), min(1.0, centre + half)
        points.append(ChartPoint(name, right, total, right / total, low, high))
    return centre, tuple(points)
