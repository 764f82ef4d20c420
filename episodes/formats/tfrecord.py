"""TFRecord files and the ``tf.train.Example`` messages in them, read and written.

A record is its length (uint64), the masked CRC-32C of the length, the data and the masked CRC-32C
of the data, all little-endian. The data are a protocol buffer: Example {features: 1}, Features
{map<string, Feature>: 1}, Feature {bytes_list: 1 | float_list: 2 | int64_list: 3}, each list
{repeated value: 1}, numbers packed or not.
Source: tensorflow/tensorflow tensorflow/core/lib/io/record_writer.h, core/example/feature.proto.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from episodes.errors import EpisodeBroken
from episodes.records import Reason

HEAD, TAIL = 12, 4
BLOCK = 2**20
# A protocol buffer ends at 2 GiB; no parser reads more.
MAX_RECORD_BYTES = 2**31 - 1
MAX_RECORDS = 5_000_000
MAX_FEATURES = 10_000
MAX_VALUES = 5_000_000
MAX_NAME_BYTES = 1_000
# What one list of numbers may take in memory.
MAX_NUMBERS_BYTES = 2**29
MAX_PARTS = 100_000
RESTORE = "Restore the file from the source; the copy may be incomplete or damaged."

Spans = list[tuple[int, int]]


class Kind(IntEnum):
    """The list a feature is of; the number is its field in ``Feature``."""

    BYTES = 1
    FLOAT = 2
    INT64 = 3


def masked(crc: int) -> int:
    """The CRC as TFRecord stores it: rotated and shifted, so that a CRC of CRCs stays sound."""
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def checksum(data: bytes) -> int:
    """The masked CRC-32C of ``data``."""
    return masked(google_crc32c.value(data))


@dataclass(frozen=True, slots=True)
class Place:
    """A record: where its head begins in the file, and how many bytes of data it has."""

    at: int
    length: int


@dataclass(frozen=True, slots=True)
class ShardIndex:
    """Where the records of a file lie. ``damage`` says what keeps the rest of it out of reach."""

    places: tuple[Place, ...]
    damage: str = ""


def index_shard(path: Path, name: str) -> ShardIndex:
    """Walk the heads of the records; the data between them are not read.

    A head that does not hold its checksum hides where the next one is: the walk ends there.
    """
    places: list[Place] = []
    at = 0
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            while at < size:
                file.seek(at)
                head = file.read(HEAD)
                problem = _head_problem(head, at, size)
                if problem:
                    said = f"Record {len(places)} of {name}, at byte {at:,}, {problem}."
                    return ShardIndex(tuple(places), said)
                (length,) = struct.unpack_from("<Q", head)
                places.append(Place(at, length))
                at += HEAD + length + TAIL
                if len(places) > MAX_RECORDS:
                    raise EpisodeBroken(
                        Reason.ABSURD_SIZE,
                        f"{name} has more than {MAX_RECORDS:,} records.",
                        remedy="Write the dataset in more shards.",
                    )
    except OSError as error:
        return ShardIndex(tuple(places), f"{name} cannot be read: {error}.")
    return ShardIndex(tuple(places))


def _head_problem(head: bytes, at: int, size: int) -> str:
    if len(head) < HEAD:
        return "is cut off in its head"
    length, stored = struct.unpack("<QI", head)
    if stored != checksum(head[:8]):
        return "has a length that does not match its checksum"
    if length > MAX_RECORD_BYTES:
        return f"claims {length:,} bytes, more than a message can have"
    if at + HEAD + length + TAIL > size:
        return f"is cut off: it claims {length:,} bytes, the file ends after {size - at:,}"
    return ""


@dataclass(slots=True)
class Feature:
    """A feature of an opened record: the spans of its list messages, undecoded."""

    kind: Kind
    spans: Spans = field(default_factory=list)


class ExampleRecord:
    """One record, checked and opened: names of features, whose values are read when asked for.

    Use it as a context. Raises EpisodeBroken naming file, record and byte for damage of any kind.
    Only what is asked for is in memory, whatever the record's size.
    """

    def __init__(self, path: Path, place: Place, what: str) -> None:
        self.what = f"{what}, at byte {place.at:,},"
        self._start, self._end = place.at + HEAD, place.at + HEAD + place.length
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise self._broken(f"cannot be read: {error}") from error
        try:
            self._check(place)
            self.features = self._features()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def _broken(self, fact: str) -> EpisodeBroken:
        return EpisodeBroken(Reason.DATA_UNREADABLE, f"{self.what} {fact}.", remedy=RESTORE)

    def _check(self, place: Place) -> None:
        head = self._read(place.at, HEAD)
        if struct.unpack("<QI", head) != (place.length, checksum(head[:8])):
            raise self._broken("has changed since the file was opened")
        crc, at = 0, self._start
        while at < self._end:
            block = self._read(at, min(BLOCK, self._end - at))
            crc = google_crc32c.extend(crc, block)
            at += len(block)
        (stored,) = struct.unpack("<I", self._read(self._end, TAIL))
        if stored != masked(crc):
            raise self._broken("does not match its checksum")

    def _read(self, at: int, count: int) -> bytes:
        try:
            self._file.seek(at)
            data = self._file.read(count)
        except OSError as error:
            raise self._broken(f"cannot be read: {error}") from error
        if len(data) != count:
            raise self._broken("is cut off")
        return data

    def _fields(self, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
        """(field number, wire type, start, end) of every field of a message."""
        at = start
        while at < end:
            head = self._read(at, min(20, end - at))
            tag, used = self._varint(head, 0)
            number, wire = tag >> 3, tag & 7
            if wire == 2:
                length, used = self._varint(head, used)
                first, last = at + used, at + used + length
            elif wire == 0:
                _, ends = self._varint(head, used)
                first, last = at + used, at + ends
            elif wire in (1, 5):
                first = at + used
                last = first + (8 if wire == 1 else 4)
            else:
                raise self._broken("holds no message that can be read")
            if last > end:
                raise self._broken("holds a value longer than its message")
            yield number, wire, first, last
            at = last

    def _varint(self, data: bytes, at: int) -> tuple[int, int]:
        value = 0
        for shift in range(0, 70, 7):
            if at >= len(data):
                break
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, at
        raise self._broken("holds a number without an end")

    def _features(self) -> dict[str, Feature]:
        found: dict[str, Feature] = {}
        for number, wire, start, end in self._fields(self._start, self._end):
            if (number, wire) != (1, 2):
                continue
            for inner, inner_wire, first, last in self._fields(start, end):
                if (inner, inner_wire) == (1, 2):
                    self._add_entry(found, first, last)
        return found

    def _add_entry(self, found: dict[str, Feature], start: int, end: int) -> None:
        name, body = "", (end, end)
        for number, wire, first, last in self._fields(start, end):
            if wire == 2 and number == 1:
                if last - first > MAX_NAME_BYTES:
                    raise self._broken("has a feature with an absurdly long name")
                name = self._read(first, last - first).decode("utf-8", "replace")
            elif wire == 2 and number == 2:
                body = (first, last)
        feature: Feature | None = None
        for number, wire, first, last in self._fields(*body):
            if wire == 2 and number in tuple(Kind):
                # Of a oneof the last one counts; parts of one list are put together.
                if feature is None or feature.kind != number:
                    feature = Feature(Kind(number))
                feature.spans.append((first, last))
        if feature is not None:
            found[name] = feature
        if len(found) > MAX_FEATURES:
            raise self._broken(f"has more than {MAX_FEATURES:,} features")

    def blobs(self, name: str) -> Spans:
        """(start, end) in the file of every byte string of a feature; empty for a missing one."""
        found: Spans = []
        for start, end in self._spans(name, Kind.BYTES):
            for number, wire, first, last in self._fields(start, end):
                if (number, wire) == (1, 2):
                    found.append((first, last))
                if len(found) > MAX_VALUES:
                    raise self._broken(f"has more than {MAX_VALUES:,} values of “{name}”")
        return found

    def blob(self, span: tuple[int, int]) -> bytes:
        """The bytes of a span that ``blobs`` gave."""
        return self._read(span[0], span[1] - span[0])

    def numbers(self, name: str) -> NDArray[np.float32] | NDArray[np.int64]:
        """A feature's numbers, float32 or int64 (n,); empty for a missing one."""
        feature = self.features.get(name)
        if feature is None or feature.kind is Kind.BYTES:
            return np.empty(0, np.int64) if feature is None else self._wrong(name)
        real = feature.kind is Kind.FLOAT
        parts = [
            self._numbers(name, first, last, real=real, packed=wire == 2)
            for start, end in feature.spans
            for first, last, wire in self._runs(name, start, end, real=real)
        ]
        if real:
            return np.concatenate([np.empty(0, np.float32), *parts]).astype(np.float32)
        return np.concatenate([np.empty(0, np.int64), *parts]).astype(np.int64)

    def _spans(self, name: str, kind: Kind) -> Spans:
        feature = self.features.get(name)
        if feature is None:
            return []
        if feature.kind is not kind:
            self._wrong(name)
        return feature.spans

    def _wrong(self, name: str) -> NDArray[np.int64]:
        raise EpisodeBroken(
            Reason.SHAPE_MISMATCH,
            f"{self.what} holds “{name}” in another form than features.json declares.",
            remedy="Restore features.json, or the shards, from the source.",
        )

    def _runs(
        self, name: str, start: int, end: int, *, real: bool
    ) -> Iterator[tuple[int, int, int]]:
        """Packed numbers come in one run, unpacked ones each in their own."""
        runs = 0
        for number, wire, first, last in self._fields(start, end):
            if number != 1 or wire not in (2, 5 if real else 0):
                continue
            runs += 1
            if runs > MAX_PARTS or last - first > MAX_NUMBERS_BYTES:
                raise EpisodeBroken(
                    Reason.ABSURD_SIZE,
                    f"{self.what} has more numbers of “{name}” than are read.",
                    remedy="Write the numbers packed, as TensorFlow does, or in shorter episodes.",
                )
            yield first, last, wire

    def _numbers(
        self, name: str, first: int, last: int, *, real: bool, packed: bool
    ) -> NDArray[np.float32] | NDArray[np.int64]:
        data = self._read(first, last - first)
        if not real:
            return self._varints(data) if packed else self._varints(data[:10])
        if len(data) % 4:
            raise self._broken(f"holds “{name}” with half a number")
        return np.frombuffer(data, "<f4").astype(np.float32)

    def _varints(self, data: bytes) -> NDArray[np.int64]:
        """All varints of ``data`` at once; negative numbers come as their 64-bit complement."""
        raw = np.frombuffer(data, np.uint8)
        ends = np.flatnonzero(raw < 0x80)
        if not len(raw):
            return np.empty(0, np.int64)
        starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else np.zeros(1, np.int64)
        if not len(ends) or ends[-1] != len(raw) - 1 or (ends - starts).max() > 9:
            raise self._broken("holds a number without an end")
        values = np.zeros(len(ends), np.uint64)
        longest = int((ends - starts).max()) + 1
        for place in range(longest):
            has = starts + place <= ends
            septet = (raw[starts[has] + place] & 0x7F).astype(np.uint64)
            values[has] |= septet << np.uint64(7 * place)
        return values.astype(np.int64)


