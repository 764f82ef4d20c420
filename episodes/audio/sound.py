"""A recording of sound in blocks that may be memory maps: what is asked for is read, no more."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

NS = 1_000_000_000
# Pauses of this length and more count as gaps, and not into the rate.
GAP_NS = 10_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """``t_ns`` int64 (n,) ascending, and of each channel its samples (n,)."""

    t_ns: NDArray[np.int64]
    channels: tuple[NDArray[Any], ...]


@dataclass(slots=True, eq=False)
class Sound:
    """Blocks that follow one another in time, none of them empty."""

    blocks: Sequence[Block]
    _rows: NDArray[np.int64] = field(init=False)
    _starts: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self._rows = np.cumsum([0, *(len(block.t_ns) for block in self.blocks)])
        self._starts = np.array([block.t_ns[0] for block in self.blocks], np.int64)

    @property
    def rows(self) -> int:
        return int(self._rows[-1])

    @property
    def start_ns(self) -> int:
        return int(self.blocks[0].t_ns[0])

    @property
    def end_ns(self) -> int:
        """The time of the last sample."""
        return int(self.blocks[-1].t_ns[-1])

    @property
    def rate_hz(self) -> float:
        """Samples a second where they follow one another; 0 where no two do."""
        for block in self.blocks:
            steps = np.diff(block.t_ns)
            steps = steps[(steps > 0) & (steps < GAP_NS)]
            if len(steps):
                return NS / float(steps.mean())
        return 0.0

    def row_at(self, ns: int) -> int:
        """The first row that is not before ``ns``."""
        number = max(0, int(np.searchsorted(self._starts, ns)) - 1)
        return int(self._rows[number] + np.searchsorted(self.blocks[number].t_ns, ns))

    def part(self, first: int, last: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Times (rows,) and samples (channels, rows) of the rows [first, last) that there are."""
        inside = range(
            max(0, int(np.searchsorted(self._rows, first, side="right")) - 1),
            min(len(self.blocks), int(np.searchsorted(self._rows, last))),
        )
        times, samples = [], []
        for block, row in ((self.blocks[i], int(self._rows[i])) for i in inside):
            part = slice(max(0, first - row), last - row)
            times.append(block.t_ns[part])
            samples.append(np.array([channel[part] for channel in block.channels], np.float32))
        return np.concatenate(times), np.concatenate(samples, axis=1)
