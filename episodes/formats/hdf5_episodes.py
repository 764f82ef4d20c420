"""What the readers of HDF5 datasets share: their files, listing, signals and packed pictures."""

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodes.errors import DatasetBroken, EpisodeBroken, PathOutsideDataset
from episodes.formats.hdf5_files import RESTORE, Array, Hdf5File, is_hdf5
from episodes.formats.listed_reader import Entry, ListedReader
from episodes.formats.paths import confined, natural
from episodes.records import (
    BrokenEpisode,
    DimensionRecord,
    Reason,
    SignalKind,
    SignalRecord,
)
from episodes.timebase import Rate, rate_times_ns

SUFFIXES = (".hdf5", ".h5")
MAX_FILES = 200_000
MAX_DEPTH = 3
MAX_DIMENSIONS = 512
SAMPLED_BYTES = 64 * 2**10
SAMPLED_FILES = 1_000
PROBED_FILES = 5
MAX_JPEG_BYTES = 64 * 2**20
# ns of an episode stay exact in a browser's number.
MAX_DURATION_NS = 2**53


class Hdf5Reader(ListedReader):
    """An opened dataset of HDF5 files; see ``DatasetReader``. No file stays open."""

    def __init__(self, root: Path, entries: Iterable[Entry]) -> None:
        super().__init__(entries)
        self.root = root


class FolderOfFiles:
    """The HDF5 files at or below ``root`` by key: their path without its ending."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def paths(self) -> dict[str, Path]:
        """In natural order. Raises DatasetBroken for an absurd number."""
        if self.root.is_file():
            named = self.root.suffix.lower() in SUFFIXES
            return {self.root.stem: self.root} if named else {}
        found = tuple(islice(_walk(self.root, 0), MAX_FILES + 1))
        if len(found) > MAX_FILES:
            raise DatasetBroken(
                f"“{self.root.name}” holds more than {MAX_FILES:,} HDF5 files.",
                remedy="Import it in smaller folders.",
            )
        keys = {self.key(path): path for path in found}
        if len(keys) < len(found):
            keys = {path.relative_to(self.root).as_posix(): path for path in found}
        return dict(sorted(keys.items(), key=lambda item: natural(item[0])))

    def key(self, path: Path) -> str:
        return path.relative_to(self.root).with_suffix("").as_posix()

    def file(self, key: str) -> Path:
        """Raises PathOutsideDataset when a link leads out of the dataset."""
        path = self.paths[key]
        if path == self.root:
            return path
        return confined(self.root, path.relative_to(self.root).as_posix())

    def open(self, key: str) -> Hdf5File:
        return Hdf5File(self.file(key), self.paths[key].name)

    @cached_property
    def folders(self) -> tuple[Path, ...]:
        """They change when a file comes or goes."""
        return tuple(dict.fromkeys([self.root, *(path.parent for path in self.paths.values())]))

    def any_is(self, kind: Callable[[Hdf5File], bool]) -> bool:
        """Whether one of the first few files is of that kind; damaged ones are passed over."""
        return any(self._is(key, kind) for key in islice(self.paths, PROBED_FILES))

    def _is(self, key: str, kind: Callable[[Hdf5File], bool]) -> bool:
        try:
            if not is_hdf5(self.file(key)):
                return False
            with self.open(key) as file:
                return kind(file)
        except (EpisodeBroken, PathOutsideDataset):
            return False

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over keys and sizes, and first and last bytes of the first files."""
        total = hashlib.sha256()
        for number, (key, path) in enumerate(self.paths.items()):
            size = path.stat().st_size if path.exists() else 0
            total.update(f"{key} {size}\n".encode("utf-8", "replace"))
            if size and number < SAMPLED_FILES:
                with path.open("rb") as file:
                    total.update(file.read(SAMPLED_BYTES))
                    file.seek(max(0, size - SAMPLED_BYTES))
                    total.update(file.read(SAMPLED_BYTES))
        return total.hexdigest()


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.suffix.lower() in SUFFIXES and (path.is_file() or path.is_symlink()):
            yield path
        elif path.is_dir() and not path.is_symlink() and depth < MAX_DEPTH:
            yield from _walk(path, depth + 1)


