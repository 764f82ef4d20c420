"""Exact times of frames: rational rates and integer ticks in, int64 nanoseconds out."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import numpy as np
from numpy.typing import NDArray

NS = 1_000_000_000
MAX_RATE_HZ = 10_000
# Keeps numerator and denominator in 31 bits; 30000/1001 and every decimal of five places fit.
MAX_DENOMINATOR = 100_000

Times = NDArray[np.int64]


def round_half_up(value: Fraction) -> int:
    """The nearest integer; halves go towards plus infinity, on every platform alike."""
    return math.floor(value + Fraction(1, 2))


@dataclass(frozen=True, slots=True)
class Rate:
    """``num / den`` samples a second, in lowest terms.

    Raises ValueError for a rate that is not above 0 Hz and at most ``MAX_RATE_HZ``.
    """

    num: int
    den: int = 1

    def __post_init__(self) -> None:
        if self.num <= 0 or self.den <= 0 or self.num > MAX_RATE_HZ * self.den:
            raise ValueError(
                f"a rate of {self.num}/{self.den} Hz is not above 0 and at most {MAX_RATE_HZ}"
            )

    @classmethod
    def from_number(cls, value: float) -> Self:
        """The rate that ``value`` prints as: 29.97 is 2997/100, not its binary neighbour.

        Raises ValueError for NaN, infinities, zero and negative numbers.
        """
        if isinstance(value, bool) or not 0 < value <= MAX_RATE_HZ:
            raise ValueError(f"{value!r} is not a rate in Hz")
        exact = Fraction(repr(value)).limit_denominator(MAX_DENOMINATOR)
        return cls(exact.numerator, exact.denominator)

    @property
    def period_ns(self) -> Fraction:
        return Fraction(NS * self.den, self.num)

    def time_ns(self, position: int) -> int:
        """When sample ``position`` is due, ns from the first one."""
        return round_half_up(position * self.period_ns)

    def __str__(self) -> str:
        return f"{self.num}" if self.den == 1 else f"{self.num}/{self.den}"


def rate_times_ns(count: int, rate: Rate) -> Times:
    """Due times of ``count`` samples, int64 (count,): round_half_up(i * den * 1e9 / num)."""
    return ticks_to_ns(np.arange(count, dtype=np.int64), rate.den, rate.num)


def ticks_to_ns(ticks: Times, num: int, den: int) -> Times:
    """Integer ticks of a ``num/den`` second time base in ns, shape kept, rounded half up.

    Whole seconds and the remainder are scaled apart, so int64 holds for any recording:
    ticks * num must stay below 2**63, den below 2**32.
    """
    seconds, rest = np.divmod(ticks * np.int64(num), np.int64(den))
    scaled = (2 * rest * NS + den) // (2 * den)
    times: Times = seconds * NS + scaled
    return times


def seconds_to_ns(seconds: float) -> int:
    """A float of seconds, taken at its exact binary value, in whole ns."""
    return round_half_up(Fraction(seconds) * NS)


def frame_at(times_ns: Times, at_ns: int) -> int:
    """The frame on show at ``at_ns``: the last one that started, clamped to the recording.

    ``times_ns`` ascends and is not empty.
    """
    return max(0, int(np.searchsorted(times_ns, at_ns, side="right")) - 1)


def nearest_frame(times_ns: Times, at_ns: int) -> int:
    """The frame whose time is nearest to ``at_ns``; of two at one distance the earlier."""
    after = int(np.searchsorted(times_ns, at_ns))
    if after == 0:
        return 0
    if after == len(times_ns):
        return after - 1
    before = after - 1
    nearer_before = at_ns - int(times_ns[before]) <= int(times_ns[after]) - at_ns
    return before if nearer_before else after
