"""Embodiments that datasets commonly hold. A template is a suggestion; a person confirms it.

Limits are those of the robots' own descriptions (named in ``source``); where none is published or
it depends on the calibration, it is None.
"""

from collections.abc import Sequence
from itertools import product
from math import pi

from episodes.embodiments.specs import Control, DimensionSpec, Embodiment, Kind, Quantity, Use

Limits = tuple[float, float]
BOTH = (Use.STATE, Use.ACTION)


def _joints(
    limits: dict[str, Limits], *, unit: str = "rad", prefix: str = ""
) -> tuple[DimensionSpec, ...]:
    return tuple(
        DimensionSpec(prefix + name, Quantity.JOINT_POSITION, unit, "joint", low, high)
        for name, (low, high) in limits.items()
    )


def _gripper(name: str = "gripper", unit: str = "1", limits: Limits = (0.0, 1.0)) -> DimensionSpec:
    return DimensionSpec(
        name, Quantity.GRIPPER_APERTURE, unit, "gripper", *limits, positive="opens"
    )


def _xyz(quantity: Quantity, unit: str, frame: str, names: Sequence[str]) -> list[DimensionSpec]:
    return [
        DimensionSpec(name, quantity, unit, frame, positive=f"+{axis} of the {frame} frame")
        for name, axis in zip(names, "xyz", strict=True)
    ]


def _angles(
    names: Sequence[str], frame: str, positive: str = "right-handed about the axis"
) -> list[DimensionSpec]:
    return [
        DimensionSpec(name, Quantity.ROTATION, "rad", frame, -pi, pi, positive) for name in names
    ]


EEF_DELTA_7 = Embodiment(
    "eef_delta_7",
    "End-effector step, 6 dimensions and gripper",
    Kind.ROBOT,
    Control.DELTA,
    (Use.ACTION,),
    (
        *_xyz(Quantity.POSITION, "m", "base", ("dx", "dy", "dz")),
        *_angles(("droll", "dpitch", "dyaw"), "base"),
        _gripper(),
    ),
    ("widowx", "bridge", "google_robot"),
    "Open X-Embodiment, action encoding EEF_POS",
)

EEF_R6_10 = Embodiment(
    "eef_r6_10",
    "End-effector pose, rotation as two columns, and gripper",
    Kind.ROBOT,
    Control.ABSOLUTE,
    BOTH,
    (
        *_xyz(Quantity.POSITION, "m", "base", ("x", "y", "z")),
        *(
            DimensionSpec(f"r{column}{row}", Quantity.ROTATION_MATRIX, "1", "base", -1.0, 1.0)
            for column, row in product((1, 2), (1, 2, 3))
        ),
        _gripper(),
    ),
    source="Open X-Embodiment, action encoding EEF_R6",
)

_FRANKA: dict[str, Limits] = {
    "q1": (-2.8973, 2.8973),
    "q2": (-1.7628, 1.7628),
    "q3": (-2.8973, 2.8973),
    "q4": (-3.0718, -0.0698),
    "q5": (-2.8973, 2.8973),
    "q6": (-0.0175, 3.7525),
    "q7": (-2.8973, 2.8973),
}

JOINT_8 = Embodiment(
    "franka_joint_8",
    "Franka arm, 7 joints and gripper",
    Kind.ROBOT,
    Control.ABSOLUTE,
    BOTH,
    (*_joints(_FRANKA), _gripper()),
    ("franka", "panda", "droid", "fr3"),
    "Franka Emika Panda, joint limits of its documentation",
)

_VIPERX: dict[str, Limits] = {
    "waist": (-3.14158, 3.14158),
    "shoulder": (-1.85005, 1.25664),
    "elbow": (-1.76278, 1.6057),
    "forearm_roll": (-3.14158, 3.14158),
    "wrist_angle": (-1.8675, 2.23402),
    "wrist_rotate": (-3.14158, 3.14158),
}

