"""What names say about signals, cameras and dimensions."""

import pytest

from episodes.formats.features import (
    camera_name,
    camera_role,
    dimension_group,
    is_signal,
    signal_kind,
)
from episodes.records import Role, SignalKind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("observation.state", SignalKind.STATE),
        ("observation/qpos", SignalKind.STATE),
        ("state", SignalKind.STATE),
        ("action", SignalKind.ACTION),
        ("action.gripper_position", SignalKind.ACTION),
        ("observation.gripper_position", SignalKind.GRIPPER),
        ("observation.ee_pos", SignalKind.END_EFFECTOR),
        ("observation.cartesian_position", SignalKind.END_EFFECTOR),
        ("observation.jaw_force", SignalKind.FORCE),
        ("observation.effort", SignalKind.FORCE),
        ("observation.environment_state", SignalKind.OTHER),
        ("observation.temperature", SignalKind.OTHER),
    ],
)
def test_kinds(name: str, kind: SignalKind) -> None:
    assert signal_kind(name) is kind


@pytest.mark.parametrize(
    ("key", "camera", "role"),
    [
        ("observation.images.front", "front", Role.EXTERNAL),
        ("observation.images.cam_left_wrist", "cam_left_wrist", Role.WRIST),
        ("observation.images.head", "head", Role.EGOCENTRIC),
        ("observation.images.cam_high", "cam_high", Role.UNKNOWN),
        ("observation.image", "image", Role.UNKNOWN),
    ],
)
def test_cameras(key: str, camera: str, role: Role) -> None:
    assert (camera_name(key), camera_role(camera)) == (camera, role)


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("kLeftHandPinky", "left hand"),
        ("kRightShoulderPitch", "right arm"),
        ("right_gripper.pos", "right hand"),
        ("gripper.pos", "gripper"),
        ("shoulder_pan.pos", ""),
    ],
)
def test_groups(name: str, group: str) -> None:
    assert dimension_group(name) == group


def test_bookkeeping_and_labels_are_no_signals() -> None:
    for name in ("timestamp", "task_index", "next.reward", "annotation.contact", "subtask_index"):
        assert not is_signal(name)
    assert is_signal("observation.state")
