"""What is counted of a comparison, and the sums it makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Self

from review.measures.tally import Tally

PPM = 1_000_000
POOLED = ""
# Circular shifts that agreement by chance is the mean of.
SHIFTS = 200
UNLABELLED = "unlabelled"


class Measure(StrEnum):
    """What is counted. ``POOLED`` as the label class stands for all classes together.

    EVENT_HALF and EVENT_DOUBLE (BOUNDARY likewise) are taken at half and twice the tolerance.
    EVENT_CHANCE sums 200 comparisons with one side shifted. ONSET compares the starts of spans as
    instants. SLOT's classes are slots, its pooled row texts that agree in all. EDIT counts the
    longer sequence of segment names, matched what an edit leaves.
    """

    EVENT = "event"
    EVENT_HALF = "event_half"
    EVENT_DOUBLE = "event_double"
    EVENT_CHANCE = "event_chance"
    EVENT_CONFUSION = "event_confusion"
    ONSET = "onset"
    BOUNDARY = "boundary"
    BOUNDARY_HALF = "boundary_half"
    BOUNDARY_DOUBLE = "boundary_double"
    SEGMENT_25 = "segment_25"
    SEGMENT_50 = "segment_50"
    SEGMENT_75 = "segment_75"
    SEGMENT_CONFUSION = "segment_confusion"
    EDIT = "edit"
    TEXT = "text"
    SLOT = "slot"
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


@dataclass(frozen=True, slots=True, order=True)
class Said:
    """What both sides say of a stretch of time, within one layer: the segments, or a span class."""

    layer: str
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class PairCounts:
    """The counts of one comparison, or of the sum of several.

    ``durations`` holds ns by what both sides say: the coincidences of the duration-weighted alpha.
    """

    rows: Mapping[Key, Count] = field(default_factory=dict)
    durations: Mapping[Said, int] = field(default_factory=dict)

    def __getitem__(self, key: Key) -> Count:
        return self.rows.get(key, Count())

    def __add__(self, other: Self) -> "PairCounts":
        keys = [*self.rows, *(key for key in other.rows if key not in self.rows)]
        durations = dict(self.durations)
        for said, ns in other.durations.items():
            durations[said] = durations.get(said, 0) + ns
        return PairCounts({key: self[key] + other[key] for key in keys}, durations)

    def classes(self, measure: Measure) -> list[str]:
        """The label classes counted under a measure, the pooled row left out."""
        return sorted(name for kind, name in self.rows if kind is measure and name != POOLED)

    def swapped(self) -> "PairCounts":
        """The same comparison with both sides exchanged."""
        return PairCounts(
            {(kind, _mirrored(name)): count.swapped() for (kind, name), count in self.rows.items()},
            {Said(said.layer, said.b, said.a): ns for said, ns in self.durations.items()},
        )

    @property
    def events_exact(self) -> bool:
        """Both marked the same instants, or none: the unit of acceptance sampling."""
        return self[(Measure.EVENT, POOLED)].tally.exact


def _mirrored(name: str) -> str:
    return ">".join(reversed(name.split(">")))
