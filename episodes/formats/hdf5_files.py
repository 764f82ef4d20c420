"""HDF5 files read with suspicion: nothing outside the file, nothing larger than it can hold.

An HDF5 file can point into other files (external links, external storage, virtual datasets),
claim sizes it does not hold, and pack a lot into little. All of that is refused before a value is
read. Source: HDF5 File Format Specification 3.0, https://support.hdfgroup.org/documentation/.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from h5py import h5d, h5z
from numpy.typing import NDArray

from episodes.errors import EpisodeBroken
from episodes.records import Reason

# Bounds that no recording meets and that keep a lying file from filling memory.
MAX_MEMBERS = 200_000
MAX_ROWS = 5_000_000
MAX_CHUNK_BYTES = 256 * 2**20
MAX_WHOLE_BYTES = 2**30
MAX_TEXT = 4 * 2**20
MAX_ATTRIBUTE_VALUES = 10_000
# Deflate packs at most 1,032 to 1; beyond this size an array that claims more is a bomb.
MAX_RATIO = 1_100
RATIO_FROM_BYTES = 64 * 2**20
# Rows are read in runs of about this size, so that a chunk of many rows is unpacked once.
RUN_BYTES = 8 * 2**20
MAX_LINKS = 8

# What h5py raises for damaged files, names of no encoding, and types it does not know.
UNREADABLE = (OSError, KeyError, RuntimeError, ValueError, TypeError, MemoryError)
RESTORE = "Restore the file from the source; the copy may be incomplete."
COPY_WHOLE = "Write a file that holds its data itself: h5copy -f ext expands such links."
REWRITE = "Write the file again with arrays of their true size."
# https://github.com/HDFGroup/hdf5_plugins/blob/master/docs/RegisteredFilterPlugins.md
FILTER_NAMES = {
    4: "szip",
    32000: "LZF",
    32001: "Blosc",
    32004: "LZ4",
    32008: "bitshuffle",
    32015: "Zstandard",
    32026: "Blosc2",
}


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turns what h5py raises into EpisodeBroken that names ``what``."""
    try:
        yield
    except UNREADABLE as error:
        raise EpisodeBroken(
            Reason.DATA_UNREADABLE, f"{what} cannot be read: {error}", remedy=RESTORE
        ) from error


def is_hdf5(path: Path) -> bool:
    """Whether the file begins as HDF5 does; a user block before it is not looked behind."""
    try:
        with path.open("rb") as file:
            return file.read(8) == b"\x89HDF\r\n\x1a\n"
    except OSError:
        return False


