"""What both sides say of every nanosecond, added up: the coincidences behind alpha on time.

Both timelines of a track are swept together; durations are added by what a and b say, "unlabelled"
being an answer. The exclusive segments are one layer, each class of spans another. A track counts
where at least one side labelled it. With o the durations both ways (o + its transpose), the
duration-weighted alpha is Krippendorff's nominal alpha of o; on whole frames it is that of every
frame as an item. Frames are not independent: only an episode bootstrap gives its interval.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from review.measures.categorical import Coefficient, alpha_of
from review.measures.columns import Ints, Stretches, grouped, on_one_line
from review.measures.measure import UNLABELLED, Said
from review.measures.refused import Reason

SEGMENTS = "segments"
_NOBODY = -1


def sweep(
    a: Stretches, b: Stretches, layer_a: Ints, layer_b: Ints, durations: Ints
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """(owner, layer, said by a, said by b, ns) of each stretch of time; -1 is unlabelled.

    Where intervals of one side and layer overlap, the one that began later counts.
    """
    group_a, group_b, groups = grouped((a.owner, b.owner), (a.track, b.track), (layer_a, layer_b))
    owner, layer = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
    owner[group_a], owner[group_b] = a.owner, b.owner
    layer[group_a], layer[group_b] = layer_a, layer_b
    length = durations[owner]
    group = np.concatenate((group_a, group_a, group_b, group_b, *(2 * [np.arange(groups)])))
    at = np.concatenate((a.start, a.end, b.start, b.end, np.zeros(groups, np.int64), length))
    at = np.clip(at, 0, length[group])
    width = on_one_line(groups, 0, int(length.max(initial=0)))
    line = np.unique(group * width + at)
    group, at = line // width, line % width
    ns = np.diff(at)
    kept = np.flatnonzero((np.diff(group) == 0) & (ns > 0))
    group, at, ns = group[kept], at[kept], ns[kept]
    said_a = _said(a, group_a, group, at, length, width)
    said_b = _said(b, group_b, group, at, length, width)
    return owner[group], layer[group], said_a, said_b, ns


def _said(side: Stretches, own: Ints, group: Ints, at: Ints, length: Ints, width: int) -> Ints:
    if not len(side):
        return np.full(len(group), _NOBODY)
    start = np.clip(side.start, 0, length[own])
    order = np.lexsort((side.end, start, own))
    line = (own * width + start)[order]
    last = np.searchsorted(line, group * width + at, side="right") - 1
    found = order[np.maximum(last, 0)]
    holds = (last >= 0) & (own[found] == group) & (side.end[found] > at)
    return np.where(holds, side.name[found], _NOBODY)


def coincidence_of(
    durations: Mapping[Said, int], layer: str
) -> tuple[list[str], NDArray[np.float64]]:
    """(categories, symmetric (V, V) ns) of one layer."""
    own = {(said.a, said.b): ns for said, ns in durations.items() if said.layer == layer}
    names = sorted({name for pair in own for name in pair})
    matrix = np.zeros((len(names), len(names)))
    for (a, b), ns in own.items():
        matrix[names.index(a), names.index(b)] += ns
    return names, matrix + matrix.T


def duration_alpha(durations: Mapping[Said, int], layer: str = SEGMENTS) -> Coefficient:
    """Duration-weighted nominal alpha. ``n`` is the ns swept, counted once."""
    _, matrix = coincidence_of(durations, layer)
    found = alpha_of(matrix)
    return Coefficient(found.value, found.observed, found.chance, found.n // 2, found.reason)


def frame_accuracy(durations: Mapping[Said, int], layer: str = SEGMENTS) -> Coefficient:
    """Share of time of which both say the same; stretches that nobody labelled are left out."""
    own = {said: ns for said, ns in durations.items() if said.layer == layer}
    total = sum(ns for said, ns in own.items() if (said.a, said.b) != (UNLABELLED, UNLABELLED))
    if not total:
        return Coefficient.undefined(Reason.NOTHING)
    same = sum(ns for said, ns in own.items() if said.a == said.b != UNLABELLED)
    return Coefficient(same / total, same / total, None, total)
