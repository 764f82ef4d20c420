"""The files of a LeRobot v3.0 folder, as a release fills them."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from episodes.errors import ExportFailed
from episodes.formats.lerobot_v30 import DATA_PATH, VIDEO_PATH
from episodes.formats.paths import fill
from episodes.records import StreamRecord
from episodes.video.copying import copy_hashed

FILES_PER_CHUNK = 1000
DATA_FILE_BYTES = 100 * 2**20


@dataclass
class VideoFiles:
    """Source videos by camera, copied once each and numbered in order of first use."""

    root: Path
    places: dict[tuple[str, Path], tuple[int, int]] = field(default_factory=dict)
    sha256: dict[str, str] = field(default_factory=dict)

    def place(self, stream: StreamRecord) -> tuple[int, int]:
        """(chunk, file) of the stream's video in the export."""
        key = (stream.source_key, stream.path)
        if key not in self.places:
            number = sum(camera == stream.source_key for camera, _ in self.places)
            self.places[key] = divmod(number, FILES_PER_CHUNK)
            self._copy(stream, *self.places[key])
        return self.places[key]

    def _copy(self, stream: StreamRecord, chunk: int, file: int) -> None:
        size, free = stream.path.stat().st_size, shutil.disk_usage(self.root).free
        if size > free:
            raise ExportFailed(
                f"{stream.media} needs {size:,} bytes, the export's disk has {free:,} left.",
                remedy="Free space, or export to another disk.",
            )
        place: dict[str, str | int] = {"chunk_index": chunk, "file_index": file}
        name = fill(VIDEO_PATH, place | {"video_key": stream.source_key})
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        self.sha256[name] = copy_hashed(stream.path, target)


@dataclass
class DataFiles:
    """Frames of many episodes a file, one row group an episode, about 100 MB a file."""

    root: Path
    number: int = 0
    written: int = 0
    writer: pq.ParquetWriter | None = None
    schema: pa.Schema | None = None

    def add(self, table: pa.Table) -> tuple[int, int]:
        """(chunk, file) that the episode's rows went to."""
        if self.schema is None:
            self.schema = table.schema.remove_metadata()
        if self.written > DATA_FILE_BYTES:
            self.close()
            self.number, self.written = self.number + 1, 0
        chunk, file = divmod(self.number, FILES_PER_CHUNK)
        if self.writer is None:
            path = self.root / fill(DATA_PATH, {"chunk_index": chunk, "file_index": file})
            path.parent.mkdir(parents=True, exist_ok=True)
            self.writer = pq.ParquetWriter(path, self.schema, compression="snappy")
        table = table.cast(self.schema)
        self.writer.write_table(table, row_group_size=table.num_rows)
        self.written += table.nbytes
        return chunk, file

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.writer = None


def write_index(path: Path, name: str, texts: Sequence[str]) -> None:
    """A table of text to number the way pandas stores it, with the text as its index.

    LeRobot reads it with pandas and looks rows up by position; the metadata that marks the text
    column as the index is written by hand, so that pandas is not needed here.
    """

    def column(of: str, kind: str, numpy_type: str) -> dict[str, Any]:
        entry = {"name": of, "field_name": of, "pandas_type": kind, "numpy_type": numpy_type}
        return {**entry, "metadata": None}

    pandas = {
        "index_columns": [name],
        "column_indexes": [],
        "columns": [
            column(f"{name}_index", "int64", "int64"),
            column(name, "unicode", "object"),
        ],
        "creator": {"library": "pyarrow", "version": pa.__version__},
        "pandas_version": "2.2.0",
    }
    table = pa.table(
        {
            f"{name}_index": pa.array(range(len(texts)), pa.int64()),
            name: pa.array(list(texts), pa.string()),
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata({"pandas": json.dumps(pandas)}), path)
