"""How a stream's own clock maps to the episode clock."""

from dataclasses import dataclass
from fractions import Fraction

from episodes.timebase.rates import round_half_up


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