ALOHA_14 = Embodiment(
    "aloha_14",
    "ALOHA, two arms of 6 joints with grippers",
    Kind.ROBOT,
    Control.ABSOLUTE,
    BOTH,
    tuple(
        dimension
        for side in ("left", "right")
        for dimension in (*_joints(_VIPERX, prefix=f"{side}_"), _gripper(f"{side}_gripper"))
    ),
    ("aloha", "trossen", "viperx"),
    "ViperX 300 S, limits of its MuJoCo description; gripper normalised",
)


def _hand_pose(side: str, frame: str) -> list[DimensionSpec]:
    prefix = f"{side}_wrist_"
    names = (f"{prefix}x", f"{prefix}y", f"{prefix}z")
    turns = [f"{prefix}{turn}" for turn in ("roll", "pitch", "yaw")]
    return [*_xyz(Quantity.POSITION, "m", frame, names), *_angles(turns, frame)]


def _xhand(side: str) -> list[DimensionSpec]:
    fingers = [
        DimensionSpec(f"{side}_joint_{n}", Quantity.JOINT_POSITION, "rad", "joint")
        for n in range(1, 13)
    ]
    return [*_hand_pose(side, "base"), *fingers]


MANO_JOINTS = tuple(
    f"{finger}_{number}"
    for finger, number in product(("index", "middle", "pinky", "ring", "thumb"), (1, 2, 3))
)


def _mano(side: str) -> list[DimensionSpec]:
    names = [f"{side}_{joint}_{axis}" for joint, axis in product(MANO_JOINTS, "xyz")]
    return [*_hand_pose(side, "camera"), *_angles(names, "parent joint")]


def _hands(
    prefix: str, title: str, kind: Kind, hand: dict[str, list[DimensionSpec]], source: str
) -> list[Embodiment]:
    """The left hand, the right hand, and both of them, left first."""
    known = (prefix.removeprefix("dex_"),)
    each = [
        Embodiment(
            f"{prefix}_{len(dimensions)}_{side}",
            f"{title}, {side} hand",
            kind,
            Control.ABSOLUTE,
            BOTH,
            tuple(dimensions),
            known,
            source,
        )
        for side, dimensions in hand.items()
    ]
    both = tuple(dimension for dimensions in hand.values() for dimension in dimensions)
    pair = Embodiment(
        f"{prefix}_{len(both)}_both",
        f"{title}, both hands",
        kind,
        Control.ABSOLUTE,
        BOTH,
        both,
        known,
        source,
    )
    return [*each, pair]


XHANDS = _hands(
    "dex_xhand",
    "Dexterous hand, wrist pose and 12 joints",
    Kind.ROBOT,
    {side: _xhand(side) for side in ("left", "right")},
    "VITRA (arXiv 2510.21571), 18 numbers a hand; joint limits depend on the hand",
)
MANO = _hands(
    "mano",
    "Human hand, wrist pose and 15 joints",
    Kind.HUMAN_HAND,
    {side: _mano(side) for side in ("left", "right")},
    "MANO hand model, 51 numbers a hand; the 10 shape numbers are constant in an episode",
)

MOBILE_BASE = Embodiment(
    "mobile_base_3",
    "Mobile base, planar velocity",
    Kind.ROBOT,
    Control.VELOCITY,
    BOTH,
    (
        DimensionSpec("vx", Quantity.LINEAR_VELOCITY, "m/s", "base", positive="forwards"),
        DimensionSpec("vy", Quantity.LINEAR_VELOCITY, "m/s", "base", positive="to the left"),
        DimensionSpec("wz", Quantity.ANGULAR_VELOCITY, "rad/s", "base", positive="turns left"),
    ),
)

# Radians of the description; LeRobot's driver gives degrees, or percent of the calibrated range.
_SO101: dict[str, Limits] = {
    "shoulder_pan": (-1.91986, 1.91986),
    "shoulder_lift": (-1.74533, 1.74533),
    "elbow_flex": (-1.69, 1.69),
    "wrist_flex": (-1.65806, 1.65806),
    "wrist_roll": (-2.74385, 2.84121),
}
_SO101_SOURCE = "SO-101, limits of its description after the new calibration (zero at mid-range)"

