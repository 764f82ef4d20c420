"""MCAP files, read record by record: one chunk in memory, whole or cut off, indexed or not.

Source of the layout: https://mcap.dev/spec. The records themselves are parsed by the package
``mcap``; its StreamReader is not used because it reads attachments whole, trusts the sizes that a
chunk declares, and stops at the first damage.
"""

import struct
import zlib
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import lz4.frame
import zstandard
from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import Channel, Chunk, Footer, McapRecord, Metadata, Schema, Statistics

from episodes.errors import EpisodeBroken
from episodes.formats.recording import MAX_UNPACKED_BYTES, Message, Topic
from episodes.records import Notice, Reason

MAGIC = b"\x89MCAP0\r\n"
HEAD = struct.Struct("<BQ")
MESSAGE_HEAD = struct.Struct("<HIQQ")
# Footer record with its head, then the closing magic.
TAIL_BYTES = HEAD.size + 20 + len(MAGIC)
MAX_TOPICS = 10_000
MAX_METADATA = 1000
CACHED_CHUNKS = 2
WINDOW_LOG = 27
# What the package raises for records that end early or hold no UTF-8.
UNREADABLE = (McapError, struct.error, ValueError, zstandard.ZstdError, RuntimeError, EOFError)
RESTORE = "Restore the file from its source; `mcap recover` writes what is left of it anew."


