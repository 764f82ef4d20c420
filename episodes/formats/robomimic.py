"""robomimic: one HDF5 file, a group ``data/demo_i`` for each episode; see robomimic_info.

Row *i* of every array is step *i*: the observation the action was chosen for, and that action.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodes.errors import EpisodeBroken, FormatUnknown
from episodes.formats.features import camera_role, signal_kind
from episodes.formats.features import dimensions as numbered
from episodes.formats.hdf5_episodes import (
    FolderOfFiles,
    Hdf5Reader,
    check_frames,
    check_rows,
    series,
    signal,
)
from episodes.formats.hdf5_files import Array, Hdf5File, clean
from episodes.formats.questions import UNKNOWN, answered_rate, answered_role
from episodes.formats.robomimic_info import (
    ACTIONS,
    ANNOTATIONS,
    DATA,
    Observation,
    RobomimicInfo,
    arrays_in,
    demo_instruction,
    file_of,
    info_questions,
    is_numbers,
    observation,
    read_info,
)
from episodes.formats.wire_labels import wire_labels
from episodes.records import (
    Answers,
    Coding,
    DatasetRecord,
    DimensionRecord,
    EpisodeListing,
    EpisodeRecord,
    FoundLabel,
    Modality,
    Notice,
    Picture,
    PictureStreamRecord,
    Probe,
    Question,
    Reason,
    SignalKind,
    SignalRecord,
)
from episodes.timebase import rate_times_ns

FORMAT_ID = "robomimic_hdf5"
MILLIMETRE = 0.001
MAX_DEPTH = 65_535
BESIDE = ("rewards", "dones", "states")
"""Series beside ``actions`` and ``obs``; ``next_obs`` is obs one step on and not read."""
KNOWN = {ACTIONS, "obs", "next_obs", ANNOTATIONS, "labels", *BESIDE}


class Robomimic:
    """The format; see ``Format``."""

    id = FORMAT_ID
    title = "robomimic HDF5"

    def probe(self, root: Path) -> Probe | None:
        path = file_of(root)
        if path is None:
            return None
        info = read_info(path)
        return Probe(FORMAT_ID, _version(info), path.stem, len(info.demos))

    def questions(self, root: Path) -> tuple[Question, ...]:
        return info_questions(read_info(_file(root)))

    def read(self, root: Path, answers: Answers) -> "RobomimicReader":
        return RobomimicReader(root, read_info(_file(root)), answers)


def _file(root: Path) -> Path:
    path = file_of(root)
    if path is None:
        raise FormatUnknown(
            f"“{root.name}” is no robomimic file, nor a folder with one.",
            remedy="Give the HDF5 file that has the group “data”.",
        )
    return path


def _version(info: RobomimicInfo) -> str:
    return clean(str(info.env_args.get("env_version") or "hdf5"))[:20]


class RobomimicReader(Hdf5Reader):
    """An opened dataset; see ``DatasetReader``."""

    def __init__(self, root: Path, info: RobomimicInfo, answers: Answers) -> None:
        entries = (EpisodeListing(name, i, n) for i, (name, n) in enumerate(info.demos))
        super().__init__(root, entries)
        self.info, self._answers = info, answers
        self._rate = info.rate or answered_rate(answers)

    @cached_property
    def dataset(self) -> DatasetRecord:
        notices: tuple[Notice, ...] = ()
        if self.info.stray:
            said = f"“{DATA}” also has {', '.join(self.info.stray[:20])}: no demonstrations."
            notices = (Notice("groups_left_out", said, "Name demonstrations demo_0, demo_1, ..."),)
        return DatasetRecord(
            name=self.info.path.stem if self.root.is_file() else self.root.name,
            format=FORMAT_ID,
            version=_version(self.info),
            embodiment=self.info.embodiment,
            rate=self._rate,
            licence="",
            fingerprint=FolderOfFiles(self.info.path).fingerprint,
            metadata={
                "env_args": dict(self.info.env_args),
                "mask": {name: list(demos) for name, demos in self.info.mask.items()},
            },
            domain=self.info.domain,
            metadata_files=(self.info.path,),
            notices=notices,
        )

    def _open(self) -> Hdf5File:
        return Hdf5File(self.info.path, self.info.path.name)

    def _read(self, listing: EpisodeListing) -> EpisodeRecord:
        at = f"{DATA}/{listing.key}"
        with self._open() as file:
            actions = file.need(f"{at}/{ACTIONS}")
            frames = actions.rows
            check_frames(frames, self._rate, listing.key)
            self._check_samples(listing, frames)
            notices: list[Notice] = []
            streams, signals = self._observed(file, listing.key, frames, notices)
            beside = self._beside(file, at, frames, notices)
            labels = tuple(self._labels(file, at, beside, notices))
            said = demo_instruction(file, listing.key)
            return EpisodeRecord(
                key=listing.key,
                index=listing.index,
                task=said or clean(self._answers.get("instruction", "")),
                frames=frames,
                rate=self._rate,
                duration_ns=self._rate.time_ns(frames),
                streams=tuple(streams),
                signals=(self._signal(file, actions, ACTIONS, frames), *signals, *beside.values()),
                notices=tuple(notices),
                labels=labels,
            )

    def _check_samples(self, listing: EpisodeListing, frames: int) -> None:
        if listing.frames not in (0, frames):
            raise EpisodeBroken(
                Reason.LENGTH_MISMATCH,
                f"{listing.key} claims {listing.frames:,} samples and has {frames:,} actions.",
                remedy="Correct the attribute num_samples, or restore the file from the source.",
            )

    def _observed(
        self, file: Hdf5File, demo: str, frames: int, notices: list[Notice]
    ) -> tuple[list[PictureStreamRecord], list[SignalRecord]]:
        streams, signals = [], []
        for key in arrays_in(file, demo):
            array = file.need(f"{DATA}/{demo}/obs/{key}")
            check_rows(array, frames)
            found = observation(file, array, key)
            if found.is_rgb or found.is_depth:
                stream = self._stream(found, demo, frames, notices)
                streams += [stream] if stream else []
            elif is_numbers(array):
                signals.append(self._signal(file, array, _signal_name(key), frames))
            else:
                said = f"{array} has rows of shape {array.shape[1:]} of {array.dtype}: left out."
                fix = "Pictures are (H, W, 3) uint8; depth has the word depth in its name."
                notices.append(Notice("observation_left_out", said, fix))
        return streams, signals

    def _stream(
        self, found: Observation, demo: str, frames: int, notices: list[Notice]
    ) -> PictureStreamRecord | None:
        camera = self.info.cameras.get(found.key, found.key)
        answer = self._answers.get(f"unit.{camera}", UNKNOWN)
        unit_m = found.depth_unit_m or {"m": 1.0, "mm": MILLIMETRE}.get(answer)
        if found.is_depth and unit_m is None and found.dtype != "uint16":
            said = f"The depth of “{camera}” is stored as {found.dtype} of unknown unit; left out."
            notices.append(Notice("depth_unit_unknown", said, f"Answer --answer unit.{camera}=..."))
            return None
        # 16-bit pictures hold millimetres; what is 16-bit already keeps its own unit.
        kept = unit_m if found.dtype == "uint16" else MILLIMETRE
        factor = 1.0 if unit_m is None or found.dtype == "uint16" else unit_m / MILLIMETRE
        path = f"{DATA}/{demo}/obs/{found.key}"
        return PictureStreamRecord(
            camera=camera,
            source_key=f"obs/{found.key}",
            role=answered_role(self._answers, camera, camera_role(camera)),
            coding=Coding.DEPTH16 if found.is_depth else Coding.RGB8,
            pictures=partial(self._pictures, path, factor if found.is_depth else None),
            frames=frames,
            rate=self._rate,
            modality=Modality.DEPTH if found.is_depth else Modality.RGB,
            depth_unit_m=kept if found.is_depth else None,
        )

    def _pictures(self, path: str, factor: float | None) -> Iterator[tuple[int, Picture]]:
        """Opens the file anew: pictures are asked for long after the episode was read."""
        with self._open() as file:
            array = file.need(path)
            times = rate_times_ns(array.rows, self._rate).tolist()
            for t_ns, row in zip(times, array.each(), strict=True):
                yield t_ns, row if factor is None else _depth16(row, factor)

    def _signal(self, file: Hdf5File, array: Array, name: str, frames: int) -> SignalRecord:
        values = series(array, frames)
        kind, named = _said(file, array.path, values.shape[1])
        if named is None:
            unit = self._answers.get(f"unit.{name}", UNKNOWN)
            named = tuple(
                DimensionRecord(d.name, "" if unit == UNKNOWN else unit, d.group)
                for d in numbered(name, None, values.shape[1])
            )
        return signal(name, kind or signal_kind(name), named, values, self._rate)

    def _beside(
        self, file: Hdf5File, at: str, frames: int, notices: list[Notice]
    ) -> dict[str, SignalRecord]:
        found = {}
        for name in BESIDE:
            array = file.array(f"{at}/{name}")
            if array is not None and is_numbers(array):
                values = series(array, frames)
                named = numbered(name, None, values.shape[1])
                found[name] = signal(name, SignalKind.OTHER, named, values, self._rate)
        other = [clean(name) for name in file.names(at) if name not in KNOWN]
        if other:
            said = f"“{at}” also has {', '.join(other[:20])}, which is left out."
            notices.append(Notice("arrays_left_out", said, "Nothing to do where it is not needed."))
        return found

    def _labels(
        self,
        file: Hdf5File,
        at: str,
        beside: Mapping[str, SignalRecord],
        notices: list[Notice],
    ) -> Iterator[FoundLabel]:
        """Our own releases' labels; else an outcome, where the file says what it means."""
        written = file.text_at(f"{at}/{ANNOTATIONS}")
        if written is not None:
            yield from _annotations(written, at, notices)
            return
        success = file.attribute(at, "success")
        if isinstance(success, bool):
            yield FoundLabel("outcome", "success" if success else "failure", "success")
        elif "rewards" in beside and self.info.sparse_reward:
            reached = bool((beside["rewards"].values > 0).any())
            yield FoundLabel("outcome", "success" if reached else "failure", "rewards")
        elif "rewards" in beside:
            said = "Its rewards say nothing of success: reward_shaping is not off in env_args."
            notices.append(Notice("outcome_unknown", said, "Mark the outcome while annotating."))


