"""Exact one-to-one matching of instants and of intervals."""

from collections.abc import Callable, Iterator, Sequence
from operator import index

import numpy as np
from scipy.optimize import linear_sum_assignment

Pair = tuple[int, int]


def match_times(a: Sequence[int], b: Sequence[int], tolerance: int) -> list[Pair]:
    """Match two lists of integer times one to one; returns index pairs ``(in a, in b)``.

    A pair is allowed iff ``|a[i] - b[j]| <= tolerance`` (inclusive). Of all matchings the one
    with most pairs is taken, of these the one with the least sum of ``|dt|``, of these the
    lexicographically smallest list of pairs, positions counted in time order. On a line some
    optimal matching never crosses, so a dynamic programme over both sorted lists is exact.
    Units are the caller's. Floats are refused with ``TypeError``: at a tolerance of 0.05 they
    lose pairs that are exactly 0.05 apart.
    """
    if index(tolerance) < 0:
        raise ValueError("a tolerance cannot be negative")
    whole_a, whole_b = list(map(index, a)), list(map(index, b))
    order_a = sorted(range(len(a)), key=whole_a.__getitem__)
    order_b = sorted(range(len(b)), key=whole_b.__getitem__)
    times_a, times_b = [whole_a[i] for i in order_a], [whole_b[j] for j in order_b]
    pairs: list[Pair] = []
    for low_a, high_a, low_b, high_b in _reachable_groups(times_a, times_b, tolerance):
        if high_a - low_a == high_b - low_b == 1:
            pairs.append((order_a[low_a], order_b[low_b]))
            continue
        inner = match_sorted(times_a[low_a:high_a], times_b[low_b:high_b], tolerance)
        pairs += [(order_a[low_a + i], order_b[low_b + j]) for i, j in inner]
    return pairs


def _reachable_groups(
    a: Sequence[int], b: Sequence[int], tolerance: int
) -> Iterator[tuple[int, int, int, int]]:
    """Cut both sorted lists where no pair can reach across: small tables instead of one large.

    Each group begins with two that reach each other; what reaches nothing is in none.
    """
    i = j = 0
    while i < len(a) and j < len(b):
        if a[i] + tolerance < b[j]:
            i += 1
        elif b[j] + tolerance < a[i]:
            j += 1
        else:
            low_a, low_b, last = i, j, max(a[i], b[j])
            i, j = i + 1, j + 1
            while True:
                if i < len(a) and a[i] <= last + tolerance:
                    last, i = max(last, a[i]), i + 1
                elif j < len(b) and b[j] <= last + tolerance:
                    last, j = max(last, b[j]), j + 1
                else:
                    break
            yield low_a, i, low_b, j


def match_sorted(a: Sequence[int], b: Sequence[int], tolerance: int) -> list[Pair]:
    """``match_times`` of lists that are in order already, whole numbers."""
    # One more pair outweighs any saving in |dt|, so (pairs, -cost) fits into one integer.
    one = min(len(a), len(b)) * tolerance + 1
    best = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        row, below = best[i], best[i + 1]
        for j in range(len(b) - 1, -1, -1):
            value = max(row[j + 1], below[j])
            distance = abs(a[i] - b[j])
            if distance <= tolerance:
                value = max(value, below[j + 1] + one - distance)
            row[j] = value
    pairs: list[Pair] = []
    j = 0
    for i in range(len(a)):
        for k in range(j, len(b)):
            distance = abs(a[i] - b[k])
            if distance <= tolerance and best[i][j] == best[i + 1][k + 1] + one - distance:
                pairs.append((i, k))
                j = k + 1
                break
    return pairs


def match_by_gain(n_a: int, n_b: int, gain: Callable[[int, int], float | None]) -> list[Pair]:
    """Match positions one to one: most pairs first, then the greatest sum of ``gain``.

    ``gain(i, j)`` lies in [0, 1], or is None where the pair is not allowed. Pairs come in order
    of the first position. Uses ``scipy.optimize.linear_sum_assignment``.
    """
    if not n_a or not n_b:
        return []
    if n_a == n_b == 1:
        return [] if gain(0, 0) is None else [(0, 0)]
    weight = np.zeros((n_a, n_b))
    one = min(n_a, n_b) + 1.0
    for i in range(n_a):
        for j in range(n_b):
            value = gain(i, j)
            if value is not None:
                weight[i, j] = one + value
    rows, columns = linear_sum_assignment(weight, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if weight[i, j] > 0]
