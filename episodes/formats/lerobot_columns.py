"""Wide columns of one episode, read a few rows at a time: pictures and texts fill no memory."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from episodes.errors import EpisodeBroken
from episodes.records import EpisodeListing, Reason

# A group of rows is the least that a parquet file gives; LeRobot's newest have one an episode.
MAX_GROUP_BYTES = 2 * 2**30
ROWS = 64
# What pyarrow raises for damaged files: its own errors, ValueError for names that are no UTF-8.
UNREADABLE = (pa.ArrowException, OSError, ValueError, MemoryError)


def episode_batches(
    path: Path, file: str, listing: EpisodeListing, columns: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """The episode's rows of ``columns`` and of frame_index, in the order of the file.

    Groups of rows whose statistics rule the episode out are not opened. Raises EpisodeBroken.
    """
    wanted = ["episode_index", "frame_index", *columns]
    try:
        with pq.ParquetFile(path) as parquet:
            names = parquet.schema_arrow.names
            absent = next((name for name in wanted if names.count(name) != 1), None)
            if absent is not None:
                raise EpisodeBroken(
                    Reason.COLUMN_MISSING,
                    f"{file} has the column “{absent}” {names.count(absent)} times, which"
                    " meta/info.json declares once.",
                    remedy="Restore the file, or take the feature out of meta/info.json.",
                )
            groups = _groups(parquet, file, listing.index)
            if not groups:
                return
            for batch in parquet.iter_batches(batch_size=ROWS, row_groups=groups, columns=wanted):
                mine = batch.filter(pc.equal(batch["episode_index"], pa.scalar(listing.index)))
                if mine.num_rows:
                    yield mine
    except UNREADABLE as error:
        raise EpisodeBroken(
            Reason.DATA_UNREADABLE,
            f"The data file {file} cannot be read: {error}",
            remedy="Restore the file from the source; the copy may be incomplete.",
        ) from error


def _groups(parquet: pq.ParquetFile, file: str, index: int) -> list[int]:
    metadata = parquet.metadata
    column = parquet.schema_arrow.names.index("episode_index")
    found = []
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        known: Any = group.column(column).statistics if group.num_columns > column else None
        if known is not None and known.has_min_max and not known.min <= index <= known.max:
            continue
        if group.total_byte_size > MAX_GROUP_BYTES:
            raise EpisodeBroken(
                Reason.ABSURD_SIZE,
                f"{file} has a group of rows of {group.total_byte_size:,} bytes;"
                f" at most {MAX_GROUP_BYTES:,} are read.",
                remedy="Write the data with one group of rows an episode.",
            )
        found.append(number)
    return found
