"""How good an annotator is believed to be, and what follows from it.

Posterior of accuracy: Beta(s m + x / deff, s (1 - m) + (n - x) / deff) with the team's mean m and
strength s = 20, so a few labels do not make a verdict. The untempered Jeffreys bounds stand beside
it. Source: Gelman et al., Bayesian Data Analysis, 2.4; Brown, Cai and DasGupta 2001 for Jeffreys.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scipy.special import betaincinv

from review.measures.refused import InputRefused, count_of, finite, share

STRENGTH = 20.0
ENOUGH = 20.0
BAR = 0.95
# A team without a mistake, or without data, would make a prior of infinite certainty.
MEAN_RANGE = (0.5, 0.995)


@dataclass(frozen=True, slots=True)
class Posterior:
    """``mean``, one-sided 95% ``lower`` and ``upper``; Jeffreys bounds from the own labels alone.

    ``enough`` says whether there are 20 effective labels; with fewer, pages show "insufficient".
    """

    right: float
    total: float
    n_effective: float
    mean: float
    lower: float
    upper: float
    raw: float | None
    jeffreys_lower: float
    jeffreys_upper: float

    @property
    def enough(self) -> bool:
        return self.n_effective >= ENOUGH


def posterior(
    right: float,
    total: float,
    *,
    team_mean: float | None,
    deff: float = 1.0,
    strength: float = STRENGTH,
) -> Posterior:
    """Belief about one annotator's accuracy on one kind of label. ``team_mean`` None: 0.95."""
    count_of(right, total, "right labels")
    if finite(deff, "deff") < 1 or finite(strength, "strength") <= 0:
        raise InputRefused("out_of_range", "deff is at least 1 and strength lies above 0.")
    mean = BAR if team_mean is None else share(team_mean, "team_mean")
    mean = min(max(mean, MEAN_RANGE[0]), MEAN_RANGE[1])
    x, n = right / deff, total / deff
    a, b = strength * mean + x, strength * (1 - mean) + n - x
    return Posterior(
        right=right,
        total=total,
        n_effective=n,
        mean=a / (a + b),
        lower=float(betaincinv(a, b, 0.05)),
        upper=float(betaincinv(a, b, 0.95)),
        raw=right / total if total else None,
        jeffreys_lower=float(betaincinv(0.5 + x, 0.5 + n - x, 0.05)),
        jeffreys_upper=float(betaincinv(0.5 + x, 0.5 + n - x, 0.95)),
    )


def posteriors(
    counts: Mapping[str, tuple[float, float]], *, deff: float = 1.0
) -> dict[str, Posterior]:
    """One posterior a name (annotator, or label type), shrunk to the mean of the others.

    One's own labels are left out of the team's mean: nobody is their own evidence twice.
    """
    right = sum(x for x, _ in counts.values())
    total = sum(n for _, n in counts.values())
    found = {}
    for name, (x, n) in counts.items():
        rest = total - n
        mean = (right - x) / rest if rest > 0 else None
        found[name] = posterior(x, n, team_mean=mean, deff=deff)
    return found


class Standing(StrEnum):
    INSUFFICIENT = "insufficient"
    GOOD = "good"
    WARN = "warn"
    PAUSE = "pause"


def standing(belief: Posterior, *, alarm: bool = False, bar: float = BAR) -> Standing:
    """PAUSE when the upper bound lies below the bar or drift raised an alarm; WARN on the mean.

    A CUSUM alarm pauses at any number of labels; bounds do not speak before there are enough.
    """
    if alarm:
        return Standing.PAUSE
    if not belief.enough:
        return Standing.INSUFFICIENT
    if belief.upper < bar:
        return Standing.PAUSE
    return Standing.WARN if belief.mean < bar else Standing.GOOD
