"""LeRobot's meta/info.json, read with suspicion: every number bounded, every name checked.

Source of the layout: huggingface/lerobot, src/lerobot/datasets (v2.0 to v3.0).
"""

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from episodes.errors import DatasetBroken
from episodes.formats.features import camera_name, is_signal
from episodes.formats.paths import confined, fill
from episodes.records import Notice
from episodes.timebase import Rate

INFO_PATH = "meta/info.json"
# Bounds that no recording meets and that keep a lying file from filling memory.
MAX_METADATA_BYTES = 64 * 2**20
MAX_EPISODE_FRAMES = 5_000_000
MAX_EPISODES = 1_000_000
MAX_DIMENSIONS = 512
MAX_NAME = 120
NUMBERS = frozenset(
    f"{kind}{bits}" for kind in ("int", "uint", "float") for bits in (8, 16, 32, 64)
)
ROW_COLUMNS = ("timestamp", "frame_index", "episode_index", "index", "task_index")


@dataclass(frozen=True, slots=True)
class Feature:
    """A declared feature; ``size`` is the number of values a row holds."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    names: Any
    info: Mapping[str, Any]

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def is_depth(self) -> bool:
        return bool(self.info.get("video.is_depth_map") or self.info.get("is_depth_map"))


@dataclass(frozen=True, slots=True)
class LeRobotInfo:
    """The parts of info.json the readers use; ``raw`` is all of it."""

    version: str
    rate: Rate
    robot_type: str
    total_episodes: int
    total_frames: int
    chunks_size: int
    data_path: str
    video_path: str
    features: tuple[Feature, ...]
    raw: Mapping[str, Any]

    @property
    def videos(self) -> tuple[Feature, ...]:
        return tuple(f for f in self.features if f.dtype == "video")

    @property
    def images(self) -> tuple[Feature, ...]:
        """Cameras whose pictures lie one by one in the data files."""
        return tuple(f for f in self.features if f.dtype == "image")

    @property
    def languages(self) -> tuple[Feature, ...]:
        """Columns of texts that LeRobot 0.6 and later annotates with."""
        return tuple(f for f in self.features if f.dtype == "language")

    @property
    def camera_names(self) -> dict[str, str]:
        """Short names by feature; where two features would share one, both keep their full name."""
        short = {f.name: camera_name(f.name) for f in (*self.videos, *self.images)}
        times = Counter(short.values())
        return {name: brief if times[brief] == 1 else name for name, brief in short.items()}

    @property
    def columns(self) -> tuple[Feature, ...]:
        """Features with a parquet column that is read whole; the others' is read in portions."""
        streamed = {"video", "image", "language", "audio"}
        return tuple(f for f in self.features if f.dtype not in streamed)

    @property
    def signals(self) -> tuple[Feature, ...]:
        return tuple(
            f
            for f in self.columns
            if f.dtype in NUMBERS and is_signal(f.name) and f.size <= MAX_DIMENSIONS
        )


def codebase_version(root: Path) -> str | None:
    """The version a folder's info.json declares; None when it holds no LeRobot dataset.

    Raises DatasetBroken when there is an info.json that cannot be read.
    """
    if not (root / INFO_PATH).exists():
        return None
    version = read_json(root, INFO_PATH).get("codebase_version")
    return version if isinstance(version, str) else None


def read_json(root: Path, relative: str) -> dict[str, Any]:
    """A JSON object of the dataset. Raises DatasetBroken, PathOutsideDataset."""
    found = _parse(read_text(root, relative), relative)
    if not isinstance(found, dict):
        raise DatasetBroken(
            f"{relative} holds no JSON object.", remedy=f"Restore {relative} from the source."
        )
    if not storable(found):
        raise DatasetBroken(
            f"{relative} holds text that is not Unicode, or a NUL character.",
            remedy=f"Restore {relative} from the source.",
        )
    return found


