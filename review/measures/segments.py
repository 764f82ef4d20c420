"""Agreement on segments and spans by intersection over union, and on where segments meet.

F1@theta = 2 TP / (n_a + n_b), TP the pairs of equal class whose IoU is at least theta, matched one
to one within a track: as many as possible, then the greatest total IoU. Text is never part of the
match; it is compared on the pairs of F1@0.5.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from review.measures.matching import match_by_gain, match_times
from review.measures.records import Interval
from review.measures.tally import Tally
from review.measures.text import word_similarity, words_of

HALF = Fraction(1, 2)
THETAS = (Fraction(1, 4), HALF, Fraction(3, 4))


def iou(a: Interval, b: Interval) -> Fraction:
    """Intersection over union of two half-open intervals, exactly; 0 where they do not meet."""
    return Fraction(*_overlap(a, b))


def _overlap(a: Interval, b: Interval) -> tuple[int, int]:
    """Intersection and union, ns. Where they do not meet the hull stands for the union."""
    common = min(a.end_ns, b.end_ns) - max(a.start_ns, b.start_ns)
    return max(common, 0), max(a.end_ns, b.end_ns) - min(a.start_ns, b.start_ns)


@dataclass(frozen=True, slots=True)
class IntervalPair:
    a: Interval
    b: Interval

    @property
    def similarity(self) -> float:
        return word_similarity(self.a.text, self.b.text)

    @property
    def text_equal(self) -> bool:
        return words_of(self.a.text) == words_of(self.b.text)


@dataclass(frozen=True, slots=True)
class IntervalComparison:
    """Pairs of equal class, pairs of differing class, and what found no partner, at one theta."""

    matched: tuple[IntervalPair, ...]
    confused: tuple[IntervalPair, ...]
    only_a: tuple[Interval, ...]
    only_b: tuple[Interval, ...]
    by_label: Mapping[str, Tally]

    @property
    def total(self) -> Tally:
        return sum(self.by_label.values(), Tally())


def compare_intervals(
    a: Sequence[Interval], b: Sequence[Interval], theta: Fraction = HALF
) -> IntervalComparison:
    """Match two people's segments and spans. Refuses a theta outside (0, 1] with ValueError."""
    if not 0 < theta <= 1:
        raise ValueError("theta lies above 0 and not above 1")
    matched = _match(a, b, theta, same_label=True)
    left_a = _without(a, [pair.a for pair in matched])
    left_b = _without(b, [pair.b for pair in matched])
    confused = _match(left_a, left_b, theta, same_label=False)
    pairs = Counter(pair.a.label for pair in matched)
    count_a, count_b = (
        Counter(item.label for item in a),
        Counter(item.label for item in b),
    )
    return IntervalComparison(
        matched=tuple(matched),
        confused=tuple(confused),
        only_a=tuple(_without(left_a, [pair.a for pair in confused])),
        only_b=tuple(_without(left_b, [pair.b for pair in confused])),
        by_label={
            label: Tally(pairs[label], count_a[label], count_b[label])
            for label in sorted({item.label for item in (*a, *b)})
        },
    )


def boundaries(intervals: Sequence[Interval], duration_ns: int) -> dict[str, list[int]]:
    """Interior boundaries of the exclusive segments, by track, sorted.

    A start and an end that coincide are one boundary; the episode's start and end are none.
    """
    edges: dict[str, set[int]] = {}
    for item in intervals:
        if item.exclusive:
            edges.setdefault(item.track, set()).update((item.start_ns, item.end_ns))
    return {track: sorted(found - {0, duration_ns}) for track, found in edges.items()}


def compare_boundaries(
    a: Sequence[Interval], b: Sequence[Interval], *, duration_ns: int, tolerance_ns: int
) -> tuple[Tally, tuple[int, ...]]:
    """Boundary F's tally within the inclusive tolerance, and the offsets (b minus a, ns)."""
    edges_a, edges_b = boundaries(a, duration_ns), boundaries(b, duration_ns)
    total, offsets = Tally(), []
    for track in sorted(edges_a.keys() | edges_b.keys()):
        own_a, own_b = edges_a.get(track, []), edges_b.get(track, [])
        pairs = match_times(own_a, own_b, tolerance_ns)
        total += Tally(len(pairs), len(own_a), len(own_b))
        offsets += [own_b[j] - own_a[i] for i, j in pairs]
    return total, tuple(offsets)


def _match(
    a: Sequence[Interval], b: Sequence[Interval], theta: Fraction, *, same_label: bool
) -> list[IntervalPair]:
    pairs: list[IntervalPair] = []
    for group_a, group_b in _groups(a, b, same_label=same_label):

        def overlap(
            i: int,
            j: int,
            left: list[Interval] = group_a,
            right: list[Interval] = group_b,
        ) -> float | None:
            common, whole = _overlap(left[i], right[j])
            # Integers decide: at a threshold of exactly one half a float may fall either way.
            reached = common * theta.denominator >= theta.numerator * whole
            return common / whole if reached else None

        found = match_by_gain(len(group_a), len(group_b), overlap)
        pairs += [IntervalPair(group_a[i], group_b[j]) for i, j in found]
    return sorted(pairs, key=lambda pair: (pair.a.start_ns, pair.b.start_ns, pair.a.end_ns))


def _groups(
    a: Sequence[Interval], b: Sequence[Interval], *, same_label: bool
) -> list[tuple[list[Interval], list[Interval]]]:
    """Split into sets that cannot meet: by track (and label), then where nothing reaches over."""

    def key(item: Interval) -> tuple[str, str]:
        return item.track, item.label if same_label else ""

    groups: list[tuple[list[Interval], list[Interval]]] = []
    for wanted in sorted({key(item) for item in a}):
        mixed = [(item, 0) for item in a if key(item) == wanted]
        mixed += [(item, 1) for item in b if key(item) == wanted]
        mixed.sort(key=lambda entry: (entry[0].start_ns, entry[0].end_ns, entry[1]))
        reach = -1
        for item, side in mixed:
            if item.start_ns >= reach:
                groups.append(([], []))
            groups[-1][side].append(item)
            reach = max(reach, item.end_ns)
    return [group for group in groups if group[0] and group[1]]


def _without(items: Sequence[Interval], taken: Sequence[Interval]) -> list[Interval]:
    gone = {id(item) for item in taken}
    return [item for item in items if id(item) not in gone]
