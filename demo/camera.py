"""Two cameras on the scene, lit and coloured so that a person sees what touches what."""

from typing import Any

import mujoco
import numpy as np
from numpy.typing import NDArray

from demo.physics import World
from demo.scenarios import COLOURS

WIDTH, HEIGHT = 480, 360
# Rendered at twice the size and averaged: software rendering has no fast anti-aliasing.
OVERSAMPLING = 2
GOAL_HALF_SIZE = 0.035
WALL_GREY = 150
BLOCK_HALF_SIZE = 0.02

Image = NDArray[np.uint8]

VIEWS: dict[str, dict[str, Any]] = {
    "observation.images.front": {
        "lookat": (0.2, 0.0, 0.075),
        "distance": 0.46,
        "azimuth": 180.0,
        "elevation": -24.0,
    },
    "observation.images.side": {
        "lookat": (0.2, 0.0, 0.075),
        "distance": 0.48,
        "azimuth": 137.0,
        "elevation": -20.0,
    },
}


class Cameras:
    """Renders what the world shows now."""

    def __init__(self, world: World) -> None:
        self._world = world
        model = world.model
        model.vis.global_.offwidth = WIDTH * OVERSAMPLING
        model.vis.global_.offheight = HEIGHT * OVERSAMPLING
        model.vis.quality.shadowsize = 0
        model.vis.quality.offsamples = 0
        _dress(model)
        self._renderer = mujoco.Renderer(model, HEIGHT * OVERSAMPLING, WIDTH * OVERSAMPLING)
        self._cameras = {name: _camera(view) for name, view in VIEWS.items()}

    def paint_block(self, colour: str) -> None:
        """Give the block the colour that the task names."""
        self._world.model.geom("block").rgba = (*COLOURS[colour], 1.0)

    def images(self) -> dict[str, Image]:
        """One RGB image (360, 480, 3) a camera."""
        return {name: self._shoot(camera) for name, camera in self._cameras.items()}

    def _shoot(self, camera: Any) -> Image:
        renderer = self._renderer
        renderer.update_scene(self._world.data, camera=camera)
        scene = renderer.scene
        scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = 0
        scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = 0
        _add_goal(scene, self._world.goal)
        _add_shade(scene, self._world.block_pose)
        large = renderer.render().astype(np.uint16)
        parts = large.reshape(HEIGHT, OVERSAMPLING, WIDTH, OVERSAMPLING, 3)
        return np.asarray((parts.sum(axis=(1, 3)) + 2) // OVERSAMPLING**2, dtype=np.uint8)

    def close(self) -> None:
        """Give the graphics context back."""
        self._renderer.close()


def _camera(view: dict[str, Any]) -> Any:
    camera = mujoco.MjvCamera()
    camera.type = mujoco.mjtCamera.mjCAMERA_FREE
    camera.lookat[:] = view["lookat"]
    camera.distance = view["distance"]
    camera.azimuth = view["azimuth"]
    camera.elevation = view["elevation"]
    return camera


def _dress(model: Any) -> None:
    """A light table instead of the dark checker, and the fingertip pads made visible.

    The pads are what touches the block in the physics; the model hides them.
    """
    model.geom("floor").matid = -1
    model.geom("floor").rgba = (0.70, 0.68, 0.64, 1.0)
    for pad in ("fixed_jaw_pad", "moving_jaw_pad"):
        model.geom(pad).group = 2
        model.geom(pad).rgba = (0.13, 0.13, 0.16, 1.0)
    for name in (model.mat(index).name for index in range(model.nmat)):
        if model.mat(name).rgba[0] > 0.9:
            model.mat(name).rgba = (0.93, 0.68, 0.16, 1.0)
    model.tex_data[:] = WALL_GREY
    model.vis.headlight.ambient[:] = 0.35
    model.vis.headlight.diffuse[:] = 0.35
    model.light_diffuse[:] = 0.35
    model.light_specular[:] = 0.1


def _add_goal(scene: Any, goal: NDArray[np.float64]) -> None:
    """The white square lies on the table and touches nothing: it is drawn, not simulated."""
    _draw_flat(scene, goal, np.eye(3), GOAL_HALF_SIZE, 0.0002, (0.97, 0.97, 0.97, 1.0))


def _add_shade(scene: Any, pose: NDArray[np.float64]) -> None:
    """A soft patch under the block stands in for the shadow: with it one sees the block lift.

    Shadow mapping costs ten times the frame in software rendering. The patch keeps the block's
    heading, and widens and fades with the height over the table.
    """
    rotation = np.zeros(9)
    mujoco.mju_quat2Mat(rotation, pose[3:])
    sideways = rotation.reshape(3, 3)[:, np.argmax(np.abs(rotation.reshape(3, 3)[0]))]
    heading = np.arctan2(sideways[1], sideways[0])
    turn = np.array(
        [
            [np.cos(heading), -np.sin(heading), 0],
            [np.sin(heading), np.cos(heading), 0],
            [0, 0, 1],
        ]
    )
    height = max(0.0, float(pose[2]) - BLOCK_HALF_SIZE)
    for ring in (1.0, 1.12, 1.24):
        half = BLOCK_HALF_SIZE * ring + 0.12 * height * ring
        _draw_flat(scene, pose, turn, half, 0.0008, (0, 0, 0, 0.22 / (1 + 25 * height)))


def _draw_flat(
    scene: Any,
    position: NDArray[np.float64],
    turn: NDArray[np.float64],
    half_size: float,
    height: float,
    rgba: tuple[float, float, float, float],
) -> None:
    mujoco.mjv_initGeom(
        scene.geoms[scene.ngeom],
        mujoco.mjtGeom.mjGEOM_BOX,
        np.array([half_size, half_size, height]),
        np.array([position[0], position[1], height]),
        turn.flatten(),
        np.array(rgba, dtype=np.float32),
    )
    scene.ngeom += 1
