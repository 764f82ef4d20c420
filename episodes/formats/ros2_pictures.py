"""Pictures out of image messages: coded ones as they are, raw ones as arrays.

Encodings: sensor_msgs/image_encodings.hpp and REP 118 (16UC1 depth in millimetres with 0 for
nothing measured, 32FC1 depth in metres with NaN). compressedDepth: image_transport_plugins,
compressed_depth_image_transport/compression_common.h (12 bytes, then a PNG). Video:
docs.foxglove.dev CompressedVideo and ffmpeg_image_transport_msgs/FFMPEGPacket.
"""

import base64
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from episodes.formats.recording import Topic
from episodes.formats.ros2_decode import ros_type
from episodes.records import Coding, Modality, Picture

MAX_SIDE = 16_384
MILLIMETRE = 0.001
OWN_CAMERA, OWN_ROLE, OWN_DEPTH = "touchline.camera", "touchline.role", "touchline.depth_unit_m"
DEPTH_CONFIG = struct.Struct("<iff")
JPEG_MAGIC, PNG_MAGIC = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
VIDEO = frozenset({Coding.H264, Coding.HEVC, Coding.VP9, Coding.AV1})


class NoPicture(Exception):
    """Why a message holds no picture that can be read, in words for a notice."""


@dataclass(frozen=True, slots=True)
class PictureKind:
    """What a camera's pictures are; all of one camera are alike.

    ``encoding`` is the source's own word, ``size`` (width, height) where the message says it.
    """

    coding: Coding
    encoding: str
    modality: Modality = Modality.RGB
    depth_unit_m: float | None = None
    size: tuple[int, int] | None = None


Array = NDArray[Any]


def _copied(array: Array) -> Array:
    return np.ascontiguousarray(array)


def _converted(code: int) -> Callable[[Array], Array]:
    return lambda array: np.asarray(cv2.cvtColor(np.ascontiguousarray(array), code))


def _metres_to_mm(array: Array) -> Array:
    """float metres to uint16 millimetres; NaN, infinities and what does not fit become 0."""
    with np.errstate(invalid="ignore"):
        scaled = np.rint(array.astype(np.float64) / MILLIMETRE)
        fits = (scaled > 0) & (scaled <= np.iinfo(np.uint16).max)
    return np.where(fits, scaled, 0).astype(np.uint16)


# Encoding: (numbers a pixel, their type, how they become RGB or depth). OpenCV names Bayer
# patterns by the second row's second and third pixel.
_RAW: dict[str, tuple[int, str, Callable[[Array], Array]]] = {
    "rgb8": (3, "u1", _copied),
    "bgr8": (3, "u1", lambda array: _copied(array[..., ::-1])),
    "8UC3": (3, "u1", lambda array: _copied(array[..., ::-1])),
    "rgba8": (4, "u1", lambda array: _copied(array[..., :3])),
    "bgra8": (4, "u1", lambda array: _copied(array[..., 2::-1])),
    "mono8": (1, "u1", lambda array: np.repeat(array, 3, axis=2)),
    "8UC1": (1, "u1", lambda array: np.repeat(array, 3, axis=2)),
    "yuv422": (2, "u1", _converted(cv2.COLOR_YUV2RGB_UYVY)),
    "uyvy": (2, "u1", _converted(cv2.COLOR_YUV2RGB_UYVY)),
    "yuv422_yuy2": (2, "u1", _converted(cv2.COLOR_YUV2RGB_YUY2)),
    "yuyv": (2, "u1", _converted(cv2.COLOR_YUV2RGB_YUY2)),
    "bayer_rggb8": (1, "u1", _converted(cv2.COLOR_BayerBG2RGB)),
    "bayer_bggr8": (1, "u1", _converted(cv2.COLOR_BayerRG2RGB)),
    "bayer_gbrg8": (1, "u1", _converted(cv2.COLOR_BayerGR2RGB)),
    "bayer_grbg8": (1, "u1", _converted(cv2.COLOR_BayerGB2RGB)),
    "16UC1": (1, "u2", lambda array: _copied(array[..., 0])),
    "32FC1": (1, "f4", lambda array: _metres_to_mm(array[..., 0])),
}
_DEPTH = frozenset({"16UC1", "32FC1"})
_VIDEO_WORDS = (
    ("264", Coding.H264),
    ("265", Coding.HEVC),
    ("hevc", Coding.HEVC),
    ("vp9", Coding.VP9),
    ("av1", Coding.AV1),
)


