"""What a report's drawings show, and where."""

import numpy as np
import pytest

from episodes.findings import Severity
from episodes.timebase import Rate, rate_times_ns
from episodes.timebase.doctor import (
    CameraInput,
    MotionInput,
    SignalInput,
    SyncDiagnosis,
    diagnose,
)
from episodes.timebase.drawing import LEFT, RIGHT, TimeDrawing, draw_lag, draw_streams
from episodes.timebase.lag import Source
from episodes.timebase.traces import BINS, Traces, trace_streams

SECOND = 10**9


def report(signal_ns: np.ndarray, camera_ns: np.ndarray) -> tuple[Traces, SyncDiagnosis]:
    values = np.zeros((len(signal_ns), 1))
    signal = SignalInput("state", signal_ns, values, Source.STATE)
    diagnosis = diagnose((signal,), (CameraInput("front", camera_ns, None),))
    return trace_streams([("state", signal_ns)], [("front", camera_ns)], 10 * SECOND), diagnosis


@pytest.fixture
def regular() -> np.ndarray:
    return rate_times_ns(500, Rate(50))


def draw(signal_ns: np.ndarray, camera_ns: np.ndarray) -> TimeDrawing:
    return draw_streams(*report(signal_ns, camera_ns))


def test_every_sample_is_counted_once(regular: np.ndarray) -> None:
    traces, _ = report(regular, regular[100:])
    assert [(one.name, one.camera, sum(one.counts)) for one in traces.streams] == [
        ("state", False, 500),
        ("front", True, 400),
    ]
    # The camera begins after 2 of 10 s: a fifth of the axis is empty.
    assert not any(traces.streams[1].counts[: BINS // 5])
    assert all(traces.streams[1].counts[BINS // 5 :])


def test_a_gap_lies_where_it_is_and_says_how_much_is_missing(regular: np.ndarray) -> None:
    with_gap = np.delete(regular, slice(250, 260))
    state, front = draw(with_gap, regular).rows
    (gap,) = state.marks
    assert (gap.kind, gap.sign) == ("gap", "−10")
    assert gap.x == pytest.approx(LEFT + (RIGHT - LEFT) * 0.498, abs=0.5)
    assert gap.width == pytest.approx((RIGHT - LEFT) * 0.022, abs=0.5)
    assert front.marks == ()


def test_repeated_and_backward_stamps_are_marked(regular: np.ndarray) -> None:
    wrong = regular.copy()
    wrong[100] = wrong[99]
    wrong[200] = wrong[199] - 1_000_000
    kinds = [mark.kind for mark in draw(wrong, regular).rows[0].marks]
    assert "duplicate" in kinds
    assert "backward" in kinds


def test_times_before_the_episode_stay_on_the_drawing(regular: np.ndarray) -> None:
    """A corrected camera may begin before the episode does."""
    traces, diagnosis = report(regular, regular - SECOND)
    assert (traces.start_ns, traces.end_ns) == (-SECOND, 10 * SECOND)
    ticks = draw_streams(traces, diagnosis).ticks
    assert ticks[0].name == "0"
    assert all(LEFT <= tick.x <= RIGHT for tick in ticks)


def test_traces_are_read_back_as_written(regular: np.ndarray) -> None:
    traces, _ = report(regular, regular)
    assert Traces.from_json(traces.to_json()) == traces


def test_no_lag_no_drawing(regular: np.ndarray) -> None:
    _, diagnosis = report(regular, regular)
    assert draw_lag(diagnosis.cameras[0]) is None


def test_streams_without_samples_are_rows_all_the_same() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    drawn = draw(nothing, nothing)
    assert [row.said for row in drawn.rows] == ["signal, rate unknown", "camera, rate unknown"]


def test_a_camera_of_one_picture_is_no_reason_to_stop() -> None:
    """Nothing lies between pictures: lag and drops are unknown, and so is the verdict."""
    nothing, one = np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64)
    motion = MotionInput(nothing, nothing, np.zeros(0), np.zeros(0, dtype=np.bool_), nothing)
    signal_ns = rate_times_ns(500, Rate(50))
    moving = np.sin(signal_ns / SECOND)[:, None]
    diagnosis = diagnose(
        (SignalInput("state", signal_ns, moving, Source.STATE),),
        (CameraInput("front", one, motion),),
    )
    assert diagnosis.verdict == Severity.UNKNOWN
    drawn = draw_streams(trace_streams([], [("front", one)], SECOND), diagnosis)
    assert len(drawn.rows) == 1


def test_a_regular_stream_is_drawn_level_whatever_the_parts_hold() -> None:
    """2.4 samples a part are two or three in turn: no gap, and not to look like one."""
    t_ns = rate_times_ns(240 * 12 // 10, Rate(30))
    (row,) = trace_streams([("state", t_ns)], [], int(t_ns[-1])).streams
    assert set(row.counts) >= {2, 3}
    assert row.full == 2
