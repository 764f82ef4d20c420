"""What a robomimic file says of itself as a whole: environment, rate, demonstrations, splits.

Layout: robomimic v0.5 docs/datasets/overview.md; environment types: robomimic/envs/env_base.py
(EnvType); the instruction in ``ep_meta`` is RoboCasa's and robomimic's, the one in
``problem_info`` LIBERO's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from episodes.errors import DatasetBroken, EpisodeBroken
from episodes.formats.features import camera_role, signal_kind, words
from episodes.formats.hdf5_episodes import SUFFIXES, is_series
from episodes.formats.hdf5_files import Array, Hdf5File, clean, is_hdf5
from episodes.formats.lerobot_info import storable
from episodes.formats.paths import natural
from episodes.formats.questions import (
    gripper_question,
    instruction_question,
    rate_question,
    role_question,
    unit_question,
)
from episodes.records import Question, Role, SignalKind
from episodes.timebase import Rate

DATA, MASK, ACTIONS = "data", "mask", "actions"
ANNOTATIONS = "annotations"
SIMULATED_TYPES = {1, 2, 3}
MAX_SPLIT_NAMES = 2_000
MAX_DEMOS = 100_000
CHANNELS = 3
DEPTH_UNITS = ("mm", "m")


@dataclass(frozen=True, slots=True)
class Observation:
    """An entry of ``obs``: a camera's pictures, depth, or a series of numbers."""

    key: str
    shape: tuple[int, ...]
    dtype: str
    depth_unit_m: float | None = None
    unit: str = ""

    @property
    def is_depth(self) -> bool:
        sides = len(self.shape) == 3 or (len(self.shape) == 4 and self.shape[3] == 1)
        numbers = self.dtype in ("uint16", "float16", "float32", "float64")
        return "depth" in words(self.key) and sides and numbers

    @property
    def is_rgb(self) -> bool:
        return self.dtype == "uint8" and len(self.shape) == 4 and self.shape[3] == CHANNELS


@dataclass(frozen=True, slots=True)
class RobomimicInfo:
    """The file as a whole; ``observations`` are those of its first readable demonstration."""

    path: Path
    env_args: Mapping[str, Any]
    demos: tuple[tuple[str, int], ...]
    mask: Mapping[str, tuple[str, ...]]
    observations: tuple[Observation, ...]
    instruction: str
    stray: tuple[str, ...]

    @property
    def env_kwargs(self) -> Mapping[str, Any]:
        found = self.env_args.get("env_kwargs")
        return found if isinstance(found, Mapping) else {}

    @property
    def rate(self) -> Rate | None:
        """``control_freq``: steps of the environment a second."""
        for holder in (self.env_kwargs, self.env_args):
            found = holder.get("control_freq")
            if isinstance(found, int | float) and not isinstance(found, bool):
                try:
                    return Rate.from_number(float(found))
                except ValueError:
                    continue
        return None

    @property
    def domain(self) -> str:
        kind = self.env_args.get("type")
        return "sim" if isinstance(kind, int) and kind in SIMULATED_TYPES else "unknown"

    @property
    def embodiment(self) -> str:
        robots = self.env_kwargs.get("robots")
        named = robots if isinstance(robots, list) else [robots]
        return clean(", ".join(str(robot) for robot in named if robot))[:120]

    @property
    def sparse_reward(self) -> bool:
        """Whether a reward means success: robosuite's, where ``reward_shaping`` is off."""
        return self.env_kwargs.get("reward_shaping") is False

    @property
    def cameras(self) -> dict[str, str]:
        """Camera by key of ``obs``: ``agentview_image`` is ``agentview`` (robosuite's names)."""
        keys = [one.key for one in self.observations if one.is_rgb or one.is_depth]
        short = [key.removesuffix("_image") for key in keys]
        return dict(zip(keys, short if len(set(short)) == len(short) else keys, strict=True))


def file_of(root: Path) -> Path | None:
    """The dataset's one file: ``root`` itself, or the only HDF5 file in that folder.

    Raises DatasetBroken for a folder with several robomimic files, and for a damaged file.
    """
    if root.is_file():
        try:
            return root if is_robomimic(root) else None
        except EpisodeBroken as broken:
            raise DatasetBroken(str(broken), remedy=broken.remedy) from broken
    there = [path for path in root.iterdir() if path.suffix.lower() in SUFFIXES]
    found = [path for path in sorted(there) if path.is_file() and not path.is_symlink()]
    try:
        ours = bool(found) and is_robomimic(found[0])
    except EpisodeBroken:
        return None
    if ours and len(found) > 1:
        raise DatasetBroken(
            f"“{root.name}” holds {len(found):,} robomimic files.",
            remedy="Each is a dataset of its own: import the files one by one.",
        )
    return found[0] if ours else None


def is_robomimic(path: Path) -> bool:
    """Whether ``data`` has a demonstration with actions, or env_args. Raises EpisodeBroken."""
    if path.suffix.lower() not in SUFFIXES or not is_hdf5(path):
        return False
    with Hdf5File(path, path.name) as file:
        names = [n for n in file.names(DATA)[:5] if ACTIONS in file.names(f"{DATA}/{n}")]
        return bool(names) or file.attribute(DATA, "env_args") is not None


