"""Drives the scripted pick-and-place controller through a scenario.

The controller (lerobot-env-so101, Apache-2.0) knows only the undisturbed task. The pilot decides
what the controller believes (where the block is), what the gripper is told, and when to try again.
"""

from dataclasses import dataclass

import numpy as np
from lerobot_env_so101.policy import DEFAULT_ACTION_SCALE
from lerobot_env_so101.scripted.pick_place import Phase, PickPlaceController
from numpy.typing import NDArray

from demo.scenarios import Scenario

Vector = NDArray[np.float64]

# Half open is wide enough for the 40 mm block; fully open the moving jaw swings out of the picture.
OPEN_COMMAND = 0.55
# The jaws come down this far to the side, so that the fixed jaw does not scrape down the block:
# the moving jaw touches first and pushes the block against the fixed one.
SIDE_CLEARANCE = np.array([0.0, -0.006, 0.0])
CLEAR_STEPS = 5
CLEAR_SPEED = np.array([0.0, -0.12, 0.0])
SETTLE_STEPS = 12
SETTLE_SPEED = np.array([0.0, 0.0, -0.08])
LOST_STEPS = 3
GIVE_UP_STEPS = 14
GIVE_UP_SPEED = np.array([0.0, 0.0, 0.3])
FREEZE_STEPS = 11
REST_STEPS = 5

APPROACH = (Phase.HOVER, Phase.DESCEND)
CARRY = (Phase.LIFT, Phase.TRAVERSE, Phase.LOWER)


@dataclass(frozen=True)
class Sight:
    """What the pilot sees at a control step: positions in m, and touch."""

    grasp_point: Vector
    block: Vector
    goal: Vector
    held: bool
    on_table: bool


@dataclass(frozen=True)
class Command:
    """One control step: native action [dx, dy, dz, grip], the stage it belongs to, the attempt."""

    action: Vector
    stage: str
    attempt: int


class Pilot:
    """Makes one command a control step until `finished`."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._controller = PickPlaceController(DEFAULT_ACTION_SCALE)
        self._attempt = 1
        self._ending: str | None = None
        self._ending_steps = 0
        self._settled = 0
        self._open_steps = 0
        self._lost = 0
        self._carried = 0
        self._grip = 0.0
        self._loosening = False
        self._stage = "HOVER"
        self._had_block = False
        self._table_z: float | None = None

    @property
    def finished(self) -> bool:
        """True when the last command has been given."""
        limits = {"GIVE_UP": GIVE_UP_STEPS, "FREEZE": FREEZE_STEPS, "RETREAT": REST_STEPS}
        return self._ending is not None and self._ending_steps >= limits[self._ending]

    def command(self, sight: Sight) -> Command:
        """Look, decide, and return the next command."""
        if self._table_z is None:
            self._table_z = float(sight.block[2])
        self._watch_the_block(sight)
        if self._ending is not None:
            return self._end()
        if self._must_settle(sight):
            self._settled += 1
            return Command(np.array([*SETTLE_SPEED, 0.0]), "LOWER", self._attempt)
        return self._drive(sight)

    def _watch_the_block(self, sight: Sight) -> None:
        rise = float(sight.block[2]) - (self._table_z or 0.0)
        phase = self._controller.phase
        if phase in CARRY and self._ending is None:
            self._lost = 0 if sight.held else self._lost + 1
            self._carried += phase is Phase.TRAVERSE
            if self._carried == self._scenario.stall_after:
                self._ending = "FREEZE"
            gave_way = phase is not Phase.LIFT and self._lost >= LOST_STEPS
            dropped = self._loosening and self._lost >= LOST_STEPS
            if gave_way or dropped:
                self._try_again_or_give_up()
        plan = self._scenario.loosening
        if plan is not None and self._attempt == 1 and sight.held and rise > plan.height_m:
            self._loosening = True

    def _try_again_or_give_up(self) -> None:
        self._loosening, self._grip, self._lost = False, 0.0, 0
        if self._attempt < len(self._scenario.aims):
            self._attempt += 1
            self._controller.reset()
        else:
            self._ending = "GIVE_UP"

    def _must_settle(self, sight: Sight) -> bool:
        """The controller lets go just above the table; press on until the block stands on it."""
        return (
            self._controller.phase is Phase.OPEN
            and self._open_steps == 0
            and not sight.on_table
            and self._settled < SETTLE_STEPS
        )

    def _drive(self, sight: Sight) -> Command:
        block, goal = sight.block.copy(), sight.goal.copy()
        if self._controller.phase in APPROACH:
            block[:2] += self._scenario.aims[self._attempt - 1]
            block += SIDE_CLEARANCE
        goal[:2] += self._scenario.place_error
        before = self._controller.phase
        action = self._controller.act(sight.grasp_point, block, goal).astype(np.float64)
        phase = self._controller.phase
        if phase is Phase.OPEN and before is not Phase.OPEN and not sight.on_table:
            return Command(np.array([*SETTLE_SPEED, 0.0]), "LOWER", self._attempt)
        if phase is Phase.OPEN:
            self._open_steps += 1
            action[:3] = CLEAR_SPEED if self._open_steps > CLEAR_STEPS - 2 else 0.0
        if phase is Phase.DONE:
            self._ending = "RETREAT"
        action[3] = self._grip_command(float(action[3]))
        self._stage = self._name_stage(phase, sight.held)
        return Command(action, self._stage, self._attempt)

    def _name_stage(self, phase: Phase, held: bool) -> str:
        """A block lost on the way leaves the stage as it was until the pilot reacts."""
        self._had_block = phase not in APPROACH and (self._had_block or held)
        if phase is Phase.LIFT and not self._had_block:
            return "LIFT_EMPTY"
        if phase in CARRY and not held:
            return self._stage
        return "RETREAT" if phase is Phase.DONE else phase.name

    def _grip_command(self, wanted: float) -> float:
        if self._loosening and self._scenario.loosening is not None:
            self._grip = min(OPEN_COMMAND, self._grip + self._scenario.loosening.rate * 0.1)
            return self._grip
        return min(wanted, OPEN_COMMAND)

    def _end(self) -> Command:
        self._ending_steps += 1
        ending = self._ending or ""
        moving = ending == "GIVE_UP" and self._ending_steps < GIVE_UP_STEPS - REST_STEPS
        delta = GIVE_UP_SPEED if moving else np.zeros(3)
        grip = {"GIVE_UP": 0.25, "FREEZE": 0.0, "RETREAT": OPEN_COMMAND}[ending]
        return Command(np.array([*delta, grip]), ending, self._attempt)