FeatureValues = Sequence[bytes] | NDArray[np.float32] | NDArray[np.int64]


def encode_example(features: Mapping[str, FeatureValues]) -> bytes:
    """A ``tf.train.Example``: byte strings, float32 or int64 arrays by name, sorted by name."""
    entries = bytearray()
    for name, values in sorted(features.items()):
        entry = _field(1, name.encode()) + _field(2, _encode_feature(values))
        entries += _field(1, entry)
    return _field(1, bytes(entries))


def _encode_feature(values: FeatureValues) -> bytes:
    if not isinstance(values, np.ndarray):
        return _field(Kind.BYTES, b"".join(_field(1, value) for value in values))
    if values.dtype == np.float32:
        packed = values.astype("<f4").tobytes()
        return _field(Kind.FLOAT, _field(1, packed) if packed else b"")
    if values.dtype != np.int64:
        raise ValueError(f"a feature of {values.dtype} has no list in tf.train.Example")
    packed = b"".join(_encode_varint(int(value) & (2**64 - 1)) for value in values.ravel())
    return _field(Kind.INT64, _field(1, packed) if packed else b"")


def _field(number: int, data: bytes) -> bytes:
    return _encode_varint(number << 3 | 2) + _encode_varint(len(data)) + data


def _encode_varint(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def write_record(file: BinaryIO, data: bytes) -> int:
    """Append a record; the number of bytes it took."""
    head = struct.pack("<Q", len(data))
    file.write(head + struct.pack("<I", checksum(head)))
    file.write(data)
    file.write(struct.pack("<I", checksum(data)))
    return HEAD + len(data) + TAIL