def storable(value: Any) -> bool:
    """Whether PostgreSQL can keep it: text without NUL and without halves of surrogate pairs."""
    written = json.dumps(value, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:
        return False
    return "\\u0000" not in written


def read_text(root: Path, relative: str) -> str:
    path = confined(root, relative)
    remedy = f"Restore {relative} from the source; the copy may be incomplete."
    if not path.is_file():
        raise DatasetBroken(f"{relative} is missing.", remedy=remedy)
    if path.stat().st_size > MAX_METADATA_BYTES:
        raise DatasetBroken(
            f"{relative} has {path.stat().st_size:,} bytes; the limit is {MAX_METADATA_BYTES:,}.",
            remedy=remedy,
        )
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetBroken(f"{relative} cannot be read: {error}", remedy=remedy) from error


def _parse(text: str, relative: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DatasetBroken(
            f"{relative} is not JSON: {error}",
            remedy=f"Restore {relative} from the source; the copy may be incomplete.",
        ) from error


def read_info(
    root: Path, *, default_data: str, default_video: str, fields: Mapping[str, str | int]
) -> LeRobotInfo:
    """info.json, checked; ``fields`` are examples of what its path templates may name.

    Raises DatasetBroken naming the first entry that cannot be true.
    """
    raw = read_json(root, INFO_PATH)
    features = _features(raw.get("features"))
    missing = [name for name in ROW_COLUMNS if name not in {f.name for f in features}]
    if missing:
        raise _wrong(f"declares no feature “{missing[0]}”")
    info = LeRobotInfo(
        version=str(raw.get("codebase_version", "")),
        rate=_rate(raw.get("fps")),
        robot_type=str(raw.get("robot_type") or "")[:120],
        total_episodes=_count(raw, "total_episodes"),
        total_frames=_count(raw, "total_frames"),
        chunks_size=_count(raw, "chunks_size", default=1000),
        data_path=_template(raw, "data_path", default_data),
        video_path=_template(raw, "video_path", default_video),
        features=features,
        raw=raw,
    )
    for template in (info.data_path, info.video_path):
        fill(template, fields)
    if info.chunks_size == 0:
        raise _wrong("has chunks_size 0, which puts no episode anywhere")
    if not info.videos and not info.images:
        raise DatasetBroken(
            "The dataset has no camera, so there is nothing to look at.",
            remedy=f"Declare its video or image features in {INFO_PATH}.",
        )
    return info


def info_notices(info: LeRobotInfo) -> tuple[Notice, ...]:
    """Features that stay behind, each with the reason."""
    notices = []
    for feature in info.features:
        if feature.dtype == "audio":
            text = f"The sound “{feature.name}” is not read."
            remedy = "Bring it in as a plain folder, with the sound as a WAV file."
            notices.append(Notice("audio_left_out", text, remedy))
        elif feature.dtype == "video" and feature.is_depth:
            # LeRobot 0.6 quantises to 12 bits, by default on a logarithmic scale (depth_utils.py).
            text = (
                f"The depth camera “{feature.name}” is a video: its values are codes, not metres."
            )
            notices.append(Notice("camera_depth", text))
        elif feature.dtype in NUMBERS and feature.size > MAX_DIMENSIONS:
            text = (
                f"“{feature.name}” has {feature.size:,} values a row and is not drawn as a signal."
            )
            notices.append(Notice("signal_too_wide", text))
    return tuple(notices)


def total_notices(info: LeRobotInfo, episodes: int, frames: int) -> tuple[Notice, ...]:
    """Totals of info.json that the table of contents contradicts."""
    remedy = "Correct meta/info.json; Touchline goes by the episodes themselves."
    claims = (
        ("total_episodes", info.total_episodes, episodes),
        ("total_frames", info.total_frames, frames),
    )
    return tuple(
        Notice("totals_disagree", f"info.json says {name} {said:,}, listed are {found:,}.", remedy)
        for name, said, found in claims
        if said != found
    )


def _features(raw: Any) -> tuple[Feature, ...]:
    if not isinstance(raw, dict) or not raw:
        raise _wrong("declares no features")
    return tuple(_feature(name, declared) for name, declared in raw.items())


def _feature(name: str, declared: Any) -> Feature:
    if not 0 < len(name) <= MAX_NAME:
        raise _wrong(f"has a feature with a name of {len(name)} characters")
    if not isinstance(declared, dict) or not isinstance(declared.get("dtype"), str):
        raise _wrong(f"declares the feature “{name}” without a dtype")
    shape = declared.get("shape")
    if not isinstance(shape, list) or not all(_is_int(n) and 0 < n <= 2**31 for n in shape):
        raise _wrong(f"gives the feature “{name}” the shape {shape!r}")
    info = declared.get("info") or declared.get("video_info") or {}
    return Feature(
        name=name,
        dtype=declared["dtype"],
        shape=tuple(shape),
        names=declared.get("names"),
        info=info if isinstance(info, dict) else {},
    )


def _rate(fps: Any) -> Rate:
    try:
        return Rate.from_number(fps)
    except (TypeError, ValueError):
        raise _wrong(f"gives fps {fps!r}; it has to be above 0 and at most 10,000") from None


def _count(raw: Mapping[str, Any], name: str, default: int | None = None) -> int:
    found = raw.get(name, default)
    if not _is_int(found) or found < 0:
        raise _wrong(f"gives {name} {found!r}; it has to be a whole number of 0 or more")
    return int(found)


def _template(raw: Mapping[str, Any], name: str, default: str) -> str:
    found = raw.get(name) or default
    if not isinstance(found, str):
        raise _wrong(f"gives {name} {found!r}; it has to be text")
    return found


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _wrong(what: str) -> DatasetBroken:
    return DatasetBroken(
        f"{INFO_PATH} {what}.", remedy=f"Correct {INFO_PATH} or restore it from the source."
    )
