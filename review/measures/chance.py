"""Agreement on instants by chance: one side shifted in time, around the end of the episode.

F_e is the mean F over 200 shifts drawn uniformly from the whole episode; the shifts come from the
comparison's seed by SplitMix64, so that a re-score gives the same number on every machine. Only
pairs that some shift brings within tolerance are ever listed. No published reference: see the
property tests.
"""

import numpy as np
from numpy.typing import NDArray

from review.measures.columns import Ints, Marks, grouped, on_one_line, ragged
from review.measures.measure import SHIFTS

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def shifts(seeds: Ints, durations: Ints) -> Ints:
    """(comparisons, 200) shifts in [0, duration), each row sorted (Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        step = np.arange(1, SHIFTS + 1, dtype=np.uint64) * _GOLDEN
        z = seeds.astype(np.uint64)[:, None] * _MIX[0] + step[None, :]
        z = (z ^ (z >> np.uint64(30))) * _MIX[0]
        z = (z ^ (z >> np.uint64(27))) * _MIX[1]
        z = z ^ (z >> np.uint64(31))
    return np.sort((z % durations.astype(np.uint64)[:, None]).astype(np.int64), axis=1)


def chance_matches(a: Marks, b: Marks, reach: Ints, durations: Ints, seeds: Ints) -> Ints:
    """(comparisons,) matched pairs summed over the shifts. ``reach`` is that of each mark of a."""
    found = np.zeros(len(durations), dtype=np.int64)
    i, j = _same_name(a, b)
    if not len(i):
        return found
    owner = a.owner[i]
    length = durations[owner]
    low = np.maximum(a.at[i] - reach[i], 0)
    high = np.minimum(a.at[i] + reach[i], length - 1)
    wide = high - low + 1
    start = (low - b.at[j]) % length
    kept = wide > 0
    # A window that wraps around the episode's end is two windows.
    stop = start + np.minimum(wide, length) - 1
    wraps = kept & (stop >= length)
    pair = np.concatenate((np.flatnonzero(kept), np.flatnonzero(wraps)))
    begin = np.concatenate((start[kept], np.zeros(int(wraps.sum()), dtype=np.int64)))
    end = np.concatenate((np.minimum(stop, length - 1)[kept], (stop - length)[wraps]))
    drawn = shifts(seeds, durations)
    width = on_one_line(len(durations), 0, int(durations.max()))
    line = (np.arange(len(durations))[:, None] * width + drawn).ravel()
    first = np.searchsorted(line, owner[pair] * width + begin, side="left")
    counts = np.searchsorted(line, owner[pair] * width + end, side="right") - first
    shift, pair = ragged(first, counts), np.repeat(pair, counts)
    _add(found, owner[pair], shift, i[pair], j[pair], (a, b, reach, durations, line, width))
    return found


def _same_name(a: Marks, b: Marks) -> tuple[Ints, Ints]:
    """All pairs of one comparison, track and name."""
    group_a, group_b, groups = grouped((a.owner, b.owner), (a.track, b.track), (a.name, b.name))
    order = np.argsort(group_b, kind="stable")
    first = np.searchsorted(group_b[order], np.arange(groups))
    counts = np.bincount(group_b, minlength=groups)[group_a]
    i = np.repeat(np.arange(len(a)), counts)
    return i, order[ragged(first[group_a], counts)]


_Context = tuple[Marks, Marks, Ints, Ints, Ints, int]


def _add(found: Ints, owner: Ints, shift: Ints, i: Ints, j: Ints, context: _Context) -> None:
    """Count each shift's greatest matching: its pairs, where no mark has a second partner."""
    if not len(i):
        return
    key_i, key_j = shift * (int(i.max()) + 1) + i, shift * (int(j.max()) + 1) + j
    double = _repeated(key_i) | _repeated(key_j)
    # A shift with any mark in doubt is counted as a whole.
    doubtful = np.zeros(int(shift.max()) + 1, dtype=bool)
    doubtful[shift[double]] = True
    plain = ~doubtful[shift]
    found += np.bincount(owner[plain], minlength=len(found))
    rest = np.flatnonzero(~plain)
    rest = rest[np.lexsort((j[rest], i[rest], shift[rest]))]
    cuts = np.flatnonzero(np.diff(shift[rest])) + 1
    a, b, reach, durations, line, width = context
    for edges in np.split(rest, cuts) if len(rest) else []:
        own = int(owner[edges[0]])
        moved = int(line[shift[edges[0]]]) - own * width
        found[own] += _greatest(a, b, reach, i[edges], j[edges], moved, int(durations[own]))


def _repeated(key: Ints) -> NDArray[np.bool_]:
    _, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    return np.asarray(counts[inverse] > 1)


def _greatest(a: Marks, b: Marks, reach: Ints, i: Ints, j: Ints, moved: int, length: int) -> int:
    """Most pairs of one shift: within a group in time order, the earliest partner that reaches."""
    groups: dict[tuple[int, int], tuple[set[int], set[int]]] = {}
    for x, y in zip(i.tolist(), j.tolist(), strict=True):
        own = groups.setdefault((int(a.track[x]), int(a.name[x])), (set(), set()))
        own[0].add(x)
        own[1].add(y)
    total = 0
    for xs, ys in groups.values():
        left = sorted((int(a.at[x]), int(reach[x])) for x in xs)
        right = sorted((int(b.at[y]) + moved) % length for y in ys)
        at = 0
        for time, tolerance in left:
            while at < len(right) and right[at] < time - tolerance:
                at += 1
            if at < len(right) and right[at] <= time + tolerance:
                total, at = total + 1, at + 1
    return total
