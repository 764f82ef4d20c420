"""The data files of a LeRobot dataset: the rows of one episode out of a parquet file of many."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from episodes.errors import EpisodeBroken
from episodes.formats.lerobot_columns import UNREADABLE
from episodes.formats.lerobot_info import LeRobotInfo
from episodes.formats.lerobot_rows import check_columns, ordered_rows
from episodes.formats.paths import has_bytes
from episodes.records import EpisodeListing, Reason

# A data file of LeRobot's is 100 MB; these bounds keep a crafted one from filling memory.
MAX_FILE_ROWS = 50_000_000
MAX_FILE_BYTES = 4 * 2**30
# Below this a file is read once and cut by episode, above it is filtered for every episode.
CACHED_FILE_BYTES = 256 * 2**20


class EpisodeRows:
    """Rows by episode. Those of the last episode are remembered, and a small file as a whole."""

    def __init__(self, info: LeRobotInfo) -> None:
        self.info = info
        self._last: tuple[tuple[object, ...], pa.Table] | None = None
        self._file: tuple[tuple[Path, int, int], pa.Table, NDArray[Any]] | None = None

    def rows(self, listing: EpisodeListing, path: Path, file: str) -> pa.Table:
        """The episode's, in order. ``file`` is what the dataset calls ``path``.

        Raises EpisodeBroken.
        """
        stat = path.stat() if has_bytes(path) else None
        version = (listing.key, path, stat and stat.st_mtime_ns, stat and stat.st_size)
        if self._last is None or self._last[0] != version:
            self._last = (version, self._fresh_rows(listing, path, file))
        return self._last[1]

    def _fresh_rows(self, listing: EpisodeListing, path: Path, file: str) -> pa.Table:
        if not has_bytes(path):
            raise EpisodeBroken(
                Reason.DATA_MISSING,
                f"The data file {file} of {listing.key} is missing or empty.",
                remedy="Restore the file from the source.",
            )
        try:
            rows = self._read_rows(listing, path, file)
        except UNREADABLE as error:
            raise EpisodeBroken(
                Reason.DATA_UNREADABLE,
                f"The data file {file} cannot be read: {error}",
                remedy="Restore the file from the source; the copy may be incomplete.",
            ) from error
        return ordered_rows(rows, listing, file)

    def _read_rows(self, listing: EpisodeListing, path: Path, file: str) -> pa.Table:
        """The declared columns of the rows with the episode's index, as they lie in the file."""
        wanted = pc.field("episode_index") == listing.index
        stat = path.stat()
        version = (path, stat.st_mtime_ns, stat.st_size)
        if self._file is None or self._file[0] != version:
            with pq.ParquetFile(path) as parquet:
                check_columns(parquet.schema_arrow.names, self.info, file)
                size = decoded_bytes(parquet, file)
            columns = [feature.name for feature in self.info.columns]
            if size > CACHED_FILE_BYTES:
                return pq.read_table(path, columns=columns, filters=wanted)
            table = pq.read_table(path, columns=columns)
            self._file = (version, table, table["episode_index"].to_numpy())
        return _cut(self._file[1], np.flatnonzero(self._file[2] == listing.index))


def _cut(table: pa.Table, at: NDArray[np.intp]) -> pa.Table:
    """Rows by position; without copying where they lie together, as recorded datasets have them."""
    if len(at) and at[-1] - at[0] == len(at) - 1:
        return table.slice(int(at[0]), len(at))
    return table.take(at)


def decoded_bytes(parquet: pq.ParquetFile, file: str) -> int:
    """Bytes the file says it unpacks to. Raises EpisodeBroken beyond any real dataset."""
    metadata = parquet.metadata
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if metadata.num_rows > MAX_FILE_ROWS or size > MAX_FILE_BYTES:
        raise EpisodeBroken(
            Reason.ABSURD_SIZE,
            f"{file} claims {metadata.num_rows:,} rows of {size:,} bytes;"
            f" at most {MAX_FILE_ROWS:,} rows of {MAX_FILE_BYTES:,} bytes are read.",
            remedy="Write the data in files of LeRobot's usual 100 MB.",
        )
    return size
