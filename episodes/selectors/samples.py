"""Signals for the browser: time stamps and float32 columns, without a parser on the other side."""

import struct
from uuid import UUID

import numpy as np
import pyarrow as pa

from episodes.access import Viewer
from episodes.media_errors import MediaChanged, StreamUnknown
from episodes.models import Episode, Signal
from episodes.selectors.data_files import existing_file

MAGIC = b"TLSG"
VERSION = 1


def visible_signal(user: Viewer, signal_id: UUID) -> Signal:
    """Raises StreamUnknown also where the signal is there but not for ``user``."""
    seen = Episode.objects.visible_to(user).values("pk")
    signal = Signal.objects.filter(episode__in=seen, pk=signal_id).first()
    if signal is None:
        raise StreamUnknown("there is no such signal", remedy="Open it from your project's queue.")
    return signal


def samples_bytes(signal: Signal) -> bytes:
    """ "TLSG", uint32 LE version, n, dims; n int64 LE t_ns; dims x n float32 LE, dimension-major.

    Nulls become NaN. Raises MediaMissing, or MediaChanged when the file is not what was imported.
    """
    table = _read(signal)
    if table.num_rows != signal.samples or table.num_columns != len(signal.dimensions) + 1:
        raise _changed(signal, "its size is not what the import recorded")
    times = table.column(0).to_numpy().astype("<i8")
    # By place, not by name: sources name two dimensions alike.
    columns = [
        table.column(at).cast(pa.float32(), safe=False).to_numpy().astype("<f4")
        for at in range(1, table.num_columns)
    ]
    head = struct.pack("<4sIII", MAGIC, VERSION, table.num_rows, len(columns))
    values = np.concatenate(columns) if columns else np.empty(0, dtype="<f4")
    return head + times.tobytes() + values.tobytes()


def _read(signal: Signal) -> pa.Table:
    path = existing_file(signal.path)
    try:
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_file(source).read_all()
    except (pa.ArrowInvalid, OSError) as error:
        raise _changed(signal, "it cannot be read") from error
    if table.column_names[:1] != ["t_ns"]:
        raise _changed(signal, "its first column is not t_ns")
    return table


def _changed(signal: Signal, fact: str) -> MediaChanged:
    return MediaChanged(
        f"the samples of {signal.name} are damaged: {fact}",
        remedy="Import the episode again.",
        signal=signal.name,
    )
