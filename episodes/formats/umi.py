"""UMI replay buffers: a Zarr folder or .zarr.zip of arrays over all episodes, one after another.

Layout: real-stanford/universal_manipulation_interface (commit c34ba9c), scripts_slam_pipeline/
07_generate_replay_buffer.py and diffusion_policy/common/replay_buffer.py. The files hold no rate
(steps are frames of the cameras' videos, 06_generate_dataset_plan.py), no language and no units;
rotations are rotation vectors (umi/common/pose_util.py, Rotation.from_rotvec of SciPy), so in
radians.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from episodes.errors import DatasetBroken, EpisodeBroken
from episodes.formats.features import camera_role, dimensions, signal_kind
from episodes.formats.hdf5_episodes import check_frames, require_finite
from episodes.formats.listed_reader import Entry, ListedReader
from episodes.formats.questions import (
    UNKNOWN,
    answered_rate,
    answered_role,
    instruction_question,
    rate_question,
    role_question,
    unit_question,
)
from episodes.formats.zarr_store import RESTORE, FolderStore, Store, ZarrArray, open_store
from episodes.records import (
    Answers,
    BrokenEpisode,
    Coding,
    DatasetRecord,
    DimensionRecord,
    EpisodeListing,
    EpisodeRecord,
    Modality,
    Notice,
    Picture,
    PictureStreamRecord,
    Probe,
    Question,
    Reason,
    Role,
    SignalKind,
    SignalRecord,
)
from episodes.timebase import Rate, rate_times_ns

FORMAT_ID = "umi_zarr"
DATA, ENDS = "data", "meta/episode_ends"
# UMI's own arrays: these have a row for every step. Others may have another number of rows.
OWN = re.compile(
    r"camera\d+_rgb|robot\d+_(eef_pos|eef_rot_axis_angle|gripper_width|demo_(start|end)_pose)"
)
MAX_DIMENSIONS = 512
MAX_EPISODES = 1_000_000
MAX_ENDS_BYTES = 16 * 2**20
METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001}
LENGTHS = tuple(METRES)
KINDS = {
    "eef_pos": SignalKind.END_EFFECTOR,
    "eef_rot_axis_angle": SignalKind.END_EFFECTOR,
    "gripper_width": SignalKind.GRIPPER,
    "demo_start_pose": SignalKind.OTHER,
    "demo_end_pose": SignalKind.OTHER,
}
POSITION, ROTATION = ("x", "y", "z"), ("rx", "ry", "rz")
NAMES = {
    "eef_pos": POSITION,
    "eef_rot_axis_angle": ROTATION,
    "gripper_width": ("width",),
    "demo_start_pose": POSITION + ROTATION,
    "demo_end_pose": POSITION + ROTATION,
}
_ROBOT = re.compile(r"(robot\d+)_(.+)")


class Umi:
    """The format; see ``Format``."""

    id = FORMAT_ID
    title = "UMI Zarr"

    def probe(self, root: Path) -> Probe | None:
        store = open_store(root)
        if store is None or not _is_umi(store):
            return None
        return Probe(FORMAT_ID, "zarr 2", _name(root), len(_ends(store)))

    def questions(self, root: Path) -> tuple[Question, ...]:
        contents = Contents(_store(root))
        asked = [
            rate_question("A step is a frame of its cameras' videos."),
            instruction_question(),
        ]
        for array in contents.cameras:
            camera = _camera(array)
            if camera_role(camera) is Role.UNKNOWN:
                asked.append(role_question(camera))
            if _is_depth(array):
                asked.append(unit_question(camera, LENGTHS))
        asked += [unit_question(_leaf(a), LENGTHS) for a in contents.signals if _has_lengths(a)]
        return tuple(asked)

    def read(self, root: Path, answers: Answers) -> "UmiReader":
        return UmiReader(root, Contents(_store(root)), answers)


def _store(root: Path) -> Store:
    store = open_store(root)
    if store is None or not _is_umi(store):
        raise DatasetBroken(
            f"“{root.name}” holds no UMI replay buffer.",
            remedy=f"Give the .zarr folder or the .zarr.zip; it has {ENDS} and {DATA}/robot0_....",
        )
    return store


def _is_umi(store: Store) -> bool:
    return any(map(OWN.fullmatch, store.arrays(DATA))) and "episode_ends" in store.arrays("meta")


def _name(root: Path) -> str:
    return root.name.removesuffix(".zip").removesuffix(".zarr")


def _ends(store: Store) -> NDArray[np.int64]:
    """Where each episode ends, int64 (episodes,). Raises DatasetBroken."""
    array = ZarrArray.open(store, ENDS)
    if array is None or len(array.shape) != 1 or array.dtype.kind not in "iu":
        raise DatasetBroken(f"{ENDS} of {store.name} is no list of numbers.", remedy=RESTORE)
    if array.rows > MAX_EPISODES:
        raise DatasetBroken(
            f"{ENDS} of {store.name} lists {array.rows:,} episodes.",
            remedy=f"At most {MAX_EPISODES:,} are read.",
        )
    try:
        return array.read(0, array.rows).astype(np.int64)
    except EpisodeBroken as broken:
        raise DatasetBroken(str(broken), remedy=broken.remedy) from broken


@dataclass(eq=False)
class Contents:
    """The arrays of a store, sorted by what they become; nothing of them read."""

    store: Store

    @cached_property
    def arrays(self) -> tuple[ZarrArray, ...]:
        names = self.store.arrays(DATA)
        if len(names) > MAX_DIMENSIONS:
            raise DatasetBroken(f"{DATA} holds {len(names):,} arrays.", remedy=RESTORE)
        found = (ZarrArray.open(self.store, f"{DATA}/{name}") for name in names)
        return tuple(array for array in found if array is not None)

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        return _ends(self.store)

    @property
    def steps(self) -> int:
        return int(self.ends.max(initial=0))

    @cached_property
    def cameras(self) -> tuple[ZarrArray, ...]:
        return tuple(a for a in self._fitting if _is_camera(a) or _is_depth(a))

    @cached_property
    def signals(self) -> tuple[ZarrArray, ...]:
        return tuple(a for a in self._fitting if _is_signal(a))

    @cached_property
    def _fitting(self) -> tuple[ZarrArray, ...]:
        """Arrays of the steps: UMI's own whatever their length, others with a row a step."""
        return tuple(a for a in self.arrays if OWN.fullmatch(_leaf(a)) or a.rows == self.steps)

    def skipped(self) -> Iterator[Notice]:
        used = {*self.cameras, *self.signals}
        for array in self.arrays:
            if array not in used:
                shape = "x".join(map(str, array.shape))
                said = f"“{array.path}” ({shape}, {array.dtype}) is no series of the steps."
                yield Notice("array_skipped", f"{said} It is not read.")
            elif array.rows > self.steps:
                said = f"“{array.path}” has {array.rows:,} rows, the episodes {self.steps:,}."
                yield Notice("rows_unlisted", f"{said} The further ones are left out.")


