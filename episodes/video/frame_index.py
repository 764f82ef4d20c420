"""The frame index as a record: where each coded picture lies, and when it is shown."""

import base64
import gzip
import json
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from episodes.timebase import ticks_to_ns
from episodes.video.errors import IndexUnreadable, SliceOutsideVideo

SCHEMA_VERSION = 1
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class FrameIndexRecord:
    """Rows in decode order, shape (rows,): byte offset, byte size, integer PTS, flags.

    ``discard`` marks pictures that an edit list hides: decoded, never shown. ``time_base`` is
    (num, den) seconds a tick; ``width`` and ``height`` are in pixels as coded, before ``rotation``
    (clockwise degrees to apply for display); ``file_size`` in bytes; ``duration_ticks`` runs from
    the first shown picture to the end of the last.
    """

    codec: str
    description: bytes
    width: int
    height: int
    rotation: int
    time_base: tuple[int, int]
    duration_ticks: int
    file_size: int
    off: Ints
    size: Ints
    pts: Ints
    key: Flags
    discard: Flags

    @cached_property
    def order(self) -> Ints:
        """Row of each presentation position, shape (frames,)."""
        shown = np.flatnonzero(~self.discard)
        return shown[np.argsort(self.pts[shown], kind="stable")]

    @cached_property
    def _keys(self) -> Ints:
        return np.flatnonzero(self.key)

    @property
    def frames(self) -> int:
        """How many pictures are shown."""
        return len(self.order)

    @property
    def max_gop(self) -> int:
        """Most rows that one picture may need decoded: the longest run from key to key."""
        starts = np.append(self._keys, len(self.key))
        return int(np.diff(starts).max(initial=0))

    @property
    def display_size(self) -> tuple[int, int]:
        """Width and height in pixels after rotation."""
        turned = self.rotation in (90, 270)
        return (self.height, self.width) if turned else (self.width, self.height)

    @property
    def duration_ns(self) -> int:
        return int(ticks_to_ns(np.array([self.duration_ticks]), *self.time_base)[0])

    @cached_property
    def shown_ns(self) -> Ints:
        """Times of all frames from the first on, shape (frames,), int64 ns.

        Every episode of a file that many share looks for its first frame in them.
        """
        return self.times_ns(0, self.frames)

    def start_row(self, position: int) -> int:
        """The key row to decode from for ``position``.

        The last key that neither follows the picture in decode order nor in presentation order:
        pictures that lead an open GOP's key need the GOP before it.
        """
        row = int(self.order[position])
        nearest = int(np.searchsorted(self._keys, row, side="right")) - 1
        while nearest > 0 and self.pts[self._keys[nearest]] > self.pts[row]:
            nearest -= 1
        return int(self._keys[nearest])

    def times_ns(self, start_frame: int, frames: int, offset_ns: int = 0) -> Ints:
        """Times of the slice's frames on the episode clock, shape (frames,), int64 ns.

        offset_ns + round_half_up((pts[i] - pts[0]) * num * 1e9 / den).
        """
        self.check_slice(start_frame, frames)
        pts = self.pts[self.order[start_frame : start_frame + frames]]
        times: Ints = ticks_to_ns(pts - pts[0], *self.time_base) + offset_ns
        return times

    def check_slice(self, start_frame: int, frames: int) -> None:
        if start_frame < 0 or frames < 1 or start_frame + frames > self.frames:
            raise SliceOutsideVideo(
                f"frames {start_frame} to {start_frame + frames - 1} were asked for, "
                f"the video has {self.frames}",
                remedy="The dataset's frame counts and its video disagree: check the source.",
                start_frame=start_frame,
                frames=frames,
                video_frames=self.frames,
            )

    def to_bytes(self) -> bytes:
        """Gzipped JSON, the same bytes for the same index."""
        document = {
            "schema_version": SCHEMA_VERSION,
            "codec": self.codec,
            "description": base64.b64encode(self.description).decode(),
            "width": self.width,
            "height": self.height,
            "rotation": self.rotation,
            "time_base": list(self.time_base),
            "duration_ticks": self.duration_ticks,
            "file_size": self.file_size,
            "off": self.off.tolist(),
            "size": self.size.tolist(),
            "pts": self.pts.tolist(),
            "key": np.flatnonzero(self.key).tolist(),
            "discard": np.flatnonzero(self.discard).tolist(),
        }
        text = json.dumps(document, separators=(",", ":")).encode()
        return gzip.compress(text, compresslevel=2, mtime=0)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Read back what ``to_bytes`` made; raises IndexUnreadable for anything else."""
        try:
            document = json.loads(gzip.decompress(stored))
            if document["schema_version"] != SCHEMA_VERSION:
                raise ValueError(f"schema version {document['schema_version']}")
            return cls(**_fields(document))
        except (
            OSError,
            EOFError,
            zlib.error,
            ValueError,
            KeyError,
            TypeError,
            IndexError,
        ) as error:
            raise IndexUnreadable(
                f"a stored frame index cannot be read ({error})",
                remedy="Index the video again: manage.py index_media --again",
            ) from error


def _fields(document: dict[str, Any]) -> dict[str, Any]:
    arrays = {name: np.array(document[name], dtype=np.int64) for name in ("off", "size", "pts")}
    rows = len(arrays["off"])
    flags = {name: np.zeros(rows, dtype=np.bool_) for name in ("key", "discard")}
    for name, flag in flags.items():
        flag[document[name]] = True
    if {len(array) for array in arrays.values()} != {rows}:
        raise ValueError("columns of different lengths")
    plain = ("codec", "width", "height", "rotation", "duration_ticks", "file_size")
    num, den = document["time_base"]
    return {
        **{name: document[name] for name in plain},
        **arrays,
        **flags,
        "description": base64.b64decode(document["description"]),
        "time_base": (num, den),
    }
