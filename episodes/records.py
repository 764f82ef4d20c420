"""What a format reader hands over and a writer takes: frozen facts, no Django, no open files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodes.timebase import Rate

Json = Mapping[str, Any]


class Reason(StrEnum):
    """Why an episode stays out; stable, for machines and tests."""

    ABSURD_SIZE = "absurd_size"
    COLUMN_MISSING = "column_missing"
    CONTENT_CHANGED = "content_changed"
    DATA_MISSING = "data_missing"
    DATA_UNREADABLE = "data_unreadable"
    DUPLICATE_EPISODE = "duplicate_episode"
    FRAME_INDEX_BROKEN = "frame_index_broken"
    LENGTH_MISMATCH = "length_mismatch"
    LISTING_BROKEN = "listing_broken"
    MEDIA_CODEC = "media_codec"
    MEDIA_MISSING = "media_missing"
    MEDIA_OFFSET = "media_offset"
    MEDIA_TOO_SHORT = "media_too_short"
    MEDIA_UNREADABLE = "media_unreadable"
    PATH_OUTSIDE = "path_outside_dataset"
    SHAPE_MISMATCH = "shape_mismatch"
    TIMESTAMPS_DISAGREE = "timestamps_disagree"
    VALUES_NOT_FINITE = "values_not_finite"
    ZERO_LENGTH = "zero_length"


class Role(StrEnum):
    """Where a camera stands."""

    EXTERNAL = "external"
    WRIST = "wrist"
    EGOCENTRIC = "egocentric"
    UNKNOWN = "unknown"


class SignalKind(StrEnum):
    """What a time series measures."""

    STATE = "state"
    ACTION = "action"
    GRIPPER = "gripper"
    END_EFFECTOR = "ee"
    FORCE = "force"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a person that keeps nothing out."""

    code: str
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A format's claim on a folder."""

    format: str
    version: str
    title: str
    episodes: int


@dataclass(frozen=True, slots=True)
class DatasetRecord:
    """A dataset as its own metadata describes it.

    ``fingerprint`` is the sha256 over its metadata files, ``metadata`` the source's own
    description (for LeRobot: info.json).
    """

    name: str
    format: str
    version: str
    embodiment: str
    rate: Rate
    licence: str
    fingerprint: str
    metadata: Json
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class DimensionRecord:
    """One component of a signal; an empty unit is an unknown one."""

    name: str
    unit: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """A camera of one episode: ``frames`` frames of a media file from ``from_ns`` of its clock on.

    ``media`` is the file's path in the dataset, ``path`` where it lies on this machine.
    ``span_s`` holds the source's own float seconds where it has them, for bit-exact copies.
    """

    camera: str
    source_key: str
    role: Role
    media: str
    path: Path
    from_ns: int
    frames: int
    rate: Rate
    span_s: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SignalRecord:
    """A time series: ``t_ns`` int64 (n,), ``values`` float32 or float64 (n, dimensions)."""

    name: str
    kind: SignalKind
    dimensions: tuple[DimensionRecord, ...]
    t_ns: NDArray[np.int64]
    values: NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class EpisodeListing:
    """An episode as the dataset's table of contents names it, unread."""

    key: str
    index: int
    frames: int
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class EpisodeRecord:
    """A whole, checked episode. Its clock starts at 0; ``duration_ns`` is frames / rate."""

    key: str
    index: int
    task: str
    frames: int
    rate: Rate
    duration_ns: int
    streams: tuple[StreamRecord, ...]
    signals: tuple[SignalRecord, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenEpisode:
    """An episode that stays out: which, why, and what would let it in."""

    key: str
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class LabelledEpisode:
    """What a writer exports of one episode: its key in the source and its agreed labels.

    ``labels`` are labels as on the wire (``start_ns``, ``end_ns``, ``label_class``, ...).
    ``provenance`` is copied into the manifest: who labelled, who approved, when.
    """

    key: str
    labels: tuple[Json, ...]
    provenance: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """What the export as a whole says of itself; ``schema`` is the label schema definition."""

    name: str
    created_at: str
    schema: Json
    provenance: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of an export, by its path below the export's root."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """What a writer made."""

    root: Path
    episodes: int
    frames: int
    files: tuple[ExportedFile, ...]
    manifest_sha256: str
    notices: tuple[Notice, ...] = ()