def _leaf(array: ZarrArray) -> str:
    return array.path.rpartition("/")[2]


def _camera(array: ZarrArray) -> str:
    """``camera0_rgb`` is the camera ``camera0``."""
    return _leaf(array).removesuffix("_rgb")


def _is_camera(array: ZarrArray) -> bool:
    return array.dtype == np.uint8 and len(array.shape) == 4 and array.shape[3] == 3


def _is_depth(array: ZarrArray) -> bool:
    flat = len(array.shape) == 3 or (len(array.shape) == 4 and array.shape[3] == 1)
    return array.dtype == np.uint16 and flat and "depth" in _leaf(array)


def _is_signal(array: ZarrArray) -> bool:
    return len(array.shape) <= 2 and 0 < prod(array.shape[1:]) <= MAX_DIMENSIONS


def _part(array: ZarrArray) -> tuple[str, str]:
    """``robot0_eef_pos`` is ``eef_pos`` of ``robot0``."""
    found = _ROBOT.fullmatch(_leaf(array))
    return (found[1], found[2]) if found else ("", _leaf(array))


def _has_lengths(array: ZarrArray) -> bool:
    part = _part(array)[1]
    return part in NAMES and part != "eef_rot_axis_angle"


class UmiReader(ListedReader):
    """An opened buffer; see ``DatasetReader``. One chunk is in memory at a time."""

    def __init__(self, root: Path, contents: Contents, answers: Answers) -> None:
        self.root, self.contents, self.answers = root, contents, answers
        self.rate = answered_rate(answers)
        self._spans: dict[str, tuple[int, int]] = {}
        super().__init__(self._list())

    def _list(self) -> Iterator[Entry]:
        start = 0
        for index, end in enumerate(self.contents.ends.tolist()):
            key = f"episode_{index:06d}"
            if end < start:
                yield BrokenEpisode(
                    key,
                    Reason.LISTING_BROKEN,
                    f"{ENDS} has {key} end at step {end:,}, before it begins at {start:,}.",
                    RESTORE,
                )
                continue
            self._spans[key] = (start, end)
            yield EpisodeListing(key, index, end - start)
            start = end

    @cached_property
    def dataset(self) -> DatasetRecord:
        store = self.contents.store
        described = {a.path: store.read(f"{a.path}/.zarray") or b"" for a in self.contents.arrays}
        total = hashlib.sha256(self.contents.ends.tobytes())
        for path, document in described.items():
            total.update(path.encode() + b"\0" + document)
        files: tuple[Path, ...] = (self.root,)
        if isinstance(store, FolderStore):
            files = tuple(self.root / path / ".zarray" for path in (ENDS, *described))
        return DatasetRecord(
            name=_name(self.root),
            format=FORMAT_ID,
            version="zarr 2",
            embodiment="",
            rate=self.rate,
            licence="",
            fingerprint=total.hexdigest(),
            metadata={"arrays": {path: json.loads(text) for path, text in described.items()}},
            notices=tuple(self.contents.skipped()),
            metadata_files=files,
        )

    def _read(self, listing: EpisodeListing) -> EpisodeRecord:
        start, end = self._spans[listing.key]
        check_frames(end - start, self.rate, listing.key)
        for array in (*self.contents.cameras, *self.contents.signals):
            if array.rows < end:
                raise EpisodeBroken(
                    Reason.LENGTH_MISMATCH,
                    f"{listing.key} ends at step {end:,}; {array} has {array.rows:,} rows.",
                    remedy=RESTORE,
                )
        return EpisodeRecord(
            key=listing.key,
            index=listing.index,
            task=self.answers.get("instruction", ""),
            frames=end - start,
            rate=self.rate,
            duration_ns=self.rate.time_ns(end - start),
            streams=tuple(self._stream(array, start, end) for array in self.contents.cameras),
            signals=tuple(self._signal(array, start, end) for array in self.contents.signals),
        )

    def _stream(self, array: ZarrArray, start: int, end: int) -> PictureStreamRecord:
        camera, depth = _camera(array), _is_depth(array)
        return PictureStreamRecord(
            camera=camera,
            source_key=array.path,
            role=answered_role(self.answers, camera, camera_role(camera)),
            coding=Coding.DEPTH16 if depth else Coding.RGB8,
            pictures=partial(_pictures, array, start, end, self.rate),
            frames=end - start,
            rate=self.rate,
            modality=Modality.DEPTH if depth else Modality.RGB,
            depth_unit_m=METRES.get(self.answers.get(f"unit.{camera}", "")) if depth else None,
        )

    def _signal(self, array: ZarrArray, start: int, end: int) -> SignalRecord:
        values = array.read(start, end).reshape(end - start, -1)
        if values.dtype.kind == "b":
            values = values.astype(np.uint8)
        elif values.dtype == np.float16:
            values = values.astype(np.float32)
        require_finite(values, f"{array}, from step {start:,} on,")
        name = _leaf(array)
        return SignalRecord(
            name=name,
            kind=KINDS.get(_part(array)[1]) or signal_kind(name),
            dimensions=self._dimensions(array, values.shape[1]),
            t_ns=rate_times_ns(end - start, self.rate),
            values=values,
        )

    def _dimensions(self, array: ZarrArray, width: int) -> tuple[DimensionRecord, ...]:
        """x, y, z and the rotation vector as UMI puts them; others are numbered."""
        robot, part = _part(array)
        names = NAMES.get(part, ())
        if len(names) != width:
            return dimensions(_leaf(array), None, width)
        said = self.answers.get(f"unit.{_leaf(array)}", UNKNOWN)
        length = "" if said == UNKNOWN else said
        return tuple(
            DimensionRecord(name, "rad" if name in ROTATION else length, robot) for name in names
        )


def _pictures(array: ZarrArray, start: int, end: int, rate: Rate) -> Iterator[tuple[int, Picture]]:
    for first, rows in array.blocks(start, end):
        for place, picture in enumerate(rows):
            flat = picture[..., 0] if picture.ndim == 3 and picture.shape[2] == 1 else picture
            if array.dtype == np.uint16:
                flat = flat.astype(np.uint16)  # big-endian arrays too
            yield rate.time_ns(first + place - start), np.ascontiguousarray(flat)