SO101_RAD = Embodiment(
    "so101_rad_6",
    "SO-101, radians as in simulation",
    Kind.SIM,
    Control.ABSOLUTE,
    BOTH,
    (*_joints(_SO101), _gripper(unit="rad", limits=(-0.17453, 1.74533))),
    ("so101_sim", "so100_sim"),
    _SO101_SOURCE,
)
SO101_DEG = Embodiment(
    "so101_deg_6",
    "SO-101, degrees",
    Kind.ROBOT,
    Control.ABSOLUTE,
    BOTH,
    (
        *_joints(
            {
                name: (round(low * 180 / pi, 1), round(high * 180 / pi, 1))
                for name, (low, high) in _SO101.items()
            },
            unit="deg",
        ),
        _gripper(unit="%", limits=(0.0, 100.0)),
    ),
    ("so101", "so100", "so101_follower", "so100_follower"),
    _SO101_SOURCE + "; LeRobot with use_degrees",
)
SO101_PERCENT = Embodiment(
    "so101_percent_6",
    "SO-101, percent of the calibrated range",
    Kind.ROBOT,
    Control.ABSOLUTE,
    BOTH,
    (
        *_joints(dict.fromkeys(_SO101, (-100.0, 100.0)), unit="%"),
        _gripper(unit="%", limits=(0.0, 100.0)),
    ),
    ("so101", "so100", "so101_follower", "so100_follower"),
    "LeRobot without use_degrees: -100 to 100 over the range that calibration found",
)

_G1_ARM: dict[str, Limits] = {
    "shoulder_pitch": (-3.0892, 2.6704),
    "shoulder_roll": (-1.5882, 2.2515),
    "shoulder_yaw": (-2.618, 2.618),
    "elbow": (-1.0472, 2.0944),
    "wrist_roll": (-1.97222, 1.97222),
    "wrist_pitch": (-1.61443, 1.61443),
    "wrist_yaw": (-1.61443, 1.61443),
}
_INSPIRE = ("pinky", "ring", "middle", "index", "thumb_bend", "thumb_rotation")


def _g1_arm(side: str) -> tuple[DimensionSpec, ...]:
    limits = dict(_G1_ARM)
    if side == "right":
        low, high = limits["shoulder_roll"]
        limits["shoulder_roll"] = (-high, -low)
    return _joints(limits, prefix=f"{side}_")


G1_INSPIRE = Embodiment(
    "unitree_g1_inspire_26",
    "Unitree G1, two arms with Inspire hands",
    Kind.ROBOT,
    Control.ABSOLUTE,
    BOTH,
    (
        *_g1_arm("left"),
        *_g1_arm("right"),
        *(_gripper(f"{side}_hand_{f}") for side, f in product(("left", "right"), _INSPIRE)),
    ),
    ("unitree_g1_inspire", "unitree_g1"),
    "Unitree G1 29-DoF description; Inspire fingers normalised, 1 is open",
)

TEMPLATES: tuple[Embodiment, ...] = (
    EEF_DELTA_7,
    EEF_R6_10,
    JOINT_8,
    ALOHA_14,
    *XHANDS,
    *MANO,
    MOBILE_BASE,
    SO101_RAD,
    SO101_DEG,
    SO101_PERCENT,
    G1_INSPIRE,
)


def with_base(arm: Embodiment, base: Embodiment = MOBILE_BASE) -> Embodiment:
    """The same robot on wheels: the base's dimensions after its own, as Mobile ALOHA has them."""
    return Embodiment(
        f"{arm.id}_base_{len(base.dimensions)}",
        f"{arm.title}, on a mobile base",
        arm.kind,
        arm.control,
        arm.uses,
        (*arm.dimensions, *base.dimensions),
        tuple(f"mobile_{name}" for name in arm.robot_types),
        arm.source,
    )
