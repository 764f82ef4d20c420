"""Tables of numbers in plain files: CSV, JSON Lines, JSON and Parquet, a portion at a time."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.json as pj
import pyarrow.parquet as pq
from numpy.typing import NDArray

from episodes.errors import EpisodeBroken
from episodes.formats.folder_entries import TIME_UNITS, TimeColumn
from episodes.formats.lerobot_columns import MAX_GROUP_BYTES, UNREADABLE
from episodes.records import Reason

# 512 MB as float64, and more than any robot's recording; beyond it a file is not read on.
MAX_VALUES = 64_000_000
MAX_JSON_BYTES = 64 * 2**20
BLOCK_BYTES = 4 * 2**20
ROWS = 65_536
SUFFIXES = (".csv", ".jsonl", ".json", ".parquet")

Times = NDArray[np.int64]


def column_names(path: Path, file: str) -> list[str]:
    """The names in the table's head. Raises EpisodeBroken, also when one is there twice."""
    try:
        names = _names(path, file)
    except UNREADABLE as error:
        raise _unreadable(file, error) from error
    double = next((name for name, times in Counter(names).items() if times > 1), None)
    if double is not None:
        raise EpisodeBroken(
            Reason.SHAPE_MISMATCH,
            f"{file} has {names.count(double)} columns named “{double}”.",
            remedy="Give every column its own name.",
        )
    return names


def read_columns(
    path: Path, file: str, time: TimeColumn, columns: Sequence[str]
) -> tuple[Times, NDArray[np.float64]]:
    """(t_ns (n,), values (n, columns)) of a table; times strictly ascending, values finite.

    Raises EpisodeBroken.
    """
    parts: list[tuple[NDArray[Any], NDArray[np.float64]]] = []
    rows = 0
    try:
        for batch in _batches(path, file, time, columns):
            rows += batch.num_rows
            if rows * (len(columns) + 1) > MAX_VALUES:
                raise EpisodeBroken(
                    Reason.ABSURD_SIZE,
                    f"{file} holds more than {MAX_VALUES:,} numbers.",
                    remedy="Split the recording into episodes, or leave columns out.",
                )
            values = [_floats(batch[name], name, file) for name in columns]
            wide = np.stack(values, axis=1) if values else np.empty((batch.num_rows, 0))
            parts.append((_numbers(batch[time.column], time.column, file), wide))
    except UNREADABLE as error:
        raise _unreadable(file, error) from error
    if not rows:
        raise EpisodeBroken(
            Reason.ZERO_LENGTH, f"{file} holds no row.", remedy="Leave the signal out."
        )
    t_ns = _times(np.concatenate([t for t, _ in parts]), time, file)
    joined = np.concatenate([values for _, values in parts])
    _require_finite(joined, columns, file)
    return t_ns, joined


def _names(path: Path, file: str) -> list[str]:
    if path.suffix == ".csv":
        with pc.open_csv(path, read_options=pc.ReadOptions(block_size=BLOCK_BYTES)) as reader:
            return list(reader.schema.names)
    if path.suffix == ".parquet":
        with pq.ParquetFile(path) as parquet:
            return list(parquet.schema_arrow.names)
    if path.suffix == ".jsonl":
        with pj.open_json(path, read_options=pj.ReadOptions(block_size=BLOCK_BYTES)) as lines:
            return list(lines.schema.names)
    return _json_table(path, file).column_names