class Hdf5File:
    """An opened file. ``name`` is how messages call it. Use it as a context.

    Everything raises EpisodeBroken for what is damaged, absurd or outside the file.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self._file: Any = None

    def __enter__(self) -> Self:
        with reading(self.name):
            # Recordings lie on network drives too, where locks fail; nothing is written here.
            self._file = h5py.File(self.path, "r", locking=False)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def names(self, path: str) -> tuple[str, ...]:
        """The members of a group; none when there is no such group."""
        group = self._find(path)
        if not isinstance(group, h5py.Group):
            return ()
        with reading(f"“{path}” of {self.name}"):
            if len(group) > MAX_MEMBERS:
                raise self._absurd(path, f"has {len(group):,} members")
            return tuple(str(name) for name in group)

    def is_group(self, path: str) -> bool:
        return isinstance(self._find(path), h5py.Group)

    def array(self, path: str) -> "Array | None":
        """The dataset at ``path``, checked and unread; None when there is none."""
        found = self._find(path)
        if not isinstance(found, h5py.Dataset):
            return None
        with reading(f"“{path}” of {self.name}"):
            array = Array(path, self.name, found)
            _check(array)
        return array

    def need(self, path: str) -> "Array":
        """As ``array``; raises EpisodeBroken when there is none."""
        found = self.array(path)
        if found is None:
            raise EpisodeBroken(
                Reason.COLUMN_MISSING,
                f"{self.name} has no array “{path}”.",
                remedy="Restore the file from the source, or record the episode again.",
            )
        return found

    def attribute(self, path: str, name: str) -> Any:
        """An attribute as text, number, bool or a list of them; None when there is none."""
        owner = self._find(path)
        if owner is None:
            return None
        with reading(f"The attribute “{name}” of “{path}” of {self.name}"):
            if name not in owner.attrs:
                return None
            shape = owner.attrs.get_id(name).shape
            if shape is not None and math.prod(shape) > MAX_ATTRIBUTE_VALUES:
                raise self._absurd(path, f"has an attribute “{name}” of shape {shape}")
            return plain(owner.attrs[name])

    def text(self, path: str, name: str) -> str:
        """An attribute that is text; empty when there is none."""
        found = self.attribute(path, name)
        return clean(found) if isinstance(found, str) else ""

    def text_at(self, path: str) -> str | None:
        """A dataset that is one text; None when there is none."""
        found = self._find(path)
        if not isinstance(found, h5py.Dataset) or found.shape != ():
            return None
        with reading(f"“{path}” of {self.name}"):
            _check_outside(Array(path, self.name, found))
            value = plain(found[()])
        return value if isinstance(value, str) else None

    def _find(self, path: str, links: int = 0, asked: str = "") -> Any:
        """The object at ``path``, each step looked at before it is taken.

        ``asked`` is the path that soft links led here from.
        """
        asked = asked or path
        with reading(f"“{path}” of {self.name}"):
            at: Any = self._file
            parts = [part for part in path.split("/") if part not in ("", ".")]
            for number, part in enumerate(parts):
                link = at.get(part, getlink=True) if isinstance(at, h5py.Group) else None
                if isinstance(link, h5py.ExternalLink):
                    raise self._outside(asked, "is a link into another file")
                if isinstance(link, h5py.SoftLink):
                    if links >= MAX_LINKS:
                        raise self._outside(asked, "is a circle of links")
                    base = "" if link.path.startswith("/") else "/".join(parts[:number])
                    rest = "/".join([base, link.path, *parts[number + 1 :]])
                    return self._find(rest, links + 1, asked)
                if link is None:
                    return None
                at = at[part]
            return at

    def _outside(self, path: str, fact: str) -> EpisodeBroken:
        return EpisodeBroken(
            Reason.PATH_OUTSIDE, f"“{path}” of {self.name} {fact}.", remedy=COPY_WHOLE
        )

    def _absurd(self, path: str, fact: str) -> EpisodeBroken:
        return EpisodeBroken(Reason.ABSURD_SIZE, f"“{path}” of {self.name} {fact}.", remedy=REWRITE)


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """A dataset of an opened file: numbers, fixed texts, or rows of bytes of any length."""

    path: str
    file: str
    data: Any

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(int(side) for side in self.data.shape)

    @property
    def rows(self) -> int:
        return self.shape[0]

    @property
    def dtype(self) -> np.dtype[Any]:
        found: np.dtype[Any] = self.data.dtype
        return found

    @property
    def is_bytes(self) -> bool:
        """Whether a row is a run of bytes of its own length."""
        return self.dtype.kind == "S" or h5py.check_vlen_dtype(self.dtype) == np.dtype("u1")

    @property
    def bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize

    def __str__(self) -> str:
        return f"“{self.path}” of {self.file}"

    def whole(self) -> NDArray[Any]:
        """All values in native byte order. Raises EpisodeBroken beyond ``MAX_WHOLE_BYTES``."""
        if self.bytes > MAX_WHOLE_BYTES:
            raise EpisodeBroken(
                Reason.ABSURD_SIZE,
                f"{self} has {self.bytes:,} bytes; at most {MAX_WHOLE_BYTES:,} are read.",
                remedy=REWRITE,
            )
        with reading(str(self)):
            values: NDArray[Any] = self.data[()]
        return values.astype(values.dtype.newbyteorder("="), copy=False)

    def one(self, row: int) -> Any:
        with reading(str(self)):
            return self.data[row]

    def each(self) -> Iterator[Any]:
        """Row after row; about ``RUN_BYTES`` or a chunk in memory."""
        run = self._run()
        for at in range(0, self.rows, run):
            with reading(str(self)):
                block = self.data[at : at + run]
            yield from block

    def _run(self) -> int:
        row_bytes = max(1, math.prod(self.shape[1:]) * self.dtype.itemsize)
        fits = max(1, RUN_BYTES // row_bytes)
        chunk = self.data.chunks[0] if self.data.chunks else 1
        return fits if chunk > fits else fits // chunk * chunk


def plain(value: Any) -> Any:
    """numpy's and h5py's values as Python's own; texts are decoded and bounded."""
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.ravel().tolist()]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise ValueError(f"a text of {len(value):,} characters")
    return value if isinstance(value, str | int | float | bool) else None


