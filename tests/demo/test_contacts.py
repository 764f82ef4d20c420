"""Contact instants from touching pairs: small traces made by hand."""

import numpy as np

from demo.contacts import instants
from demo.trace import FRAME_NS, PHYSICS_STEP_NS, Frame, Interval, Stage, Trace, debounced, runs

MS = 1_000_000


def trace(*parts: tuple[int, set[str], float]) -> Trace:
    """Parts of (milliseconds, touching pairs, height of the block at the end of the part in m)."""
    made = Trace(goal=np.zeros(3), stages=[Stage(0, "HOVER", 1)])
    height = 0.02
    for milliseconds, touching, target in parts:
        steps = milliseconds * MS // PHYSICS_STEP_NS
        for z in np.linspace(height, target, steps):
            made.add_step(touching, np.array([0.0, 0.0, z]), np.zeros(3))
        height = target
    still = Frame(*(np.zeros(size) for size in (6, 6, 3, 2, 7)))
    made.frames = [still] * (len(made.touching) * PHYSICS_STEP_NS // FRAME_NS)
    return made


def classes_at(made: Trace) -> list[tuple[str, int]]:
    return [(instant.label_class, instant.t_ns // MS) for instant in instants(made)]


def test_runs_are_half_open_on_the_physics_clock() -> None:
    assert runs([False, True, True, False]) == [Interval(PHYSICS_STEP_NS, 3 * PHYSICS_STEP_NS)]
    assert runs([True]) == [Interval(0, PHYSICS_STEP_NS)]
    assert runs([]) == []


def test_debouncing_joins_before_it_drops() -> None:
    chatter = [Interval(0, 30), Interval(50, 80), Interval(200, 230)]
    assert debounced(chatter, 40) == [Interval(0, 80)]
    assert debounced([Interval(0, 40), Interval(80, 120)], 40) == [
        Interval(0, 40),
        Interval(80, 120),
    ]


def test_a_clean_pick_and_place() -> None:
    made = trace(
        (100, {"table"}, 0.02),
        (60, {"table", "moving_jaw"}, 0.02),
        (200, {"table", "moving_jaw", "fixed_jaw"}, 0.02),
        (200, {"moving_jaw", "fixed_jaw"}, 0.08),
        (200, {"moving_jaw", "fixed_jaw"}, 0.02),
        (100, {"table", "moving_jaw", "fixed_jaw"}, 0.02),
        (60, {"table", "fixed_jaw"}, 0.02),
        (100, {"table"}, 0.02),
    )
    assert classes_at(made) == [
        ("first_contact", 100),
        ("grasp_closed", 160),
        ("lift_off", 360),
        ("placed", 760),
        ("release", 920),
    ]


def test_a_dropped_block_strikes_the_table() -> None:
    made = trace(
        (100, {"table", "moving_jaw", "fixed_jaw"}, 0.02),
        (200, {"moving_jaw", "fixed_jaw"}, 0.08),
        (100, set(), 0.02),
        (100, {"table"}, 0.02),
    )
    found = instants(made)
    assert [(i.label_class, i.t_ns // MS) for i in found][1:] == [
        ("grasp_closed", 0),
        ("lift_off", 100),
        ("release", 300),
        ("impact", 400),
    ]
    assert not found[-1].by_gripper


def test_one_jaw_that_brushes_the_block_makes_no_grasp() -> None:
    made = trace((100, {"table"}, 0.02), (80, {"table", "fixed_jaw"}, 0.02), (80, {"table"}, 0.02))
    assert classes_at(made) == [("first_contact", 100), ("release", 180)]


def test_a_block_that_only_rocks_is_not_lifted() -> None:
    made = trace(
        (100, {"table", "moving_jaw", "fixed_jaw"}, 0.02),
        (60, {"moving_jaw", "fixed_jaw"}, 0.025),
        (100, {"table", "moving_jaw", "fixed_jaw"}, 0.02),
    )
    assert classes_at(made) == [("first_contact", 0), ("grasp_closed", 0)]


def test_closing_again_within_two_seconds_is_a_regrasp() -> None:
    both = {"table", "moving_jaw", "fixed_jaw"}
    made = trace((100, both, 0.02), (1900, {"table"}, 0.02), (100, both, 0.02))
    assert ("regrasp", 2000) in classes_at(made)
    late = trace((100, both, 0.02), (2100, {"table"}, 0.02), (100, both, 0.02))
    assert ("grasp_closed", 2200) in classes_at(late)


def test_fingers_that_hit_the_table_are_an_impact() -> None:
    made = trace((100, {"table"}, 0.02), (60, {"table", "gripper_on_table"}, 0.02))
    assert classes_at(made) == [("impact", 100)]
