"""A simulated arm and a camera that watches it, for lags whose truth is known."""

import numpy as np
from numpy.typing import NDArray

from episodes.timebase.doctor import MotionInput
from episodes.timebase.rates import NS, Rate, rate_times_ns

Times = NDArray[np.int64]
Floats = NDArray[np.float64]


class Arm:
    """Minimum-jerk moves of six joints between random rests, as teleoperated arms do them."""

    def __init__(self, seed: int, seconds: float) -> None:
        rng = np.random.default_rng(seed)
        self.moves = []
        at = 0.3
        while at < seconds + 1:
            took = rng.uniform(0.4, 1.5)
            self.moves.append((at, took, rng.normal(0, 0.4, 6)))
            at += took + rng.uniform(0.0, 0.5)

    def at(self, t_s: Floats) -> Floats:
        """Joint angles, rad, (n, 6)."""
        angles = np.zeros((len(t_s), 6))
        for start, took, by in self.moves:
            part = np.clip((t_s - start) / took, 0, 1)
            angles += np.outer(10 * part**3 - 15 * part**4 + 6 * part**5, by)
        return angles


def state(arm: Arm, seconds: float, rate: Rate, seed: int = 0) -> tuple[Times, Floats]:
    """Stamps and measured angles, with the noise of an encoder."""
    t_ns = rate_times_ns(int(seconds * rate.num / rate.den), rate)
    noise = np.random.default_rng(seed + 1).normal(0, 2e-4, (len(t_ns), 6))
    return t_ns, arm.at(t_ns / NS) + noise


def pictures(
    arm: Arm, t_ns: Times, shown_at_s: Floats, seed: int = 0, noise: float = 0.2
) -> MotionInput:
    """The flow of pictures stamped ``t_ns`` that show the arm as it was at ``shown_at_s``."""
    rng = np.random.default_rng(seed + 2)
    jacobian = rng.uniform(0.5, 1.5, 6)
    moved = np.linalg.norm(np.diff(arm.at(shown_at_s), axis=0) * jacobian, axis=1)
    flow = 30 * moved * np.exp(rng.normal(0, noise, len(moved))) + 0.02 * rng.random(len(moved))
    return MotionInput(
        start_ns=t_ns[:-1],
        end_ns=t_ns[1:],
        flow=flow.astype(np.float32),
        repeated=np.zeros(len(flow), dtype=np.bool_),
        span=np.zeros(len(flow), dtype=np.int64),
    )