class McapFile:
    """One MCAP file; see ``Container``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._schemas: dict[int, Schema] = {}
        self._channels: dict[int, Topic] = {}
        self._counts: dict[int, int] = {}
        self._metadata: dict[str, dict[str, str]] = {}
        self._chunks: OrderedDict[int, bytes] = OrderedDict()
        self._damage: dict[str, Notice] = {}
        self._damaged: set[int] = set()
        try:
            self._file: BinaryIO = path.open("rb")
            self.size = path.stat().st_size
        except OSError as error:
            raise self._broken(Reason.DATA_MISSING, f"cannot be opened: {error}") from error
        if self._read(0, len(MAGIC)) != MAGIC:
            self._file.close()
            raise self._broken(Reason.DATA_UNREADABLE, "does not begin as an MCAP file does")
        self.indexed = self._read_summary()

    def close(self) -> None:
        self._file.close()
        self._chunks.clear()

    @property
    def notices(self) -> tuple[Notice, ...]:
        return tuple(self._damage.values())

    def metadata(self) -> Mapping[str, Mapping[str, str]]:
        return self._metadata

    def topics(self) -> Mapping[Topic, int | None]:
        """From the summary; a file without one is read through."""
        if not self.indexed:
            for _ in self.messages(()):
                pass
        found: dict[Topic, int | None] = {}
        for number, topic in self._channels.items():
            count = self._counts.get(number, 0) if self._counts else None
            before = found.get(topic, 0)
            found[topic] = None if count is None or before is None else before + count
        return found

    def messages(self, names: Collection[str] | None = None) -> Iterator[Message]:
        for opcode, at, length in self._records(len(MAGIC)):
            if opcode == Opcode.CHUNK:
                unpacked = self._chunk(at, length)
                if unpacked is not None:
                    yield from self._chunk_messages(unpacked, at, names)
            elif opcode == Opcode.MESSAGE:
                self._check_size(length, "a message")
                data = self._read(at, length)
                found = self._message(data, 0, length, at, -1, names)
                if found is not None:
                    yield found
            else:
                self._note(opcode, at, length)

    def read(self, at: int, inner: int) -> bytes:
        if inner < 0:
            length = HEAD.unpack(self._read(at - HEAD.size, HEAD.size))[1]
            return self._read(at, length)[MESSAGE_HEAD.size :]
        unpacked = self._chunks.get(at)
        if unpacked is None:
            length = HEAD.unpack(self._read(at - HEAD.size, HEAD.size))[1]
            unpacked = self._chunk(at, length)
            if unpacked is None:
                raise self._broken(Reason.CONTENT_CHANGED, "changed while it was read")
            self._chunks[at] = unpacked
            if len(self._chunks) > CACHED_CHUNKS:
                self._chunks.popitem(last=False)
        else:
            self._chunks.move_to_end(at)
        length = HEAD.unpack_from(unpacked, inner - HEAD.size)[1]
        return unpacked[inner + MESSAGE_HEAD.size : inner + length]

    # Records of the file

    def _read(self, at: int, length: int) -> bytes:
        try:
            self._file.seek(at)
            return self._file.read(length)
        except (OSError, ValueError) as error:
            raise self._broken(Reason.DATA_UNREADABLE, f"cannot be read: {error}") from error

    def _records(self, at: int, end: int | None = None) -> Iterator[tuple[int, int, int]]:
        """(opcode, place of the content, its length) up to the end of the data section."""
        end = self.size if end is None else end
        while at + HEAD.size <= end:
            opcode, length = HEAD.unpack(self._read(at, HEAD.size))
            at += HEAD.size
            if at + length > end:
                break
            if opcode in (Opcode.DATA_END, Opcode.FOOTER):
                return
            yield opcode, at, length
            at += length
        else:
            at = end
        self._say(
            "recording_cut_off",
            f"{self.path.name} ends in the middle, {self._share(at)} of it is whole and was read.",
        )

    def _share(self, at: int) -> str:
        return f"{100 * min(at, self.size) / max(self.size, 1):.1f} %"

    def _read_summary(self) -> bool:
        """Take in the summary section, where there is a whole one."""
        tail = self._read(max(0, self.size - TAIL_BYTES), TAIL_BYTES)
        if len(tail) < TAIL_BYTES or tail[-len(MAGIC) :] != MAGIC:
            return False
        footer = Footer.read(ReadDataStream(BytesIO(tail[HEAD.size :])))
        end = self.size - TAIL_BYTES
        if tail[0] != Opcode.FOOTER or not len(MAGIC) <= footer.summary_start < end:
            return False
        counted = False
        for opcode, at, length in self._records(footer.summary_start, end):
            if opcode in (Opcode.SCHEMA, Opcode.CHANNEL):
                self._note(opcode, at, length)
            elif opcode == Opcode.STATISTICS:
                statistics = self._parsed(Statistics, self._read(at, length))
                if isinstance(statistics, Statistics):
                    self._counts, counted = dict(statistics.channel_message_counts), True
            elif opcode == Opcode.METADATA_INDEX:
                self._read_indexed_metadata(self._read(at, length))
        self._damage.pop("recording_cut_off", None)
        return counted and bool(self._channels)

    def _read_indexed_metadata(self, index: bytes) -> None:
        if len(index) >= 16:
            at, length = struct.unpack_from("<QQ", index)
            if HEAD.size < length and at + length <= self.size:
                self._note(Opcode.METADATA, at + HEAD.size, length - HEAD.size)

    def _note(self, opcode: int, at: int, length: int) -> None:
        """Remember a schema, a channel or metadata; what else there is stays unread."""
        if opcode in (Opcode.SCHEMA, Opcode.CHANNEL, Opcode.METADATA):
            if length > MAX_UNPACKED_BYTES // 16:
                self._say("record_skipped", f"{self.path.name} has a definition of {length:,} B.")
                return
            self._note_content(opcode, self._read(at, length))

    def _note_content(self, opcode: int, content: bytes) -> None:
        kinds = {Opcode.SCHEMA: Schema, Opcode.CHANNEL: Channel, Opcode.METADATA: Metadata}
        record = self._parsed(kinds[Opcode(opcode)], content)
        if isinstance(record, Schema) and len(self._schemas) < MAX_TOPICS:
            self._schemas[record.id] = record
        elif isinstance(record, Channel) and len(self._channels) < MAX_TOPICS:
            schema = self._schemas.get(record.schema_id)
            self._channels[record.id] = Topic(
                name=record.topic,
                type=schema.name if schema else "",
                encoding=record.message_encoding,
                schema_encoding=schema.encoding if schema else "",
                schema=schema.data if schema else b"",
                metadata=tuple(
                    sorted((k, v) for k, v in record.metadata.items() if k.startswith("touchline."))
                ),
            )
        elif isinstance(record, Metadata) and len(self._metadata) < MAX_METADATA:
            self._metadata[record.name] = record.metadata

    def _parsed(self, kind: type[McapRecord], content: bytes) -> McapRecord | None:
        try:
            found: McapRecord = kind.read(ReadDataStream(BytesIO(content)))  # type: ignore[attr-defined]
        except UNREADABLE as error:
            self._say("record_damaged", f"{self.path.name} has a damaged record: {error}.")
            return None
        return found

    # Chunks

    def _check_size(self, size: int, what: str) -> None:
        if size > MAX_UNPACKED_BYTES:
            raise self._broken(
                Reason.ABSURD_SIZE,
                f"has {what} of {size:,} bytes; at most {MAX_UNPACKED_BYTES:,} are read",
            )

    def _chunk(self, at: int, length: int) -> bytes | None:
        """The chunk's records; None for a damaged one, which is said once a file."""
        self._check_size(length, "a chunk")
        chunk = self._parsed(Chunk, self._read(at, length))
        if not isinstance(chunk, Chunk):
            return None
        self._check_size(chunk.uncompressed_size, "a chunk that unpacks to")
        try:
            unpacked = unpack(chunk.compression, chunk.data, chunk.uncompressed_size)
        except UNREADABLE:
            unpacked = b""
        crc = chunk.uncompressed_crc
        wrong = len(unpacked) != chunk.uncompressed_size
        if wrong or (crc != 0 and zlib.crc32(unpacked) != crc):
            self._damaged.add(at)
            self._damage["chunks_damaged"] = Notice(
                "chunks_damaged",
                f"{len(self._damaged)} chunks of {self.path.name} are damaged (checksum or"
                " compression); their messages are left out.",
                RESTORE,
            )
            return None
        return unpacked

    def _chunk_messages(
        self, unpacked: bytes, at: int, names: Collection[str] | None
    ) -> Iterator[Message]:
        inner = 0
        while inner + HEAD.size <= len(unpacked):
            opcode, length = HEAD.unpack_from(unpacked, inner)
            inner += HEAD.size
            if inner + length > len(unpacked):
                self._say("record_damaged", f"{self.path.name} has a chunk that ends in a record.")
                return
            if opcode == Opcode.MESSAGE:
                found = self._message(unpacked, inner, length, at, inner, names)
                if found is not None:
                    yield found
            elif opcode in (Opcode.SCHEMA, Opcode.CHANNEL):
                self._note_content(opcode, unpacked[inner : inner + length])
            inner += length

    def _message(
        self,
        data: bytes,
        start: int,
        length: int,
        at: int,
        inner: int,
        names: Collection[str] | None,
    ) -> Message | None:
        if length < MESSAGE_HEAD.size:
            self._say("record_damaged", f"{self.path.name} has a message without its times.")
            return None
        channel, _, log_ns, publish_ns = MESSAGE_HEAD.unpack_from(data, start)
        topic = self._channels.get(channel)
        if topic is None:
            self._say("channel_missing", f"{self.path.name} has messages of no declared topic.")
            return None
        if names is not None and topic.name not in names:
            return None
        payload = data[start + MESSAGE_HEAD.size : start + length]
        return Message(topic, log_ns, publish_ns, payload, at, inner)

    def _say(self, code: str, message: str) -> None:
        self._damage.setdefault(code, Notice(code, message, RESTORE))

    def _broken(self, reason: Reason, fact: str) -> EpisodeBroken:
        return EpisodeBroken(reason, f"{self.path.name} {fact}.", remedy=RESTORE)


def unpack(compression: str, data: bytes, size: int) -> bytes:
    """At most ``size`` + 1 bytes, whatever the compressed data claims of itself.

    Raises ValueError for a compression that MCAP does not know; zstandard and lz4 raise theirs.
    """
    if compression == "":
        return data
    if compression == "zstd":
        decompressor = zstandard.ZstdDecompressor(max_window_size=2**WINDOW_LOG)
        with decompressor.stream_reader(data) as reader:
            return reader.read(size + 1)
    if compression == "lz4":
        unpacked: bytes = lz4.frame.LZ4FrameDecompressor().decompress(data, max_length=size + 1)
        return unpacked
    raise ValueError(f"the compression “{compression}” is unknown")
