"""Cameras that LeRobot keeps as pictures in the data files: struct{bytes, path} a row.

Source: huggingface/lerobot v0.4.4 src/lerobot/datasets (dtype ``image``), and for depth the
configs/video.py of 2026-08-23: ``info.depth_unit`` is ``m`` or ``mm``.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from episodes.errors import EpisodeBroken
from episodes.formats.lerobot_columns import episode_batches
from episodes.formats.lerobot_info import Feature
from episodes.formats.paths import confined
from episodes.records import (
    Coding,
    EpisodeListing,
    Modality,
    Notice,
    Picture,
    PictureStreamRecord,
    Reason,
    Role,
)
from episodes.timebase import Rate

METRES = {"m": 1.0, "mm": 0.001}
MAX_PICTURE_BYTES = 256 * 2**20
SIGNATURES = {b"\xff\xd8\xff": Coding.JPEG, b"\x89PNG": Coding.PNG}
TIFF = (b"II*\0", b"MM\0*")


def depth_unit_m(feature: Feature, answers: Mapping[str, str], camera: str) -> float | None:
    """Metres a step of a depth picture is: what the dataset says, else what was answered."""
    said = METRES.get(str(feature.info.get("depth_unit")))
    return said or METRES.get(answers.get(f"unit.{camera}", ""))


def picture_stream(
    root: Path,
    file: str,
    listing: EpisodeListing,
    feature: Feature,
    *,
    camera: str,
    role: Role,
    rate: Rate,
    unit_m: float | None,
) -> PictureStreamRecord | Notice:
    """The camera, or why its pictures stay behind. Raises EpisodeBroken."""
    path = confined(root, file)
    first = next(_raw(root, path, file, listing, feature.name), None)
    if first is None:
        raise EpisodeBroken(
            Reason.MEDIA_MISSING,
            f"{file} holds no picture of “{feature.name}” for {listing.key}.",
            remedy="Restore the data file from the source.",
        )
    coding = _coding(first[1])
    if coding is None:
        return Notice(
            "camera_coding",
            f"The pictures of “{feature.name}” are neither JPEG, PNG nor 16-bit TIFF and stay"
            " behind.",
            "Write them as JPEG or, for depth, as 16-bit PNG.",
        )

    def pictures() -> Iterator[tuple[int, Picture]]:
        for frame, data in _raw(root, path, file, listing, feature.name):
            yield rate.time_ns(frame), _tiff(data) if coding is Coding.DEPTH16 else data

    return PictureStreamRecord(
        camera=camera,
        source_key=feature.name,
        role=role,
        coding=coding,
        pictures=pictures,
        frames=listing.frames,
        rate=rate,
        modality=Modality.DEPTH if feature.is_depth else Modality.RGB,
        depth_unit_m=unit_m if feature.is_depth else None,
    )


def _coding(data: bytes) -> Coding | None:
    for signature, coding in SIGNATURES.items():
        if data.startswith(signature):
            return coding
    return Coding.DEPTH16 if data.startswith(TIFF) and _is_depth16(_tiff(data)) else None


def _tiff(data: bytes) -> Any:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def _is_depth16(picture: Any) -> bool:
    return picture is not None and picture.dtype == np.uint16 and picture.ndim == 2


def _raw(
    root: Path, path: Path, file: str, listing: EpisodeListing, name: str
) -> Iterator[tuple[int, bytes]]:
    """(frame, the picture's bytes) in the order of the file."""
    for batch in episode_batches(path, file, listing, [name]):
        frames: list[Any] = batch["frame_index"].to_pylist()
        for frame, cell in zip(frames, batch[name].to_pylist(), strict=True):
            yield frame, _bytes(root, cell, f"frame {frame} of “{name}” in {file}")


def _bytes(root: Path, cell: Any, where: str) -> bytes:
    """Embedded, or in a file of the dataset's beside the data files."""
    if isinstance(cell, dict) and isinstance(cell.get("bytes"), bytes):
        return bytes(cell["bytes"])
    named = cell.get("path") if isinstance(cell, dict) else None
    if isinstance(named, str) and named:
        path = confined(root, named)
        if path.is_file() and path.stat().st_size <= MAX_PICTURE_BYTES:
            return path.read_bytes()
    raise EpisodeBroken(
        Reason.MEDIA_MISSING,
        f"There is no picture for {where}.",
        remedy="Restore the data file from the source; its pictures have to be embedded in it.",
    )
