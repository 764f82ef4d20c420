"""EgoDex: a person's hands, tracked, and the view from the head; pairs of HDF5 and MP4 files.

Layout, rate and frames of reference: https://github.com/apple/ml-egodex (README). 30 poses a
second, one a video frame; every transform is a pose (rotation and translation) in the ARKit world
frame of its recording, whose unit is the metre (developer.apple.com, ARKit ARAnchor).
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from episodes.errors import DatasetBroken, EpisodeBroken, PathOutsideDataset
from episodes.formats.hdf5_episodes import (
    FolderOfFiles,
    Hdf5Reader,
    check_frames,
    check_rows,
    require_finite,
    series,
    signal,
)
from episodes.formats.hdf5_files import RESTORE, Hdf5File, clean
from episodes.formats.listed_reader import Entry
from episodes.formats.paths import confined
from episodes.records import (
    Answers,
    BrokenEpisode,
    DatasetRecord,
    DimensionRecord,
    EpisodeFacts,
    EpisodeListing,
    EpisodeRecord,
    Notice,
    Probe,
    Question,
    Reason,
    Role,
    SignalKind,
    SignalRecord,
    StreamRecord,
)
from episodes.timebase import Rate

FORMAT_ID = "egodex"
RATE = Rate(30)
LICENCE = "CC BY-NC-ND 4.0"
TRANSFORMS, CONFIDENCES, CAMERA = "transforms", "confidences", "camera"
MAX_JOINTS = 256
SIDES = ("left", "right")
# Rotations off by more than this are no rotations; float32 poses are right to about 1e-6.
ROTATION_TOLERANCE = 1e-2
_PARTS = ("Knuckle", "IntermediateBase", "IntermediateTip", "Tip")
_FINGERS = tuple(
    f"{finger}Finger{part}"
    for finger in ("Index", "Middle", "Ring", "Little")
    for part in ("Metacarpal", *_PARTS)
)
HAND_JOINTS = ("Hand", *(f"Thumb{part}" for part in _PARTS), *_FINGERS)
"""The 25 joints of a hand without their side; ``Hand`` is the wrist."""

Joints = dict[str, str]
"""The name in this file of every joint by its right name."""


class EgoDex:
    """The format; see ``Format``. Nothing is asked: rate, units and language are documented."""

    id = FORMAT_ID
    title = "EgoDex"

    def probe(self, root: Path) -> Probe | None:
        if not root.is_dir():
            return None
        files = FolderOfFiles(root)
        if not files.any_is(_is_egodex):
            return None
        return Probe(FORMAT_ID, "1", root.name, len(files.paths))

    def questions(self, root: Path) -> tuple[Question, ...]:
        return ()

    def read(self, root: Path, answers: Answers) -> "EgoDexReader":
        files = FolderOfFiles(root)
        if not files.paths:
            raise DatasetBroken(f"“{root.name}” holds no HDF5 file.", remedy=RESTORE)
        return EgoDexReader(files)


def _is_egodex(file: Hdf5File) -> bool:
    names = file.names(TRANSFORMS)
    return "leftHand" in names and CAMERA in names


class EgoDexReader(Hdf5Reader):
    """An opened dataset; see ``DatasetReader``. Listed unopened: tens of thousands of files."""

    def __init__(self, files: FolderOfFiles) -> None:
        super().__init__(files.root, _entries(files))
        self._files = files

    @cached_property
    def dataset(self) -> DatasetRecord:
        return DatasetRecord(
            name=self.root.name,
            format=FORMAT_ID,
            version="1",
            embodiment="human_hands",
            rate=RATE,
            licence=LICENCE,
            fingerprint=self._files.fingerprint,
            metadata={"world": "ARKit world frame of each recording, metres, y up"},
            domain="human",
            metadata_files=self._files.folders,
            notices=(
                Notice(
                    "licence",
                    f"EgoDex is under {LICENCE}: no commercial use, and nothing derived from it"
                    " may be passed on.",
                    "Keep its annotations and exports to yourself.",
                ),
            ),
        )

    def _frames(self, entry: EpisodeListing) -> int:
        """How many poses the file holds; 0 for one that cannot be read, which its episode tells."""
        try:
            with self._files.open(entry.key) as file:
                return file.need(f"{TRANSFORMS}/{CAMERA}").rows
        except (EpisodeBroken, PathOutsideDataset):
            return 0

    def _read(self, listing: EpisodeListing) -> EpisodeRecord:
        key = listing.key
        with self._files.open(key) as file:
            joints = _joints(file)
            frames = file.need(f"{TRANSFORMS}/{CAMERA}").rows
            check_frames(frames, RATE, key)
            task, notices = _instruction(file)
            return EpisodeRecord(
                key=key,
                index=listing.index,
                task=task,
                frames=frames,
                rate=RATE,
                duration_ns=RATE.time_ns(frames),
                streams=(self._view(key, frames),),
                signals=tuple(_signals(file, joints, frames)),
                notices=notices,
                facts=_facts(file),
            )

    def _view(self, key: str, frames: int) -> StreamRecord:
        media = self._files.paths[key].relative_to(self.root).with_suffix(".mp4").as_posix()
        path = confined(self.root, media)
        if not path.is_file() or not path.stat().st_size:
            raise EpisodeBroken(
                Reason.MEDIA_MISSING,
                f"The video {media} of {key} is missing or empty.",
                remedy="Restore it: every HDF5 file has an MP4 file of its name beside it.",
            )
        return StreamRecord(
            camera="head",
            source_key="mp4",
            role=Role.EGOCENTRIC,
            media=media,
            path=path,
            from_ns=0,
            frames=frames,
            rate=RATE,
        )


def _entries(files: FolderOfFiles) -> Iterator[Entry]:
    for index, (key, path) in enumerate(files.paths.items()):
        if path.is_symlink() and not path.exists():
            yield BrokenEpisode(key, Reason.DATA_MISSING, f"{key} is a link to nowhere.", RESTORE)
        else:
            yield EpisodeListing(key, index, 0)


def _joints(file: Hdf5File) -> Joints:
    """By right name: some files write ``Thunmb``. Raises EpisodeBroken for an absurd number."""
    names = file.names(TRANSFORMS)
    if len(names) > MAX_JOINTS:
        raise EpisodeBroken(
            Reason.ABSURD_SIZE, f"{file.name} has {len(names):,} transforms.", remedy=RESTORE
        )
    return {name.replace("Thunmb", "Thumb"): name for name in names}


def _signals(file: Hdf5File, joints: Joints, frames: int) -> Iterator[SignalRecord]:
    for side in SIDES:
        names = [f"{side}{joint}" for joint in HAND_JOINTS]
        poses = [_poses(file, joints, name, frames) for name in names]
        group = f"{side} hand"
        yield _positions(f"{side}_hand", names, poses, group)
        yield _pose(f"{side}_wrist", names[0], poses[0], group, SignalKind.HAND_POSE)
        yield from _confidence(file, joints, side, names, frames)
    camera = _poses(file, joints, CAMERA, frames)
    yield _pose("camera_pose", CAMERA, camera, "camera", SignalKind.OTHER)
    hands = {f"{side}{joint}" for side in SIDES for joint in HAND_JOINTS}
    body = [name for name in joints if name not in hands and name != CAMERA]
    if body:
        poses = [_poses(file, joints, name, frames) for name in body]
        yield _positions("body", body, poses, "body", SignalKind.OTHER)


def _poses(file: Hdf5File, joints: Joints, joint: str, frames: int) -> NDArray[np.floating[Any]]:
    """(frames, 4, 4) poses in the world frame, checked to be poses."""
    array = file.need(f"{TRANSFORMS}/{joints.get(joint, joint)}")
    check_rows(array, frames)
    if array.shape[1:] != (4, 4) or array.dtype.kind != "f":
        raise EpisodeBroken(
            Reason.SHAPE_MISMATCH,
            f"{array} has rows of shape {array.shape[1:]} of {array.dtype}, not 4x4 matrices.",
            remedy=RESTORE,
        )
    poses = array.whole()
    require_finite(poses.reshape(frames, -1), str(array))
    turned = poses[:, :3, :3].astype(np.float64)
    off = np.abs(turned @ turned.transpose(0, 2, 1) - np.eye(3)).max(axis=(1, 2))
    bad = np.flatnonzero((off > ROTATION_TOLERANCE) | (np.linalg.det(turned) < 0))
    if len(bad):
        raise EpisodeBroken(
            Reason.DATA_UNREADABLE,
            f"{array} holds no rotation at frame {bad[0]} ({len(bad):,} such frames).",
            remedy=RESTORE,
        )
    return poses


def _positions(
    name: str,
    joints: list[str],
    poses: list[NDArray[np.floating[Any]]],
    group: str,
    kind: SignalKind = SignalKind.HAND_POSE,
) -> SignalRecord:
    """x, y, z of every joint in metres: (frames, 3 * joints)."""
    values = np.concatenate([pose[:, :3, 3] for pose in poses], axis=1)
    named = tuple(DimensionRecord(f"{j}.{axis}", "m", group) for j in joints for axis in "xyz")
    return signal(name, kind, named, values, RATE)


def _pose(
    name: str, joint: str, poses: NDArray[np.floating[Any]], group: str, kind: SignalKind
) -> SignalRecord:
    """Position, then the quaternion x, y, z, w: scalar last, as in ROS and SciPy.

    q and -q are one rotation; the sign is kept from frame to frame, so that lanes do not jump.
    """
    turned = Rotation.from_matrix(poses[:, :3, :3].astype(np.float64)).as_quat()
    flips = np.where(np.sum(turned[1:] * turned[:-1], axis=1) < 0, -1.0, 1.0)
    turned[1:] *= np.cumprod(flips)[:, None]
    values = np.concatenate([poses[:, :3, 3], turned], axis=1).astype(poses.dtype)
    axes = (("x", "m"), ("y", "m"), ("z", "m"), ("qx", ""), ("qy", ""), ("qz", ""), ("qw", ""))
    named = tuple(DimensionRecord(f"{joint}.{axis}", unit, group) for axis, unit in axes)
    return signal(name, kind, named, values, RATE)


def _confidence(
    file: Hdf5File, joints: Joints, side: str, names: list[str], frames: int
) -> Iterator[SignalRecord]:
    """How sure the tracker was of each joint, 0 to 1, where the file says it of all of them."""
    paths = [f"{CONFIDENCES}/{joints[name]}" for name in names]
    arrays = [array for array in map(file.array, paths) if array is not None]
    if len(arrays) < len(names):
        return
    values = np.concatenate([series(array, frames)[:, :1] for array in arrays], axis=1)
    named = tuple(DimensionRecord(name, "", f"{side} hand") for name in names)
    yield signal(f"{side}_hand_confidence", SignalKind.OTHER, named, values, RATE)


def _instruction(file: Hdf5File) -> tuple[str, tuple[Notice, ...]]:
    """Of a reversible task the description that ``which_llm_description`` chooses ("1" or "2").

    A task that is not reversible has one description.
    """
    first, second = (file.text("/", f"llm_description{n}") for n in ("", "2"))
    which = str(file.attribute("/", "which_llm_description") or "").strip()
    if file.text("/", "llm_type") != "reversible" and not (which == "2" and second):
        return first, ()
    chosen = {"1": first, "2": second}.get(which, "")
    if chosen:
        return chosen, ()
    said = (
        f"{file.name} has two descriptions, one for each direction, and which_llm_description"
        f" “{which[:20]}” chooses none; its instruction is unknown."
    )
    return "", (Notice("instruction_unknown", said, "Write the instruction while annotating."),)


def _facts(file: Hdf5File) -> EpisodeFacts:
    named = file.attribute("/", "llm_objects") or file.text("/", "object")
    things = named if isinstance(named, list) else [named]
    return EpisodeFacts(
        scene=file.text("/", "environment"),
        objects=tuple(clean(str(thing)) for thing in things[:32] if thing),
        session=file.text("/", "session_name"),
    )
