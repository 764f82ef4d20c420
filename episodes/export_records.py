"""What a format writer takes and gives back: frozen facts, no Django, no open files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodes.records import EpisodeFacts, Json, Modality, Notice, Role, SignalRecord
from episodes.timebase import Rate


@dataclass(frozen=True, slots=True)
class LabelledEpisode:
    """What a writer exports of one episode: its key in the source and its agreed labels.

    ``labels`` are labels as on the wire (``start_ns``, ``end_ns``, ``label_class``, ...).
    ``provenance`` is copied into the manifest: who labelled, who approved, when.
    """

    key: str
    labels: tuple[Json, ...]
    provenance: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class ExportCamera:
    """A camera of an export: the stored video and the part of it that shows the episode.

    ``t_ns`` int64 (frames,) on the episode clock. ``pictures()`` decodes them in order, one in
    memory at a time: uint8 (height, width, 3) RGB, or uint16 (height, width) for depth.
    ``coded()`` gives the packets as they are stored, in presentation order: with the codec
    ``jpeg`` or ``png`` these are the source's own files.
    """

    camera: str
    source_key: str
    role: Role
    codec: str
    width: int
    height: int
    path: Path
    t_ns: NDArray[np.int64]
    pictures: Callable[[], Iterator[NDArray[Any]]]
    coded: Callable[[], Iterator[bytes]]
    modality: Modality = Modality.RGB
    depth_unit_m: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ExportEpisode:
    """A whole episode for a writer: what was recorded and the labels that were approved.

    ``labels`` and ``provenance`` as in ``LabelledEpisode``; ``frames`` rows at ``rate``.
    """

    key: str
    index: int
    task: str
    frames: int
    rate: Rate
    duration_ns: int
    cameras: tuple[ExportCamera, ...]
    signals: tuple[SignalRecord, ...]
    labels: tuple[Json, ...]
    provenance: Json = field(default_factory=dict)
    facts: EpisodeFacts = field(default_factory=EpisodeFacts)


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
