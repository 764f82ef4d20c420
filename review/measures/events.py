"""Agreement on contact instants, per (track, type), with an inclusive tolerance.

F = 2 TP / (n_a + n_b), pooled by summing counts over episodes; undefined (None) when neither side
has an instant, where the episode still counts as exact. Types are compared in a second pass over
what the first left over, so that a wrong type never takes the place of a right one.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from review.measures.matching import match_by_gain, match_times
from review.measures.records import Instant, Tolerances
from review.measures.tally import Tally


@dataclass(frozen=True, slots=True)
class InstantPair:
    """Two instants held to be the same event; ``dt_ns`` is b minus a."""

    a: Instant
    b: Instant

    @property
    def dt_ns(self) -> int:
        return self.b.at_ns - self.a.at_ns


@dataclass(frozen=True, slots=True)
class EventComparison:
    """Pairs of equal type, pairs that differ in type only, and what found no partner."""

    matched: tuple[InstantPair, ...]
    confused: tuple[InstantPair, ...]
    only_a: tuple[Instant, ...]
    only_b: tuple[Instant, ...]
    by_type: Mapping[str, Tally]

    @property
    def total(self) -> Tally:
        """All types pooled (micro)."""
        return sum(self.by_type.values(), Tally())

    @property
    def confusion(self) -> Counter[tuple[str, str]]:
        """(type in a, type in b) of the second pass."""
        return Counter((pair.a.type, pair.b.type) for pair in self.confused)


def compare_events(
    a: Sequence[Instant], b: Sequence[Instant], tolerances: Tolerances
) -> EventComparison:
    """Match two people's instants. O(n m) per cluster of instants closer than the tolerance."""
    matched = _match_same_type(a, b, tolerances)
    left_a = _without(a, [pair.a for pair in matched])
    left_b = _without(b, [pair.b for pair in matched])
    confused = _match_any_type(left_a, left_b, tolerances)
    types = sorted({item.type for item in (*a, *b)})
    pairs = Counter(pair.a.type for pair in matched)
    count_a, count_b = (
        Counter(item.type for item in a),
        Counter(item.type for item in b),
    )
    return EventComparison(
        matched=tuple(matched),
        confused=tuple(confused),
        only_a=tuple(_without(left_a, [pair.a for pair in confused])),
        only_b=tuple(_without(left_b, [pair.b for pair in confused])),
        by_type={type_: Tally(pairs[type_], count_a[type_], count_b[type_]) for type_ in types},
    )


@dataclass(frozen=True, slots=True)
class TimingBias:
    """How far b lies from a on matched pairs, ns: negative means b marks earlier."""

    n: int
    median_ns: float
    mad_ns: float
    p95_abs_ns: int


def timing_bias(offsets_ns: Sequence[int] | NDArray[np.int64]) -> TimingBias | None:
    """Median, median absolute deviation (unscaled) and nearest-rank 95th percentile of |dt|.

    None without a matched pair.
    """
    if not len(offsets_ns):
        return None
    offsets = np.asarray(offsets_ns, dtype=np.int64)
    middle = float(np.median(offsets))
    rank = math.ceil(0.95 * len(offsets)) - 1
    return TimingBias(
        n=len(offsets),
        median_ns=middle,
        mad_ns=float(np.median(np.abs(offsets - middle))),
        p95_abs_ns=int(np.partition(np.abs(offsets), rank)[rank]),
    )


def _match_same_type(
    a: Sequence[Instant], b: Sequence[Instant], tolerances: Tolerances
) -> list[InstantPair]:
    pairs: list[InstantPair] = []
    for track, type_ in sorted({(item.track, item.type) for item in a}):
        own_a = [item for item in a if (item.track, item.type) == (track, type_)]
        own_b = [item for item in b if (item.track, item.type) == (track, type_)]
        found = match_times(
            [item.at_ns for item in own_a],
            [item.at_ns for item in own_b],
            tolerances.of(type_),
        )
        pairs += [InstantPair(own_a[i], own_b[j]) for i, j in found]
    return sorted(pairs, key=_when)


def _match_any_type(
    a: Sequence[Instant], b: Sequence[Instant], tolerances: Tolerances
) -> list[InstantPair]:
    """Within a track, the larger of both types' tolerances; two of one type cannot pair again."""

    def closeness(i: int, j: int) -> float | None:
        reach = max(tolerances.of(a[i].type), tolerances.of(b[j].type))
        distance = abs(a[i].at_ns - b[j].at_ns)
        if a[i].track != b[j].track or a[i].type == b[j].type or distance > reach:
            return None
        return 1 - distance / (reach + 1)

    found = match_by_gain(len(a), len(b), closeness)
    return sorted((InstantPair(a[i], b[j]) for i, j in found), key=_when)


def _when(pair: InstantPair) -> tuple[int, int, str, str]:
    return pair.a.at_ns, pair.b.at_ns, pair.a.type, pair.b.type


def _without(items: Sequence[Instant], taken: Sequence[Instant]) -> list[Instant]:
    # By identity: two equal instants (a double mark) are still two.
    gone = {id(item) for item in taken}
    return [item for item in items if id(item) not in gone]
