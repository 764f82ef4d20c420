"""What touchline.json says of a plain folder, checked: the top, and each episode's parts."""

from dataclasses import dataclass
from typing import Any

from episodes.records import EpisodeFacts, FoundLabel, Role, SignalKind
from episodes.timebase import Rate

TIME_UNITS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1000, "ns": 1}


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """Where times lie: ``zero`` is the column's value when the episode begins."""

    column: str
    unit: str
    zero: float | int


@dataclass(frozen=True, slots=True)
class TimesFile:
    file: str
    time: TimeColumn


@dataclass(frozen=True, slots=True)
class CameraEntry:
    """A video ``file``, or a ``folder`` of pictures at ``rate`` or at the times of ``times``."""

    camera: str
    file: str
    folder: str
    role: Role | None
    offset_ns: int
    depth: bool
    unit_m: float | None
    rate: Rate | None
    times: TimesFile | None


@dataclass(frozen=True, slots=True)
class DimensionEntry:
    column: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class SignalEntry:
    """A table of numbers; without ``dimensions`` every column but the time is one."""

    name: str
    file: str
    kind: SignalKind | None
    time: TimeColumn
    offset_ns: int
    dimensions: tuple[DimensionEntry, ...]


@dataclass(frozen=True, slots=True)
class SoundEntry:
    name: str
    file: str
    offset_ns: int


@dataclass(frozen=True, slots=True)
class EpisodeEntry:
    key: str
    instruction: str
    rate: Rate | None
    facts: EpisodeFacts
    cameras: tuple[CameraEntry, ...]
    signals: tuple[SignalEntry, ...]
    audio: tuple[SoundEntry, ...]
    labels: tuple[FoundLabel, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The top of the file; ``episodes`` are raw, each is read when it is asked for."""

    name: str
    robot: str
    licence: str
    domain: str
    rate: Rate | None
    labels_file: str
    episodes: tuple[tuple[str, Any], ...]
