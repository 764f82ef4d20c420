"""What every container of recorded messages gives: topics, messages in file order, one by place."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from episodes.records import Notice

# A chunk, a message or a record beyond this is no recording of a robot; what is unpacked is
# held in memory, so this bounds it.
MAX_UNPACKED_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of one message type. ``schema`` is the definition as the file embeds it."""

    name: str
    type: str
    encoding: str
    schema_encoding: str
    schema: bytes
    metadata: tuple[tuple[str, str], ...] = ()

    def said(self, key: str) -> str:
        """A value of the channel's own metadata; empty when there is none."""
        return dict(self.metadata).get(key, "")


class Message(NamedTuple):
    """One recorded message; ``at`` and ``inner`` say where it lies in its file."""

    topic: Topic
    log_ns: int
    publish_ns: int
    data: bytes
    at: int
    inner: int


class Container(Protocol):
    """One file of messages. Everything raises EpisodeBroken for what is no such file."""

    @property
    def path(self) -> Path: ...

    @property
    def indexed(self) -> bool:
        """Whether ``topics`` is a look at an index, not a walk through the messages."""

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What was missing or damaged in what has been read so far."""

    def topics(self) -> Mapping[Topic, int | None]:
        """Every topic and its number of messages where the file says it."""

    def messages(self, names: Collection[str] | None = None) -> Iterator[Message]:
        """Messages in file order, of all topics or of those named; bounded memory."""

    def read(self, at: int, inner: int) -> bytes:
        """The message at a place that ``messages`` gave."""

    def metadata(self) -> Mapping[str, Mapping[str, str]]:
        """Named maps of text that the file carries beside its messages."""

    def close(self) -> None: ...
