"""How a stream's own clock maps to the episode clock."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from episodes.timebase.rates import Times, round_half_up


@dataclass(frozen=True, slots=True)
class ClockMap:
    """episode_ns = stream_ns + offset_ns + stream_ns * drift_ppm / 1e6.

    ``confidence`` is in [0, 1]; None says that nobody measured it, which is not a pass.
    """

    offset_ns: int = 0
    drift_ppm: float = 0.0
    method: str = "declared"
    confidence: float | None = None

    def to_episode_ns(self, stream_ns: int) -> int:
        drift = Fraction(self.drift_ppm) * stream_ns / 1_000_000
        return stream_ns + self.offset_ns + round_half_up(drift)

    def times_to_episode_ns(self, stream_ns: Times) -> Times:
        """``to_episode_ns`` of every time of int64 (n,), exact: no float touches a time."""
        if not self.drift_ppm:
            return stream_ns + np.int64(self.offset_ns)
        drift = Fraction(self.drift_ppm) / 1_000_000
        num, den = drift.numerator, drift.denominator
        # Python's integers: a float's exact drift times a day of ns does not fit into 64 bits.
        wide = stream_ns.astype(object)
        exact = wide + self.offset_ns + (2 * num * wide + den) // (2 * den)
        times: Times = exact.astype(np.int64)
        return times

    def then(self, later: "ClockMap") -> "ClockMap":
        """One map for this one followed by ``later``, whose method and confidence it takes.

        The drifts multiply: (1 + a)(1 + b) - 1. The offset is rounded to a whole ns.
        """
        first, second = Fraction(self.drift_ppm), Fraction(later.drift_ppm)
        moved = self.offset_ns * second / 1_000_000
        return ClockMap(
            offset_ns=self.offset_ns + later.offset_ns + round_half_up(moved),
            drift_ppm=float(first + second + first * second / 1_000_000),
            method=later.method,
            confidence=later.confidence,
        )
