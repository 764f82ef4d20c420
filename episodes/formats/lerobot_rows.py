"""One episode's rows of a LeRobot data table, checked and turned into signals.

Time is frame_index / fps, exactly; the float32 ``timestamp`` column is only compared with it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from episodes.errors import EpisodeBroken
from episodes.formats.features import dimensions, signal_kind
from episodes.formats.lerobot_info import MAX_EPISODE_FRAMES, LeRobotInfo
from episodes.formats.lerobot_questions import with_unit
from episodes.records import Answers, EpisodeListing, Notice, Reason, SignalRecord
from episodes.timebase import NS, Rate, rate_times_ns

# LeRobot's own tolerance_s for a timestamp that is to hit a frame.
TIMESTAMP_TOLERANCE_NS = 100_000
# ns of an episode stay exact in a browser's number.
MAX_DURATION_NS = 2**53

Values = NDArray[np.floating[Any]]


def check_listing(listing: EpisodeListing, rate: Rate) -> None:
    """Raises EpisodeBroken for a length that no recording has."""
    if listing.frames == 0:
        raise EpisodeBroken(
            Reason.ZERO_LENGTH,
            f"{listing.key} has length 0.",
            remedy="Leave it out, or record it again.",
        )
    too_long = listing.frames > MAX_EPISODE_FRAMES
    if listing.frames < 0 or too_long or rate.time_ns(listing.frames) >= MAX_DURATION_NS:
        raise EpisodeBroken(
            Reason.ABSURD_SIZE,
            f"{listing.key} claims {listing.frames:,} frames;"
            f" 1 to {MAX_EPISODE_FRAMES:,} are possible.",
            remedy="Correct its length in the dataset's metadata.",
        )


def check_columns(names: Iterable[str], info: LeRobotInfo, file: str) -> None:
    """Raises EpisodeBroken naming the first declared column that ``file`` does not hold once."""
    present = Counter(names)
    for feature in info.columns:
        if present[feature.name] == 0:
            raise EpisodeBroken(
                Reason.COLUMN_MISSING,
                f"{file} has no column “{feature.name}”, which meta/info.json declares.",
                remedy="Restore the file, or take the feature out of meta/info.json.",
            )
        if present[feature.name] > 1:
            raise EpisodeBroken(
                Reason.SHAPE_MISMATCH,
                f"{file} has {present[feature.name]} columns named “{feature.name}”.",
                remedy="Write the file again with each column once.",
            )


def ordered_rows(table: pa.Table, listing: EpisodeListing, file: str) -> pa.Table:
    """The episode's rows in frame order, frame_index 0..n-1. Raises EpisodeBroken."""
    if table.num_rows != listing.frames:
        raise EpisodeBroken(
            Reason.LENGTH_MISMATCH,
            f"{listing.key} claims {listing.frames:,} frames, {file} holds {table.num_rows:,}.",
            remedy="Correct the episode's length in the metadata, or restore the data file.",
        )
    frame_index = column_values(table, "frame_index", 1, file)[:, 0]
    if not np.array_equal(frame_index, np.arange(table.num_rows)):
        table = table.sort_by("frame_index")
        frame_index = np.sort(frame_index)
    if not np.array_equal(frame_index, np.arange(table.num_rows)):
        raise EpisodeBroken(
            Reason.FRAME_INDEX_BROKEN,
            f"frame_index of {listing.key} in {file} does not count 0 to {table.num_rows - 1}"
            " without gaps or doubles.",
            remedy="Restore the data file, or renumber the rows of the episode.",
        )
    return table


