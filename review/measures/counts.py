"""What two label sets of one episode have in common, as counts that add.

Every figure of an annotator, a project or a batch is a sum of these counts, and every interval
resamples or weighs whole episodes: labels of one episode are not independent.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Self

from review.measures.events import compare_events
from review.measures.outcomes import outcome_agreement
from review.measures.records import Answer, Tolerances
from review.measures.segments import compare_boundaries, compare_intervals
from review.measures.tally import Tally

PPM = 1_000_000
POOLED = ""


class Measure(StrEnum):
    """What is counted. ``POOLED`` as the label class stands for all classes together."""

    EVENT = "event"
    EVENT_CONFUSION = "event_confusion"
    BOUNDARY = "boundary"
    SEGMENT_25 = "segment_25"
    SEGMENT_50 = "segment_50"
    SEGMENT_75 = "segment_75"
    SEGMENT_CONFUSION = "segment_confusion"
    TEXT = "text"
    OUTCOME = "outcome"


THETA = {
    Measure.SEGMENT_25: Fraction(1, 4),
    Measure.SEGMENT_50: Fraction(1, 2),
    Measure.SEGMENT_75: Fraction(3, 4),
}
Key = tuple[Measure, str]


@dataclass(frozen=True, slots=True)
class Count:
    """A tally, the offsets (b minus a, ns) of its pairs, and summed text similarity in millionths.

    In a confusion, and in the rows of an outcome, the class is "class in a>class in b".
    """

    tally: Tally = field(default_factory=Tally)
    offsets_ns: tuple[int, ...] = ()
    similarity_ppm: int = 0

    def __add__(self, other: Self) -> "Count":
        return Count(
            self.tally + other.tally,
            self.offsets_ns + other.offsets_ns,
            self.similarity_ppm + other.similarity_ppm,
        )

    def swapped(self) -> "Count":
        offsets = tuple(-offset for offset in self.offsets_ns)
        return Count(self.tally.swapped(), offsets, self.similarity_ppm)


@dataclass(frozen=True, slots=True)
class PairCounts:
    """The counts of one comparison, or of the sum of several."""

    rows: Mapping[Key, Count] = field(default_factory=dict)

    def __getitem__(self, key: Key) -> Count:
        return self.rows.get(key, Count())

    def __add__(self, other: Self) -> "PairCounts":
        keys = [*self.rows, *(key for key in other.rows if key not in self.rows)]
        return PairCounts({key: self[key] + other[key] for key in keys})

    def classes(self, measure: Measure) -> list[str]:
        """The label classes counted under a measure, the pooled row left out."""
        return sorted(name for kind, name in self.rows if kind is measure and name != POOLED)

    def swapped(self) -> "PairCounts":
        """The same comparison with both sides exchanged."""
        return PairCounts(
            {(kind, _mirrored(name)): count.swapped() for (kind, name), count in self.rows.items()}
        )

    @property
    def events_exact(self) -> bool:
        """Both marked the same instants, or none: the unit of acceptance sampling."""
        return self[(Measure.EVENT, POOLED)].tally.exact


def total(counts: Iterable[PairCounts]) -> PairCounts:
    return sum(counts, PairCounts())


def count_pair(a: Answer, b: Answer, *, duration_ns: int, tolerances: Tolerances) -> PairCounts:
    """Compare two answers on one episode. Pooled rows are always there, also when empty."""
    rows: dict[Key, Count] = {}
    for key, count in (
        *_events(a, b, tolerances),
        *_segments(a, b),
        *_boundaries(a, b, duration_ns, tolerances),
        *_outcome(a, b),
    ):
        rows[key] = rows.get(key, Count()) + count
    return PairCounts(rows)


def _events(a: Answer, b: Answer, tolerances: Tolerances) -> Iterator[tuple[Key, Count]]:
    compared = compare_events(a.instants, b.instants, tolerances)
    offsets = tuple(pair.dt_ns for pair in compared.matched)
    yield (Measure.EVENT, POOLED), Count(compared.total, offsets)
    for type_, tally in compared.by_type.items():
        own = tuple(pair.dt_ns for pair in compared.matched if pair.a.type == type_)
        yield (Measure.EVENT, type_), Count(tally, own)
    for pair in compared.confused:
        name = f"{pair.a.type}>{pair.b.type}"
        yield (Measure.EVENT_CONFUSION, name), Count(Tally(1, 1, 1), (pair.dt_ns,))


def _segments(a: Answer, b: Answer) -> Iterator[tuple[Key, Count]]:
    for measure, theta in THETA.items():
        compared = compare_intervals(a.intervals, b.intervals, theta)
        yield (measure, POOLED), Count(compared.total)
        for label, tally in compared.by_label.items():
            yield (measure, label), Count(tally)
        if measure is not Measure.SEGMENT_50:
            continue
        for pair in compared.confused:
            name = f"{pair.a.label}>{pair.b.label}"
            yield (Measure.SEGMENT_CONFUSION, name), Count(Tally(1, 1, 1))
        texts = [pair for pair in compared.matched if pair.a.exclusive or pair.b.exclusive]
        yield (
            (Measure.TEXT, POOLED),
            Count(
                Tally(sum(pair.text_equal for pair in texts), len(texts), len(texts)),
                similarity_ppm=sum(round(pair.similarity * PPM) for pair in texts),
            ),
        )


def _boundaries(
    a: Answer, b: Answer, duration_ns: int, tolerances: Tolerances
) -> Iterator[tuple[Key, Count]]:
    tally, offsets = compare_boundaries(
        a.intervals,
        b.intervals,
        duration_ns=duration_ns,
        tolerance_ns=tolerances.boundary_ns,
    )
    yield (Measure.BOUNDARY, POOLED), Count(tally, offsets)


def _outcome(a: Answer, b: Answer) -> Iterator[tuple[Key, Count]]:
    compared = outcome_agreement([(a.outcome, b.outcome)])
    tally = Tally(compared.agreeing, compared.n, compared.n)
    yield (Measure.OUTCOME, POOLED), Count(tally)
    for said_a, said_b in compared.table:
        yield (Measure.OUTCOME, f"{said_a}>{said_b}"), Count(tally)


def _mirrored(name: str) -> str:
    return ">".join(reversed(name.split(">")))
