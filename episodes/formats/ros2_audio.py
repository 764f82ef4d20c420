"""Sound out of messages: PCM as int16, each sample with its time.

Types: audio_common_msgs AudioData, AudioDataStamped and AudioInfo (ros-drivers/audio_common),
AudioStamped of the ROS 2 package of the same name, and foxglove.RawAudio, whose block begins at
its timestamp.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodes.formats.recording import Topic
from episodes.formats.ros2_decode import ros_type
from episodes.formats.ros2_pictures import coded_bytes
from episodes.formats.ros2_spool import Store, Times
from episodes.timebase import NS

# Blocks are stamped with jitter: below this they are taken to follow one another.
GAP_NS = 100_000_000
MAX_RATE_HZ = 400_000
MAX_CHANNELS = 32
SLICE_SAMPLES = 2**16
OWN_AUDIO = "touchline.audio"


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """``sample_format`` in GStreamer's words, such as S16LE."""

    sample_format: str
    rate_hz: int
    channels: int

    @property
    def known(self) -> bool:
        sane = 0 < self.rate_hz <= MAX_RATE_HZ and 0 < self.channels <= MAX_CHANNELS
        return sane and self.sample_format in SAMPLE_FORMATS


Array = NDArray[Any]


def _from_float(values: Array) -> Array:
    scaled: Array = np.rint(np.clip(np.nan_to_num(values), -1.0, 1.0) * 32767.0)
    return scaled


SAMPLE_FORMATS: dict[str, tuple[str, Callable[[Array], Array]]] = {
    "S16LE": ("<i2", lambda values: values),
    "S16BE": (">i2", lambda values: values),
    "S32LE": ("<i4", lambda values: values >> 16),
    "F32LE": ("<f4", _from_float),
    "U8": ("u1", lambda values: (values.astype(np.int32) - 128) << 8),
}
_TYPES = frozenset(
    {
        "audio_common_msgs/msg/AudioData",
        "audio_common_msgs/msg/AudioDataStamped",
        "audio_common_msgs/msg/AudioStamped",
        "foxglove.RawAudio",
    }
)
# AudioStamped holds one array, named by its numbers.
_ARRAYS = (("int16_data", "S16LE", "<i2"), ("float32_data", "F32LE", "<f4"))


def is_audio(topic: Topic) -> bool:
    return ros_type(topic.type) in _TYPES


def audio_info(message: Any) -> AudioInfo | None:
    """AudioInfo's words; None for coded sound such as MP3."""
    if str(message.coding_format).lower() not in ("wave", "wav", "raw", "pcm"):
        return None
    name = str(message.sample_format).upper()
    found = AudioInfo(name, int(message.sample_rate), int(message.channels))
    return found if found.known else None


def audio_block(topic: Topic, message: Any) -> tuple[bytes, AudioInfo | None]:
    """The bytes of a message and what it says of them. Raises ValueError."""
    kind = ros_type(topic.type)
    if kind == "foxglove.RawAudio":
        if message.format != "pcm-s16":
            raise ValueError(f"sound as “{message.format}” is not read")
        info = AudioInfo("S16LE", int(message.sample_rate), int(message.number_of_channels))
        return coded_bytes(message), info
    if kind == "audio_common_msgs/msg/AudioStamped":
        return _typed_block(message.audio)
    inner = message.audio if kind == "audio_common_msgs/msg/AudioDataStamped" else message
    return coded_bytes(inner), None


def _typed_block(audio: Any) -> tuple[bytes, AudioInfo]:
    for field, name, dtype in _ARRAYS:
        values = getattr(audio.audio_data, field, ())
        if len(values):
            info = AudioInfo(name, int(audio.info.rate), int(audio.info.channels))
            return np.asarray(values, dtype).tobytes(), info
    raise ValueError("it holds neither 16-bit nor float samples")


def sound(
    data: Array, block_bytes: Array, block_ns: Times, info: AudioInfo
) -> tuple[Times, Array, int]:
    """(t_ns, int16 (n, channels), gaps) of blocks in the order they came; slice by slice.

    A block follows the one before where its stamp says so within ``GAP_NS``; after a gap the
    clock jumps to the stamp, and it never goes back.
    """
    dtype, convert = SAMPLE_FORMATS[info.sample_format]
    frame = np.dtype(dtype).itemsize * info.channels
    times = Store(np.dtype(np.int64))
    values = Store(np.dtype((np.void, 2 * info.channels)))
    expected: int | None = None
    at = gaps = 0
    for size, stamp in zip(block_bytes.tolist(), block_ns.tolist(), strict=True):
        count = size // frame
        start = stamp if expected is None else expected
        if expected is not None and stamp - expected > GAP_NS:
            start, gaps = stamp, gaps + 1
        for first in range(0, count, SLICE_SAMPLES):
            numbers = np.arange(first, min(first + SLICE_SAMPLES, count), dtype=np.int64)
            times.append(start + numbers * NS // info.rate_hz)
            raw = np.array(data[at + first * frame : at + (first + len(numbers)) * frame])
            pcm = convert(raw.view(dtype)).astype(np.int16)
            values.append(pcm.view(values.dtype))
        expected = start + count * NS // info.rate_hz
        at += size
    pcm = values.array().view(np.int16).reshape(values.count, info.channels)
    return times.array(), pcm, gaps
