"""Lags whose truth is known are found; what cannot be known is said to be unknown."""

import json

import numpy as np
import pytest

from episodes.findings import Severity
from episodes.timebase import NS, Rate, rate_times_ns
from episodes.timebase.lag import (
    Lag,
    Source,
    Speed,
    compare,
    held_share,
    measure_lag,
    picture_speed,
    proprioceptive_speed,
)
from tests.pure.timebase.simulation import Arm, pictures, state

MS = 1_000_000
LAGS_MS = (-200, -137, -87, -50, -17, 0, 17, 50, 87, 137, 200)


def simulated(
    lag_ms: float, seed: int, *, seconds: float = 12, fps: int = 30, source: Source = Source.STATE
) -> Lag:
    arm = Arm(seed, seconds)
    speed = proprioceptive_speed(*state(arm, seconds, Rate(100), seed))
    t_ns = rate_times_ns(int(seconds * fps), Rate(fps))
    motion = pictures(arm, t_ns, t_ns / NS - lag_ms / 1e3, seed)
    assert speed is not None
    seen = picture_speed(motion.start_ns, motion.end_ns, motion.flow.astype(float), motion.span)
    return measure_lag([compare(speed, seen)], period_ns=NS // fps, source=source)


@pytest.mark.parametrize("lag_ms", LAGS_MS)
def test_an_injected_lag_is_found_within_10_ms(lag_ms: int) -> None:
    """Within 10 ms wherever the measurement is that sure of itself; never far from it."""
    sure = 0
    for seed in range(12):
        lag = simulated(lag_ms, seed)
        assert lag.lag_ns is not None
        assert lag.error_ns is not None
        assert lag.r is not None
        assert lag.r > 0.6
        assert abs(lag.lag_ns - lag_ms * MS) <= 15 * MS, (seed, lag)
        if lag.error_ns <= 5 * MS:
            sure += 1
            assert abs(lag.lag_ns - lag_ms * MS) <= 10 * MS, (seed, lag)
            expected = Severity.GREEN if lag_ms == 0 else Severity.RED
            assert lag.verdict is expected or abs(lag_ms) == 17, (seed, lag)
    assert sure >= 7


def test_no_clean_simulation_is_red() -> None:
    verdicts = [simulated(0, seed, fps=fps).verdict for seed in range(40, 60) for fps in (15, 50)]
    assert Severity.RED not in verdicts
    assert verdicts.count(Severity.GREEN) >= 0.9 * len(verdicts)


def test_the_error_is_as_large_as_it_says() -> None:
    lags = [simulated(40, seed) for seed in range(30)]
    within = [abs((lag.lag_ns or 0) - 40 * MS) <= 2 * (lag.error_ns or 0) + 2 * MS for lag in lags]
    assert np.mean(within) >= 0.9


def test_the_correction_undoes_the_lag() -> None:
    lag = simulated(87, 3)
    correction = lag.correction()
    assert correction is not None
    assert correction.to_episode_ns(5 * NS) == 5 * NS - (lag.lag_ns or 0)
    assert correction.confidence == lag.confidence > 0.5


def test_drift_is_measured_and_corrected() -> None:
    """A camera whose clock runs 2000 ppm fast: 120 ms over a minute."""
    arm, seconds = Arm(5, 60), 60.0
    speed = proprioceptive_speed(*state(arm, seconds, Rate(100)))
    true_s = np.arange(0, seconds, 1 / 30)
    stamps = np.rint(true_s * 1.002 * NS).astype(np.int64) + 30 * MS
    motion = pictures(arm, stamps, true_s)
    assert speed is not None
    seen = picture_speed(motion.start_ns, motion.end_ns, motion.flow.astype(float), motion.span)
    lag = measure_lag([compare(speed, seen)], period_ns=NS // 30)
    assert lag.drift_ppm == pytest.approx(2000, abs=300)
    correction = lag.correction()
    assert correction is not None
    for second in (5, 30, 55):
        stamp = round(second * 1.002 * NS) + 30 * MS
        assert abs(correction.to_episode_ns(stamp) - second * NS) <= 12 * MS


def test_short_recordings_have_no_drift() -> None:
    assert simulated(50, 1).drift_ppm is None


def test_pictures_of_something_else_are_unknown() -> None:
    arm, other = Arm(1, 12), Arm(99, 12)
    speed = proprioceptive_speed(*state(arm, 12, Rate(100)))
    t_ns = rate_times_ns(360, Rate(30))
    motion = pictures(other, t_ns, t_ns / NS)
    assert speed is not None
    seen = picture_speed(motion.start_ns, motion.end_ns, motion.flow.astype(float), motion.span)
    lag = measure_lag([compare(speed, seen)], period_ns=NS // 30)
    assert lag.verdict is Severity.UNKNOWN
    assert lag.correction() is None


def test_a_recording_too_short_to_shift_is_unknown() -> None:
    lag = simulated(0, 1, seconds=1.2)
    assert (lag.lag_ns, lag.verdict, lag.confidence) == (None, Severity.UNKNOWN, 0.0)


def test_an_action_is_trusted_less_and_never_red() -> None:
    by_state, by_action = simulated(150, 2), simulated(150, 2, source=Source.ACTION)
    assert (by_state.verdict, by_action.verdict) == (Severity.RED, Severity.AMBER)
    assert by_action.confidence == pytest.approx(by_state.confidence / 2, abs=1e-3)


def test_episodes_pooled_are_surer_than_one() -> None:
    parts = []
    for seed in range(6):
        arm = Arm(seed, 6)
        speed = proprioceptive_speed(*state(arm, 6, Rate(100), seed))
        t_ns = rate_times_ns(180, Rate(30))
        motion = pictures(arm, t_ns, t_ns / NS - 0.06, seed, noise=0.6)
        assert speed is not None
        seen = picture_speed(motion.start_ns, motion.end_ns, motion.flow.astype(float), motion.span)
        parts.append(compare(speed, seen))
    pooled, single = (measure_lag(p, period_ns=NS // 30) for p in (parts, parts[:1]))
    assert pooled.error_ns is not None
    assert single.error_ns is not None
    assert pooled.error_ns < single.error_ns
    assert abs((pooled.lag_ns or 0) - 60 * MS) <= 10 * MS


def test_speed_ignores_units_noise_and_steps() -> None:
    t_ns, angles = state(Arm(4, 10), 10, Rate(100))
    steps = np.repeat(np.random.default_rng(0).normal(size=(20, 1)), 50, axis=0)
    noise = np.random.default_rng(1).normal(size=(1000, 1))
    plain = proprioceptive_speed(t_ns, angles)
    mixed = np.hstack([angles[:, :3] * 57.3, angles[:, 3:], steps, noise, np.ones((1000, 1))])
    same = proprioceptive_speed(t_ns, mixed)
    assert plain is not None
    assert same is not None
    np.testing.assert_allclose(same.value, plain.value, rtol=1e-9)


@pytest.mark.parametrize(
    "values", [np.ones((50, 3)), np.random.default_rng(2).normal(size=(50, 3))]
)
def test_a_signal_that_does_not_move_has_no_speed(values: np.ndarray) -> None:
    assert proprioceptive_speed(rate_times_ns(50, Rate(50)), values) is None


def test_held_pictures_are_counted_to_the_next_that_moves() -> None:
    """15 Hz pictures in a 30 Hz file."""
    t_ns = rate_times_ns(9, Rate(30))
    flow = np.array([2.0, 0.01, 4.0, 0.02, 4.0, 0.01, 2.0, 0.01])
    assert held_share(flow) == 1.0
    seen = picture_speed(t_ns[:-1], t_ns[1:], flow, np.zeros(8, dtype=np.int64))
    [run] = seen.runs
    assert run.value[1:].tolist() == pytest.approx([60, 60, 30], rel=1e-6)
    assert abs(int(run.t_ns[1] - t_ns[2])) <= 1


def test_a_standstill_cannot_be_compared() -> None:
    t_ns = rate_times_ns(300, Rate(30))
    still = picture_speed(t_ns[:-1], t_ns[1:], np.zeros(299), np.zeros(299, dtype=np.int64))
    assert compare(Speed(t_ns, np.zeros(300)), still) is None
    moving = Speed(t_ns, np.abs(np.sin(t_ns / NS)))
    lag = measure_lag([compare(moving, still)], period_ns=NS // 30)
    assert lag.verdict is Severity.UNKNOWN


def test_a_lag_survives_json() -> None:
    for lag in (simulated(87, 3), simulated(0, 1, seconds=1.2)):
        assert Lag.from_json(json.loads(json.dumps(lag.to_json()))) == lag
