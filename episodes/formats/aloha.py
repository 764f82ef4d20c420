"""ALOHA and ACT recordings: a folder of HDF5 files, each one episode.

Layout: tonyzhaozh/act record_sim_episodes.py, tonyzhaozh/aloha aloha_scripts/record_episodes.py.
The files hold no rate and no language. Packed pictures are padded with zeros to one length;
``compress_len`` has their true lengths in the recorder's order of cameras, which the file does not
keep, so it only confirms the length that the picture itself has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodes.errors import DatasetBroken, EpisodeBroken, PathOutsideDataset
from episodes.formats.features import camera_role, dimension_group
from episodes.formats.features import dimensions as numbered
from episodes.formats.hdf5_episodes import (
    FolderOfFiles,
    Hdf5Reader,
    broken_episode,
    check_frames,
    check_rows,
    packed_picture,
    series,
    signal,
)
from episodes.formats.hdf5_files import RESTORE, Array, Hdf5File, clean
from episodes.formats.listed_reader import Entry
from episodes.formats.questions import (
    UNKNOWN,
    answered_rate,
    answered_role,
    instruction_question,
    rate_question,
    role_question,
    unit_question,
)
from episodes.records import (
    Answers,
    BrokenEpisode,
    Coding,
    DatasetRecord,
    DimensionRecord,
    EpisodeListing,
    EpisodeRecord,
    Notice,
    Picture,
    PictureStreamRecord,
    Probe,
    Question,
    QuestionKind,
    Reason,
    Role,
    SignalKind,
    SignalRecord,
)
from episodes.timebase import rate_times_ns

FORMAT_ID = "aloha_hdf5"
ACTION, QPOS, IMAGES, LENGTHS = "action", "observations/qpos", "observations/images", "compress_len"
SIGNALS = {
    "qpos": QPOS,
    "qvel": "observations/qvel",
    "effort": "observations/effort",
    "action": ACTION,
    "base_action": "base_action",
}
KINDS = {
    "qpos": SignalKind.STATE,
    "qvel": SignalKind.STATE,
    "effort": SignalKind.FORCE,
    "action": SignalKind.ACTION,
    "base_action": SignalKind.ACTION,
}
KNOWN = {"action", "base_action", "observations", LENGTHS}
KNOWN_OBSERVATIONS = {"qpos", "qvel", "effort", "images"}
MAX_CAMERAS = 64
COLOURS = "colours"

# The order of the 14 values, left arm first: tonyzhaozh/aloha aloha_scripts/real_env.py, whose
# docstring also has the gripper as a share of its opening, 0 closed and 1 open. Joint names:
# constants.py there (JOINT_NAMES).
_ARM = ("waist", "shoulder", "elbow", "forearm_roll", "wrist_angle", "wrist_rotate", "gripper")
ARM_NAMES = tuple(f"{side}_{joint}" for side in ("left", "right") for joint in _ARM)
ARM_SIGNALS = {"qpos", "qvel", "effort", "action"}
UNITS = {
    "qpos": ("rad", "deg"),
    "qvel": ("rad/s", "deg/s"),
    "effort": ("Nm", "mA"),
    "action": ("rad", "deg"),
}


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What one file says before it is read: its length, cameras, signals, sim."""

    frames: int
    cameras: tuple[str, ...]
    raw: tuple[str, ...]
    signals: tuple[tuple[str, int], ...]
    sim: bool | None


class Aloha:
    """The format; see ``Format``."""

    id = FORMAT_ID
    title = "ALOHA / ACT HDF5"

    def probe(self, root: Path) -> Probe | None:
        files = FolderOfFiles(root)
        if not files.any_is(_is_aloha):
            return None
        return Probe(FORMAT_ID, "hdf5", root.name, len(files.paths))

    def questions(self, root: Path) -> tuple[Question, ...]:
        return _questions(_Contents(root))

    def read(self, root: Path, answers: Answers) -> "AlohaReader":
        contents = _Contents(root)
        if not contents.facts:
            first = next(iter(contents.broken.values()), None)
            raise DatasetBroken(
                f"No file of “{root.name}” can be read."
                + (f" The first: {first.message}" if first else ""),
                remedy=first.remedy if first else RESTORE,
            )
        return AlohaReader(contents, answers)