def is_camera(topic: Topic) -> bool:
    return ros_type(topic.type) in _KINDS


def picture_kind(topic: Topic, message: Any) -> PictureKind:
    """What the message's picture is, without decoding it. Raises NoPicture."""
    kind = _KINDS[ros_type(topic.type)](message)
    unit = topic.said(OWN_DEPTH)
    if unit and kind.coding is Coding.PNG:
        # An export of Touchline's: Foxglove has no word for depth in a PNG.
        return replace(kind, modality=Modality.DEPTH, depth_unit_m=own_unit(unit))
    return kind


def own_unit(said: str) -> float | None:
    try:
        return float(said)
    except ValueError:
        return None


def picture(topic: Topic, message: Any, kind: PictureKind) -> Picture:
    """The picture as ``kind.coding`` says. Raises NoPicture."""
    if ros_type(topic.type) in _RAW_TYPES:
        return _raw_picture(message)
    data = coded_bytes(message)
    if kind.encoding.startswith("compressedDepth"):
        return _depth_picture(data, kind)
    return data


def coded_bytes(message: Any) -> bytes:
    """``data`` as bytes, whatever the decoder makes of it; Foxglove's JSON has base64."""
    data = message.data
    if isinstance(data, str):
        return base64.b64decode(data, validate=True)
    return data.tobytes() if isinstance(data, np.ndarray) else bytes(data)


def _raw_kind(message: Any, *, metric: bool) -> PictureKind:
    encoding = str(message.encoding)
    if encoding not in _RAW or (encoding == "32FC1" and not metric):
        raise NoPicture(f"pictures encoded as “{encoding[:40]}” are not read")
    width, height = int(message.width), int(message.height)
    if not 0 < min(width, height) <= max(width, height) <= MAX_SIDE:
        raise NoPicture(f"it has pictures of {width}x{height} pixels")
    if encoding in _DEPTH:
        unit = MILLIMETRE if metric else None
        return PictureKind(Coding.DEPTH16, encoding, Modality.DEPTH, unit, (width, height))
    return PictureKind(Coding.RGB8, encoding, size=(width, height))


def _ros_image(message: Any) -> PictureKind:
    return _raw_kind(message, metric=True)


def _foxglove_image(message: Any) -> PictureKind:
    """foxglove.RawImage calls 16-bit values abstract: their unit is asked."""
    return _raw_kind(message, metric=False)


def _raw_picture(message: Any) -> Array:
    channels, code, convert = _RAW[str(message.encoding)]
    width, height, step = int(message.width), int(message.height), int(message.step)
    dtype = np.dtype((">" if getattr(message, "is_bigendian", False) else "<") + code)
    row = width * channels * dtype.itemsize
    data = np.frombuffer(coded_bytes(message), np.uint8)
    if step < row or len(data) < step * height:
        raise NoPicture(f"{len(data):,} bytes are no {width}x{height} pixels")
    rows = np.ascontiguousarray(data[: step * height].reshape(height, step)[:, :row])
    array = rows.view(dtype).reshape(height, width, channels)
    return convert(array.astype(dtype.newbyteorder("="), copy=False))


def _coded_kind(message: Any) -> PictureKind:
    """By the bytes: the format's word says what was compressed, and not always how."""
    data, word = coded_bytes(message), str(message.format)
    if "compressedDepth" in word:
        return _depth_kind(data, word)
    if data.startswith(JPEG_MAGIC):
        return PictureKind(Coding.JPEG, "jpeg")
    if data.startswith(PNG_MAGIC):
        # A 16-bit grey PNG of a 16UC1 topic is depth that image_transport compressed as it is.
        if data[24:26] == b"\x10\x00" and word.startswith("16UC1"):
            return PictureKind(Coding.PNG, "png16", Modality.DEPTH, MILLIMETRE)
        return PictureKind(Coding.PNG, "png")
    return _video_kind(word, data)


