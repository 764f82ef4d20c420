"""Answers as columns: the labels of many comparisons side by side in arrays.

An answer that takes part in several comparisons is read once. Names become codes; times stay
whole nanoseconds (int64).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from review.measures.records import Answer, Tolerances
from review.measures.refused import InputRefused

Ints = NDArray[np.int64]
# The times of one chunk, group by group, are laid on one line of whole numbers.
LINE = 2**62


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two answers on one episode; ``seed`` draws the shifts of agreement by chance."""

    a: Answer
    b: Answer
    duration_ns: int
    tolerances: Tolerances
    seed: int = 0

    def __post_init__(self) -> None:
        if self.duration_ns <= 0:
            raise InputRefused(
                "zero_length",
                "An episode of no length has nothing to compare.",
                remedy="Import the recording again: its streams hold no time.",
            )


class Names:
    """Codes of names, in the order they are met; "" is 0."""

    def __init__(self) -> None:
        self.listed: list[str] = []
        self._code: dict[str, int] = {}
        self.code("")

    def code(self, name: str) -> int:
        found = self._code.get(name)
        if found is None:
            found = self._code[name] = len(self.listed)
            self.listed.append(name)
        return found

    def __len__(self) -> int:
        return len(self.listed)

    def __getitem__(self, code: int) -> str:
        return self.listed[code]


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Points in time: the comparison they belong to, track, name, ns."""

    owner: Ints
    track: Ints
    name: Ints
    at: Ints

    def __len__(self) -> int:
        return len(self.at)

    def take(self, chosen: NDArray[Any]) -> "Marks":
        return Marks(self.owner[chosen], self.track[chosen], self.name[chosen], self.at[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Intervals: comparison, track, name, [start, end) ns, whether exclusive, text code."""

    owner: Ints
    track: Ints
    name: Ints
    start: Ints
    end: Ints
    exclusive: NDArray[np.bool_]
    text: Ints

    def __len__(self) -> int:
        return len(self.start)

    def take(self, chosen: NDArray[Any]) -> "Stretches":
        return Stretches(
            self.owner[chosen],
            self.track[chosen],
            self.name[chosen],
            self.start[chosen],
            self.end[chosen],
            self.exclusive[chosen],
            self.text[chosen],
        )


@dataclass(slots=True, eq=False)
class _Read:
    """The labels of distinct answers, one after the other."""

    names: Names
    tracks: Names
    texts: Names
    marks: list[tuple[int, int, int]] = field(default_factory=list)
    stretches: list[tuple[int, int, int, int, bool, int]] = field(default_factory=list)
    mark_count: list[int] = field(default_factory=list)
    stretch_count: list[int] = field(default_factory=list)

    def add(self, answer: Answer) -> None:
        name, track, text = self.names.code, self.tracks.code, self.texts.code
        self.marks += [(track(x.track), name(x.type), x.at_ns) for x in answer.instants]
        self.stretches += [
            (track(x.track), name(x.label), x.start_ns, x.end_ns, x.exclusive, text(x.text))
            for x in answer.intervals
        ]
        self.mark_count.append(len(answer.instants))
        self.stretch_count.append(len(answer.intervals))


