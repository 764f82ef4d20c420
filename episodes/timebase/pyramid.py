"""Least and greatest values over ever longer runs of samples: an hour draws as a minute does.

A row of level *k* stands for ``FACTOR ** k`` samples: the time of the first, and per dimension the
least and greatest value, NaN left out (all NaN gives NaN). Levels go on until one fits a tile.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FACTOR = 8
# Rows a client fetches at once.
TILE_ROWS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """``t_ns`` int64 (n,), ``low`` and ``high`` float32 (n, dimensions); of samples both alike."""

    t_ns: NDArray[np.int64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]


def level_rows(samples: int) -> list[int]:
    """How many rows each level has, the samples themselves first."""
    rows = [samples]
    while rows[-1] > TILE_ROWS:
        rows.append(-(-rows[-1] // FACTOR))
    return rows


def reduced(batches: Iterable[Rows]) -> Iterator[Rows]:
    """The next level of a series in batches of any length, one of them in memory at a time."""
    held: list[Rows] = []
    count = 0
    for batch in batches:
        held.append(batch)
        count += len(batch.t_ns)
        if count >= FACTOR:
            joined = _joined(held)
            whole = count - count % FACTOR
            yield _reduce(_part(joined, 0, whole))
            held, count = [_part(joined, whole, count)], count - whole
    if count:
        yield _reduce(_joined(held))


def _joined(parts: list[Rows]) -> Rows:
    if len(parts) == 1:
        return parts[0]
    return Rows(
        np.concatenate([part.t_ns for part in parts]),
        np.concatenate([part.low for part in parts]),
        np.concatenate([part.high for part in parts]),
    )


def _part(rows: Rows, start: int, end: int) -> Rows:
    return Rows(rows.t_ns[start:end], rows.low[start:end], rows.high[start:end])


def _reduce(rows: Rows) -> Rows:
    starts = np.arange(0, len(rows.t_ns), FACTOR)
    low: NDArray[Any] = np.fmin.reduceat(rows.low, starts, axis=0)
    high: NDArray[Any] = np.fmax.reduceat(rows.high, starts, axis=0)
    return Rows(rows.t_ns[starts], low, high)
