"""What a signal says about a stretch of time: transitions, displacement, force crossings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from review.measures.refused import InputRefused

Floats = NDArray[np.float64]
Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Samples on the episode clock: ``t_ns`` (N,) int64 not falling, ``values`` (N,) or (N, D).

    NaN samples are left out; times that fall are refused.
    """

    t_ns: Times
    values: Floats

    def __post_init__(self) -> None:
        times, values = np.asarray(self.t_ns), np.asarray(self.values, dtype=np.float64)
        if not np.issubdtype(times.dtype, np.integer):
            raise InputRefused("not_whole_ns", "Sample times are whole nanoseconds.")
        if times.shape[0] != values.shape[0] or (np.diff(times) < 0).any():
            raise InputRefused("out_of_range", "A time a sample, none before the one it follows.")
        kept = np.isfinite(values).reshape(len(values), -1).all(axis=1)
        object.__setattr__(self, "t_ns", times[kept].astype(np.int64))
        object.__setattr__(self, "values", values[kept])

    def between(self, start_ns: int, end_ns: int) -> Floats:
        low, high = np.searchsorted(self.t_ns, (start_ns, end_ns))
        return self.values[low:high]


@dataclass(frozen=True, slots=True)
class Hysteresis:
    """A signal is low below ``low``, high above ``high``, and stays what it was in between."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise InputRefused("out_of_range", "The lower threshold lies below the upper one.")

    def transitions(self, series: Series) -> tuple[Times, Times]:
        """(times of falling to low, times of rising to high), without the first known state."""
        state = np.where(series.values < self.low, -1, np.where(series.values > self.high, 1, 0))
        known = np.flatnonzero(state)
        if not known.size:
            return series.t_ns[:0], series.t_ns[:0]
        seen = state[known]
        turned = np.flatnonzero(np.diff(seen)) + 1
        times = series.t_ns[known[turned]]
        return times[seen[turned] < 0], times[seen[turned] > 0]


def displacement(series: Series, start_ns: int, end_ns: int) -> float | None:
    """Greatest distance from the position at the start, in the signal's unit; None unsampled."""
    path = series.between(start_ns, end_ns)
    if len(path) < 2:
        return None
    return float(np.linalg.norm(path - path[0], axis=-1).max())


def any_within(times: Times, start_ns: int, end_ns: int) -> bool:
    """Whether a time lies in the closed stretch."""
    low = np.searchsorted(times, start_ns, side="left")
    return bool(low < np.searchsorted(times, end_ns, side="right"))