def _signal_name(key: str) -> str:
    """A name of its own, where an observation is called as an array beside ``obs``."""
    return f"obs.{key}" if key in (ACTIONS, *BESIDE) else key


def _depth16(row: NDArray[Any], factor: float) -> NDArray[np.uint16]:
    """uint16 (height, width); what is no distance, or too far for 16 bits, is 0: not measured."""
    flat = row[..., 0] if row.ndim == 3 else row
    if flat.dtype == np.uint16:
        kept: NDArray[np.uint16] = flat
        return kept
    scaled = np.round(flat.astype(np.float64) * factor)
    with np.errstate(invalid="ignore"):
        known = np.isfinite(scaled) & (scaled >= 0) & (scaled <= MAX_DEPTH)
    return np.where(known, scaled, 0).astype(np.uint16)


def _said(
    file: Hdf5File, path: str, count: int
) -> tuple[SignalKind | None, tuple[DimensionRecord, ...] | None]:
    """Kind and dimensions as our own releases write them beside an array."""
    try:
        kind = SignalKind(file.text(path, "kind"))
    except ValueError:
        return None, None
    try:
        found = json.loads(file.text(path, "dimensions"))
        named = tuple(
            DimensionRecord(*(clean(str(one[f]))[:120] for f in ("name", "unit", "group")))
            for one in found
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return kind, None
    return kind, named if len(named) == count else None


def _annotations(written: str, at: str, notices: list[Notice]) -> Iterator[FoundLabel]:
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        found = None
    labels = wire_labels(found, ANNOTATIONS)
    if labels is None or len(labels) < len(found):
        said = f"“{at}/{ANNOTATIONS}” holds something other than labels, which is left out."
        notices.append(Notice("labels_left_out", said, "Restore the file from the source."))
    yield from labels or ()
