"""Drops that no stamp shows are seen in the pictures, or it is said that they cannot be."""

import json

import numpy as np
import pytest

from episodes.findings import Severity
from episodes.timebase import NS, Rate, rate_times_ns
from episodes.timebase.lag import Speed
from episodes.timebase.pictures import Freeze, PictureCheck, check_pictures

TIMES = rate_times_ns(201, Rate(50))
MIDDLES = TIMES[:-1] + np.diff(TIMES) // 2
STEADY = Speed(MIDDLES, np.ones(200))


def check(
    flow: np.ndarray, repeated: np.ndarray | None = None, speed: Speed | None = STEADY
) -> PictureCheck:
    nothing = np.zeros(200, dtype=np.bool_)
    span = np.zeros(200, dtype=np.int64)
    again = nothing if repeated is None else repeated
    return check_pictures(TIMES[:-1], TIMES[1:], flow, again, span, speed)


def steady_flow(seed: int = 0) -> np.ndarray:
    return 2.0 * np.exp(np.random.default_rng(seed).normal(0, 0.1, 200))


def test_steady_movement_is_green() -> None:
    found = check(steady_flow())
    assert found.verdict is Severity.GREEN
    assert found.seen_share > 0.9


@pytest.mark.parametrize("seed", range(10))
def test_five_frames_gone_are_found_and_counted(seed: int) -> None:
    flow = steady_flow(seed)
    flow[120] *= 6
    [jump] = check(flow).jumps
    assert jump.at_ns == TIMES[121]
    assert abs(jump.missing - 5) <= 2
    assert check(flow).verdict is Severity.AMBER


def test_a_jump_the_robot_made_itself_is_none() -> None:
    flow, own = steady_flow(), np.ones(200)
    flow[120], own[119:122] = 12, 6
    assert check(flow, speed=Speed(MIDDLES, own)).jumps == ()


def test_a_movement_that_begins_is_no_jump() -> None:
    flow = steady_flow()
    flow[:100] = 0.02
    assert check(flow).jumps == ()


def test_two_quick_intervals_are_no_jump() -> None:
    flow = steady_flow()
    flow[120:122] *= 5
    assert check(flow).jumps == ()


def test_slow_pictures_are_unknown() -> None:
    found = check(np.full(200, 0.1))
    assert (found.verdict, found.seen_share) == (Severity.UNKNOWN, 0.0)
    assert [finding.code for finding in found.findings] == ["pictures_still"]


def test_a_frozen_camera_is_found_while_the_robot_moves() -> None:
    flow, repeated = steady_flow(), np.zeros(200, dtype=np.bool_)
    flow[80:95], repeated[80:95] = 0, True
    found = check(flow, repeated)
    assert found.freezes == (Freeze(int(TIMES[80]), 15),)
    assert "pictures_frozen" in [finding.code for finding in found.findings]
    own = np.ones(200)
    own[75:100] = 0
    assert check(flow, repeated, Speed(MIDDLES, own)).freezes == ()


def test_a_source_slower_than_its_file_is_said() -> None:
    flow = steady_flow()
    flow[::2] *= 0.01
    found = check(flow)
    assert found.held_share > 0.9
    assert [finding.code for finding in found.findings] == ["pictures_held"]
    assert "below the 50 Hz" in found.findings[0].message


def test_a_picture_check_survives_json() -> None:
    flow, repeated = steady_flow(), np.zeros(200, dtype=np.bool_)
    flow[120] *= 6
    repeated[10:20] = True
    found = check(flow, repeated)
    assert PictureCheck.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_runs_are_judged_apart() -> None:
    """Between two runs of a long episode lies no jump, whatever the flow on either side."""
    flow = steady_flow()
    flow[100:] *= 4
    span = (np.arange(200) >= 100).astype(np.int64)
    nothing = np.zeros(200, dtype=np.bool_)
    assert check_pictures(TIMES[:-1], TIMES[1:], flow, nothing, span, STEADY).jumps == ()
    assert TIMES[1] == NS // 50