class _Contents:
    """Every file of the dataset, opened once for its facts."""

    def __init__(self, root: Path) -> None:
        self.files = FolderOfFiles(root)
        self.facts: dict[str, FileFacts] = {}
        self.broken: dict[str, BrokenEpisode] = {}
        for key in self.files.paths:
            try:
                with self.files.open(key) as file:
                    self.facts[key] = _facts(file)
            except EpisodeBroken as broken:
                self.broken[key] = broken_episode(key, broken)
            except PathOutsideDataset as outside:
                self.broken[key] = BrokenEpisode(
                    key, Reason.PATH_OUTSIDE, str(outside), outside.remedy
                )

    def entries(self) -> Iterator[Entry]:
        for index, key in enumerate(self.files.paths):
            if key in self.broken:
                yield self.broken[key]
            else:
                yield EpisodeListing(key, index, self.facts[key].frames)

    def union(self, field: str) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(v for one in self.facts.values() for v in getattr(one, field)))


def _is_aloha(file: Hdf5File) -> bool:
    return "action" in file.names("/") and "qpos" in file.names("observations")


def _facts(file: Hdf5File) -> FileFacts:
    cameras = file.names(IMAGES)
    if len(cameras) > MAX_CAMERAS:
        raise EpisodeBroken(
            Reason.ABSURD_SIZE, f"{file.name} has {len(cameras):,} cameras.", remedy=RESTORE
        )
    arrays = {name: file.array(f"{IMAGES}/{name}") for name in cameras}
    signals = {name: file.array(path) for name, path in SIGNALS.items()}
    sim = file.attribute("/", "sim")
    return FileFacts(
        frames=file.need(ACTION).rows,
        cameras=cameras,
        raw=tuple(name for name, array in arrays.items() if array and _is_raw(array)),
        signals=tuple((n, _width(array)) for n, array in signals.items() if array),
        sim=None if sim is None else bool(sim),
    )


def _width(array: Array) -> int:
    return int(np.prod(array.shape[1:]))


def _is_raw(array: Array) -> bool:
    return array.dtype == np.uint8 and len(array.shape) == 4 and array.shape[3] == 3


def _is_packed(array: Array) -> bool:
    padded = array.dtype == np.uint8 and len(array.shape) == 2
    return padded or (array.is_bytes and len(array.shape) == 1)


def _questions(contents: _Contents) -> tuple[Question, ...]:
    asked = [
        rate_question("ALOHA records at 50 Hz by convention."),
        instruction_question(),
    ]
    cameras = contents.union("cameras")
    asked += [role_question(c) for c in cameras if camera_role(c) is Role.UNKNOWN]
    asked += [
        unit_question(name, UNITS[name])
        for name, width in contents.union("signals")
        if width == len(ARM_NAMES) and name in UNITS
    ]
    if contents.union("raw"):
        asked.append(
            Question(
                id=COLOURS,
                text="In which order are the three colours of the pictures stored?",
                kind=QuestionKind.CHOICE,
                choices=("rgb", "bgr", UNKNOWN),
                why="ACT stores RGB, some recorders OpenCV's BGR; red and blue may be swapped.",
            )
        )
    return tuple(asked)


