"""Gold items: disputes, retirement, seeding, tolerances."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from review.measures.calibration.gold import (
    SeedingPolicy,
    calibrate_tolerance,
    gold_is_due,
    late_exposure,
    pass_rate,
    pool_needed,
)
from review.measures.refused import InputRefused, Reason

FRAME = 33_333_333


def test_failing_gold_is_disputed() -> None:
    assert pass_rate(2, 5).disputed
    assert not pass_rate(2, 4).disputed
    assert not pass_rate(5, 10).disputed
    assert pass_rate(0, 0).smoothed == 0.5


@given(st.lists(st.booleans(), min_size=10, max_size=29))
def test_late_exposure_is_fishers_exact_test(passed: list[bool]) -> None:
    half = len(passed) // 2
    early, late = passed[:half], passed[half:]
    table = [[sum(late), len(late) - sum(late)], [sum(early), len(early) - sum(early)]]
    expected = stats.fisher_exact(np.array(table), alternative="greater").pvalue
    found = late_exposure(passed)
    assert found.p_value == pytest.approx(expected, abs=1e-9)
    assert found.retire == (found.p_value is not None and found.p_value < 0.01)


def test_gold_retires_when_it_is_known_or_worn() -> None:
    assert late_exposure([False] * 8 + [True] * 8).retire
    assert late_exposure([True, False] * 15).retire
    early = late_exposure([False, True])
    assert (early.p_value, early.retire, early.reason) == (None, False, Reason.TOO_FEW_ATTEMPTS)


def test_the_share_of_gold_is_as_the_policy_says() -> None:
    rng = np.random.default_rng(1)
    given_out = gold = week = 0
    shares = []
    for _ in range(4_000):
        due = gold_is_due(
            assignments_done=given_out, gold_done=gold, gold_this_week=week, draw=rng.random()
        )
        given_out, gold, week = given_out + 1, gold + due, week + due
        week = 0 if given_out % 60 == 0 else week
        shares.append(due)
    assert sum(shares[:200]) / 200 == pytest.approx(0.10, abs=0.05)
    assert sum(shares[200:]) / 3_800 == pytest.approx(0.065, abs=0.02)
    # No more than the ceiling at any time, the first gold aside.
    running = np.cumsum(shares)
    assert all(n <= max(1, 0.15 * (k + 1)) for k, n in enumerate(running.tolist()))


def test_a_week_without_gold_raises_the_share_to_the_ceiling() -> None:
    def due(week: int, draw: float) -> bool:
        return gold_is_due(
            assignments_done=1_000, gold_done=50, gold_this_week=week, draw=draw,
            policy=SeedingPolicy(),
        )  # fmt: skip

    assert due(0, 0.14)
    assert not due(2, 0.14)
    assert due(2, 0.04)
    assert pool_needed(40) == 120


def test_tolerance_covers_95_percent_in_whole_frames() -> None:
    offsets = [10_000_000] * 94 + [60_000_000] * 6
    found = calibrate_tolerance(offsets, [10**9] * 20, frame_ns=FRAME)
    assert (found.frames, found.tolerance_ns) == (2, 2 * FRAME)
    assert found.covered == 1
    assert calibrate_tolerance([1] * 9, [10**9], frame_ns=FRAME).tolerance_ns == FRAME


def test_floor_and_ceiling() -> None:
    wide = calibrate_tolerance([500_000_000] * 9, [400_000_000] * 9, frame_ns=FRAME)
    assert (wide.tolerance_ns, wide.covered) == (200_000_000, 0)
    floor = calibrate_tolerance([0] * 9, [10**9], frame_ns=FRAME, sync_error_ns=15_000_000)
    assert floor.tolerance_ns == FRAME + 15_000_000
    close = calibrate_tolerance([0] * 9, [40_000_000], frame_ns=FRAME)
    assert (close.tolerance_ns, close.conflict) == (FRAME, True)
    assert calibrate_tolerance([], [], frame_ns=FRAME).reason is Reason.NOTHING
    with pytest.raises(InputRefused):
        calibrate_tolerance([1], [], frame_ns=0)


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=60))
def test_one_frame_less_would_not_cover(offsets: list[int]) -> None:
    found = calibrate_tolerance(offsets, [], frame_ns=FRAME)
    assert found.tolerance_ns is not None
    assert found.frames is not None
    wanted = math.ceil(0.95 * len(offsets))
    assert sum(abs(x) <= found.tolerance_ns for x in offsets) >= wanted
    if found.frames > 1:
        assert sum(abs(x) <= (found.frames - 1) * FRAME for x in offsets) < wanted
