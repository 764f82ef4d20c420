"""Action-space coverage breadth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.measures.bounds import Gate
from review.measures.checks.coverage import (
    BINS,
    ActionSpace,
    Dimension,
    EpisodeReach,
    Workspace,
    action_space_coverage,
    episode_reach,
)
from review.measures.refused import InputRefused, Reason

BOX = Workspace((0, 0, 0), (0.1, 0.1, 0.05))
SPACE = ActionSpace(
    (Dimension("x", -1, 1), Dimension("free")),
    BOX,
    frozenset({("pick up", "block"), ("open", "box")}),
)


def reach(id_: str, x: list[float], **more: object) -> EpisodeReach:
    actions = np.column_stack((x, np.zeros(len(x))))
    return episode_reach(id_, SPACE, actions=actions, **more)  # type: ignore[arg-type]


def test_a_bin_is_occupied_from_three_episodes_on() -> None:
    """Every episode sweeps the lower half; two reach the top."""
    lower = np.linspace(-1, -0.001, 200).tolist()
    rows = [reach("a", [*lower, 0.99]), reach("b", [*lower, 1.0]), reach("c", lower)]
    found = action_space_coverage(rows, SPACE)
    x, free = found.dimensions
    assert x.share == 10 / BINS
    assert (x.episodes[0], x.episodes[-1], x.out_of_range) == (3, 2, 0)
    assert (free.share, free.reason) == (None, Reason.NO_BOUNDS)


def test_what_is_out_of_range_is_told_apart_and_nan_is_no_visit() -> None:
    rows = [reach("a", [1.5, 0.0, math.nan])]
    x = action_space_coverage(rows, SPACE).dimensions[0]
    assert x.out_of_range == 0.5
    assert sum(x.episodes) == 1


def test_positions_fill_voxels_evenly_or_not() -> None:
    """Four voxels of 5 cm; three episodes visit all, evenly."""
    corners = np.array([[a, b, 0.02] for a in (0.01, 0.09) for b in (0.01, 0.09)])
    rows = [episode_reach(str(i), SPACE, positions=corners) for i in range(3)]
    even = action_space_coverage(rows, SPACE).position
    assert (even.voxels, even.occupied, even.share) == (4, 4, 1)
    assert even.evenness == pytest.approx(1)
    one = [episode_reach(str(i), SPACE, positions=corners[:1]) for i in range(3)]
    uneven = action_space_coverage(one, SPACE).position
    assert uneven.share == 0.25
    assert uneven.evenness == pytest.approx(0.25)
    outside = episode_reach("x", SPACE, positions=np.array([[9.0, 0, 0], [0.01, 0.01, 0.01]]))
    assert action_space_coverage([outside], SPACE).position.out_of_workspace == 0.5


def test_skills_and_good_turing() -> None:
    rows = [reach(str(i), [0.0], cells=[("pick up", "block")]) for i in range(3)]
    rows.append(reach("3", [0.0], cells=[("open", "box")]))
    skills = action_space_coverage(rows, SPACE).skills
    assert skills.share == 0.5
    assert skills.missing == ((("open", "box"), 1),)
    # Four cell visits, one cell seen once.
    assert (skills.good_turing, skills.seen_once) == (0.75, 1)


def test_the_value_is_the_weakest_part_and_the_mean_stands_beside_it() -> None:
    rows = [
        reach(str(i), np.linspace(-1, 1, 500).tolist(), cells=[("pick up", "block")])
        for i in range(3)
    ]
    found = action_space_coverage(rows, SPACE, threshold=0.8)
    assert (found.result.value, found.mean, found.result.gate) == (0.5, 0.75, Gate.FAIL)
    assert {one.id for one in found.result.offending} == {"skills", "open box"}


def test_nothing_declared_or_recorded_is_unmeasured() -> None:
    bare = ActionSpace((Dimension("x"),))
    found = action_space_coverage([episode_reach("a", bare)], bare)
    assert (found.result.value, found.mean, found.result.reason) == (None, None, Reason.NO_BOUNDS)
    assert found.position.reason is found.skills.reason is Reason.NO_BOUNDS
    assert action_space_coverage([], SPACE).dimensions[0].reason is Reason.NO_SIGNAL
    assert action_space_coverage([], SPACE).position.reason is Reason.NO_SIGNAL


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=40))
def test_bins_are_numpys_histogram(x: list[float]) -> None:
    counts, _ = np.histogram(x, bins=BINS, range=(-1, 1))
    found = {bin_ for d, bin_ in reach("a", x).bins if d == 0}
    expected = set(np.flatnonzero(counts).tolist())
    # A value on an inner edge may fall to either side in floats.
    on_edge = {round((value + 1) * BINS / 2) for value in x
               if abs((value + 1) * BINS / 2 - round((value + 1) * BINS / 2)) < 1e-9}  # fmt: skip
    allowed = {edge - side for edge in on_edge for side in (0, 1)}
    assert found ^ expected <= allowed


def test_impossible_spaces_are_refused() -> None:
    with pytest.raises(InputRefused):
        Dimension("x", 1, 1)
    with pytest.raises(InputRefused):
        Dimension("x", math.nan, 1)
    with pytest.raises(InputRefused):
        Workspace((0, 0, 0), (1, 0, 1))
    with pytest.raises(InputRefused, match="2 dimensions"):
        episode_reach("a", SPACE, actions=np.zeros((4, 3)))
