"""Counts of many comparisons at once, in columns. ``counts.count_pair`` is a batch of one."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from review.measures.chance import chance_matches
from review.measures.columns import (
    Columns,
    Comparison,
    Ints,
    Marks,
    Names,
    Stretches,
    distinct,
    grouped,
)
from review.measures.measure import PPM, SHIFTS, THETA, UNLABELLED, Measure
from review.measures.slots import SLOTS
from review.measures.sparse import (
    Pairs,
    match_by_weight,
    match_marks,
    near_pairs,
    overlapping,
)
from review.measures.table import MEASURE_CODE, POOLED_CODE, Rows, Table
from review.measures.text import edit_distance
from review.measures.timeline import SEGMENTS, sweep
from review.measures.wording import compare_texts, verb_of


def count_pairs(comparisons: Sequence[Comparison], names: Names | None = None) -> Table:
    """Everything that is counted of each comparison. Pooled rows are there also when empty."""
    return _Batch(comparisons, names or Names()).table()


class _Batch:
    def __init__(self, comparisons: Sequence[Comparison], names: Names) -> None:
        self.names, self.texts = names, Names()
        self.columns = Columns(comparisons, names, self.texts)
        self.n = len(comparisons)
        self.rows, self.offsets, self.durations = Rows(), Rows(), Rows()

    def table(self) -> Table:
        if self.n:
            self._events()
            self._onsets()
            self._segments()
            self._boundaries()
            self._sequences()
            self._outcomes()
        return Table(
            self.n,
            self.names,
            self.rows.joined(7),
            self.offsets.joined(4),
            self.durations.joined(5),
        )

    # -- rows --

    def _pooled(
        self, measure: Measure, matched: Ints, n_a: Ints, n_b: Ints, ppm: Ints | int = 0
    ) -> None:
        code = MEASURE_CODE[measure]
        self.rows.add(np.arange(self.n), code, POOLED_CODE, matched, n_a, n_b, ppm)

    def _tallied(
        self, measure: Measure, a: Marks | Stretches, b: Marks | Stretches, i: Ints
    ) -> None:
        """Rows by name, and their sum; matched pairs have a's name."""
        size = len(self.names)
        owner = np.concatenate((a.owner, b.owner, a.owner[i]))
        name = np.concatenate((a.name, b.name, a.name[i]))
        kind = np.repeat((0, 1, 2), (len(a), len(b), len(i)))
        keys, inverse = np.unique(owner * size + name, return_inverse=True)
        counts = np.bincount(kind * len(keys) + inverse, minlength=3 * len(keys))
        n_a, n_b, matched = counts.reshape(3, -1)
        code = MEASURE_CODE[measure]
        self.rows.add(keys // size, code, keys % size, matched, n_a, n_b, 0)
        self._pooled(
            measure,
            self._per(a.owner[i]),
            self._per(a.owner),
            self._per(b.owner),
        )

    def _confused(self, measure: Measure, owner: Ints, a: Ints, b: Ints) -> None:
        """Rows named "class in a>class in b"."""
        if not len(owner):
            return
        size = len(self.names)
        kinds, inverse = np.unique(a * size + b, return_inverse=True)
        told = [
            self.names.code(f"{self.names[one // size]}>{self.names[one % size]}")
            for one in kinds.tolist()
        ]
        name = np.array(told, dtype=np.int64)[inverse]
        size = len(self.names)
        keys, counts = np.unique(owner * size + name, return_counts=True)
        self.rows.add(keys // size, MEASURE_CODE[measure], keys % size, counts, counts, counts, 0)

    def _per(self, owner: Ints, weight: Ints | None = None) -> Ints:
        if weight is None:
            return np.bincount(owner, minlength=self.n)
        found = np.zeros(self.n, dtype=np.int64)
        np.add.at(found, owner, weight)
        return found

    # -- instants --

    def _events(self) -> None:
        a, b = self.columns.marks_a, self.columns.marks_b
        i, j = self._match_marks(Measure.EVENT, a, b, 1)
        self._keep_offsets(Measure.EVENT, a, b, i, j)
        self._type_confusion(a, b, i, j)
        self._match_marks(Measure.EVENT_HALF, a, b, 0)
        self._match_marks(Measure.EVENT_DOUBLE, a, b, 2)
        seeds = np.array([one.seed % 2**63 for one in self.columns.comparisons], dtype=np.int64)
        matched = chance_matches(
            a, b, self.columns.reach(a.owner, a.name), self.columns.durations, seeds
        )
        self._pooled(
            Measure.EVENT_CHANCE,
            matched,
            SHIFTS * self._per(a.owner),
            SHIFTS * self._per(b.owner),
        )

    def _onsets(self) -> None:
        a, b = self.columns.stretches_a, self.columns.stretches_b
        starts = [
            Marks(s.owner, s.track, s.name, s.start)
            for s in (side.take(~side.exclusive) for side in (a, b))
        ]
        i, j = self._match_marks(Measure.ONSET, starts[0], starts[1], 1)
        self._keep_offsets(Measure.ONSET, starts[0], starts[1], i, j)

    def _match_marks(self, measure: Measure, a: Marks, b: Marks, scale: int) -> Pairs:
        """Within (comparison, track, name); scale 0 halves the tolerance, 2 doubles it."""
        group_a, group_b, groups = grouped((a.owner, b.owner), (a.track, b.track), (a.name, b.name))
        reach = np.zeros(groups, dtype=np.int64)
        for group, side in ((group_a, a), (group_b, b)):
            own = self.columns.reach(side.owner, side.name)
            reach[group] = own * scale if scale else own // 2
        i, j = match_marks(group_a, a.at, group_b, b.at, reach)
        order = np.lexsort((b.at[j], a.at[i], a.owner[i]))
        i, j = i[order], j[order]
        self._tallied(measure, a, b, i)
        return i, j

    def _keep_offsets(self, measure: Measure, a: Marks, b: Marks, i: Ints, j: Ints) -> None:
        if len(i):
            self.offsets.add(a.owner[i], MEASURE_CODE[measure], a.name[i], b.at[j] - a.at[i])

    def _type_confusion(self, a: Marks, b: Marks, i: Ints, j: Ints) -> None:
        """A second pass over what is left: the same track, another type, the wider tolerance."""
        a, b = a.take(_left(len(a), i)), b.take(_left(len(b), j))
        group_a, group_b, groups = grouped((a.owner, b.owner), (a.track, b.track))
        reach_a, reach_b = (self.columns.reach(side.owner, side.name) for side in (a, b))
        widest = max(int(reach_a.max(initial=0)), int(reach_b.max(initial=0)))
        i, j = near_pairs(group_a, a.at, group_b, b.at, np.full(len(a), widest), groups)
        reach = np.maximum(reach_a[i], reach_b[j])
        apart = np.abs(a.at[i] - b.at[j])
        kept = (a.name[i] != b.name[j]) & (apart <= reach)
        i, j, gain = i[kept], j[kept], 1 - apart[kept] / (reach[kept] + 1)
        i, j = match_by_weight(i, j, gain, len(a), len(b))
        self._confused(Measure.EVENT_CONFUSION, a.owner[i], a.name[i], b.name[j])

    # -- segments and spans --

    def _segments(self) -> None:
        a, b = self.columns.stretches_a, self.columns.stretches_b
        i, j, common, whole = overlapping(a, b)
        same = a.name[i] == b.name[j]
        for measure, theta in THETA.items():
            # Integers decide: at a threshold of exactly one half a float may fall either way.
            reached = common * theta.denominator >= theta.numerator * whole
            kept = np.flatnonzero(reached & same)
            found = match_by_weight(i[kept], j[kept], common[kept] / whole[kept], len(a), len(b))
            self._tallied(measure, a, b, found[0])
            if measure is Measure.SEGMENT_50:
                free = _left(len(a), found[0])[i] & _left(len(b), found[1])[j] & reached
                gain = common[free] / whole[free]
                mixed = match_by_weight(i[free], j[free], gain, len(a), len(b))
                self._confused(
                    Measure.SEGMENT_CONFUSION,
                    a.owner[mixed[0]],
                    a.name[mixed[0]],
                    b.name[mixed[1]],
                )
                self._texts(a, b, *found)

    def _texts(self, a: Stretches, b: Stretches, i: Ints, j: Ints) -> None:
        worded = a.exclusive[i] | b.exclusive[j]
        i, j = i[worded], j[worded]
        owner = a.owner[i]
        found = compare_texts(self.texts, a.text[i], b.text[j])
        total = self._per(owner)
        equal = self._per(owner, found[:, 0])
        self._pooled(Measure.TEXT, equal, total, total, self._per(owner, found[:, 1]))
        self._pooled(Measure.SLOT, self._per(owner, found[:, 2]), total, total)
        for at, slot in enumerate(SLOTS):
            said = self._per(owner, found[:, 3 + at])
            agreed = self._per(owner, found[:, 3 + len(SLOTS) + at])
            own = np.flatnonzero(said)
            code = MEASURE_CODE[Measure.SLOT]
            self.rows.add(own, code, self.names.code(slot), agreed[own], said[own], said[own], 0)

    def _boundaries(self) -> None:
        a, b = (self._edges(side) for side in (self.columns.stretches_a, self.columns.stretches_b))
        group_a, group_b, groups = grouped((a.owner, b.owner), (a.track, b.track))
        reach = np.zeros(groups, dtype=np.int64)
        own = self.columns.boundary_reach()
        reach[group_a], reach[group_b] = own[a.owner], own[b.owner]
        n_a, n_b = self._per(a.owner), self._per(b.owner)
        for measure, within in (
            (Measure.BOUNDARY, reach),
            (Measure.BOUNDARY_HALF, reach // 2),
            (Measure.BOUNDARY_DOUBLE, reach * 2),
        ):
            i, j = match_marks(group_a, a.at, group_b, b.at, within)
            self._pooled(measure, self._per(a.owner[i]), n_a, n_b)
            if measure is Measure.BOUNDARY:
                order = np.lexsort((b.at[j], a.at[i], a.owner[i]))
                self._keep_offsets(measure, a, b, i[order], j[order])

    def _edges(self, side: Stretches) -> Marks:
        """Interior boundaries of exclusive segments, each once."""
        own = side.take(side.exclusive)
        owner, track = np.tile(own.owner, 2), np.tile(own.track, 2)
        at = np.concatenate((own.start, own.end))
        inside = (at != 0) & (at != self.columns.durations[owner])
        owner, track, at = distinct((owner[inside], track[inside], at[inside]))
        return Marks(owner, track, np.zeros(len(at), np.int64), at)

    # -- sequences --

    def _sequences(self) -> None:
        """The timeline's coincidences, and edit distance between sequences of segment names."""
        sides = [self._named(s) for s in (self.columns.stretches_a, self.columns.stretches_b)]
        (a, layer_a), (b, layer_b) = sides
        unlabelled = self.names.code(UNLABELLED)
        owner, layer, said_a, said_b, ns = sweep(a, b, layer_a, layer_b, self.columns.durations)
        said_a = np.where(said_a < 0, unlabelled, said_a)
        said_b = np.where(said_b < 0, unlabelled, said_b)
        *said, total = distinct((owner, layer, said_a, said_b), ns)
        self.durations.add(*said, total)
        self._edits(a.take(a.exclusive), b.take(b.exclusive))

    def _named(self, side: Stretches) -> tuple[Stretches, Ints]:
        """Segments named by class and verb, and the layer of each."""
        segments = self.names.code(SEGMENTS)
        size = len(self.texts)
        kinds, inverse = np.unique(side.name * size + side.text, return_inverse=True)
        told = np.array(
            [self._category(one // size, one % size) for one in kinds.tolist()], dtype=np.int64
        )
        name = np.where(side.exclusive, told[inverse], side.name) if len(side) else side.name
        layer = np.where(side.exclusive, segments, side.name)
        named = Stretches(
            side.owner, side.track, name, side.start, side.end, side.exclusive, side.text
        )
        return named, layer

    def _category(self, name: int, text: int) -> int:
        verb = verb_of(self.texts[text])
        return self.names.code(f"{self.names[name]}: {verb}") if verb else name

    def _edits(self, a: Stretches, b: Stretches) -> None:
        group_a, group_b, groups = grouped((a.owner, b.owner), (a.track, b.track))
        owner = np.zeros(groups, dtype=np.int64)
        owner[group_a], owner[group_b] = a.owner, b.owner
        left, right = _runs(a, group_a, groups), _runs(b, group_b, groups)
        longest = np.array(
            [max(len(x), len(y)) for x, y in zip(left, right, strict=True)], np.int64
        )
        distance = np.array(
            [0 if x == y else edit_distance(x, y) for x, y in zip(left, right, strict=True)],
            np.int64,
        )
        total = self._per(owner, longest)
        left_over = total - self._per(owner, distance)
        share = np.divide(left_over, total, out=np.ones(self.n), where=total > 0)
        ppm = np.rint(share * PPM).astype(np.int64)
        self._pooled(Measure.EDIT, left_over, total, total, ppm)

    def _outcomes(self) -> None:
        code = self.names.code
        said = [
            (i, code(one.a.outcome), code(one.b.outcome))
            for i, one in enumerate(self.columns.comparisons)
            if one.a.outcome is not None and one.b.outcome is not None
        ]
        owner, a, b = np.array(said, dtype=np.int64).reshape(-1, 3).T
        total, same = self._per(owner), self._per(owner[a == b])
        self._pooled(Measure.OUTCOME, same, total, total)
        first = len(self.rows.blocks)
        self._confused(Measure.OUTCOME, owner, a, b)
        for block in self.rows.blocks[first:]:
            # Under an outcome a pair of names is a cell of the table: agreement on the diagonal.
            on = np.array(
                [len(set(self.names[one].split(">"))) == 1 for one in block[:, 2].tolist()]
            )
            block[~on, 3] = 0


def _left(size: int, taken: Ints) -> NDArray[np.bool_]:
    found = np.ones(size, dtype=bool)
    found[taken] = False
    return found


def _runs(side: Stretches, group: Ints, groups: int) -> list[list[int]]:
    """The names of each group in time order."""
    order = np.lexsort((side.end, side.start, group))
    names = side.name[order].tolist()
    edges = np.searchsorted(group[order], np.arange(groups + 1)).tolist()
    return [names[low:high] for low, high in pairwise(edges)]
