"""Optimal one-to-one matching of many comparisons at once, through their few possible pairs.

All possible pairs are listed by sorting. A pair whose two marks can go nowhere else belongs to
every optimal matching and is taken as it is; that is nearly all of them. What is left falls into
small clusters, each solved exactly on its own: points in time by the order-preserving dynamic
programme of ``matching``, with its tie rule, everything else by SciPy's assignment.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from review.measures.columns import Ints, Stretches, grouped, on_one_line, ragged
from review.measures.matching import match_sorted

Floats = NDArray[np.float64]
Pairs = tuple[Ints, Ints]
_NONE = np.empty(0, dtype=np.int64)


def near_pairs(
    group_a: Ints, at_a: Ints, group_b: Ints, at_b: Ints, reach_a: Ints, groups: int
) -> Pairs:
    """All (i, j) of one group with |at_a - at_b| <= reach_a, inclusive, in order of i."""
    if not len(at_a) or not len(at_b):
        return _NONE, _NONE
    low = int(min(at_a.min(), at_b.min())) - int(reach_a.max())
    high = int(max(at_a.max(), at_b.max())) + int(reach_a.max())
    width = on_one_line(groups, low, high)
    line_b = group_b * width + (at_b - low)
    order = np.argsort(line_b, kind="stable")
    line_b, line_a = line_b[order], group_a * width + (at_a - low)
    first = np.searchsorted(line_b, line_a - reach_a, side="left")
    counts = np.searchsorted(line_b, line_a + reach_a, side="right") - first
    i = np.repeat(np.arange(len(at_a)), counts)
    return i, order[ragged(first, counts)]


def alone(i: Ints, j: Ints, size_a: int, size_b: int) -> NDArray[np.bool_]:
    """Which pairs are the only one of both their marks."""
    return np.asarray(
        (np.bincount(i, minlength=size_a)[i] == 1) & (np.bincount(j, minlength=size_b)[j] == 1)
    )


def match_marks(group_a: Ints, at_a: Ints, group_b: Ints, at_b: Ints, reach: Ints) -> Pairs:
    """Match times within groups, ``reach`` (groups,) ns; as ``matching.match_times`` of each."""
    groups = len(reach)
    i, j = near_pairs(group_a, at_a, group_b, at_b, reach[group_a], groups)
    single = alone(i, j, len(at_a), len(at_b))
    if single.all():
        return i, j
    rest_a, rest_b = np.unique(i[~single]), np.unique(j[~single])
    more = _clusters(group_a, at_a, rest_a, group_b, at_b, rest_b, reach)
    return np.concatenate((i[single], more[0])), np.concatenate((j[single], more[1]))


def _clusters(
    group_a: Ints, at_a: Ints, rest_a: Ints, group_b: Ints, at_b: Ints, rest_b: Ints, reach: Ints
) -> Pairs:
    """Cut what is left where nothing reaches across, and solve each piece exactly."""
    group = np.concatenate((group_a[rest_a], group_b[rest_b]))
    at = np.concatenate((at_a[rest_a], at_b[rest_b]))
    mark = np.concatenate((rest_a, rest_b))
    side = np.repeat((0, 1), (len(rest_a), len(rest_b)))
    order = np.lexsort((mark, side, at, group))
    group, at, mark, side = group[order], at[order], mark[order], side[order]
    cut = (np.diff(group) != 0) | (np.diff(at) > reach[group[1:]])
    edges = [0, *(np.flatnonzero(cut) + 1).tolist(), len(at)]
    times, marks, sides = at.tolist(), mark.tolist(), side.tolist()
    reaches = reach[group].tolist()
    found_a: list[int] = []
    found_b: list[int] = []
    for low, high in pairwise(edges):
        own_a = [k for k in range(low, high) if not sides[k]]
        own_b = [k for k in range(low, high) if sides[k]]
        if not own_a or not own_b:
            continue
        pairs = match_sorted([times[k] for k in own_a], [times[k] for k in own_b], reaches[low])
        found_a += [marks[own_a[x]] for x, _ in pairs]
        found_b += [marks[own_b[y]] for _, y in pairs]
    return np.array(found_a, dtype=np.int64), np.array(found_b, dtype=np.int64)


def overlapping(a: Stretches, b: Stretches) -> tuple[Ints, Ints, Ints, Ints]:
    """Pairs of one comparison and track that overlap, with intersection and union in ns."""
    empty = np.empty(0, dtype=np.int64)
    if not len(a) or not len(b):
        return empty, empty, empty, empty
    group_a, group_b, groups = grouped((a.owner, b.owner), (a.track, b.track))
    low = int(min(a.start.min(), b.start.min()))
    width = on_one_line(groups, low, int(max(a.end.max(), b.end.max())))
    longest = np.zeros(groups, dtype=np.int64)
    np.maximum.at(longest, group_b, b.end - b.start)
    order = np.lexsort((b.start, group_b))
    line = (group_b * width + b.start - low)[order]
    earliest = np.maximum(a.start - longest[group_a] - low, 0)
    first = np.searchsorted(line, group_a * width + earliest, side="left")
    last = np.searchsorted(line, group_a * width + a.end - low, side="left")
    counts = last - first
    i = np.repeat(np.arange(len(a)), counts)
    j = order[ragged(first, counts)]
    common = np.minimum(a.end[i], b.end[j]) - np.maximum(a.start[i], b.start[j])
    kept = common > 0
    i, j, common = i[kept], j[kept], common[kept]
    whole = np.maximum(a.end[i], b.end[j]) - np.minimum(a.start[i], b.start[j])
    return i, j, common, whole


def match_by_weight(i: Ints, j: Ints, gain: Floats, size_a: int, size_b: int) -> Pairs:
    """Of possible pairs with gains in [0, 1]: most pairs, then the greatest sum of gains."""
    single = alone(i, j, size_a, size_b)
    if single.all():
        return i, j
    rest_i, rest_j, rest_gain = i[~single], j[~single], gain[~single]
    own_a, local_a = np.unique(rest_i, return_inverse=True)
    own_b, local_b = np.unique(rest_j, return_inverse=True)
    total = len(own_a) + len(own_b)
    graph = coo_array((np.ones(len(rest_i)), (local_a, local_b + len(own_a))), (total, total))
    _, piece = connected_components(graph, directed=False)
    of_edge = piece[local_a]
    order = np.argsort(of_edge, kind="stable")
    cuts = [0, *(np.flatnonzero(np.diff(of_edge[order])) + 1).tolist(), len(order)]
    found_i, found_j = [i[single]], [j[single]]
    for low, high in pairwise(cuts):
        edges = order[low:high]
        chosen = _assign(rest_i[edges], rest_j[edges], rest_gain[edges])
        found_i.append(chosen[0])
        found_j.append(chosen[1])
    return np.concatenate(found_i), np.concatenate(found_j)


def _assign(i: Ints, j: Ints, gain: Floats) -> Pairs:
    rows, row = np.unique(i, return_inverse=True)
    columns, column = np.unique(j, return_inverse=True)
    if len(rows) == 1 or len(columns) == 1:
        best = int(np.argmax(gain))
        return i[best : best + 1], j[best : best + 1]
    weight = np.zeros((len(rows), len(columns)))
    weight[row, column] = min(weight.shape) + 1.0 + gain
    x, y = linear_sum_assignment(weight, maximize=True)
    kept = weight[x, y] > 0
    return rows[x[kept]], columns[y[kept]]
