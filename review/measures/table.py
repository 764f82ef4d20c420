"""Counts of many comparisons in columns."""

from dataclasses import dataclass, field

import numpy as np

from review.measures.columns import Ints, Names
from review.measures.measure import Count, Key, Measure, PairCounts, Said
from review.measures.tally import Tally

MEASURES = tuple(Measure)
MEASURE_CODE = {measure: code for code, measure in enumerate(MEASURES)}
POOLED_CODE = 0


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Counts in columns; ``owner`` is the position of the comparison, ``names`` holds the codes.

    ``rows`` (R, 7): owner, measure, name, matched, n_a, n_b, ppm. ``offsets`` (K, 4): owner,
    measure, name, ns. ``durations`` (D, 5): owner, layer, said by a, said by b, ns.
    """

    comparisons: int
    names: Names
    rows: Ints
    offsets: Ints
    durations: Ints

    def pairs(self) -> list[PairCounts]:
        """One PairCounts a comparison."""
        rows: list[dict[Key, Count]] = [{} for _ in range(self.comparisons)]
        offsets: dict[tuple[int, int, int], list[int]] = {}
        for owner, measure, name, ns in self.offsets.tolist():
            offsets.setdefault((owner, measure, name), []).append(ns)
            if name != POOLED_CODE:
                offsets.setdefault((owner, measure, POOLED_CODE), []).append(ns)
        for owner, measure, name, matched, n_a, n_b, ppm in self.rows.tolist():
            moved = tuple(offsets.get((owner, measure, name), ()))
            key = MEASURES[measure], self.names[name]
            rows[owner][key] = Count(Tally(matched, n_a, n_b), moved, ppm)
        durations: list[dict[Said, int]] = [{} for _ in range(self.comparisons)]
        for owner, layer, a, b, ns in self.durations.tolist():
            durations[owner][Said(self.names[layer], self.names[a], self.names[b])] = ns
        return [PairCounts(*both) for both in zip(rows, durations, strict=True)]


@dataclass(slots=True, eq=False)
class Rows:
    """Blocks of columns, joined at the end."""

    blocks: list[Ints] = field(default_factory=list)

    def add(self, *columns: Ints | int) -> None:
        size = max(len(column) for column in columns if not isinstance(column, int))
        block = np.empty((size, len(columns)), dtype=np.int64)
        for at, column in enumerate(columns):
            block[:, at] = column
        self.blocks.append(block)

    def joined(self, width: int) -> Ints:
        if not self.blocks:
            return np.empty((0, width), dtype=np.int64)
        return np.concatenate(self.blocks)
