"""One camera's lag over many episodes: what a single short one is not sure enough of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class LagSummary:
    """The median lag of ``episodes`` in ns; ``interval_ns`` None for fewer than six of them."""

    episodes: int
    median_ns: int
    interval_ns: tuple[int, int] | None


def summarise_lags(lags_ns: Sequence[int]) -> LagSummary | None:
    """Median with a 95 % interval that assumes nothing of how lags are distributed.

    The interval runs from the k-th smallest to the k-th largest, k the largest rank with
    P(Binomial(n, 1/2) < k) <= 2.5 %; Conover, Practical Nonparametric Statistics, 3.2.
    None for no lag at all.
    """
    if not lags_ns:
        return None
    ordered = np.sort(np.array(lags_ns, dtype=np.int64))
    n = len(ordered)
    # The least k with P(X <= k) >= 2.5 %, so that P(X < k) stays below; ranks count from 1.
    rank = int(binom.ppf((1 - CONFIDENCE) / 2, n, 0.5))
    interval = (int(ordered[rank - 1]), int(ordered[n - rank])) if rank else None
    return LagSummary(n, round(float(np.median(ordered))), interval)
