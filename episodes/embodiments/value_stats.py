"""Values of one vector, seen once, in parts, in bounded memory."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from episodes.embodiments.specs import DimensionSpec

Floats = NDArray[np.float64]
# Rows kept for quantiles: a quantile of 1 % of 16,384 rows rests on 164 of them.
SAMPLE_ROWS = 16_384
# Simulated joints give way at their stops and encoders round: a fiftieth of the range is no excess.
TOLERANCE_SHARE = 0.02
# Values this close to a limit, in shares of the range, rest on it.
AT_LIMIT_SHARE = 1e-4


@dataclass(frozen=True, slots=True)
class DimensionStats:
    """One dimension's values: extremes exact, quantiles from an even sample of rows.

    ``beyond`` counts values outside the limits by more than 2 % of the range, the first of them in
    row ``first_beyond``; ``excess`` is the largest distance past a limit, in the dimension's unit.
    ``at_lower`` and ``at_upper`` count values resting on a limit. ``step`` is the smallest
    difference of two sampled values and ``levels`` how many there are.
    """

    count: int
    not_finite: int
    minimum: float | None
    maximum: float | None
    q01: float | None
    q99: float | None
    constant: bool
    beyond: int
    first_beyond: int | None
    excess: float
    at_lower: int
    at_upper: int
    step: float | None
    levels: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read back what ``to_json`` made; raises TypeError for anything else."""
        return cls(**document)


class ValueStats:
    """Accumulates the values of vectors described by ``specs``, part after part.

    Memory is bounded by ``SAMPLE_ROWS`` rows: of all rows every k-th is kept, k a power of two that
    grows with the recording, so quantiles weigh the whole of it evenly and repeat exactly.
    """

    def __init__(self, specs: Sequence[DimensionSpec]) -> None:
        width = len(specs)
        self.specs = tuple(specs)
        self.rows = 0
        self._lower = np.array([-np.inf if s.lower is None else s.lower for s in specs])
        self._upper = np.array([np.inf if s.upper is None else s.upper for s in specs])
        self._span = np.array([s.span or 0.0 for s in specs])
        self._minimum = np.full(width, np.inf)
        self._maximum = np.full(width, -np.inf)
        self._excess = np.zeros(width)
        self._first_beyond = np.full(width, -1, dtype=np.int64)
        counts = (width,)
        self._not_finite = np.zeros(counts, dtype=np.int64)
        self._beyond = np.zeros(counts, dtype=np.int64)
        self._at_lower = np.zeros(counts, dtype=np.int64)
        self._at_upper = np.zeros(counts, dtype=np.int64)
        self._every = 1
        self._sample: list[Floats] = []
        self._sampled = 0

    def add(self, values: NDArray[np.floating[Any]] | NDArray[np.integer[Any]]) -> None:
        """Take in the next rows, (n, dimensions). Raises ValueError for another width."""
        if values.ndim != 2 or values.shape[1] != len(self.specs):
            raise ValueError(f"rows of {len(self.specs)} values expected, got {values.shape}")
        if not len(values):
            return
        wide = values.astype(np.float64)
        finite = np.isfinite(wide)
        self._not_finite += (~finite).sum(axis=0)
        self._minimum = np.minimum(self._minimum, np.where(finite, wide, np.inf).min(axis=0))
        self._maximum = np.maximum(self._maximum, np.where(finite, wide, -np.inf).max(axis=0))
        self._take_limits(np.where(finite, wide, np.nan))
        offset = -self.rows % self._every
        kept = wide[offset :: self._every]
        self.rows += len(wide)
        self._keep(kept)

    def _take_limits(self, wide: Floats) -> None:
        with np.errstate(invalid="ignore"):
            past = np.fmax(self._lower - wide, wide - self._upper)
            near = AT_LIMIT_SHARE * self._span
            self._at_lower += (np.abs(wide - self._lower) <= near).sum(axis=0)
            self._at_upper += (np.abs(wide - self._upper) <= near).sum(axis=0)
            beyond = past > TOLERANCE_SHARE * self._span
        self._excess = np.fmax(self._excess, np.fmax.reduce(past, axis=0, initial=0.0))
        self._beyond += beyond.sum(axis=0)
        new = beyond.any(axis=0) & (self._first_beyond < 0)
        self._first_beyond[new] = self.rows + beyond.argmax(axis=0)[new]

    def _keep(self, rows: Floats) -> None:
        self._sample.append(rows)
        self._sampled += len(rows)
        while self._sampled > SAMPLE_ROWS:
            thinned = np.concatenate(self._sample)[::2]
            self._sample, self._sampled = [thinned], len(thinned)
            self._every *= 2

    def dimensions(self) -> tuple[DimensionStats, ...]:
        """What has been seen so far, a record a dimension."""
        width = len(self.specs)
        sample = np.concatenate(self._sample) if self._sample else np.zeros((0, width))
        return tuple(self._dimension(at, sample[:, at]) for at in range(width))

    def _dimension(self, at: int, sample: Floats) -> DimensionStats:
        known = sample[np.isfinite(sample)]
        seen = self.rows > self._not_finite[at]
        levels = np.unique(known)
        steps = np.diff(levels)
        first = int(self._first_beyond[at])
        low, high = float(self._minimum[at]), float(self._maximum[at])
        return DimensionStats(
            count=self.rows,
            not_finite=int(self._not_finite[at]),
            minimum=low if seen else None,
            maximum=high if seen else None,
            q01=float(np.quantile(known, 0.01)) if len(known) else None,
            q99=float(np.quantile(known, 0.99)) if len(known) else None,
            constant=bool(seen and self._not_finite[at] == 0 and low == high),
            beyond=int(self._beyond[at]),
            first_beyond=first if first >= 0 else None,
            excess=float(self._excess[at]),
            at_lower=int(self._at_lower[at]),
            at_upper=int(self._at_upper[at]),
            step=float(steps.min()) if len(steps) else None,
            levels=len(levels),
        )
