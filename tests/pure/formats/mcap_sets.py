"""Recordings to read: MCAP files as a ROS 2 recorder writes them, made for the test."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from mcap.writer import CompressionType, Writer
from numpy.typing import NDArray
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

START_NS = 1_700_000_000_000_000_000
TYPES = get_typestore(Stores.ROS2_HUMBLE)
_MORE = {
    "audio_common_msgs/msg/AudioData": "uint8[] data\n",
    "audio_common_msgs/msg/AudioInfo": (
        "uint8 channels\nuint32 sample_rate\nstring sample_format\nuint32 bitrate\n"
        "string coding_format\n"
    ),
    "ffmpeg_image_transport_msgs/msg/FFMPEGPacket": (
        "std_msgs/Header header\nint32 width\nint32 height\nstring encoding\nuint64 pts\n"
        "uint8 flags\nbool is_bigendian\nuint8[] data\n"
    ),
}
for _name, _text in _MORE.items():
    TYPES.register(get_types_from_msg(_text, _name))


def of(kind: str, *values: Any) -> Any:
    """A message of ``package/Type`` with its fields in order."""
    package, name = kind.split("/")
    return TYPES.types[f"{package}/msg/{name}"](*values)


def header(t_ns: int, frame: str = "") -> Any:
    return of("std_msgs/Header", of("builtin_interfaces/Time", *divmod(t_ns, 10**9)), frame)


def octets(data: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8)


def vector(x: float, y: float, z: float) -> Any:
    return of("geometry_msgs/Vector3", x, y, z)


class Bag:
    """Writes one MCAP file; use it as a context. Times are ns from ``START_NS``."""

    def __init__(self, path: Path, **options: Any) -> None:
        self.path = path
        options.setdefault("compression", CompressionType.ZSTD)
        self._file = path.open("wb")
        self.writer = Writer(self._file, **options)
        self._channels: dict[str, int] = {}

    def __enter__(self) -> "Bag":
        self.writer.start("ros2", "test")
        return self

    def __exit__(self, *_: object) -> None:
        self.writer.finish()  # type: ignore[no-untyped-call]
        self._file.close()

    def channel(self, topic: str, kind: str, definition: str | None = None) -> int:
        if topic not in self._channels:
            text = definition or TYPES.generate_msgdef(kind, ros_version=2)[0]
            schema = self.writer.register_schema(kind, "ros2msg", text.encode())
            self._channels[topic] = self.writer.register_channel(topic, "cdr", schema)
        return self._channels[topic]

    def add(self, topic: str, t_ns: int, message: Any, publish_ns: int | None = None) -> None:
        kind = message.__msgtype__
        self.writer.add_message(
            self.channel(topic, kind),
            log_time=START_NS + t_ns,
            publish_time=START_NS + (t_ns if publish_ns is None else publish_ns),
            data=bytes(TYPES.serialize_cdr(message, kind)),
        )

    def raw(self, topic: str, kind: str, definition: str, t_ns: int, data: bytes) -> None:
        number = self.channel(topic, kind, definition)
        at = START_NS + t_ns
        self.writer.add_message(number, log_time=at, publish_time=at, data=data)


def joints(t_ns: int, names: Iterable[str], position: Iterable[float]) -> Any:
    empty = np.empty(0)
    values = np.array(list(position), np.float64)
    stamp = header(START_NS + t_ns)
    return of("sensor_msgs/JointState", stamp, list(names), values, empty, empty)


def scene(number: int, size: tuple[int, int] = (48, 64)) -> NDArray[np.uint8]:
    """RGB with a block that moves."""
    picture = np.full((*size, 3), 40, np.uint8)
    picture[10:26, number % 40 : number % 40 + 16] = (200, 90, 30)
    return picture


def jpeg(number: int) -> bytes:
    return cv2.imencode(".jpg", scene(number)[..., ::-1])[1].tobytes()


def image(t_ns: int, array: NDArray[Any], encoding: str, pad: int = 0) -> Any:
    height = array.shape[0]
    rows = np.ascontiguousarray(array).view(np.uint8).reshape(height, -1)
    rows = np.pad(rows, [(0, 0), (0, pad)])
    return of(
        "sensor_msgs/Image",
        header(START_NS + t_ns),
        height,
        array.shape[1],
        encoding,
        0,
        rows.shape[1],
        rows.reshape(-1),
    )


def compressed(t_ns: int, data: bytes, form: str = "rgb8; jpeg compressed bgr8") -> Any:
    return of("sensor_msgs/CompressedImage", header(START_NS + t_ns), form, octets(data))


def h264_packets(count: int) -> list[bytes]:
    """Annex B, a key every fifth picture, none out of order."""
    out = io.BytesIO()
    with av.open(out, "w", format="h264") as container:
        stream: Any = container.add_stream("libx264", rate=30, options={"g": "5", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        packets = []
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(scene(number), format="rgb24")
            packets += [bytes(packet) for packet in stream.encode(frame)]
        packets += [bytes(packet) for packet in stream.encode(None)]
    return packets


STEP_NS = 33_333_333
ARM = ("shoulder", "elbow", "left_finger_joint")
URDF = (
    '<robot name="arm_one"><joint name="shoulder" type="revolute"/>'
    '<joint name="elbow" type="continuous"/>'
    '<joint type="prismatic" name="left_finger_joint"></joint></robot>'
)


def write_robot(
    path: Path, frames: int = 12, *, depth_size: tuple[int, int] = (6, 8), **options: Any
) -> Path:
    """Two cameras, depth, joints at three times their rate, force, description, instruction."""
    with Bag(path, **options) as bag:
        bag.add("/robot_description", 0, of("std_msgs/String", URDF))
        bag.add("/task_instruction", 0, of("std_msgs/String", "put the cup on the tray"))
        for number in range(frames):
            at = number * STEP_NS
            late = at + 4_000_000
            bag.add("/wrist_cam/image_raw/compressed", late, compressed(at, jpeg(number)))
            bag.add("/side/image_raw", late, image(at, scene(number), "rgb8"))
            depth = np.full(depth_size, 700 + number, np.uint16)
            bag.add("/depth/image_rect_raw", late, image(at, depth, "16UC1"))
            for part in range(3):
                then = at + part * STEP_NS // 3
                values = (0.1 * number, -0.2, 0.01 * part)
                bag.add("/joint_states", then + 1_000_000, joints(then, ARM, values))
            force = of("geometry_msgs/Wrench", vector(1, 2, number), vector(0, 0, 0.5))
            stamped = of("geometry_msgs/WrenchStamped", header(START_NS + at), force)
            bag.add("/ft_sensor/wrench", late, stamped)
    return path