class AlohaReader(Hdf5Reader):
    """An opened dataset; see ``DatasetReader``."""

    def __init__(self, contents: _Contents, answers: Answers) -> None:
        super().__init__(contents.files.root, contents.entries())
        self._contents, self._files, self._answers = contents, contents.files, answers
        self._rate = answered_rate(answers)

    @cached_property
    def dataset(self) -> DatasetRecord:
        widths = dict(self._contents.union("signals"))
        bimanual = widths.get("qpos") == len(ARM_NAMES)
        metadata: dict[str, Any] = {"cameras": [clean(c) for c in self._contents.union("cameras")]}
        if bimanual:
            metadata["gripper"] = "0 closed, 1 open (aloha_scripts/real_env.py)"
        return DatasetRecord(
            name=self.root.stem if self.root.is_file() else self.root.name,
            format=FORMAT_ID,
            version="hdf5",
            embodiment="aloha" if bimanual else "",
            rate=self._rate,
            licence="",
            fingerprint=self._files.fingerprint,
            metadata=metadata,
            domain=_domain({one.sim for one in self._contents.facts.values()}),
            metadata_files=self._files.folders,
        )

    def _read(self, listing: EpisodeListing) -> EpisodeRecord:
        with self._files.open(listing.key) as file:
            frames = file.need(ACTION).rows
            check_frames(frames, self._rate, listing.key)
            file.need(QPOS)
            streams, notices = self._cameras(file, listing.key, frames)
            return EpisodeRecord(
                key=listing.key,
                index=listing.index,
                task=clean(self._answers.get("instruction", "")),
                frames=frames,
                rate=self._rate,
                duration_ns=self._rate.time_ns(frames),
                streams=streams,
                signals=tuple(self._signals(file, frames)),
                notices=(*notices, *_left_out(file)),
            )

    def _signals(self, file: Hdf5File, frames: int) -> Iterator[SignalRecord]:
        for name, path in SIGNALS.items():
            array = file.array(path)
            if array is not None:
                values = series(array, frames)
                named = _dimensions(name, values.shape[1], self._answers)
                yield signal(name, KINDS[name], named, values, self._rate)

    def _cameras(
        self, file: Hdf5File, key: str, frames: int
    ) -> tuple[tuple[PictureStreamRecord, ...], list[Notice]]:
        streams, notices = [], []
        for camera in file.names(IMAGES):
            array = file.need(f"{IMAGES}/{camera}")
            if not _is_raw(array) and not _is_packed(array):
                said = f"{array} has rows of shape {array.shape[1:]} of {array.dtype}: no pictures."
                fix = "Store (H, W, 3) uint8 pictures, or JPEG files."
                notices.append(Notice("pictures_unknown", said, fix))
                continue
            check_rows(array, frames)
            coding = Coding.RGB8 if _is_raw(array) else _coding(array)
            streams.append(
                PictureStreamRecord(
                    camera=camera,
                    source_key=f"{IMAGES}/{camera}",
                    role=answered_role(self._answers, camera, camera_role(camera)),
                    coding=coding,
                    pictures=partial(self._pictures, key, camera, coding),
                    frames=frames,
                    rate=self._rate,
                )
            )
        raw = any(stream.coding is Coding.RGB8 for stream in streams)
        if raw and self._answers.get(COLOURS, UNKNOWN) == UNKNOWN:
            said = "The order of colours is not known; the pictures are shown as RGB, as ACT's are."
            notices.append(Notice("colours_unknown", said, f"Answer with --answer {COLOURS}=..."))
        return tuple(streams), notices

    def _pictures(self, key: str, camera: str, coding: Coding) -> Iterator[tuple[int, Picture]]:
        """Opens the file anew: pictures are asked for long after the episode was read."""
        with self._files.open(key) as file:
            array = file.need(f"{IMAGES}/{camera}")
            times = rate_times_ns(array.rows, self._rate).tolist()
            if coding is Coding.RGB8:
                swap = self._answers.get(COLOURS) == "bgr"
                for t_ns, row in zip(times, array.each(), strict=True):
                    yield t_ns, row[..., ::-1] if swap else row
                return
            lengths = _lengths(file, array.rows)
            for step, (t_ns, row) in enumerate(zip(times, array.each(), strict=True)):
                data = packed_picture(row, f"Picture {step} of {array}")
                if lengths is not None and len(data) not in lengths[:, step]:
                    raise EpisodeBroken(
                        Reason.MEDIA_UNREADABLE,
                        f"Picture {step} of {array} has {len(data):,} bytes, which {LENGTHS}"
                        " gives for no camera.",
                        remedy=RESTORE,
                    )
                yield t_ns, data


def _domain(sims: set[bool | None]) -> str:
    """As the attribute ``sim`` says, where every file says the same."""
    if sims == {True}:
        return "sim"
    return "real" if sims == {False} else "unknown"


def _coding(array: Array) -> Coding:
    first = packed_picture(array.one(0), f"Picture 0 of {array}")
    return Coding.PNG if first[:4] == b"\x89PNG" else Coding.JPEG


def _lengths(file: Hdf5File, frames: int) -> NDArray[Any] | None:
    array = file.array(LENGTHS)
    usable = array is not None and len(array.shape) == 2 and array.shape[1] == frames
    return array.whole() if array is not None and usable else None


def _dimensions(name: str, count: int, answers: Answers) -> tuple[DimensionRecord, ...]:
    if count != len(ARM_NAMES) or name not in ARM_SIGNALS:
        return numbered(name, None, count)
    unit = answers.get(f"unit.{name}", UNKNOWN)
    unit = "" if unit == UNKNOWN else unit
    # The gripper's position and speed are shares of its opening, whatever the arm's unit is.
    share = name != "effort"
    return tuple(
        DimensionRecord(
            joint, "" if share and joint.endswith("gripper") else unit, dimension_group(joint)
        )
        for joint in ARM_NAMES
    )


def _left_out(file: Hdf5File) -> Iterator[Notice]:
    there = [name for name in file.names("/") if name not in KNOWN]
    there += [
        f"observations/{name}"
        for name in file.names("observations")
        if name not in KNOWN_OBSERVATIONS
    ]
    if there:
        said = f"{file.name} also has {', '.join(map(clean, there[:20]))}, which is left out."
        yield Notice("arrays_left_out", said, "Nothing to do where it is not needed.")