def _depth_kind(data: bytes, word: str) -> PictureKind:
    if not data[DEPTH_CONFIG.size :].startswith(PNG_MAGIC):
        raise NoPicture(f"depth compressed as “{word[:40]}” holds no PNG")
    if word.startswith("32FC1"):
        encoding = "compressedDepth 32FC1"
        return PictureKind(Coding.DEPTH16, encoding, Modality.DEPTH, MILLIMETRE)
    return PictureKind(Coding.PNG, "compressedDepth", Modality.DEPTH, MILLIMETRE)


def _depth_picture(data: bytes, kind: PictureKind) -> Picture:
    """The PNG itself; inverse depth of 32FC1 topics back to metres: a / (value - b)."""
    coded = data[DEPTH_CONFIG.size :]
    if kind.coding is Coding.PNG:
        return coded
    _, a, b = DEPTH_CONFIG.unpack_from(data)
    _check_png_size(coded)
    inverse = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_UNCHANGED)
    if inverse is None or inverse.ndim != 2:
        raise NoPicture("its depth PNG cannot be decoded")
    with np.errstate(divide="ignore", invalid="ignore"):
        metres = np.where(inverse == 0, np.nan, a / (inverse.astype(np.float64) - b))
    return _metres_to_mm(metres)


def _check_png_size(coded: bytes) -> None:
    """Before it is decoded: a PNG of few bytes may claim any size."""
    width, height = struct.unpack_from(">II", coded.ljust(24, b"\0"), 16)
    if not 0 < min(width, height) <= max(width, height) <= MAX_SIDE:
        raise NoPicture(f"it has a PNG of {width}x{height} pixels")


def _video_kind(word: str, data: bytes) -> PictureKind:
    name = word.split(";", 1)[0].lower()
    coding = next((coding for part, coding in _VIDEO_WORDS if part in name), None)
    if coding is None:
        raise NoPicture(f"pictures compressed as “{word[:40]}” are not read")
    annex_b = data.startswith((b"\0\0\1", b"\0\0\0\1"))
    if coding in (Coding.H264, Coding.HEVC) and not annex_b:
        raise NoPicture(f"its {coding.value} packets are not in Annex B form")
    return PictureKind(coding, name)


def _packet_kind(message: Any) -> PictureKind:
    return _video_kind(str(message.encoding), coded_bytes(message))


def _foxglove_video(message: Any) -> PictureKind:
    return _video_kind(str(message.format), coded_bytes(message))


_RAW_TYPES = frozenset({"sensor_msgs/msg/Image", "foxglove.RawImage"})
_KINDS: dict[str, Callable[[Any], PictureKind]] = {
    "sensor_msgs/msg/Image": _ros_image,
    "sensor_msgs/msg/CompressedImage": _coded_kind,
    "ffmpeg_image_transport_msgs/msg/FFMPEGPacket": _packet_kind,
    "foxglove.RawImage": _foxglove_image,
    "foxglove.CompressedImage": _coded_kind,
    "foxglove.CompressedVideo": _foxglove_video,
}
_TRANSPORTS = frozenset(
    {
        "image",
        "image_raw",
        "image_rect",
        "image_rect_raw",
        "image_color",
        "image_rect_color",
        "compressed",
        "compressedDepth",
        "ffmpeg",
        "video",
    }
)
_PREFERRED = (
    "sensor_msgs/msg/CompressedImage",
    "foxglove.CompressedImage",
    "ffmpeg_image_transport_msgs/msg/FFMPEGPacket",
    "foxglove.CompressedVideo",
)


def camera_label(topic: Topic) -> str:
    """``/wrist_camera/color/image_raw/compressed`` is the camera ``wrist_camera_color``."""
    own = topic.said(OWN_CAMERA)
    if own:
        return own
    parts = [part for part in topic.name.split("/") if part]
    while len(parts) > 1 and parts[-1] in _TRANSPORTS:
        parts.pop()
    return "_".join(parts) or "camera"


def preference(topic: Topic) -> int:
    """Of several transports of one camera the coded pictures are taken: they stay as they are."""
    kind = ros_type(topic.type)
    return _PREFERRED.index(kind) if kind in _PREFERRED else len(_PREFERRED)
