"""Messages out of bytes, by the definition that the recording embeds: CDR, ROS 1, protobuf, JSON.

A decoder is made for each topic, so that one that cannot be read leaves the others alone. Nothing
of a file is run: ``rosbags`` builds its code from names its grammar lets through and from literals.
"""

import json
import re
import struct
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from google.protobuf.message import DecodeError
from mcap.exceptions import McapError
from mcap.records import Schema
from mcap_protobuf.decoder import DecoderFactory
from rosbags.serde.errors import SerdeError
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.base import TypesysError
from rosbags.typesys.store import Typestore

from episodes.formats.recording import MAX_UNPACKED_BYTES, Topic

MAX_SCHEMA_BYTES = 2**20
TYPE_NAME = re.compile(r"[A-Za-z]\w*(/[A-Za-z]\w*)+", re.ASCII)
# rosbags writes a line of code for every element of some fixed arrays.
ABSURD_ARRAY = re.compile(r"\[\s*\d{6,}\s*\]")

Decode = Callable[[bytes], Any]

# What the decoders raise for definitions and messages that are damaged or crafted.
UNREADABLE = (
    SerdeError,
    TypesysError,
    McapError,
    DecodeError,
    struct.error,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    RecursionError,
    MemoryError,
    OverflowError,
    SyntaxError,
)


class Undecodable(Exception):
    """Why a topic's messages cannot be read, in words for a notice."""


def ros_type(name: str) -> str:
    """One spelling: ROS 1 and ROS 2 names as package/msg/Type, Foxglove's as foxglove.Type."""
    package, _, rest = name.partition("/")
    short = rest.removeprefix("msg/")
    if package in ("foxglove_msgs", "foxglove"):
        return f"foxglove.{short}"
    return f"{package}/msg/{short}" if rest and "/" not in short else name


def decoder(topic: Topic) -> Decode:
    """Raises Undecodable."""
    if len(topic.schema) > MAX_SCHEMA_BYTES:
        raise Undecodable(f"its definition is {len(topic.schema):,} bytes long")
    try:
        if topic.encoding in ("cdr", "ros1"):
            return _ros(topic)
        if topic.encoding == "protobuf":
            return _protobuf(topic)
    except UNREADABLE as error:
        raise Undecodable(f"its definition cannot be read ({_short(error)})") from error
    if topic.encoding == "json":
        return _json
    raise Undecodable(f"its encoding “{topic.encoding}” is not known")


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def _ros(topic: Topic) -> Decode:
    name = ros_type(topic.type) if topic.encoding == "ros1" else topic.type
    if not TYPE_NAME.fullmatch(name):
        raise Undecodable("its type has no ROS name")
    if topic.schema_encoding in ("ros2msg", "ros1msg"):
        text = topic.schema.decode()
        if ABSURD_ARRAY.search(text):
            raise Undecodable("its definition has an absurdly long array")
        store = Typestore(max_sequence_length=MAX_UNPACKED_BYTES)
        store.register(get_types_from_msg(text, name))
    elif topic.schema_encoding == "" and topic.encoding == "cdr":
        # Bags before ROS 2 Iron embed no definitions; those of common types did not change since.
        store = get_typestore(Stores.ROS2_HUMBLE)
    else:
        raise Undecodable(f"definitions as “{topic.schema_encoding}” are not read")
    try:
        store.get_msgdef(name)
    except KeyError as error:
        raise Undecodable(f"the recording does not define the type {error}") from error
    if topic.encoding == "ros1":
        return lambda data: store.deserialize_ros1(data, name)
    return lambda data: store.deserialize_cdr(data, name)


def _protobuf(topic: Topic) -> Decode:
    schema = Schema(id=1, name=topic.type, encoding=topic.schema_encoding, data=topic.schema)
    found = DecoderFactory().decoder_for("protobuf", schema)
    if found is None:
        raise Undecodable(f"definitions as “{topic.schema_encoding}” are not read")
    return found


def _json(data: bytes) -> Any:
    return json.loads(data, object_hook=lambda fields: SimpleNamespace(**fields))


def stamp_ns(message: Any) -> int:
    """The message's own time: ``header.stamp``, else ``timestamp``; 0 when it has none."""
    header = getattr(message, "header", None)
    stamp = getattr(header, "stamp", None) if header is not None else None
    if stamp is None:
        stamp = getattr(message, "timestamp", None)
    return time_ns(stamp)


def time_ns(stamp: Any) -> int:
    """ROS has sec and nanosec, protobuf seconds and nanos, Foxglove's JSON sec and nsec."""
    for seconds, rest in (("sec", "nanosec"), ("seconds", "nanos"), ("sec", "nsec")):
        if hasattr(stamp, seconds) and hasattr(stamp, rest):
            return int(getattr(stamp, seconds)) * 1_000_000_000 + int(getattr(stamp, rest))
    return 0
