"""The levels of a long signal, written beside its samples."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from episodes.selectors.samples import level_path
from episodes.timebase.pyramid import Rows, level_rows, reduced


def write_levels(path: Path, samples: int) -> None:
    """Write every level above the ``samples`` in the Arrow file ``path``; none for a short signal.

    A level is Arrow IPC too: ``t_ns``, then a ``low`` and a ``high`` column a dimension.
    """
    for level in range(1, len(level_rows(samples))):
        with pa.memory_map(str(level_path(path, level - 1))) as source:
            rows = map(_sample_rows if level == 1 else _level_rows, _batches(source))
            _write(level_path(path, level), reduced(rows))


def _batches(source: pa.MemoryMappedFile) -> Iterator[pa.RecordBatch]:
    reader = pa.ipc.open_file(source)
    for number in range(reader.num_record_batches):
        yield reader.get_batch(number)


def _matrix(columns: "list[pa.Array[Any]]", rows: int) -> Any:
    found = [column.cast(pa.float32(), safe=False).to_numpy(False) for column in columns]
    return np.column_stack(found) if found else np.empty((rows, 0), np.float32)


def _sample_rows(batch: pa.RecordBatch) -> Rows:
    values = _matrix(batch.columns[1:], batch.num_rows)
    return Rows(batch.column(0).to_numpy(False), values, values)


def _level_rows(batch: pa.RecordBatch) -> Rows:
    dimensions = (batch.num_columns - 1) // 2
    low = _matrix(batch.columns[1 : 1 + dimensions], batch.num_rows)
    high = _matrix(batch.columns[1 + dimensions :], batch.num_rows)
    return Rows(batch.column(0).to_numpy(False), low, high)


def _write(path: Path, parts: Iterator[Rows]) -> None:
    first = next(parts)
    dimensions = range(first.low.shape[1])
    names = [f"{bound}_{i}" for bound in ("low", "high") for i in dimensions]
    fields: list[Any] = [
        pa.field("t_ns", pa.int64()),
        *(pa.field(name, pa.float32()) for name in names),
    ]
    schema: pa.Schema = pa.schema(fields)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for rows in (first, *parts):
            columns: list[Any] = [pa.array(rows.t_ns)]
            columns += [pa.array(part[:, i]) for part in (rows.low, rows.high) for i in dimensions]
            writer.write_batch(pa.record_batch(columns, schema=schema))