def _batches(
    path: Path, file: str, time: TimeColumn, columns: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """Only the wanted columns, in portions of a few megabytes."""
    wanted = [time.column, *columns]
    if path.suffix == ".csv":
        kinds: dict[str, pa.DataType] = dict.fromkeys(columns, pa.float64())
        kinds[time.column] = pa.int64() if time.unit in ("ns", "us") else pa.float64()
        options = pc.ConvertOptions(column_types=kinds, include_columns=wanted)
        block = pc.ReadOptions(block_size=BLOCK_BYTES)
        with pc.open_csv(path, read_options=block, convert_options=options) as reader:
            yield from reader
    elif path.suffix == ".parquet":
        yield from _parquet(path, file, wanted)
    elif path.suffix == ".jsonl":
        with pj.open_json(path, read_options=pj.ReadOptions(block_size=BLOCK_BYTES)) as lines:
            yield from lines
    else:
        yield from _json_table(path, file).to_batches(ROWS)


def _parquet(path: Path, file: str, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as parquet:
        metadata = parquet.metadata
        sizes = [metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups)]
        if max(sizes, default=0) > MAX_GROUP_BYTES or metadata.num_rows > MAX_VALUES:
            raise EpisodeBroken(
                Reason.ABSURD_SIZE,
                f"{file} claims {metadata.num_rows:,} rows, up to {max(sizes):,} bytes a group.",
                remedy=f"Write groups of rows of at most {MAX_GROUP_BYTES:,} bytes.",
            )
        yield from parquet.iter_batches(batch_size=ROWS, columns=list(wanted))


def _json_table(path: Path, file: str) -> pa.Table:
    """A list of row objects, or an object of columns. Raises EpisodeBroken, ValueError."""
    if path.stat().st_size > MAX_JSON_BYTES:
        raise EpisodeBroken(
            Reason.ABSURD_SIZE,
            f"{file} has {path.stat().st_size:,} bytes; JSON is read up to {MAX_JSON_BYTES:,}.",
            remedy="Write it as JSON Lines (.jsonl), CSV or Parquet, which are read in portions.",
        )
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if isinstance(found, list):
        return pa.Table.from_pylist(found)
    if isinstance(found, dict):
        return pa.table({name: pa.array(values) for name, values in found.items()})
    raise ValueError("it is neither a list of rows nor an object of columns")


def _numbers(column: Any, name: str, file: str) -> NDArray[Any]:
    kind = column.type
    if column.null_count or not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise EpisodeBroken(
            Reason.SHAPE_MISMATCH,
            f"The time column “{name}” of {file} has missing values or is not of numbers ({kind}).",
            remedy="Give every row a time as a number.",
        )
    return np.asarray(column.to_numpy(zero_copy_only=False))


def _floats(column: Any, name: str, file: str) -> NDArray[np.float64]:
    kind = column.type
    plain = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    if not plain and not pa.types.is_null(kind):
        raise EpisodeBroken(
            Reason.SHAPE_MISMATCH,
            f"The column “{name}” of {file} is not of single numbers ({kind}).",
            remedy="Name the columns to read under “dimensions”, each of single numbers.",
        )
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False))


def _times(found: NDArray[Any], time: TimeColumn, file: str) -> Times:
    """The column in ns from the episode's start; whole numbers stay exact."""
    scale = TIME_UNITS[time.unit]
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        raise _bad_times(file, time, "has times that are NaN or infinite")
    if found.dtype.kind in "iu" and isinstance(time.zero, int):
        shifted = found.astype(np.int64) - time.zero
        limit = 2**53 // scale
        outside = (shifted < 0) | (shifted > limit)
        t_ns = np.where(outside, 0, shifted) * scale
    else:
        seconds = found.astype(np.float64) - time.zero
        outside = (seconds < 0) | (seconds * scale > 2**53)
        t_ns = np.rint(np.where(outside, 0, seconds) * scale).astype(np.int64)
    if outside.any():
        row = int(np.argmax(outside))
        raise _bad_times(
            file, time, f"has {found[row]} {time.unit} in row {row}, outside the episode"
        )
    back = np.flatnonzero(np.diff(t_ns) <= 0)
    if len(back):
        row = int(back[0]) + 1
        said = f"does not ascend: row {row} has {found[row]} after {found[row - 1]} {time.unit}"
        raise _bad_times(file, time, said)
    return np.asarray(t_ns, dtype=np.int64)


def _bad_times(file: str, time: TimeColumn, said: str) -> EpisodeBroken:
    return EpisodeBroken(
        Reason.TIMESTAMPS_DISAGREE,
        f"The time column “{time.column}” of {file} {said}.",
        remedy="Sort the rows by time, each time once, and give “zero”, the episode's start in the"
        " column's unit.",
    )


def _require_finite(values: NDArray[np.float64], columns: Sequence[str], file: str) -> None:
    bad = ~np.isfinite(values)
    count = int(np.count_nonzero(bad))
    if count:
        row, column = (int(n) for n in np.argwhere(bad)[0])
        raise EpisodeBroken(
            Reason.VALUES_NOT_FINITE,
            f"{file} has {count:,} values that are NaN, infinite or missing; the first is"
            f" “{columns[column]}” in row {row}.",
            remedy="Repair or cut the recording: a policy cannot be trained on missing values.",
        )


def _unreadable(file: str, error: BaseException) -> EpisodeBroken:
    return EpisodeBroken(
        Reason.DATA_UNREADABLE,
        f"The file {file} cannot be read: {error}",
        remedy="Restore the file, or write it again as CSV, JSON Lines, JSON or Parquet.",
    )
