"""Steps the simulation at 2 ms and writes down every touch; no rendering.

Needs MuJoCo (extra `demo`). A `Trace` is what `demo.truth` derives the labels from.
"""

from collections.abc import Callable
from typing import Any

import mujoco
import numpy as np
from lerobot_env_so101.pick_place_env import SO101PickPlaceGymEnv
from lerobot_env_so101.policy import DEFAULT_ACTION_SCALE
from numpy.typing import NDArray

from demo.pilot import Pilot, Sight
from demo.scenarios import Scenario
from demo.trace import PAIRS, PHYSICS_STEP_NS, Frame, Stage, Trace

PHYSICS_STEPS_PER_FRAME = 10
FRAMES_PER_COMMAND = 5
MAX_FRAMES = 800
# Jaw travel in command units (0 closed, 1 open) a second: the real servo does not jump.
CLOSING_SPEED = 0.5
OPENING_SPEED = 1.2
JOINTS = ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper")
JAW_BODIES = {"gripper": "fixed_jaw", "moving_jaw_so101_v1": "moving_jaw"}


class World:
    """The SO-101, a block and a table. `control_dt` below the physics step makes the environment
    set the command and leave the stepping to us."""

    def __init__(self) -> None:
        step = PHYSICS_STEP_NS / 1e9
        self.env = SO101PickPlaceGymEnv(
            control_dt=step / 2,
            physics_dt=step,
            random_block_position=True,
            action_scale=DEFAULT_ACTION_SCALE,
        )
        self.model: Any = self.env.model
        self.data: Any = self.env.data
        self._names = [self._kind_of_geom(geom) for geom in range(self.model.ngeom)]
        self._block_body = self.model.body("block").id
        self._gripper_body = self.model.body("gripper").id
        self._block_qpos = self.model.joint("block").qposadr[0]
        self._joint_qpos = [self.model.joint(name).qposadr[0] for name in JOINTS]
        self.goal = np.zeros(3)

    def _kind_of_geom(self, geom: int) -> str:
        if self.model.geom(geom).name in ("floor", "block"):
            return {"floor": "table", "block": "block"}[self.model.geom(geom).name]
        body = self.model.body(self.model.geom_bodyid[geom]).name
        return JAW_BODIES.get(body, "arm")

    def reset(self, seed: int, friction: float | None) -> None:
        """Put arm, block and goal where the seed says."""
        block = self.model.geom("block")
        block.priority = 0 if friction is None else 1
        block.friction[0] = 1.0 if friction is None else friction
        self.env.reset(seed=seed)
        self.goal = self.env.goal_pos

    @property
    def block_pose(self) -> NDArray[np.float64]:
        """x, y, z in m and the quaternion w, x, y, z."""
        pose = self.data.qpos[self._block_qpos : self._block_qpos + 7].copy()
        return np.asarray(pose, dtype=np.float64)

    @property
    def joints(self) -> NDArray[np.float64]:
        """The six joint angles, rad."""
        return np.asarray(self.data.qpos[self._joint_qpos], dtype=np.float64)

    def block_in_gripper(self) -> NDArray[np.float64]:
        """Block centre in the frame of the fixed jaw, m."""
        rotation = self.data.xmat[self._gripper_body].reshape(3, 3)
        offset = self.data.xpos[self._block_body] - self.data.xpos[self._gripper_body]
        return np.asarray(rotation.T @ offset, dtype=np.float64)

    def touches(self) -> dict[str, float]:
        """Normal force (N) of every touching pair of `PAIRS`, zero for a touch without force."""
        forces: dict[str, float] = {}
        wrench = np.zeros(6)
        for index in range(self.data.ncon):
            contact = self.data.contact[index]
            pair = frozenset((self._names[contact.geom1], self._names[contact.geom2]))
            name = PAIRS.get(pair)
            if name is not None and contact.efc_address >= 0:
                mujoco.mj_contactForce(self.model, self.data, index, wrench)
                forces[name] = forces.get(name, 0.0) + abs(float(wrench[0]))
        return forces


def run(world: World, scenario: Scenario, on_frame: Callable[[], None] | None = None) -> Trace:
    """Run one episode. `on_frame` is called with the world as frame n shows it, n = 0, 1, ...

    Raises RuntimeError when the pilot never finishes.
    """
    world.reset(scenario.seed, scenario.friction)
    pilot = Pilot(scenario)
    trace = Trace(goal=world.goal)
    ramp = world.data.ctrl.copy()
    target = ramp.copy()
    window: list[dict[str, float]] = [{}]
    while not pilot.finished:
        if len(trace.frames) >= MAX_FRAMES:
            raise RuntimeError(f"{scenario.name}: the pilot did not finish in {MAX_FRAMES} frames")
        beat = len(trace.frames) % FRAMES_PER_COMMAND
        if beat == 0:
            target = _next_target(world, pilot, trace, window[-1])
            start = ramp.copy()
        ramp = _ramp(start, target, ramp, (beat + 1) / FRAMES_PER_COMMAND)
        mujoco.mj_kinematics(world.model, world.data)
        trace.frames.append(_frame(world, ramp, window))
        if on_frame is not None:
            on_frame()
        world.data.ctrl[:] = ramp
        window = [_physics_step(world, trace) for _ in range(PHYSICS_STEPS_PER_FRAME)]
    return trace


def _next_target(
    world: World, pilot: Pilot, trace: Trace, touching: dict[str, float]
) -> NDArray[np.float64]:
    sight = Sight(
        grasp_point=world.env.ik_point_pos,
        block=world.block_pose[:3],
        goal=world.goal,
        held="fixed_jaw" in touching and "moving_jaw" in touching,
        on_table="table" in touching,
    )
    command = pilot.command(sight)
    trace.stages.append(Stage(len(trace.frames), command.stage, command.attempt))
    world.env.apply_action(command.action)
    return np.asarray(world.data.ctrl.copy(), dtype=np.float64)


def _ramp(
    start: NDArray[np.float64], target: NDArray[np.float64], last: NDArray[np.float64], part: float
) -> NDArray[np.float64]:
    """Arm joints go linearly to the target of the control step; the jaw at its own speed."""
    command = start + (target - start) * part
    travel = 1.74533 + 0.17453
    frame_s = PHYSICS_STEPS_PER_FRAME * PHYSICS_STEP_NS / 1e9
    least, most = -CLOSING_SPEED * travel * frame_s, OPENING_SPEED * travel * frame_s
    command[-1] = last[-1] + float(np.clip(target[-1] - last[-1], least, most))
    return np.asarray(command, dtype=np.float64)


def _frame(world: World, command: NDArray[np.float64], window: list[dict[str, float]]) -> Frame:
    """Signals of one frame; forces are the mean over the 20 ms that end at the frame."""
    jaws = [
        sum(forces.get(jaw, 0.0) for forces in window) / len(window)
        for jaw in ("fixed_jaw", "moving_jaw")
    ]
    return Frame(
        state=world.joints,
        action=command.copy(),
        grasp_point=np.asarray(world.env.ik_point_pos, dtype=np.float64),
        jaw_force=np.array(jaws),
        block_pose=world.block_pose,
    )


def _physics_step(world: World, trace: Trace) -> dict[str, float]:
    """One step of 2 ms. `mj_step` finds the contacts of the state it starts from."""
    block, in_gripper = world.block_pose, world.block_in_gripper()
    mujoco.mj_step(world.model, world.data)
    forces = world.touches()
    trace.add_step(set(forces), block, in_gripper)
    return forces
