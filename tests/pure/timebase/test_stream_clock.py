"""What one stream's stamps say: rate, jitter, gaps, duplicates, order."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodes.findings import Severity
from episodes.timebase import NS, Rate, rate_times_ns
from episodes.timebase.stream_clock import Gap, StreamClock, check_clock


def measured(count: int = 300, rate: int = 30, seed: int = 0) -> np.ndarray:
    """Stamps of a healthy camera: 1 ms of jitter."""
    noise = np.random.default_rng(seed).normal(0, 0.5e6, count)
    return rate_times_ns(count, Rate(rate)) + noise.astype(np.int64)


def codes(clock: StreamClock) -> dict[str, Severity]:
    return {finding.code: finding.severity for finding in clock.findings}


def test_a_healthy_camera_is_green() -> None:
    clock = check_clock(measured(), Rate(30))
    assert codes(clock) == {"stamps_regular": Severity.GREEN}
    assert clock.rate_hz == pytest.approx(30, rel=2e-3)
    assert clock.jitter_ns == pytest.approx(0.7e6, rel=0.3)
    assert (clock.dropped, clock.duplicates, clock.non_monotone, clock.computed) == (0, 0, 0, False)


def test_five_dropped_frames_in_a_row_are_found_where_they_are() -> None:
    t_ns = measured()
    clock = check_clock(np.delete(t_ns, np.arange(100, 105)), Rate(30))
    assert clock.dropped == 5
    assert clock.gaps == (Gap(int(t_ns[99]), int(t_ns[105] - t_ns[99]), 5),)
    assert codes(clock) == {"samples_dropped": Severity.RED}


@given(st.sets(st.integers(2, 297), min_size=5, max_size=5), st.integers(0, 50))
def test_any_five_dropped_frames_are_counted(lost: set[int], seed: int) -> None:
    clock = check_clock(np.delete(measured(seed=seed), sorted(lost)), Rate(30))
    assert clock.dropped == 5
    assert clock.verdict is Severity.RED


def test_a_single_drop_in_a_long_recording_is_amber() -> None:
    clock = check_clock(np.delete(measured(3000), 77), Rate(30))
    assert codes(clock) == {"samples_dropped": Severity.AMBER}
    assert "1 sample is missing in 1 gap (" in clock.findings[0].message


def test_drops_show_in_regular_stamps_that_were_measured() -> None:
    clock = check_clock(np.delete(rate_times_ns(300, Rate(30)), range(50, 55)), Rate(30))
    assert (clock.dropped, clock.computed) == (5, False)


def test_a_stamp_that_goes_back_is_red() -> None:
    t_ns = measured()
    t_ns[[40, 41]] = t_ns[[41, 40]]
    clock = check_clock(t_ns, Rate(30))
    assert (clock.non_monotone, clock.non_monotone_positions) == (1, (41,))
    assert codes(clock)["stamps_not_monotone"] is Severity.RED


def test_repeated_stamps_are_counted() -> None:
    t_ns = measured()
    t_ns[60] = t_ns[59]
    clock = check_clock(t_ns)
    assert (clock.duplicates, clock.duplicate_positions) == (1, (60,))
    assert codes(clock)["stamps_repeated"] is Severity.AMBER


def test_jitter_is_amber() -> None:
    noise = np.random.default_rng(3).normal(0, 4e6, 300).astype(np.int64)
    clock = check_clock(rate_times_ns(300, Rate(30)) + noise, Rate(30))
    assert codes(clock)["stamps_jitter"] is Severity.AMBER
    assert clock.jitter_ns == pytest.approx(4e6 * 2**0.5, rel=0.3)


@pytest.mark.parametrize(
    ("declared", "severity"), [(30.3, Severity.AMBER), (25, Severity.RED), (60, Severity.RED)]
)
def test_a_wrong_declared_rate_is_found(declared: float, severity: Severity) -> None:
    clock = check_clock(measured(), Rate.from_number(declared))
    assert codes(clock) == {"rate_differs": severity}


@pytest.mark.parametrize("rate", [Rate(30), Rate(50), Rate(30000, 1001)])
def test_computed_stamps_are_unknown_and_no_pass(rate: Rate) -> None:
    t_ns = rate_times_ns(400, rate)
    float32_seconds = np.rint((t_ns / NS).astype(np.float32).astype(np.float64) * NS)
    for stamps in (t_ns, float32_seconds.astype(np.int64)):
        clock = check_clock(stamps, rate)
        assert clock.computed
        assert codes(clock) == {"stamps_computed": Severity.UNKNOWN}


@pytest.mark.parametrize("stamps", [[], [5], [5, 9], [7, 7, 7, 7]])
def test_too_little_is_unknown(stamps: list[int]) -> None:
    clock = check_clock(np.array(stamps, dtype=np.int64))
    assert clock.rate_hz is None
    assert codes(clock)["stamps_too_few"] is Severity.UNKNOWN
    assert clock.verdict is not Severity.GREEN


@given(st.lists(st.integers(-(10**12), 10**12), max_size=40), st.sampled_from([None, Rate(30)]))
def test_any_stamps_are_measured_and_survive_json(stamps: list[int], rate: Rate | None) -> None:
    clock = check_clock(np.array(stamps, dtype=np.int64), rate)
    again = StreamClock.from_json(json.loads(json.dumps(clock.to_json())))
    assert again == clock
    assert clock.findings
    steps = np.diff(stamps)
    assert (clock.duplicates, clock.non_monotone) == ((steps == 0).sum(), (steps < 0).sum())
    if clock.non_monotone:
        assert clock.verdict is Severity.RED
