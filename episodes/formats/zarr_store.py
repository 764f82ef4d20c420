"""Zarr version 2 arrays in a folder or a zip, read a chunk at a time and with suspicion.

Nothing is unpacked to disk, links that lead out of the folder are refused, and no chunk unpacks
to more than its array says a chunk has.
Source: Zarr storage specification version 2, https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html.
"""

import json
import math
import re
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodes.errors import DatasetBroken, EpisodeBroken, PathOutsideDataset
from episodes.formats.paths import confined
from episodes.formats.zarr_codecs import CodecFailed, codec_name, unpacked
from episodes.records import Reason

MAX_METADATA_BYTES = 2**20
MAX_MEMBER_BYTES = 256 * 2**20
# The rows of one chunk along the first axis, over the others: what a reader holds at once.
MAX_BLOCK_BYTES = 512 * 2**20
MAX_ROWS = 50_000_000
MAX_MEMBERS = 20_000_000
MAX_ARRAYS = 1_000
RESTORE = "Restore the dataset from the source; the copy may be incomplete."
CONVERT = "Write the dataset again as Zarr version 2 with plain numeric arrays."
UNREADABLE = (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError)


class Store(ABC):
    """Named values, as Zarr keeps them: ``data/camera0_rgb/.zarray``, ``.../0.0.0.0``."""

    name: str

    @abstractmethod
    def read(self, key: str, limit: int = MAX_MEMBER_BYTES) -> bytes | None:
        """The value of a key, None without one. Raises EpisodeBroken, PathOutsideDataset."""

    @abstractmethod
    def arrays(self, group: str) -> tuple[str, ...]:
        """Names of the arrays right below a group, sorted."""

    def too_large(self, key: str, limit: int) -> EpisodeBroken:
        return EpisodeBroken(
            Reason.ABSURD_SIZE,
            f"“{key}” of {self.name} is larger than {limit:,} bytes.",
            remedy="Write the arrays in smaller chunks.",
        )

    def unreadable(self, key: str, error: Exception) -> EpisodeBroken:
        return EpisodeBroken(
            Reason.DATA_UNREADABLE,
            f"“{key}” of {self.name} cannot be read: {error}",
            remedy=RESTORE,
        )


class FolderStore(Store):
    """An unpacked store."""

    def __init__(self, root: Path) -> None:
        self.root, self.name = root, root.name

    def read(self, key: str, limit: int = MAX_MEMBER_BYTES) -> bytes | None:
        path = confined(self.root, key)
        if not path.is_file():
            return None
        try:
            with path.open("rb") as file:
                data = file.read(limit + 1)
        except OSError as error:
            raise self.unreadable(key, error) from error
        if len(data) > limit:
            raise self.too_large(key, limit)
        return data

    def arrays(self, group: str) -> tuple[str, ...]:
        folder = confined(self.root, group)
        if not folder.is_dir():
            return ()
        return tuple(sorted(p.name for p in folder.iterdir() if (p / ".zarray").is_file()))


