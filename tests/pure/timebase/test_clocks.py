"""Clock maps: exact for many times at once, and two of them as one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from episodes.timebase import ClockMap

DAY_NS = 86_400 * 10**9
maps = st.builds(
    ClockMap,
    offset_ns=st.integers(-(10**12), 10**12),
    drift_ppm=st.floats(-1000, 1000),
)
times = arrays(np.int64, st.integers(0, 20), elements=st.integers(-DAY_NS, DAY_NS))


@given(maps, times)
def test_many_times_are_mapped_as_each_of_them(clock: ClockMap, stream_ns: np.ndarray) -> None:
    mapped = clock.times_to_episode_ns(stream_ns)
    assert mapped.dtype == np.int64
    assert mapped.tolist() == [clock.to_episode_ns(one) for one in stream_ns.tolist()]


def test_a_worked_example() -> None:
    """100 ppm are 0.1 ms a second; halves are rounded up."""
    clock = ClockMap(offset_ns=-5, drift_ppm=100.0)
    at = np.array([0, 10**9, -(10**9), 5_000], dtype=np.int64)
    assert clock.times_to_episode_ns(at).tolist() == [-5, 1_000_099_995, -1_000_100_005, 4_996]


@given(maps, maps, st.integers(-DAY_NS, DAY_NS))
def test_one_map_after_another_is_one_map(first: ClockMap, later: ClockMap, at: int) -> None:
    """To a ns for each rounding on the way; a drift in floats is worth 1e-13 of a day's ns."""
    in_two_steps = later.to_episode_ns(first.to_episode_ns(at))
    assert abs(first.then(later).to_episode_ns(at) - in_two_steps) <= 2 + 1e-15 * DAY_NS * 100


def test_the_later_map_says_how_sure_it_is() -> None:
    later = ClockMap(20, 0.0, "flow-correlation", 0.8)
    assert ClockMap(-150, 0.0, "by hand").then(later) == ClockMap(
        -130, 0.0, "flow-correlation", 0.8
    )
