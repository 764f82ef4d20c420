"""Which message type becomes what: numbers with names and units out of decoded messages.

Units are those the definitions state: common_interfaces' sensor_msgs and geometry_msgs comments and
REP 103 (metres, radians, seconds, newtons). Joint positions are radians or metres by the joint's
type, which only the robot description knows.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from episodes.formats.features import dimensions, signal_kind, words
from episodes.formats.recording import Topic
from episodes.formats.ros2_decode import ros_type, time_ns
from episodes.records import DimensionRecord, SignalKind

MAX_DIMENSIONS = 512
# ROS names what is sent to a controller so: cmd_vel, /arm_controller/commands, target_pose.
_COMMAND_WORDS = frozenset({"cmd", "command", "commands", "goal", "target", "desired", "setpoint"})

_XYZ = ("x", "y", "z")
_QUATERNION = ("qx", "qy", "qz", "qw")
_POSE_NAMES, _POSE_UNITS = (*_XYZ, *_QUATERNION), ("m", "m", "m", "", "", "", "")
_TWIST_NAMES = ("vx", "vy", "vz", "wx", "wy", "wz")
_TWIST_UNITS = ("m/s", "m/s", "m/s", "rad/s", "rad/s", "rad/s")


class Sample(NamedTuple):
    """Numbers of one message that belong to one signal.

    ``part`` tells the signals of a topic apart; without ``names`` dimensions are numbered.
    ``joint`` says position, velocity or effort where units hang on the joint's type. ``untyped``
    numbers have no unit in their definition. ``kind`` None: the name says it, or nobody does.
    """

    part: str
    values: Sequence[float]
    names: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    kind: SignalKind | None = None
    joint: str = ""
    untyped: bool = False
    stamp_ns: int = 0


Samples = Callable[[Any], Iterator[Sample]]


def _vector(vector: Any) -> tuple[float, float, float]:
    return vector.x, vector.y, vector.z


def _quaternion(q: Any) -> tuple[float, float, float, float]:
    return q.x, q.y, q.z, q.w


def _pose_values(pose: Any) -> tuple[float, ...]:
    return (*_vector(pose.position), *_quaternion(pose.orientation))


def _pose(pose: Any, part: str = "", kind: SignalKind | None = None) -> Sample:
    return Sample(part, _pose_values(pose), _POSE_NAMES, _POSE_UNITS, kind)


def _twist(twist: Any, part: str = "") -> Sample:
    values = (*_vector(twist.linear), *_vector(twist.angular))
    return Sample(part, values, _TWIST_NAMES, _TWIST_UNITS)


def _wrench(wrench: Any) -> Sample:
    names = ("fx", "fy", "fz", "tx", "ty", "tz")
    units = ("N", "N", "N", "Nm", "Nm", "Nm")
    values = (*_vector(wrench.force), *_vector(wrench.torque))
    return Sample("", values, names, units, SignalKind.FORCE)


def _joints(message: Any) -> Iterator[Sample]:
    """sensor_msgs/JointState; each of its arrays may be empty."""
    names = tuple(str(name) for name in message.name)
    for field in ("position", "velocity", "effort"):
        values = getattr(message, field)
        if len(values):
            if names and len(values) != len(names):
                raise ValueError(f"{len(values)} {field} values for {len(names)} joints")
            yield Sample(f".{field}", values, names, kind=SignalKind.STATE, joint=field)


def _joint_list(message: Any) -> Iterator[Sample]:
    """foxglove.JointStates: joints one by one, or (newer) groups of them as arrays."""
    single = [joint for joint in message.joints if isinstance(joint.name, str)]
    for joint in message.joints:
        if not isinstance(joint.name, str):
            yield from _joints(joint)
    for field in ("position", "velocity", "effort"):
        held = [joint for joint in single if _has(joint, field)]
        if held:
            names = tuple(joint.name for joint in held)
            values = [getattr(joint, field) for joint in held]
            yield Sample(f".{field}", values, names, kind=SignalKind.STATE, joint=field)


def _has(joint: Any, field: str) -> bool:
    return bool(joint.HasField(field)) if hasattr(joint, "HasField") else hasattr(joint, field)


def _imu(message: Any) -> Iterator[Sample]:
    """A covariance that begins with -1 says that the value was not measured (sensor_msgs/Imu)."""
    kind = SignalKind.IMU
    if message.orientation_covariance[0] != -1:
        yield Sample(".orientation", _quaternion(message.orientation), _QUATERNION, ("",) * 4, kind)
    if message.angular_velocity_covariance[0] != -1:
        rates = _vector(message.angular_velocity)
        yield Sample(".angular_velocity", rates, ("wx", "wy", "wz"), ("rad/s",) * 3, kind)
    if message.linear_acceleration_covariance[0] != -1:
        pulls = _vector(message.linear_acceleration)
        yield Sample(".linear_acceleration", pulls, ("ax", "ay", "az"), ("m/s2",) * 3, kind)


def _transform(transform: Any, child: str, stamp: int) -> Sample:
    values = (*_vector(transform.translation), *_quaternion(transform.rotation))
    kind = signal_kind(child)
    return Sample(f".{child.strip('/')}", values, _POSE_NAMES, _POSE_UNITS, kind, stamp_ns=stamp)


def _tf(message: Any) -> Iterator[Sample]:
    for each in message.transforms:
        yield _transform(each.transform, each.child_frame_id, time_ns(each.header.stamp))


def _transform_stamped(message: Any) -> Iterator[Sample]:
    yield _transform(message.transform, message.child_frame_id, 0)


def _frame_transform(message: Any) -> Iterator[Sample]:
    yield _transform(message, message.child_frame_id, time_ns(message.timestamp))


def _frame_transforms(message: Any) -> Iterator[Sample]:
    for each in message.transforms:
        yield from _frame_transform(each)


def _odometry(message: Any) -> Iterator[Sample]:
    yield _pose(message.pose.pose, ".pose")
    yield _twist(message.twist.twist, ".twist")


def _joy(message: Any) -> Iterator[Sample]:
    axes, buttons = list(message.axes), list(message.buttons)
    names = (
        *(f"axis {i}" for i in range(len(axes))),
        *(f"button {i}" for i in range(len(buttons))),
    )
    yield Sample("", [*axes, *buttons], names, ("",) * len(names))


def _number(message: Any) -> Iterator[Sample]:
    yield Sample("", (float(message.data),), untyped=True)


def _numbers(message: Any) -> Iterator[Sample]:
    if len(message.data):
        yield Sample("", message.data, untyped=True)


def _one(make: Callable[[Any], Sample]) -> Samples:
    def samples(message: Any) -> Iterator[Sample]:
        yield make(message)

    return samples


def _named(names: tuple[str, ...], unit: str, values: Callable[[Any], Sequence[float]]) -> Samples:
    return _one(lambda message: Sample("", values(message), names, (unit,) * len(names)))


_POSE = _one(_pose)
_NUMBERS = (
    "Float32",
    "Float64",
    *(f"{sign}{bits}" for sign in ("Int", "UInt") for bits in (8, 16, 32, 64)),
)
_SIGNALS: dict[str, Samples] = {
    "sensor_msgs/msg/JointState": _joints,
    "sensor_msgs/msg/Imu": _imu,
    "sensor_msgs/msg/Joy": _joy,
    "geometry_msgs/msg/Wrench": _one(_wrench),
    "geometry_msgs/msg/WrenchStamped": _one(lambda message: _wrench(message.wrench)),
    "geometry_msgs/msg/Pose": _POSE,
    "geometry_msgs/msg/PoseStamped": _one(lambda message: _pose(message.pose)),
    "geometry_msgs/msg/PoseWithCovarianceStamped": _one(lambda message: _pose(message.pose.pose)),
    "geometry_msgs/msg/Twist": _one(_twist),
    "geometry_msgs/msg/TwistStamped": _one(lambda message: _twist(message.twist)),
    "geometry_msgs/msg/TwistWithCovarianceStamped": _one(
        lambda message: _twist(message.twist.twist)
    ),
    "geometry_msgs/msg/PointStamped": _named(_XYZ, "m", lambda message: _vector(message.point)),
    "geometry_msgs/msg/Point": _named(_XYZ, "m", _vector),
    "geometry_msgs/msg/QuaternionStamped": _named(
        _QUATERNION, "", lambda message: _quaternion(message.quaternion)
    ),
    "geometry_msgs/msg/TransformStamped": _transform_stamped,
    "nav_msgs/msg/Odometry": _odometry,
    "tf2_msgs/msg/TFMessage": _tf,
    "tf/msg/tfMessage": _tf,
    "foxglove.JointState": _joints,
    "foxglove.JointStates": _joint_list,
    "foxglove.Pose": _POSE,
    "foxglove.PoseInFrame": _one(lambda message: _pose(message.pose)),
    "foxglove.FrameTransform": _frame_transform,
    "foxglove.FrameTransforms": _frame_transforms,
    "foxglove.Vector3": _named(_XYZ, "", _vector),
    "foxglove.Point3": _named(_XYZ, "m", _vector),
    **{f"std_msgs/msg/{kind}": _number for kind in ("Bool", *_NUMBERS)},
    **{f"std_msgs/msg/{kind}MultiArray": _numbers for kind in _NUMBERS},
}
# Fixed mountings: one sample is no series.
STATIC_TOPICS = frozenset({"tf_static"})
OWN_SIGNAL = "touchline.signal"


def samples_of(topic: Topic) -> Samples | None:
    """How a topic's messages become numbers; None for a type that is none."""
    if topic.name.strip("/").rsplit("/", 1)[-1] in STATIC_TOPICS:
        return None
    own = own_signal(topic)
    if own is not None:
        return own
    return _SIGNALS.get(ros_type(topic.type))


