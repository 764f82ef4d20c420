"""What each demo episode is meant to go through: the plan, not the truth.

A scenario only disturbs the controller (a wrong aim, a loosening grip, a frozen command). What then
really happened is read off the physics by `demo.truth`; the two are compared in `demo.record`.
"""

from dataclasses import dataclass

Offset = tuple[float, float]

ON_TARGET: Offset = (0.0, 0.0)

COLOURS: dict[str, tuple[float, float, float]] = {
    "red": (0.86, 0.16, 0.14),
    "green": (0.10, 0.62, 0.28),
    "blue": (0.16, 0.36, 0.88),
}

# What the robot is told to do in each stage of the pilot.
INSTRUCTIONS = {
    "HOVER": "move the gripper above the {colour} block",
    "DESCEND": "lower the gripper around the {colour} block",
    "CLOSE": "close the gripper on the {colour} block",
    "LIFT": "lift the {colour} block",
    "LIFT_EMPTY": "raise the empty gripper",
    "TRAVERSE": "carry the {colour} block to the square",
    "LOWER": "lower the {colour} block onto the square",
    "OPEN": "open the gripper to release the block",
    "RETREAT": "raise the gripper off the {colour} block",
    "GIVE_UP": "raise the empty gripper",
    "FREEZE": "carry the {colour} block to the square",
}


# The task's predicates at the end of an episode, by id.
GOALS = {
    "over_square": "the block was carried and lies at least partly on the square",
    "inside_square": "all of the block lies on the square",
}


@dataclass(frozen=True)
class Loosening:
    """The gripper command opens while the block is carried.

    height_m: rise of the block above the table that triggers it. rate: command units (0 closed,
    1 open) a second; a low rate lets the block creep in the jaws before it falls.
    """

    height_m: float
    rate: float


@dataclass(frozen=True)
class Scenario:
    """One episode. `aims` holds one x, y error (m) for each attempt to grasp the block.

    friction: sliding friction of a slippery block; None keeps the model's own.
    stall_after: the controller stops answering in this control step of the carry.
    """

    name: str
    seed: int
    colour: str
    aims: tuple[Offset, ...] = (ON_TARGET,)
    loosening: Loosening | None = None
    place_error: Offset = ON_TARGET
    stall_after: int | None = None
    friction: float | None = None
    outcome: str = "outcome_success"

    @property
    def task(self) -> str:
        """The task text of the episode."""
        return f"Put the {self.colour} block on the white square."


_NEAR: Offset = (-0.05, 0.0)
_FAR: Offset = (0.05, 0.0)
_SIDE: Offset = (0.0, -0.05)
_LET_GO = Loosening(height_m=0.05, rate=3.0)
_LET_GO_LOW = Loosening(height_m=0.02, rate=2.0)

# `outcome` is what the recorder checks the physics against; the truth does not read it.
EPISODES: tuple[Scenario, ...] = (
    Scenario("clean", 20, "red"),
    Scenario("drop", 34, "green", loosening=_LET_GO, outcome="outcome_failure"),
    Scenario("miss", 32, "blue", aims=(_FAR,), outcome="outcome_failure"),
    Scenario("miss_recovery", 33, "red", aims=(_FAR, ON_TARGET)),
    Scenario("clean", 23, "green"),
    Scenario("drop_regrasp", 32, "blue", aims=(ON_TARGET, ON_TARGET), loosening=_LET_GO_LOW),
    Scenario("pinch_slip", 31, "red", aims=(_FAR,), outcome="outcome_failure"),
    Scenario("clean", 29, "blue"),
    Scenario("slip_drop", 31, "green", friction=0.02, outcome="outcome_partial"),
    Scenario("misplaced", 32, "red", place_error=(0.02, 0.03), outcome="outcome_partial"),
    Scenario("miss_topple", 33, "green", aims=(_SIDE,), outcome="outcome_failure"),
    Scenario("drop_regrasp", 34, "red", aims=(ON_TARGET, ON_TARGET), loosening=_LET_GO_LOW),
    Scenario("stalled", 25, "blue", stall_after=6, outcome="outcome_aborted"),
    Scenario("miss_twice", 36, "green", aims=(_FAR, _FAR), outcome="outcome_failure"),
    Scenario("miss_recovery", 31, "blue", aims=(_NEAR, ON_TARGET)),
    Scenario("clean", 28, "red"),
)
