"""What a format reader hands over: frozen facts, no Django, no open files."""

from collections.abc import Callable, Iterator, Mapping
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
    IMU = "imu"
    TACTILE = "tactile"
    AUDIO = "audio"
    HAND_POSE = "hand_pose"
    OTHER = "other"


class Modality(StrEnum):
    """What a camera's pictures show: colours, or distances."""

    RGB = "rgb"
    DEPTH = "depth"


class Coding(StrEnum):
    """How a dataset without video files holds its pictures.

    ``jpeg``, ``png``: a whole file a picture. ``rgb8``: uint8 (height, width, 3). ``depth16``:
    uint16 (height, width). The others: coded packets of one camera in the order they were sent,
    H.264 and HEVC as Annex B, without pictures out of order.
    """

    JPEG = "jpeg"
    PNG = "png"
    RGB8 = "rgb8"
    DEPTH16 = "depth16"
    H264 = "h264"
    HEVC = "hevc"
    VP9 = "vp9"
    AV1 = "av1"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a person that keeps nothing out."""

    code: str
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A format's claim on a folder or file."""

    format: str
    version: str
    title: str
    episodes: int


class QuestionKind(StrEnum):
    """What an answer is: a number, one of the choices, or a text."""

    NUMBER = "number"
    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Question:
    """Something a dataset does not say and Touchline does not guess.

    ``id`` is stable within the dataset: ``rate``, ``instruction``, ``role.<camera>``,
    ``unit.<signal>``, ``gripper.<signal>``, ... ``text`` is the question as a person reads it,
    ``unit`` the unit of a number, ``why`` what hangs on it. Where nothing ``required`` is answered
    the dataset stays closed; another question without an answer leaves the fact unknown.
    """

    id: str
    text: str
    kind: QuestionKind
    required: bool = False
    choices: tuple[str, ...] = ()
    unit: str = ""
    why: str = ""


Answers = Mapping[str, str]
"""Answers by the question's id, as text; numbers as they are typed."""


@dataclass(frozen=True, slots=True)
class DatasetRecord:
    """A dataset as its own metadata describes it.

    ``embodiment`` is the robot type in the source's words, ``domain`` one of real, sim, human,
    unknown. ``fingerprint`` is the sha256 over its metadata files, ``metadata`` the source's own
    description (for LeRobot: info.json) and JSON. While ``metadata_files`` keep their size and
    time, an open reader stays true.
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
    domain: str = "unknown"
    metadata_files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class DimensionRecord:
    """One component of a signal; an empty unit is an unknown one.

    ``quantity`` and ``positive`` say what it measures and what a growing value means, in an
    embodiment's words ("gripper_aperture", "opens"); empty where nobody has said so.
    """

    name: str
    unit: str = ""
    group: str = ""
    quantity: str = ""
    positive: str = ""


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """A camera of one episode: ``frames`` frames of a media file from ``from_ns`` of its clock on.

    ``media`` is the file's path in the dataset, ``path`` where it lies on this machine.
    ``span_s`` holds the source's own float seconds where it has them, for bit-exact copies.
    ``starts_ns`` is when its first frame is due on the episode clock. ``paced`` says that frame
    *i* belongs to row *i* of the step table, so that a video at another pace is worth a notice.
    A depth camera's values times ``depth_unit_m`` are metres.
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
    starts_ns: int = 0
    paced: bool = True
    modality: Modality = Modality.RGB
    depth_unit_m: float | None = None


Picture = bytes | NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class PictureStreamRecord:
    """A camera whose pictures lie one by one in the dataset, not in a video file.

    ``pictures()`` reads them anew each time, one in memory at a time: (t_ns on the episode clock,
    the picture as ``coding`` says), t_ns ascending. The import puts them into a video: JPEG, PNG
    and coded packets byte for byte, ``depth16`` as 16-bit PNG, ``rgb8`` as H.264.
    """

    camera: str
    source_key: str
    role: Role
    coding: Coding
    pictures: Callable[[], Iterator[tuple[int, Picture]]]
    frames: int
    rate: Rate
    paced: bool = True
    modality: Modality = Modality.RGB
    depth_unit_m: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SignalRecord:
    """A time series: ``t_ns`` int64 (n,) ascending, ``values`` numbers (n, dimensions).

    Both may be memory maps: who reads them goes through long ones in slices. Audio is a signal
    too: ``values`` int16 (n, channels).
    """

    name: str
    kind: SignalKind
    dimensions: tuple[DimensionRecord, ...]
    t_ns: NDArray[np.int64]
    values: NDArray[np.floating[Any]] | NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class FoundLabel:
    """A label that the dataset brought along: kept as it is, offered to annotators as a draft.

    ``kind`` is instant, segment, span, outcome or tag; ``label_class`` the source's own word,
    ``origin`` the field it comes from. ``end_ns`` is exclusive; outcomes and tags have no times.
    ``effector`` and ``attributes`` are in the source's words too. The time lies within plus or
    minus ``uncertainty_ns``, 0 where the source does not say.
    """

    kind: str
    label_class: str
    origin: str
    start_ns: int | None = None
    end_ns: int | None = None
    text: str = ""
    effector: str = ""
    attributes: Mapping[str, str | bool | int | float] = field(default_factory=dict, hash=False)
    uncertainty_ns: int = 0


@dataclass(frozen=True, slots=True)
class EpisodeFacts:
    """Where, with what and by whom an episode was recorded; empty is unknown."""

    scene: str = ""
    objects: tuple[str, ...] = ()
    operator: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class EpisodeListing:
    """An episode as the dataset's table of contents names it, unread.

    ``frames`` is 0 where only reading the episode tells.
    """

    key: str
    index: int
    frames: int
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class EpisodeRecord:
    """A whole, checked episode. Its clock starts at 0.

    ``frames`` is the number of rows of its step table at ``rate`` (for recordings without one, of
    frames of its first camera, else of samples of its longest signal); ``duration_ns`` covers the
    last frame and sample.
    """

    key: str
    index: int
    task: str
    frames: int
    rate: Rate
    duration_ns: int
    streams: tuple[StreamRecord | PictureStreamRecord, ...]
    signals: tuple[SignalRecord, ...]
    notices: tuple[Notice, ...] = ()
    labels: tuple[FoundLabel, ...] = ()
    facts: EpisodeFacts = EpisodeFacts()


@dataclass(frozen=True, slots=True)
class BrokenEpisode:
    """An episode that stays out: which, why, and what would let it in."""

    key: str
    code: str
    message: str
    remedy: str