def clean(text: str) -> str:
    """Without what no database keeps: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()


def _check(array: Array) -> None:
    _check_outside(array)
    _check_filters(array)
    kind = array.dtype.kind
    if kind not in "fiubS" and not array.is_bytes:
        raise EpisodeBroken(
            Reason.SHAPE_MISMATCH,
            f"{array} holds {array.dtype}, not numbers.",
            remedy="Write it as numbers, or leave it out.",
        )
    if not array.data.shape or len(array.shape) > 6:
        raise EpisodeBroken(
            Reason.SHAPE_MISMATCH,
            f"{array} has the shape {array.data.shape}; rows of values were expected.",
            remedy="Write one row for each step.",
        )
    _check_size(array)


def _check_outside(array: Array) -> None:
    plist = array.data.id.get_create_plist()
    if plist.get_layout() == h5d.VIRTUAL or plist.get_external_count():
        raise EpisodeBroken(
            Reason.PATH_OUTSIDE,
            f"{array} takes its values from other files.",
            remedy=COPY_WHOLE,
        )


def _check_filters(array: Array) -> None:
    plist = array.data.id.get_create_plist()
    for number in range(plist.get_nfilters()):
        code = plist.get_filter(number)[0]
        if not h5z.filter_avail(code):
            raise EpisodeBroken(
                Reason.DATA_UNREADABLE,
                f"{array} is packed with {FILTER_NAMES.get(code, 'a filter')} (HDF5 filter"
                f" {code}), which is not installed here.",
                remedy="Unpack it where the filter is: h5repack -f GZIP=4 IN OUT.",
            )


def _check_size(array: Array) -> None:
    """Sizes claimed against bounds, and against what lies in the file."""
    stored = array.data.id.get_storage_size()
    in_file = array.data.file.id.get_filesize()
    chunk = math.prod(array.data.chunks or ()) * array.dtype.itemsize
    packed = array.bytes > RATIO_FROM_BYTES and array.bytes > stored * MAX_RATIO
    too_big = array.rows > MAX_ROWS or chunk > MAX_CHUNK_BYTES
    row = math.prod(array.shape[1:]) * array.dtype.itemsize
    if too_big or row > MAX_CHUNK_BYTES or packed or stored > in_file:
        raise EpisodeBroken(
            Reason.ABSURD_SIZE,
            f"{array} claims {array.rows:,} rows of {row:,} bytes in chunks of {chunk:,}, and has"
            f" {stored:,} bytes in a file of {in_file:,}.",
            remedy=REWRITE,
        )
    if array.bytes and _missing_chunks(array, stored):
        raise EpisodeBroken(
            Reason.DATA_MISSING,
            f"{array} was not written to its end: parts of it are not in the file.",
            remedy="Record the episode again, or cut the array to what was recorded.",
        )


def _missing_chunks(array: Array, stored: int) -> bool:
    """HDF5 would give zeros for what was never written: values that nobody recorded."""
    if not array.data.chunks:
        return stored == 0
    pairs = zip(array.shape, array.data.chunks, strict=True)
    expected = math.prod(math.ceil(side / chunk) for side, chunk in pairs)
    return bool(array.data.id.get_num_chunks() < expected)
