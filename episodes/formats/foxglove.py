"""Foxglove's message definitions as protobuf, as far as a release needs them.

Source: foxglove/foxglove-sdk, schemas/proto/foxglove: names, numbers and types of the fields.
Nothing of it is needed to read: recordings embed their definitions.
"""

import re
from collections.abc import Sequence
from typing import Any

from google.protobuf import timestamp_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

TIMESTAMP = "google/protobuf/timestamp.proto"
F = FieldDescriptorProto

Fields = Sequence[tuple[str, int, int]]
"""Name, number and protobuf type of the fields beside ``timestamp``, which is number 1."""

COMPRESSED_IMAGE: Fields = (
    ("data", 2, F.TYPE_BYTES),
    ("format", 3, F.TYPE_STRING),
    ("frame_id", 4, F.TYPE_STRING),
)
COMPRESSED_VIDEO: Fields = (
    ("frame_id", 2, F.TYPE_STRING),
    ("data", 3, F.TYPE_BYTES),
    ("format", 4, F.TYPE_STRING),
)
RAW_AUDIO: Fields = (
    ("data", 2, F.TYPE_BYTES),
    ("format", 3, F.TYPE_STRING),
    ("sample_rate", 4, F.TYPE_FIXED32),
    ("number_of_channels", 5, F.TYPE_FIXED32),
)


def message_class(package: str, name: str, fields: Fields) -> Any:
    """A protobuf class ``package.name`` with a timestamp and the fields."""
    file = FileDescriptorProto(
        name=f"{package}/{name}.proto", package=package, syntax="proto3", dependency=[TIMESTAMP]
    )
    message = file.message_type.add(name=name)
    message.field.add(
        name="timestamp",
        number=1,
        type=F.TYPE_MESSAGE,
        label=F.LABEL_OPTIONAL,
        type_name=".google.protobuf.Timestamp",
    )
    for field, number, kind in fields:
        message.field.add(name=field, number=number, type=kind, label=F.LABEL_OPTIONAL)
    pool = DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))


def field_names(names: Sequence[str]) -> list[str]:
    """Identifiers for names of dimensions, unique and in their order."""
    taken = {"timestamp"}
    found: list[str] = []
    for name in names:
        wanted = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "value"
        wanted = f"v_{wanted}" if wanted[0].isdigit() else wanted
        chosen, number = wanted, 1
        while chosen in taken:
            number += 1
            chosen = f"{wanted}_{number}"
        taken.add(chosen)
        found.append(chosen)
    return found
