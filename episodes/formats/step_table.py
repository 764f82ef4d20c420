"""Recordings of any rates on one table of steps: what was known at each step's time."""

import numpy as np
from numpy.typing import NDArray

from episodes.records import SignalRecord

Times = NDArray[np.int64]


# Seconds since 1970 as float64 are a quarter of a microsecond apart: what comes so little after a
# step is of the step.
SIGNAL_ROUNDING_NS = 1_000


def latest(t_ns: Times, steps_ns: Times, rounding_ns: int = 0) -> NDArray[np.int64]:
    """For each step the position of the last of ``t_ns`` that is not after it.

    One that is up to ``rounding_ns`` after it counts as at it. A step before the first takes the
    first: there is nothing earlier to take. ``t_ns`` int64 (n,) ascending, n > 0; ``steps_ns``
    int64 (steps,). The result is int64 (steps,), ascending.
    """
    return np.maximum(np.searchsorted(t_ns, steps_ns + rounding_ns, side="right") - 1, 0)


def on_steps(signal: SignalRecord, steps_ns: Times) -> NDArray[np.generic]:
    """The signal's values at the steps, (steps, dimensions), nothing interpolated.

    Sample and hold: a policy that ran at the step could not have known a later sample.
    """
    if len(signal.t_ns) == len(steps_ns) and np.array_equal(signal.t_ns, steps_ns):
        return np.asarray(signal.values)
    return np.asarray(signal.values[latest(signal.t_ns, steps_ns, SIGNAL_ROUNDING_NS)])
