"""Active time: the union of stretches, placed on the server's clock. Pure.

A browser says how long ago a stretch began and how long it lasted, both by its monotonic clock, so
that a wrong clock of the day does not matter. The sum over tabs would count an hour in two windows
twice (and one report of such a sum going wrong is 3.87 h worked shown as 1.91 h: cvat 6973); the
union counts it once, and loses nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

# A browser sends every 15 s; what could not be sent waits no longer than a working day.
OLDEST_MS = 12 * 3_600_000
# A stretch is cut by the browser each time it sends. Longer is a broken clock, or made up.
LONGEST_MS = 10 * 60_000


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """Half-open [start_ms, end_ms) on one clock."""

    start_ms: int
    end_ms: int


def placed(received_ms: int, ago_ms: int, length_ms: int, earliest_ms: int) -> Stretch | None:
    """Where a reported stretch lies on the clock that says ``received_ms``; None: nowhere.

    It ends no later than it was received and begins no earlier than ``earliest_ms``.
    """
    if length_ms <= 0 or ago_ms < 0:
        return None
    start = received_ms - min(ago_ms, OLDEST_MS)
    end = min(received_ms, start + min(length_ms, LONGEST_MS))
    start = max(start, earliest_ms)
    return Stretch(start, end) if end > start else None


def union(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time in stretches that neither overlap nor touch, in order."""
    merged: list[Stretch] = []
    for one in sorted(stretches):
        if merged and one.start_ms <= merged[-1].end_ms:
            last = merged.pop()
            one = Stretch(last.start_ms, max(last.end_ms, one.end_ms))
        merged.append(one)
    return merged


def active_ms(stretches: Iterable[Stretch]) -> int:
    return sum(one.end_ms - one.start_ms for one in union(stretches))