class ZipStore(Store):
    """A store in a zip, at its top or below one folder. The zip's table stays in memory."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        try:
            self._zip = zipfile.ZipFile(path)
        except UNREADABLE as error:
            raise DatasetBroken(f"{path.name} cannot be read: {error}", remedy=RESTORE) from error
        if len(self._zip.NameToInfo) > MAX_MEMBERS:
            raise DatasetBroken(
                f"{path.name} has more than {MAX_MEMBERS:,} members.", remedy="Split the dataset."
            )
        self._below = self._prefix()

    def _prefix(self) -> str:
        """A folder that was zipped with its name has everything below it."""
        tops = {name.split("/", 1)[0] for name in self._zip.NameToInfo}
        top = f"{tops.pop()}/" if len(tops) == 1 else ""
        return top if f"{top}.zgroup" in self._zip.NameToInfo else ""

    def read(self, key: str, limit: int = MAX_MEMBER_BYTES) -> bytes | None:
        member = self._zip.NameToInfo.get(self._below + key)
        if member is None:
            return None
        if member.file_size > limit:
            raise self.too_large(key, limit)
        try:
            with self._zip.open(member) as file:
                data = file.read(limit + 1)
        except UNREADABLE as error:
            raise self.unreadable(key, error) from error
        if len(data) > limit:
            raise self.too_large(key, limit)
        return data

    def arrays(self, group: str) -> tuple[str, ...]:
        start = f"{self._below}{group}/"
        inner = (n.removeprefix(start) for n in self._zip.NameToInfo if n.startswith(start))
        found = {n.removesuffix("/.zarray") for n in inner if n.endswith("/.zarray")}
        return tuple(sorted(name for name in found if "/" not in name))


def open_store(root: Path) -> Store | None:
    """The store at ``root``, a folder or a zip; None for anything else. Raises DatasetBroken."""
    if root.is_dir():
        return FolderStore(root)
    if root.suffix.lower() != ".zip":
        return None
    return ZipStore(root) if zipfile.is_zipfile(root) else None


@dataclass(frozen=True, eq=False)
class ZarrArray:
    """An array as its .zarray describes it; values are read when asked for."""

    store: Store
    path: str
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    dtype: np.dtype[Any]
    compressor: Mapping[str, Any] | None
    fill: float
    order: str
    separator: str

    @classmethod
    def open(cls, store: Store, path: str) -> "ZarrArray | None":
        """None without such an array. Raises DatasetBroken for a description that is none."""
        try:
            document = store.read(f"{path}/.zarray", MAX_METADATA_BYTES)
            if document is None:
                return None
            return cls(store, path, **_described(json.loads(document)))
        except (ValueError, TypeError, KeyError, RecursionError, EpisodeBroken) as error:
            raise DatasetBroken(
                f"“{path}/.zarray” of {store.name} cannot be used: {error}", remedy=CONVERT
            ) from error
        except PathOutsideDataset as outside:
            raise DatasetBroken(str(outside), remedy=outside.remedy) from outside

    def __str__(self) -> str:
        return f"“{self.path}” of {self.store.name}"

    @property
    def rows(self) -> int:
        return self.shape[0] if self.shape else 0

    @cached_property
    def codec(self) -> str:
        return codec_name(self.compressor)

    def blocks(self, start: int, stop: int) -> Iterator[tuple[int, NDArray[Any]]]:
        """(first row, rows) of start to stop, a chunk along the first axis at a time.

        Raises EpisodeBroken for a chunk that cannot be read or has another size, and for rows
        that the array does not have.
        """
        if not 0 <= start <= stop <= self.rows:
            raise EpisodeBroken(
                Reason.LENGTH_MISMATCH,
                f"{self} has {self.rows:,} rows; {start:,} to {stop:,} were expected.",
                remedy=RESTORE,
            )
        tall = self.chunks[0]
        for number in range(start // tall, -(-stop // tall)):
            first = max(start, number * tall)
            last = min(stop, (number + 1) * tall)
            yield first, self._block(number)[first - number * tall : last - number * tall]

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Rows start to stop in one array; for signals, not for pictures."""
        if (stop - start) * self.row_bytes > MAX_BLOCK_BYTES:
            raise EpisodeBroken(
                Reason.ABSURD_SIZE,
                f"{self} would take {(stop - start) * self.row_bytes:,} bytes.",
                remedy="Write the recording in shorter episodes.",
            )
        found = [rows for _, rows in self.blocks(start, stop)]
        return np.concatenate(found) if found else np.empty((0, *self.shape[1:]), self.dtype)

    @property
    def row_bytes(self) -> int:
        return math.prod(self.shape[1:]) * self.dtype.itemsize

    def _block(self, number: int) -> NDArray[Any]:
        """All columns of the chunk's rows: chunks side by side, those at the edge cut."""
        tall, *rest = self.chunks
        if tall * self.row_bytes > MAX_BLOCK_BYTES:
            raise EpisodeBroken(
                Reason.ABSURD_SIZE,
                f"{self} has chunks of {tall:,} rows, {tall * self.row_bytes:,} bytes.",
                remedy="Write the array in chunks of fewer rows.",
            )
        counts = [-(-length // chunk) for length, chunk in zip(self.shape[1:], rest, strict=True)]
        if all(count == 1 for count in counts):
            inside = tuple(slice(0, length) for length in self.shape[1:])
            return self._chunk((number, *[0] * len(rest)))[(slice(None), *inside)]
        block = np.empty((tall, *self.shape[1:]), self.dtype)
        for place in product(*map(range, counts)):
            spans = [
                (at * chunk, min((at + 1) * chunk, length))
                for at, chunk, length in zip(place, rest, self.shape[1:], strict=True)
            ]
            chunk = self._chunk((number, *place))
            target = tuple(slice(a, b) for a, b in spans)
            source = tuple(slice(0, b - a) for a, b in spans)
            block[(slice(None), *target)] = chunk[(slice(None), *source)]
        return block

    def _chunk(self, place: tuple[int, ...]) -> NDArray[Any]:
        key = f"{self.path}/{self.separator.join(map(str, place))}"
        data = self.store.read(key)
        if data is None:
            return np.full(self.chunks, self.fill, self.dtype)
        size = math.prod(self.chunks) * self.dtype.itemsize
        try:
            raw = unpacked(data, self.compressor, self.chunks, size)
        except CodecFailed as error:
            raise self.store.unreadable(key, error) from error
        if len(raw) != size:
            raise EpisodeBroken(
                Reason.SHAPE_MISMATCH,
                f"“{key}” of {self.store.name} holds {len(raw):,} bytes, a chunk has {size:,}.",
                remedy=RESTORE,
            )
        values: NDArray[Any] = np.frombuffer(raw, self.dtype)
        return values.reshape(self.chunks, order="F" if self.order == "F" else "C")


def _described(document: Any) -> dict[str, Any]:
    """The fields of a .zarray, checked. Raises ValueError, TypeError, KeyError."""
    if not isinstance(document, dict) or document.get("zarr_format") != 2:
        raise ValueError("it is no array of Zarr version 2")
    shape, chunks = _lengths(document["shape"]), _lengths(document["chunks"])
    if not shape or len(shape) != len(chunks) or 0 in chunks or shape[0] > MAX_ROWS:
        raise ValueError(f"its shape {shape} or its chunks {chunks} are none of a recording")
    if not isinstance(document["dtype"], str) or not re.fullmatch(
        r"[<>|][biuf][1248]", document["dtype"]
    ):
        raise ValueError(f"its values of type {document['dtype']!r} are no plain numbers")
    if document.get("filters"):
        raise ValueError("it has filters, which are not read")
    compressor = document.get("compressor")
    if compressor is not None and not isinstance(compressor, dict):
        raise TypeError("its compressor is none")
    size = math.prod(chunks) * np.dtype(document["dtype"]).itemsize
    if size > MAX_BLOCK_BYTES:
        raise ValueError(f"its chunks of {size:,} bytes are larger than {MAX_BLOCK_BYTES:,}")
    separator = document.get("dimension_separator", ".")
    if separator not in (".", "/"):
        raise ValueError(f"it parts its chunks' names by {separator!r}")
    return {
        "shape": shape,
        "chunks": chunks,
        "dtype": np.dtype(document["dtype"]),
        "compressor": compressor,
        "fill": _fill(document.get("fill_value")),
        "order": str(document.get("order", "C")),
        "separator": separator,
    }


def _lengths(lengths: Any) -> tuple[int, ...]:
    if not isinstance(lengths, list) or len(lengths) > 8:
        raise ValueError("its shape is no list of lengths")
    if any(not isinstance(n, int) or isinstance(n, bool) or n < 0 for n in lengths):
        raise ValueError("its shape is no list of lengths")
    return tuple(lengths)


def _fill(value: Any) -> float:
    """The value of chunks that are not stored; the specification spells NaN and infinities out."""
    if value is None:
        return 0
    found = float(value)
    return int(found) if found.is_integer() else found
