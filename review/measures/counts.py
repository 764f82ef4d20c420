"""What two label sets of one episode have in common, as counts that add.

Every figure of an annotator, a project or a batch is a sum of these counts, and every interval
resamples or weighs whole episodes: labels of one episode are not independent.
"""

from collections.abc import Iterable

from review.measures.batch import count_pairs
from review.measures.columns import Comparison
from review.measures.measure import (
    POOLED,
    PPM,
    THETA,
    Count,
    Key,
    Measure,
    PairCounts,
    Said,
)
from review.measures.records import Answer, Tolerances

__all__ = [
    "POOLED",
    "PPM",
    "THETA",
    "Count",
    "Key",
    "Measure",
    "PairCounts",
    "Said",
    "count_pair",
    "total",
]


def total(counts: Iterable[PairCounts]) -> PairCounts:
    return sum(counts, PairCounts())


def count_pair(
    a: Answer, b: Answer, *, duration_ns: int, tolerances: Tolerances, seed: int = 0
) -> PairCounts:
    """Compare two answers on one episode. Pooled rows are always there, also when empty.

    ``seed`` belongs to the pair and draws the shifts of agreement by chance.
    """
    return count_pairs([Comparison(a, b, duration_ns, tolerances, seed)]).pairs()[0]