def read_info(path: Path) -> RobomimicInfo:
    """Raises DatasetBroken when the file as a whole cannot be read."""
    try:
        with Hdf5File(path, path.name) as file:
            return _info(path, file)
    except EpisodeBroken as broken:
        raise DatasetBroken(str(broken), remedy=broken.remedy) from broken


def _info(path: Path, file: Hdf5File) -> RobomimicInfo:
    there = sorted(file.names(DATA), key=natural)
    names = [name for name in there if name[-1:].isdigit() and file.is_group(f"{DATA}/{name}")]
    if not names or len(names) > MAX_DEMOS:
        raise DatasetBroken(
            f"{path.name} has {len(names):,} demonstrations in “{DATA}”;"
            f" 1 to {MAX_DEMOS:,} are possible.",
            remedy="Restore the file from the source.",
        )
    demos = tuple((name, _samples(file, name)) for name in names)
    return RobomimicInfo(
        path=path,
        env_args=json_attribute(file, DATA, "env_args"),
        demos=demos,
        mask=_mask(file),
        observations=_observations(file, names),
        instruction=demo_instruction(file, names[0]),
        stray=tuple(clean(name) for name in there if name not in names),
    )


def _samples(file: Hdf5File, demo: str) -> int:
    found = file.attribute(f"{DATA}/{demo}", "num_samples")
    return found if isinstance(found, int) and 0 <= found < 2**31 else 0


def _observations(file: Hdf5File, demos: list[str]) -> tuple[Observation, ...]:
    for demo in demos[:5]:
        try:
            return tuple(_observation(file, demo, key) for key in arrays_in(file, demo))
        except EpisodeBroken:
            continue
    return ()


def arrays_in(file: Hdf5File, demo: str) -> tuple[str, ...]:
    path = f"{DATA}/{demo}/obs"
    return tuple(key for key in file.names(path) if not file.is_group(f"{path}/{key}"))


def _observation(file: Hdf5File, demo: str, key: str) -> Observation:
    array = file.need(f"{DATA}/{demo}/obs/{key}")
    return observation(file, array, key)


def observation(file: Hdf5File, array: Array, key: str) -> Observation:
    """``unit_m`` and ``unit`` are attributes that our own releases write."""
    unit_m = file.attribute(array.path, "unit_m")
    return Observation(
        key=key,
        shape=array.shape,
        dtype=array.dtype.name,
        depth_unit_m=unit_m if isinstance(unit_m, float) and 0 < unit_m < 1000 else None,
        unit="said" if file.text(array.path, "dimensions") else "",
    )


def _mask(file: Hdf5File) -> dict[str, tuple[str, ...]]:
    """The names of each split; only as many as metadata should carry."""
    found = {}
    for name in file.names(MASK)[:100]:
        array = file.array(f"{MASK}/{name}")
        if array is not None and array.dtype.kind == "S" and array.rows <= MAX_SPLIT_NAMES:
            texts = (value.decode("utf-8", "replace") for value in array.whole().tolist())
            found[clean(name)] = tuple(map(clean, texts))
    return found


def json_attribute(file: Hdf5File, path: str, name: str) -> dict[str, Any]:
    """An attribute that is a JSON object; empty when it is none, or has what no database keeps."""
    try:
        found = json.loads(file.text(path, name) or "{}")
        usable = isinstance(found, dict) and storable(found)
    except (ValueError, RecursionError):
        return {}
    return found if usable else {}


def demo_instruction(file: Hdf5File, demo: str) -> str:
    """The language of a demonstration, or of the whole file; empty when there is none."""
    spoken = json_attribute(file, f"{DATA}/{demo}", "ep_meta").get("lang")
    whole = json_attribute(file, DATA, "problem_info").get("language_instruction")
    found = spoken or whole
    text = " ".join(map(str, found)) if isinstance(found, list) else found
    return clean(text) if isinstance(text, str) else ""


def info_questions(info: RobomimicInfo) -> tuple[Question, ...]:
    asked = []
    if info.rate is None:
        asked.append(rate_question("robosuite's usual control_freq is 20 Hz."))
    if not info.instruction:
        asked.append(instruction_question())
    cameras = info.cameras
    asked += [role_question(c) for c in cameras.values() if camera_role(c) is Role.UNKNOWN]
    for one in info.observations:
        if one.key in cameras:
            if one.is_depth and one.depth_unit_m is None:
                asked.append(unit_question(cameras[one.key], DEPTH_UNITS))
        elif not one.unit:
            asked += _signal_questions(one.key)
    return tuple(asked)


def _signal_questions(key: str) -> list[Question]:
    """Only what its name leaves no doubt of: positions have units, grippers a direction."""
    kind, said = signal_kind(key), set(words(key))
    if kind is SignalKind.GRIPPER:
        return [gripper_question(key)]
    if "pos" in said and kind is SignalKind.STATE:
        return [unit_question(key, ("rad", "deg"))]
    if "pos" in said and kind is SignalKind.END_EFFECTOR:
        return [unit_question(key, ("m", "mm"))]
    return []


def is_numbers(array: Array) -> bool:
    return is_series(array) and not (array.dtype == "uint8" and len(array.shape) > CHANNELS)