def broken_episode(key: str, broken: EpisodeBroken) -> BrokenEpisode:
    return BrokenEpisode(key, broken.reason, str(broken), broken.remedy)


def check_frames(frames: int, rate: Rate, key: str) -> None:
    """Raises EpisodeBroken for an episode without steps or of an absurd length."""
    if frames == 0:
        raise EpisodeBroken(
            Reason.ZERO_LENGTH, f"{key} has no steps.", remedy="Leave it out, or record it again."
        )
    if rate.time_ns(frames) >= MAX_DURATION_NS:
        raise EpisodeBroken(
            Reason.ABSURD_SIZE,
            f"{key} has {frames:,} steps at {rate} Hz, more than a hundred days.",
            remedy="Check the rate.",
        )


def check_rows(array: Array, frames: int) -> None:
    """Raises EpisodeBroken when the array has another number of rows than the episode."""
    if array.rows != frames:
        raise EpisodeBroken(
            Reason.LENGTH_MISMATCH,
            f"{array} has {array.rows:,} rows; the episode has {frames:,} steps.",
            remedy="Restore the file from the source, or cut its arrays to one length.",
        )


def is_series(array: Array) -> bool:
    """Whether a row is a number or a few: a signal, no picture."""
    return array.dtype.kind in "fiub" and math.prod(array.shape[1:]) in range(1, MAX_DIMENSIONS + 1)


def series(array: Array, frames: int) -> NDArray[Any]:
    """The numbers (frames, dimensions). Raises EpisodeBroken for gaps, NaN, another length."""
    check_rows(array, frames)
    if not is_series(array):
        raise EpisodeBroken(
            Reason.SHAPE_MISMATCH,
            f"{array} has rows of shape {array.shape[1:]} of {array.dtype}; 1 to"
            f" {MAX_DIMENSIONS} numbers were expected.",
            remedy=RESTORE,
        )
    values = array.whole().reshape(frames, -1)
    if values.dtype.kind == "b":
        values = values.astype(np.uint8)
    elif values.dtype.kind == "f" and values.dtype.itemsize not in (4, 8):
        values = values.astype(np.float32 if values.dtype.itemsize < 4 else np.float64)
    require_finite(values, str(array))
    return values


def require_finite(values: NDArray[Any], what: str) -> None:
    """Raises EpisodeBroken naming the first value that is NaN or infinite."""
    bad = ~np.isfinite(values)
    count = int(np.count_nonzero(bad))
    if count:
        frame, dimension = (int(n) for n in np.argwhere(bad)[0])
        raise EpisodeBroken(
            Reason.VALUES_NOT_FINITE,
            f"{what} has {count:,} values that are NaN or infinite; the first is in dimension"
            f" {dimension} at step {frame}.",
            remedy="Repair or cut the recording: a policy cannot be trained on missing values.",
        )


def signal(
    name: str,
    kind: SignalKind,
    dimensions: tuple[DimensionRecord, ...],
    values: NDArray[Any],
    rate: Rate,
) -> SignalRecord:
    """One row a step of the table."""
    return SignalRecord(name, kind, dimensions, rate_times_ns(len(values), rate), values)


def packed_picture(row: Any, what: str) -> bytes:
    """A JPEG or PNG file out of a row, without the zeros it was padded with.

    Both end on bytes other than zero (EOI of ITU-T T.81, the CRC of IEND), so nothing of the
    picture is lost. Raises EpisodeBroken for a picture that is cut off, or none.
    """
    data = (row if isinstance(row, bytes) else np.asarray(row, dtype=np.uint8).tobytes()).rstrip(
        b"\0"
    )
    whole = (data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9") or (
        data[:4] == b"\x89PNG" and data[-8:-4] == b"IEND"
    )
    if not whole or len(data) > MAX_JPEG_BYTES:
        raise EpisodeBroken(
            Reason.MEDIA_UNREADABLE,
            f"{what} is no whole JPEG or PNG picture ({len(data):,} bytes).",
            remedy=RESTORE,
        )
    return data
