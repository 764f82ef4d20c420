"""Series of unknown length on their way from messages to arrays, with bounded memory.

What outgrows ``IN_MEMORY_BYTES`` goes to temporary files without a name: nothing is left behind,
however the process ends, and the space returns once the arrays mapped from them are gone.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
BLOCK_ROWS = 2048
SLICE_ROWS = 2**16
IN_MEMORY_BYTES = 2**20
# Columns of a spool's times.
STAMP, LOG = 0, 1


class Store:
    """Fixed-size records appended one block after another, then read as one array."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self.count = 0
        self._blocks: list[NDArray[Any]] = []
        self._file: IO[bytes] | None = None

    def append(self, block: NDArray[Any]) -> None:
        self._blocks.append(np.ascontiguousarray(block, self.dtype))
        self.count += len(block)
        if sum(held.nbytes for held in self._blocks) > IN_MEMORY_BYTES:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="touchline-")  # noqa: SIM115
            for held in self._blocks:
                held.tofile(self._file)
            self._blocks.clear()

    def array(self) -> NDArray[Any]:
        """All of it, memory-mapped where it is long; the store takes no more after this."""
        if self._file is None:
            whole = np.concatenate(self._blocks) if self._blocks else np.empty(0, self.dtype)
            self._blocks = []
            return whole
        for held in self._blocks:
            held.tofile(self._file)
        self._blocks.clear()
        self._file.flush()
        mapped = np.memmap(self._file, self.dtype, mode="r", shape=(self.count,))
        self._file.close()
        self._file = None
        return mapped


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A finished spool: ``t_ns`` strictly ascending, ``columns`` the numbers of those kept."""

    t_ns: Times
    values: NDArray[Any]
    columns: tuple[int, ...]
    reordered: int
    repeated: int
    not_finite: int


class Spool:
    """Rows of ``width`` numbers, each with its header stamp and log time in ns."""

    def __init__(self, width: int, dtype: type[np.generic] = np.float64) -> None:
        self.width = width
        self._store = Store(np.dtype([("t", np.int64, (2,)), ("v", dtype, (width,))]))
        self._block = np.zeros(BLOCK_ROWS, self._store.dtype)
        self._fill = 0
        self._rows: NDArray[Any] | None = None
        self._measured = np.zeros(width, bool)
        self.stamped = True

    @property
    def count(self) -> int:
        return self._store.count + self._fill

    def add(self, stamp_ns: int, log_ns: int, row: Sequence[float] | NDArray[Any]) -> None:
        record = self._block[self._fill]
        record["t"] = (stamp_ns, log_ns)
        record["v"] = row
        self.stamped = self.stamped and stamp_ns > 0
        self._fill += 1
        if self._fill == BLOCK_ROWS:
            self._flush()

    def _flush(self) -> None:
        block = self._block[: self._fill]
        self._measured |= np.isfinite(block["v"]).any(axis=0)
        self._store.append(block.copy())
        self._fill = 0

    def rows(self) -> NDArray[Any]:
        if self._rows is None:
            self._flush()
            self._rows = self._store.array()
        return self._rows

    def times(self, column: int) -> Times:
        return np.array(self.rows()["t"][:, column])

    def series(self, column: int, start_ns: int) -> Series:
        """By one of the two clocks, from ``start_ns`` on.

        Sorted stably; of samples at one time the first stays. Columns without any finite number
        were never measured and go, then rows that still hold one that is not finite.
        """
        rows = self.rows()
        columns = np.flatnonzero(self._measured)
        times = self.times(column)
        reordered = int(np.count_nonzero(np.diff(times) < 0))
        order = np.argsort(times, kind="stable") if reordered else np.arange(len(times))
        kept_t, kept_v = Store(np.dtype(np.int64)), _values_store(rows, len(columns))
        repeated = not_finite = 0
        last: int | None = None
        for first in range(0, len(order), SLICE_ROWS):
            part = order[first : first + SLICE_ROWS]
            at, values = times[part], rows["v"][part][:, columns]
            fresh = np.diff(at, prepend=at[0] - 1 if last is None else last) > 0
            finite = np.isfinite(values).all(axis=1)
            repeated += int(np.count_nonzero(~fresh))
            not_finite += int(np.count_nonzero(fresh & ~finite))
            last = int(at[-1])
            kept_t.append(at[fresh & finite] - start_ns)
            kept_v.append(values[fresh & finite].reshape(-1).view(kept_v.dtype))
        flat = kept_v.array()
        values = flat.view(rows["v"].dtype).reshape(kept_t.count, len(columns))
        chosen = tuple(int(c) for c in columns)
        return Series(kept_t.array(), values, chosen, reordered, repeated, not_finite)


def _values_store(rows: NDArray[Any], width: int) -> Store:
    base = rows.dtype["v"].base
    return Store(np.dtype((np.void, base.itemsize * max(width, 1))))
