"""TFRecord framing and tf.train.Example: against protobuf's own parser, and against damage."""

import random
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from episodes.errors import EpisodeBroken
from episodes.formats.tfrecord import (
    ExampleRecord,
    Kind,
    checksum,
    encode_example,
    index_shard,
    masked,
    write_record,
)

VALUES: dict[str, Any] = {
    "pictures": [b"\xff\xd8 ends on zeros\0\0", b"", b"\0"],
    "numbers": np.array([0, 1, -1, 127, 128, 2**63 - 1, -(2**63)], np.int64),
    "floats": np.array([0.5, -3.25, 1e-30], np.float32),
    "nothing": np.empty(0, np.float32),
}


def example_class() -> Any:
    """tf.train.Example as protobuf itself understands it, from the fields of feature.proto."""
    file = descriptor_pb2.FileDescriptorProto(name="x.proto", package="x", syntax="proto3")
    kinds = descriptor_pb2.FieldDescriptorProto

    def message(name: str, fields: list[tuple[str, int, int, bool, str]]) -> Any:
        made = file.message_type.add(name=name)
        for field, number, kind, repeated, of in fields:
            label = kinds.LABEL_REPEATED if repeated else kinds.LABEL_OPTIONAL
            made.field.add(name=field, number=number, type=kind, label=label, type_name=of or None)
        return made

    message("BytesList", [("value", 1, kinds.TYPE_BYTES, True, "")])
    message("FloatList", [("value", 1, kinds.TYPE_FLOAT, True, "")])
    message("Int64List", [("value", 1, kinds.TYPE_INT64, True, "")])
    feature = message(
        "Feature",
        [
            ("bytes_list", 1, kinds.TYPE_MESSAGE, False, ".x.BytesList"),
            ("float_list", 2, kinds.TYPE_MESSAGE, False, ".x.FloatList"),
            ("int64_list", 3, kinds.TYPE_MESSAGE, False, ".x.Int64List"),
        ],
    )
    feature.oneof_decl.add(name="kind")
    for field in feature.field:
        field.oneof_index = 0
    features = message(
        "Features", [("feature", 1, kinds.TYPE_MESSAGE, True, ".x.Features.FeatureEntry")]
    )
    entry = features.nested_type.add(name="FeatureEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=kinds.TYPE_STRING, label=kinds.LABEL_OPTIONAL)
    entry.field.add(
        name="value",
        number=2,
        type=kinds.TYPE_MESSAGE,
        label=kinds.LABEL_OPTIONAL,
        type_name=".x.Feature",
    )
    message("Example", [("features", 1, kinds.TYPE_MESSAGE, False, ".x.Features")])
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("x.Example"))


def write(path: Path, *records: bytes) -> Path:
    with path.open("wb") as file:
        for record in records:
            write_record(file, record)
    return path


def opened(path: Path, number: int = 0) -> ExampleRecord:
    return ExampleRecord(path, index_shard(path, "shard").places[number], f"Record {number}")


def test_protobuf_reads_what_is_written() -> None:
    found = example_class().FromString(encode_example(VALUES)).features.feature
    assert list(found["pictures"].bytes_list.value) == VALUES["pictures"]
    assert list(found["numbers"].int64_list.value) == VALUES["numbers"].tolist()
    assert list(found["floats"].float_list.value) == VALUES["floats"].tolist()
    assert found["nothing"].WhichOneof("kind") == "float_list"


def test_what_protobuf_writes_is_read(tmp_path: Path) -> None:
    message = example_class()()
    features = message.features.feature
    features["pictures"].bytes_list.value.extend(VALUES["pictures"])
    features["numbers"].int64_list.value.extend(VALUES["numbers"].tolist())
    features["floats"].float_list.value.extend(VALUES["floats"].tolist())
    path = write(tmp_path / "s", b"", message.SerializeToString())
    with opened(path, 1) as record:
        assert [record.blob(span) for span in record.blobs("pictures")] == VALUES["pictures"]
        assert np.array_equal(record.numbers("numbers"), VALUES["numbers"])
        assert np.array_equal(record.numbers("floats"), VALUES["floats"])
        assert not len(record.numbers("absent"))
        with pytest.raises(EpisodeBroken, match="another form"):
            record.numbers("pictures")


def test_numbers_that_are_not_packed(tmp_path: Path) -> None:
    def part(number: int, data: bytes) -> bytes:
        return bytes([number << 3 | 2, len(data)]) + data

    floats = b"".join(b"\x0d" + struct.pack("<f", v) for v in (1.5, 2.5))
    whole = b"".join(b"\x08" + v for v in (b"\x05", b"\xac\x02"))
    entries = b"".join(
        part(1, part(1, name) + part(2, part(kind, data)))
        for name, kind, data in ((b"f", 2, floats), (b"i", 3, whole))
    )
    with opened(write(tmp_path / "s", part(1, entries))) as record:
        assert record.numbers("f").tolist() == [1.5, 2.5]
        assert record.numbers("i").tolist() == [5, 300]


def test_the_checksum_is_masked_crc32c() -> None:
    # CRC-32C of "123456789" is 0xE3069283 (RFC 3720, B.4 uses the same polynomial).
    assert masked(0xE3069283) == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) % 2**32


def test_a_flipped_bit_is_named_with_its_place(tmp_path: Path) -> None:
    first, second = encode_example({"a": [b"x" * 50]}), encode_example(VALUES)
    path = write(tmp_path / "s", first, second)
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    with opened(path, 0) as record:
        assert len(record.blobs("a")) == 1
    at = f"{len(first) + 16:,}"
    with pytest.raises(EpisodeBroken, match=f"Record 1, at byte {at}, does not match its checksum"):
        opened(path, 1)


@pytest.mark.parametrize("keep", [3, 11, 40])
def test_a_file_cut_off_keeps_what_is_whole(tmp_path: Path, keep: int) -> None:
    record = encode_example(VALUES)
    path = write(tmp_path / "s", record, record)
    path.write_bytes(path.read_bytes()[: len(record) + 16 + keep])
    index = index_shard(path, "s")
    assert len(index.places) == 1
    assert f"at byte {len(record) + 16:,}" in index.damage
    assert "cut off" in index.damage


@pytest.mark.parametrize("length", [2**60, 1000])
def test_a_record_that_claims_more_than_there_is(tmp_path: Path, length: int) -> None:
    head = struct.pack("<Q", length)
    path = tmp_path / "s"
    path.write_bytes(head + struct.pack("<I", checksum(head)) + b"x" * 50)
    assert "claims" in index_shard(path, "s").damage
    path.write_bytes(head + b"\0" * 54)
    assert "checksum" in index_shard(path, "s").damage


def test_noise_inside_a_sound_frame_never_escapes(tmp_path: Path) -> None:
    dice = random.Random(3)
    whole = encode_example(VALUES)
    for round_ in range(300):
        content = bytearray(whole)
        for _ in range(dice.choice((1, 2, 8))):
            content[dice.randrange(len(content))] = dice.randrange(256)
        path = write(tmp_path / str(round_), bytes(content))
        with suppress(EpisodeBroken), opened(path) as record:
            for name, feature in record.features.items():
                record.blobs(name) if feature.kind is Kind.BYTES else record.numbers(name)