def check_timestamps(table: pa.Table, rate: Rate, file: str) -> tuple[Notice, ...]:
    """Compare ``timestamp`` with frame_index / fps.

    A difference above LeRobot's tolerance (or the column's own resolution) is a notice; half a
    frame or more raises EpisodeBroken, because it is no longer clear which frame a row belongs to.
    """
    stamps = column_values(table, "timestamp", 1, file)[:, 0]
    _require_finite("timestamp", stamps[:, None], ["timestamp"], file)
    due_ns = rate_times_ns(len(stamps), rate)
    off_ns = np.abs(stamps.astype(np.float64) * NS - due_ns)
    resolution_ns = 2 * np.spacing(np.abs(stamps).astype(np.float32)).astype(np.float64) * NS
    worst = int(np.argmax(off_ns))
    said = (
        f"timestamp of frame {worst} is {float(stamps[worst]):.6f} s, {off_ns[worst] / 1e6:.3f} ms"
    )
    if off_ns[worst] >= rate.period_ns / 2:
        raise EpisodeBroken(
            Reason.TIMESTAMPS_DISAGREE,
            f"In {file} the {said} off frame_index / fps ({rate} Hz).",
            remedy="Correct fps in meta/info.json, or the timestamps.",
        )
    if np.any(off_ns > np.maximum(TIMESTAMP_TOLERANCE_NS, resolution_ns)):
        return (
            Notice(
                "timestamps_off",
                f"In {file} the {said} off frame_index / fps; frame_index / fps is used.",
            ),
        )
    return ()


def signals(
    table: pa.Table, info: LeRobotInfo, file: str, answers: Answers
) -> tuple[SignalRecord, ...]:
    """Every numeric feature of the robot, in the units answered.

    Raises EpisodeBroken for NaN, infinities and gaps.
    """
    t_ns = rate_times_ns(table.num_rows, info.rate)
    found = []
    for feature in info.signals:
        named = dimensions(feature.name, feature.names, feature.size)
        named = with_unit(named, feature.name, answers)
        values = column_values(table, feature.name, feature.size, file)
        _require_finite(feature.name, values, [d.name for d in named], file)
        found.append(
            SignalRecord(
                name=feature.name,
                kind=signal_kind(feature.name),
                dimensions=named,
                t_ns=t_ns,
                values=values,
            )
        )
    return tuple(found)


def check_numbering(table: pa.Table, file: str) -> None:
    """The columns that number rows and tasks hold whole numbers. Raises EpisodeBroken."""
    for name in ("frame_index", "episode_index", "index", "task_index"):
        column = table[name]
        if column.null_count or not pa.types.is_integer(column.type):
            raise EpisodeBroken(
                Reason.SHAPE_MISMATCH,
                f"The column “{name}” of {file} has missing values or is not of whole numbers"
                f" ({column.type}).",
                remedy="Restore the data file.",
            )


def column_values(table: pa.Table, name: str, size: int, file: str) -> Values:
    """A column as floats, shape (rows, size); float32 stays float32. Missing values are NaN.

    Raises EpisodeBroken when the column does not hold ``size`` numbers a row.
    """
    column = table[name].combine_chunks()
    rows = len(column)
    try:
        while _is_list(column.type):
            column = _flatten(column)
        values = column.to_numpy(zero_copy_only=False)
        if values.dtype.kind not in "fiub":
            raise TypeError(f"holds {table[name].type}")
        floats: Values = values if values.dtype.kind == "f" else values.astype(np.float64)
        return floats.reshape(rows, size)
    except (ValueError, TypeError, pa.ArrowException) as error:
        raise EpisodeBroken(
            Reason.SHAPE_MISMATCH,
            f"The column “{name}” of {file} does not hold {size} numbers in every row: {error}",
            remedy="Correct the feature's shape in meta/info.json, or restore the data file.",
        ) from error


def _is_list(kind: pa.DataType) -> bool:
    tests = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(test(kind) for test in tests)


def _flatten(column: Any) -> Any:
    """One level of lists less; every list has to be there and of one length."""
    lengths = pc.list_value_length(column)
    if lengths.null_count or len(pc.unique(lengths)) > 1:
        raise ValueError("its rows are of different lengths, or some are missing")
    return column.flatten()


def _require_finite(name: str, values: Values, named: Sequence[str], file: str) -> None:
    bad = ~np.isfinite(values)
    count = int(np.count_nonzero(bad))
    if not count:
        return
    frame, dimension = (int(n) for n in np.argwhere(bad)[0])
    raise EpisodeBroken(
        Reason.VALUES_NOT_FINITE,
        f"“{name}” in {file} has {count:,} values that are NaN, infinite or missing; the first is"
        f" “{named[dimension]}” (dimension {dimension}) at frame {frame}.",
        remedy="Repair or cut the recording: a policy cannot be trained on missing values.",
    )