def own_signal(topic: Topic) -> Samples | None:
    """A signal of Touchline's own export: the channel's metadata says all of it."""
    said = own_description(topic)
    if said is None:
        return None
    names = tuple(str(dimension["name"]) for dimension in said["dimensions"])
    units = tuple(str(dimension["unit"]) for dimension in said["dimensions"])
    kind = SignalKind(said["kind"])

    def samples(message: Any) -> Iterator[Sample]:
        fields = message.DESCRIPTOR.fields[1:]
        yield Sample("", [getattr(message, f.name) for f in fields], names, units, kind)

    return samples


def own_description(topic: Topic) -> dict[str, Any] | None:
    """Name, kind and dimensions of an exported signal; None for any other or a damaged one."""
    try:
        said = json.loads(topic.said(OWN_SIGNAL) or "null")
        SignalKind(said["kind"])
        whole = all({"name", "unit", "group"} <= set(d) for d in said["dimensions"])
        return dict(said) if whole and isinstance(said["name"], str) else None
    except (ValueError, TypeError, KeyError):
        return None


def topic_label(topic: str) -> str:
    """``/arm/joint_states`` is ``arm.joint_states`` in names of signals and questions."""
    return re.sub(r"[/\s]+", ".", topic.strip("/ ")) or "root"


