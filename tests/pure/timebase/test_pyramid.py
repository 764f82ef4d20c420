"""Levels of a long signal: bounds of runs, whatever batches the samples come in."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from episodes.timebase.pyramid import FACTOR, TILE_ROWS, Rows, level_rows, reduced


def rows(values: np.ndarray) -> Rows:
    return Rows(np.arange(len(values), dtype=np.int64) * 10, values, values)


@settings(max_examples=60, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=8),
    holes=st.lists(st.integers(0, 100), max_size=30),
)
def test_batches_do_not_matter(lengths: list[int], holes: list[int]) -> None:
    values = np.random.default_rng(sum(lengths)).normal(size=(sum(lengths), 2)).astype(np.float32)
    values[[hole % len(values) for hole in holes], 0] = np.nan
    cuts = np.cumsum(lengths)[:-1]
    batches, at = [], 0
    for part in np.split(values, cuts):
        batches.append(Rows(np.arange(at, at + len(part), dtype=np.int64) * 10, part, part))
        at += len(part)
    found = list(reduced(batches))
    low = np.concatenate([part.low for part in found])
    high = np.concatenate([part.high for part in found])
    times = np.concatenate([part.t_ns for part in found])
    runs = [values[start : start + FACTOR] for start in range(0, len(values), FACTOR)]
    assert np.array_equal(low, [np.fmin.reduce(run) for run in runs], equal_nan=True)
    assert np.array_equal(high, [np.fmax.reduce(run) for run in runs], equal_nan=True)
    assert np.array_equal(times, np.arange(0, len(values), FACTOR) * 10)


def test_levels_end_with_one_that_fits_a_tile() -> None:
    assert level_rows(TILE_ROWS) == [TILE_ROWS]
    assert level_rows(TILE_ROWS + 1) == [TILE_ROWS + 1, TILE_ROWS // FACTOR + 1]
    assert level_rows(3_600_000) == [3_600_000, 450_000, 56_250, 7032, 879]
    assert level_rows(0) == [0]


def test_no_batches_no_rows() -> None:
    assert list(reduced([])) == []
    assert [len(part.t_ns) for part in reduced([rows(np.ones((3, 1), np.float32))])] == [1]
