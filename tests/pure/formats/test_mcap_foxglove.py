"""Foxglove's types, as protobuf by the definitions the file embeds and as JSON."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf import timestamp_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from mcap_protobuf.writer import Writer as ProtobufWriter

from episodes.formats.registry import open_dataset, questions
from episodes.records import Coding, EpisodeRecord, SignalKind
from tests.pure.formats.mcap_sets import START_NS, Bag, jpeg

F = FieldDescriptorProto


def pool() -> DescriptorPool:
    """PoseInFrame and JointStates with the names and numbers of foxglove-sdk."""
    found = DescriptorPool()
    found.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    file = FileDescriptorProto(
        name="foxglove/all.proto",
        package="foxglove",
        syntax="proto3",
        dependency=["google/protobuf/timestamp.proto"],
    )
    messages: dict[str, list[tuple[str, int, int, str]]] = {
        "Vector3": [(n, i, F.TYPE_DOUBLE, "") for i, n in enumerate("xyz", 1)],
        "Quaternion": [(n, i, F.TYPE_DOUBLE, "") for i, n in enumerate("xyzw", 1)],
        "Pose": [
            ("position", 1, F.TYPE_MESSAGE, ".foxglove.Vector3"),
            ("orientation", 2, F.TYPE_MESSAGE, ".foxglove.Quaternion"),
        ],
        "PoseInFrame": [
            ("timestamp", 1, F.TYPE_MESSAGE, ".google.protobuf.Timestamp"),
            ("frame_id", 2, F.TYPE_STRING, ""),
            ("pose", 3, F.TYPE_MESSAGE, ".foxglove.Pose"),
        ],
    }
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for field, number, kind, typed in fields:
            message.field.add(
                name=field,
                number=number,
                type=kind,
                label=F.LABEL_OPTIONAL,
                type_name=typed or None,
            )
    group = file.message_type.add(name="JointState")
    group.field.add(name="name", number=2, type=F.TYPE_STRING, label=F.LABEL_REPEATED)
    group.field.add(name="position", number=3, type=F.TYPE_DOUBLE, label=F.LABEL_REPEATED)
    group.field.add(name="velocity", number=4, type=F.TYPE_DOUBLE, label=F.LABEL_REPEATED)
    group.field.add(name="effort", number=5, type=F.TYPE_DOUBLE, label=F.LABEL_REPEATED)
    states = file.message_type.add(name="JointStates")
    stamp = ".google.protobuf.Timestamp"
    states.field.add(
        name="timestamp", number=1, type=F.TYPE_MESSAGE, label=F.LABEL_OPTIONAL, type_name=stamp
    )
    states.field.add(
        name="joints",
        number=2,
        type=F.TYPE_MESSAGE,
        label=F.LABEL_REPEATED,
        type_name=".foxglove.JointState",
    )
    found.Add(file)
    return found


def only(path: Path) -> EpisodeRecord:
    (found,) = open_dataset(path).episodes()
    assert isinstance(found, EpisodeRecord), found
    return found


def test_poses_and_joints_are_read_by_embedded_definitions(tmp_path: Path) -> None:
    types = pool()

    def make(name: str) -> Any:
        return GetMessageClass(types.FindMessageTypeByName(f"foxglove.{name}"))()

    with (tmp_path / "a.mcap").open("wb") as file, ProtobufWriter(file) as writer:
        for number in range(4):
            at = START_NS + number * 10**8
            pose = make("PoseInFrame")
            pose.timestamp.FromNanoseconds(at)
            pose.pose.position.x, pose.pose.orientation.w = number / 4, 1.0
            writer.write_message("/tcp_pose", pose, log_time=at + 5, publish_time=at)
            states = make("JointStates")
            states.timestamp.FromNanoseconds(at)
            states.joints.add(name=["a", "b"], position=[number, 2.0], effort=[0.5, 0.25])
            writer.write_message("/arm", states, log_time=at + 5, publish_time=at)
    episode = only(tmp_path / "a.mcap")
    named = {signal.name: signal for signal in episode.signals}
    assert set(named) == {"tcp_pose", "arm.position", "arm.effort"}
    assert named["tcp_pose"].kind is SignalKind.END_EFFECTOR
    assert named["tcp_pose"].values[:, 0].tolist() == [0, 0.25, 0.5, 0.75]
    assert [d.unit for d in named["tcp_pose"].dimensions][:4] == ["m", "m", "m", ""]
    assert [d.name for d in named["arm.position"].dimensions] == ["a", "b"]
    np.testing.assert_array_equal(named["arm.position"].t_ns, np.arange(4) * 10**8)
    assert {d.unit for d in named["arm.effort"].dimensions} == {""}
    assert "unit.arm.position" in {question.id for question in questions(tmp_path / "a.mcap")}


def test_json_messages_hold_pictures_in_base64(tmp_path: Path) -> None:
    with Bag(tmp_path / "a.mcap") as bag:
        schema = bag.writer.register_schema("foxglove.CompressedImage", "jsonschema", b"{}")
        channel = bag.writer.register_channel("/front/image", "json", schema)
        for number in range(3):
            sec, nsec = divmod(START_NS + number * 10**8, 10**9)
            said = {
                "timestamp": {"sec": sec, "nsec": nsec},
                "format": "jpeg",
                "data": base64.b64encode(jpeg(number)).decode(),
            }
            data = json.dumps(said).encode()
            bag.writer.add_message(channel, log_time=START_NS, publish_time=0, data=data)
        bag.writer.add_message(channel, log_time=START_NS, publish_time=0, data=b"{]")
    episode = only(tmp_path / "a.mcap")
    (front,) = episode.streams
    assert front.camera == "front"
    pictures = list(front.pictures())  # type: ignore[union-attr]
    assert [picture for _, picture in pictures] == [jpeg(n) for n in range(3)]
    assert [t for t, _ in pictures] == [0, 10**8, 2 * 10**8]
    assert front.coding is Coding.JPEG  # type: ignore[union-attr]
    assert "messages_damaged" in {notice.code for notice in episode.notices}


def test_a_damaged_definition_leaves_its_topic_out(tmp_path: Path) -> None:
    with Bag(tmp_path / "a.mcap") as bag:
        schema = bag.writer.register_schema("foxglove.PoseInFrame", "protobuf", b"\xff\x01junk")
        channel = bag.writer.register_channel("/pose", "protobuf", schema)
        bag.writer.add_message(channel, log_time=START_NS, publish_time=0, data=b"")
    (found,) = open_dataset(tmp_path / "a.mcap").episodes()
    assert not isinstance(found, EpisodeRecord)
    assert "/pose" in found.message