class Columns:
    """Both sides of many comparisons."""

    def __init__(self, comparisons: Sequence[Comparison], names: Names, texts: Names) -> None:
        self.comparisons, self.names, self.texts = comparisons, names, texts
        self.tracks = Names()
        read = _Read(names, self.tracks, texts)
        place: dict[int, int] = {}
        for answer in (side for one in comparisons for side in (one.a, one.b)):
            if id(answer) not in place:
                place[id(answer)] = len(place)
                read.add(answer)
        marks = np.array(read.marks, dtype=np.int64).reshape(-1, 3)
        stretches = np.array(read.stretches, dtype=np.int64).reshape(-1, 6)
        a = np.array([place[id(one.a)] for one in comparisons], dtype=np.int64)
        b = np.array([place[id(one.b)] for one in comparisons], dtype=np.int64)
        self.marks_a = _marks(marks, np.array(read.mark_count, np.int64), a)
        self.marks_b = _marks(marks, np.array(read.mark_count, np.int64), b)
        self.stretches_a = _stretches(stretches, np.array(read.stretch_count, np.int64), a)
        self.stretches_b = _stretches(stretches, np.array(read.stretch_count, np.int64), b)
        self.durations = np.array([one.duration_ns for one in comparisons], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.comparisons)

    def reach(self, owner: Ints, name: Ints) -> Ints:
        """Tolerance of each (comparison, name), ns."""
        kinds: dict[int, int] = {}
        kept: list[Tolerances] = []
        of = np.empty(len(self.comparisons), dtype=np.int64)
        for i, one in enumerate(self.comparisons):
            if id(one.tolerances) not in kinds:
                kinds[id(one.tolerances)] = len(kept)
                kept.append(one.tolerances)
            of[i] = kinds[id(one.tolerances)]
        table = np.array(
            [[one.of(name) for name in self.names.listed] for one in kept], dtype=np.int64
        ).reshape(len(kept), len(self.names))
        return np.asarray(table[of[owner], name])

    def boundary_reach(self) -> Ints:
        return np.array([one.tolerances.boundary_ns for one in self.comparisons], dtype=np.int64)


def ragged(starts: Ints, counts: Ints) -> Ints:
    """The positions start, start + 1, ... of each run, one run after the other."""
    total = int(counts.sum())
    if not total:
        return np.empty(0, dtype=np.int64)
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(total)


def _gather(counts: Ints, side: Ints) -> tuple[Ints, Ints]:
    starts = np.cumsum(counts) - counts
    own = counts[side]
    return ragged(starts[side], own), np.repeat(np.arange(len(side)), own)


def _marks(rows: Ints, counts: Ints, side: Ints) -> Marks:
    at, owner = _gather(counts, side)
    return Marks(owner, rows[at, 0], rows[at, 1], rows[at, 2])


def _stretches(rows: Ints, counts: Ints, side: Ints) -> Stretches:
    at, owner = _gather(counts, side)
    own = rows[at]
    return Stretches(
        owner, own[:, 0], own[:, 1], own[:, 2], own[:, 3], own[:, 4].astype(bool), own[:, 5]
    )


def grouped(*keys: tuple[Ints, Ints]) -> tuple[Ints, Ints, int]:
    """Common dense codes of rows of both sides; ``keys`` are (column of a, column of b)."""
    code_a, code_b = keys[0]
    for a, b in keys[1:]:
        size = 1 + max(int(a.max(initial=-1)), int(b.max(initial=-1)), 0)
        code_a, code_b = code_a * size + a, code_b * size + b
    both = np.concatenate((code_a, code_b))
    distinct, codes = np.unique(both, return_inverse=True)
    return codes[: len(code_a)], codes[len(code_a) :], len(distinct)


def on_one_line(groups: int, low: int, high: int) -> int:
    """The width of a group's share of the line that holds times from low to high."""
    width = high - low + 1
    if groups * width >= LINE:
        raise InputRefused(
            "out_of_range",
            "The labels' times are too far apart to compare together.",
            remedy="Labels lie within their episode; check the times of the latest ones.",
        )
    return width


def distinct(columns: tuple[Ints, ...], weight: Ints | None = None) -> tuple[Ints, ...]:
    """The distinct rows in order; with a ``weight``, its whole sum over each as a last column."""
    order = np.lexsort(columns[::-1])
    rows = [column[order] for column in columns]
    if not len(order):
        return (*rows, *(() if weight is None else (order,)))
    new = np.zeros(len(order), dtype=bool)
    new[0] = True
    for column in rows:
        new[1:] |= column[1:] != column[:-1]
    first = np.flatnonzero(new)
    found = tuple(column[first] for column in rows)
    return found if weight is None else (*found, np.add.reduceat(weight[order], first))
