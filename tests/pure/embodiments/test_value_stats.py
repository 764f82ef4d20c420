"""Values seen in parts are counted as if seen at once, in bounded memory."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from episodes.embodiments import DimensionSpec, DimensionStats, Quantity, ValueStats
from episodes.embodiments.value_stats import SAMPLE_ROWS

SPECS = (
    DimensionSpec("elbow", Quantity.JOINT_POSITION, "rad", lower=-1.0, upper=2.0),
    DimensionSpec("x", Quantity.POSITION, "m"),
)
rows = hnp.arrays(
    np.float64,
    st.tuples(st.integers(0, 60), st.just(2)),
    elements=st.floats(-4, 4) | st.sampled_from([-1.0, 2.0, float("nan"), float("inf")]),
)


def stats_of(values: np.ndarray, cuts: tuple[int, ...] = ()) -> tuple[DimensionStats, ...]:
    stats = ValueStats(SPECS)
    for part in np.split(values, cuts):
        stats.add(part)
    return stats.dimensions()


def test_a_worked_example() -> None:
    elbow = np.array([0.0, -1.0, 2.0, 2.05, 2.5, 0.0, 0.0, 0.0])
    seen, still = stats_of(np.stack([elbow, np.full(8, 0.3)], axis=1))
    assert (seen.minimum, seen.maximum, seen.count) == (-1.0, 2.5, 8)
    # 2 % of the range of 3 rad is 0.06: 2.05 is let pass, 2.5 is not.
    assert (seen.beyond, seen.first_beyond, seen.excess) == (1, 4, 0.5)
    assert (seen.at_lower, seen.at_upper) == (1, 1)
    assert seen.levels == 5
    assert seen.step == pytest.approx(0.05)
    assert (seen.constant, still.constant) == (False, True)
    assert (still.beyond, still.q01, still.step) == (0, 0.3, None)


@given(rows, st.lists(st.integers(0, 60), max_size=4))
def test_parts_count_as_the_whole(values: np.ndarray, cuts: list[int]) -> None:
    assert stats_of(values, tuple(sorted(cuts))) == stats_of(values)


@given(rows)
def test_extremes_and_quantiles_are_ordered(values: np.ndarray) -> None:
    for at, seen in enumerate(stats_of(values)):
        finite = values[np.isfinite(values[:, at]), at]
        assert seen.not_finite == len(values) - len(finite)
        if not len(finite):
            assert (seen.minimum, seen.q01, seen.constant) == (None, None, False)
            continue
        assert seen.minimum == finite.min()
        assert seen.maximum == finite.max()
        assert seen.q01 == pytest.approx(np.quantile(finite, 0.01))
        assert seen.q99 == pytest.approx(np.quantile(finite, 0.99))
        assert (seen.first_beyond is None) == (seen.beyond == 0)


def test_long_recordings_keep_a_bounded_sample_with_true_quantiles() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(10 * SAMPLE_ROWS, 2))
    stats = ValueStats(SPECS)
    for part in np.array_split(values, 137):
        stats.add(part)
        assert sum(map(len, stats._sample)) <= SAMPLE_ROWS
    for at, seen in enumerate(stats.dimensions()):
        assert seen.count == len(values)
        assert seen.q01 == pytest.approx(np.quantile(values[:, at], 0.01), abs=0.08)
        assert seen.q99 == pytest.approx(np.quantile(values[:, at], 0.99), abs=0.08)


def test_rows_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match="rows of 2 values"):
        ValueStats(SPECS).add(np.zeros((3, 5)))


def test_statistics_survive_json() -> None:
    for seen in stats_of(np.arange(20.0).reshape(10, 2)):
        assert DimensionStats.from_json(json.loads(json.dumps(seen.to_json()))) == seen
