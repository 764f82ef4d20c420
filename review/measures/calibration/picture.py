"""One kind of label of everybody: belief, state and where work may have gone wrong.

Results are gold episodes in the order of handing in. Beliefs are shrunk to the mean of the others
(``standing``), the chart is a Bernoulli CUSUM around the bar (``drift``): in control 0.01 above it,
out of control 0.07 below, which at the bar of 0.95 is 0.96 against 0.88.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from review.measures.calibration.drift import CusumPlan, CusumResult, cusum
from review.measures.calibration.standing import (
    BAR,
    Posterior,
    Standing,
    posteriors,
    standing,
)
from review.measures.calibration.trials import Trials

ABOVE, BELOW, H = 0.01, 0.07, 3.0
HIGHEST = 0.995


@dataclass(frozen=True, slots=True)
class Picture:
    """``doubtful_from`` is the position of the first result after the last at which S was 0: what
    was done from there on is in doubt. None when S is 0, or nothing was measured."""

    belief: Posterior
    state: Standing
    chart: CusumResult = field(repr=False)
    episodes: int

    @property
    def cusum(self) -> float:
        return self.chart.path[-1] if self.chart.path else 0.0

    @property
    def alarm(self) -> bool:
        return self.chart.alarm is not None

    @property
    def doubtful_from(self) -> int | None:
        if self.chart.since is not None:
            return self.chart.since
        if self.cusum == 0:
            return None
        zeros = [i for i, s in enumerate(self.chart.path) if s == 0]
        return zeros[-1] + 1 if zeros else 0


def plan_around(bar: float, deff: float = 1.0) -> CusumPlan:
    """0.96 against 0.88 at h = 3 for the bar of 0.95, moved along with the bar."""
    p_in = min(bar + ABOVE, HIGHEST)
    return CusumPlan(p_in=p_in, p_bad=max(bar - BELOW, p_in / 2), h=H, deff=deff)


def pictures(
    results: Mapping[str, Sequence[Trials]], *, bar: float = BAR, deff: float = 1.0
) -> dict[str, Picture]:
    """One a person who has at least one label in at least one result."""
    counts = {
        name: (sum(one.right for one in own), sum(one.total for one in own))
        for name, own in results.items()
    }
    plan = plan_around(bar, deff)
    found = {}
    for name, belief in posteriors(counts, deff=deff).items():
        if not belief.total:
            continue
        chart = cusum(results[name], plan)
        state = standing(belief, alarm=chart.alarm is not None, bar=bar)
        measured = sum(1 for one in results[name] if one.total)
        found[name] = Picture(belief, state, chart, measured)
    return found