def kind_of(name: str, sample_kind: SignalKind | None) -> SignalKind | None:
    """What the name says, else what the type says; None when neither does."""
    found = signal_kind(name)
    if found is SignalKind.ACTION or set(words(name)) & _COMMAND_WORDS:
        return SignalKind.ACTION
    if sample_kind is not None and sample_kind is not SignalKind.STATE:
        return sample_kind
    return found if found is not SignalKind.OTHER else sample_kind


# What `unit.<signal>` of joint positions may be answered with.
RADIANS, METRES, GRIPPER_METRES = "rad", "m", "rad; grippers in m"
JOINT_UNITS = (RADIANS, METRES, GRIPPER_METRES)
_GRIPPER_WORDS = frozenset({"gripper", "finger", "fingers", "jaw", "hand"})
_BY_POSITION = {
    "rad": {"position": "rad", "velocity": "rad/s", "effort": "Nm"},
    "m": {"position": "m", "velocity": "m/s", "effort": "N"},
    "": {"position": "", "velocity": "", "effort": ""},
}


def is_gripper(joint: str) -> bool:
    return bool(set(words(joint)) & _GRIPPER_WORDS)


def joint_unit(joint: str, field: str, described: dict[str, str], answer: str) -> str:
    """By the robot description's joint type, else by the answer; empty is unknown."""
    position = described.get(joint, "")
    if not position and answer == GRIPPER_METRES:
        position = METRES if is_gripper(joint) else RADIANS
    elif not position and answer in (RADIANS, METRES):
        position = answer
    return _BY_POSITION[position][field]


_JOINT = re.compile(r"<joint\s([^<>]*)>")
_ROBOT = re.compile(r"<robot\s([^<>]*)>")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*["']([^"'<>]*)["']""")
_URDF_UNITS = {"revolute": RADIANS, "continuous": RADIANS, "prismatic": METRES}


def described_joints(urdf: str) -> dict[str, str]:
    """Joint to unit of its position, by the URDF's joint types. Nothing of the XML is expanded."""
    found: dict[str, str] = {}
    for match in _JOINT.finditer(urdf):
        attributes = dict(_ATTRIBUTE.findall(match.group(1)))
        unit = _URDF_UNITS.get(attributes.get("type", ""))
        if unit and "name" in attributes:
            found[attributes["name"]] = unit
    return found


def described_robot(urdf: str) -> str:
    match = _ROBOT.search(urdf)
    return dict(_ATTRIBUTE.findall(match.group(1))).get("name", "")[:200] if match else ""


def dimension_records(
    label: str, sample: Sample, described: dict[str, str], answer: str
) -> tuple[DimensionRecord, ...]:
    named = dimensions(label, sample.names or None, len(sample.values))
    if sample.joint:
        units = [joint_unit(d.name, sample.joint, described, answer) for d in named]
    elif sample.untyped:
        units = [answer] * len(named)
    else:
        units = list(sample.units) or [""] * len(named)
    return tuple(
        DimensionRecord(d.name, unit, d.group) for d, unit in zip(named, units, strict=True)
    )
