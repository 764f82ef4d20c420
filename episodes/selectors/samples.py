"""Signals for the browser in tiles: time stamps and float32 columns, without a parser over there.

A long signal has levels: rows of level *k* give the least and greatest of ``FACTOR ** k`` samples.
"""

import struct
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa

from episodes.access import Viewer
from episodes.media_errors import MediaChanged, StreamUnknown
from episodes.models import Episode, Signal
from episodes.selectors.data_files import existing_file
from episodes.timebase.pyramid import FACTOR, TILE_ROWS, level_rows

MAGIC = b"TLSG"
VERSION = 2


def visible_signal(user: Viewer, signal_id: UUID) -> Signal:
    """Raises StreamUnknown also where the signal is there but not for ``user``."""
    seen = Episode.objects.visible_to(user).values("pk")
    signal = Signal.objects.filter(episode__in=seen, pk=signal_id).first()
    if signal is None:
        raise StreamUnknown("there is no such signal", remedy="Open it from your project's queue.")
    return signal


def level_path(samples: Path, level: int) -> Path:
    """Where a level lies beside its samples, which are level 0."""
    return samples if level == 0 else samples.with_suffix(f".level{level}{samples.suffix}")


def signal_layout(signal: Signal) -> dict[str, Any]:
    """The body of GET /api/v1/signals/<id>/layout: the levels, and when each tile begins.

    Raises MediaMissing, or MediaChanged when the file is not what was imported.
    """
    levels = []
    for level, rows in enumerate(level_rows(signal.samples)):
        times = _table(signal, level).column(0)
        starts = times.take(pa.array(range(0, rows, TILE_ROWS), type=pa.int64()))
        levels.append({"rows": rows, "starts_ns": starts.to_pylist()})
    return {
        "dimensions": len(signal.dimensions),
        "factor": FACTOR,
        "tile_rows": TILE_ROWS,
        "levels": levels,
    }


def tile_bytes(signal: Signal, level: int, number: int) -> bytes:
    """ "TLSG", uint32 LE version, level, n, dims; n int64 LE t_ns; float32 LE, dimension-major.

    Level 0 holds dims x n values, every other level dims x n least and then dims x n greatest
    ones. Nulls become NaN. Raises StreamUnknown for a tile that is not there, MediaMissing, or
    MediaChanged when the file is not what was imported.
    """
    rows = level_rows(signal.samples)
    if level >= len(rows) or number * TILE_ROWS >= max(rows[level], 1):
        raise StreamUnknown(
            f"{signal.name} has no tile {number} of level {level}",
            remedy="The signal's layout lists its levels and tiles.",
        )
    table = _table(signal, level).slice(number * TILE_ROWS, TILE_ROWS)
    times = table.column(0).to_numpy().astype("<i8")
    # By place, not by name: sources name two dimensions alike.
    columns = [
        table.column(at).cast(pa.float32(), safe=False).to_numpy().astype("<f4")
        for at in range(1, table.num_columns)
    ]
    dimensions = len(signal.dimensions)
    head = struct.pack("<4sIIII", MAGIC, VERSION, level, table.num_rows, dimensions)
    values = np.concatenate(columns) if columns else np.empty(0, dtype="<f4")
    return head + times.tobytes() + values.tobytes()


def signal_table(signal: Signal) -> pa.Table:
    """All samples as mapped columns, ``t_ns`` first. Raises MediaMissing or MediaChanged."""
    return _table(signal, 0)


def _table(signal: Signal, level: int) -> pa.Table:
    """A level as mapped columns: only what is used of it is read."""
    path = existing_file(str(level_path(Path(signal.path), level)))
    try:
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_file(source).read_all()
    except (pa.ArrowInvalid, OSError) as error:
        raise _changed(signal, "it cannot be read") from error
    if table.column_names[:1] != ["t_ns"]:
        raise _changed(signal, "its first column is not t_ns")
    width = len(signal.dimensions) * (1 if level == 0 else 2) + 1
    if table.num_rows != level_rows(signal.samples)[level] or table.num_columns != width:
        raise _changed(signal, "its size is not what the import recorded")
    return table


def _changed(signal: Signal, fact: str) -> MediaChanged:
    return MediaChanged(
        f"the samples of {signal.name} are damaged: {fact}",
        remedy="Import the episode again.",
        signal=signal.name,
    )
