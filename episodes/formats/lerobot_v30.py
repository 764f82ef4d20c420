"""LeRobot v3.0: many episodes share a parquet file and an mp4.

An episode's video starts at ``from_timestamp`` of its file and runs for ``length`` frames;
``to_timestamp`` is not trusted (recorded datasets have it a frame short).
Source: huggingface/lerobot v0.4.4, src/lerobot/datasets/{utils,lerobot_dataset}.py.
"""

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from episodes.errors import DatasetBroken, EpisodeBroken
from episodes.formats.lerobot import LeRobotReader
from episodes.formats.lerobot_columns import UNREADABLE
from episodes.formats.lerobot_info import (
    MAX_EPISODES,
    Feature,
    LeRobotInfo,
    codebase_version,
    read_info,
)
from episodes.formats.lerobot_metadata import broken_listing, episode_key, whole_number
from episodes.formats.lerobot_questions import lerobot_questions
from episodes.formats.lerobot_stats import checked_stats
from episodes.formats.lerobot_tables import listed_subtasks, listed_tasks
from episodes.formats.listed_reader import Entry
from episodes.formats.paths import confined, fill
from episodes.records import Answers, EpisodeListing, Json, Probe, Question, Reason, StreamRecord
from episodes.timebase import seconds_to_ns

FORMAT_ID = "lerobot_v30"
EPISODES_DIR = "meta/episodes"
DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO_PATH = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
EPISODES_PATH = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
MAX_FILE_S = 10_000_000.0

Row = Mapping[str, Any]


class LeRobotV30:
    """The format; see ``Format``."""

    id = FORMAT_ID
    title = "LeRobot v3.0"

    def probe(self, root: Path) -> Probe | None:
        version = codebase_version(root)
        if version is None or not version.startswith("v3."):
            return None
        reader = self.read(root, {})
        return Probe(FORMAT_ID, version, root.name, len(reader.listing()))

    def questions(self, root: Path) -> tuple[Question, ...]:
        return lerobot_questions(_info(root), listed_tasks(root).values())

    def read(self, root: Path, answers: Answers) -> "LeRobotV30Reader":
        rows: dict[str, Row] = {}
        entries = list(listed_episodes(root, rows))
        reader = LeRobotV30Reader(
            root,
            format_id=FORMAT_ID,
            info=_info(root),
            entries=entries,
            tasks=listed_tasks(root),
            subtasks=listed_subtasks(root),
            answers=answers,
        )
        reader.rows_by_key = rows
        return reader


def _info(root: Path) -> LeRobotInfo:
    return read_info(
        root,
        default_data=DATA_PATH,
        default_video=VIDEO_PATH,
        fields={"chunk_index": 0, "file_index": 0, "video_key": "camera"},
    )


class LeRobotV30Reader(LeRobotReader):
    """An opened v3.0 dataset; ``rows_by_key`` are the rows of meta/episodes, without statistics."""

    rows_by_key: Mapping[str, Row]

    def _number(self, listing: EpisodeListing, column: str) -> int:
        found = whole_number(self.rows_by_key[listing.key].get(column))
        if found is None or not 0 <= found < MAX_EPISODES:
            raise EpisodeBroken(
                Reason.LISTING_BROKEN,
                f"meta/episodes gives {listing.key} the “{column}” {found!r}.",
                remedy="Restore meta/episodes from the source.",
            )
        return found

    def _data_file(self, listing: EpisodeListing) -> str:
        fields: dict[str, str | int] = {
            "chunk_index": self._number(listing, "data/chunk_index"),
            "file_index": self._number(listing, "data/file_index"),
        }
        return fill(self.info.data_path, fields)

    def _stream(self, listing: EpisodeListing, camera: Feature) -> StreamRecord:
        prefix = f"videos/{camera.name}"
        row = self.rows_by_key[listing.key]
        start = row.get(f"{prefix}/from_timestamp")
        if not isinstance(start, float) or not math.isfinite(start) or not 0 <= start < MAX_FILE_S:
            raise EpisodeBroken(
                Reason.MEDIA_OFFSET,
                f"meta/episodes gives {listing.key} the “{prefix}/from_timestamp” {start!r}.",
                remedy="Restore meta/episodes from the source.",
            )
        end = row.get(f"{prefix}/to_timestamp")
        fields: dict[str, str | int] = {
            "video_key": camera.name,
            "chunk_index": self._number(listing, f"{prefix}/chunk_index"),
            "file_index": self._number(listing, f"{prefix}/file_index"),
        }
        seconds = listing.frames * self.info.rate.den / self.info.rate.num
        return self._make_stream(
            listing,
            camera,
            media=fill(self.info.video_path, fields),
            from_ns=seconds_to_ns(start),
            span_s=(start, end if isinstance(end, float) else start + seconds),
        )

    def _stats(self, listing: EpisodeListing) -> Json:
        """Those of rows are computed anew: broken ones cost only the statistics of pictures."""
        wanted = pc.field("episode_index") == listing.index
        try:
            for path, columns in self._stats_columns:
                for row in pq.read_table(path, columns=columns, filters=wanted).to_pylist():
                    return checked_stats(nested_stats(row))
        except UNREADABLE:
            return {}
        return {}

    @cached_property
    def _stats_columns(self) -> list[tuple[Path, list[str]]]:
        """The files of meta/episodes that hold statistics, each with their columns."""
        found = []
        for path in episode_files(self.root):
            columns = [name for name in pq.read_schema(path).names if name.startswith("stats/")]
            if columns:
                found.append((path, columns))
        return found


def nested_stats(row: Row) -> dict[str, dict[str, Any]]:
    """{"stats/action/min": x} to {"action": {"min": x}}; missing values are left out."""
    found: dict[str, dict[str, Any]] = {}
    for column, value in row.items():
        feature, _, name = column.removeprefix("stats/").rpartition("/")
        if value is not None:
            found.setdefault(feature, {})[name] = value
    return found


def episode_files(root: Path) -> list[Path]:
    """The parquet files of meta/episodes in order. Raises DatasetBroken, PathOutsideDataset."""
    found = sorted((root / EPISODES_DIR).glob("*/*.parquet"))
    if not found:
        raise DatasetBroken(
            f"{EPISODES_DIR} holds no parquet file.",
            remedy="Restore meta/ from the source; the copy may be incomplete.",
        )
    return [confined(root, path.relative_to(root).as_posix()) for path in found]


def listed_episodes(root: Path, rows: dict[str, Row]) -> Iterator[Entry]:
    """Every row of meta/episodes; fills ``rows`` by key as it goes."""
    for path in episode_files(root):
        place = path.relative_to(root.resolve()).as_posix()
        for number, row in enumerate(_table_of_contents(path, place)):
            index, frames = whole_number(row["episode_index"]), whole_number(row["length"])
            if index is None or not 0 <= index < MAX_EPISODES:
                said = f"Row {number} of {place} has the episode_index {index!r}."
                yield broken_listing(f"{place}:{number}", said)
            elif frames is None:
                said = f"Row {number} of {place} has no length."
                yield broken_listing(episode_key(index), said)
            else:
                rows[episode_key(index)] = row
                tasks = row.get("tasks")
                texts = tuple(map(str, tasks)) if isinstance(tasks, list) else ()
                yield EpisodeListing(episode_key(index), index, frames, texts)


def _table_of_contents(path: Path, place: str) -> list[dict[str, Any]]:
    """meta/episodes without its statistics. Raises DatasetBroken."""
    remedy = f"Restore {place} from the source; the copy may be incomplete."
    try:
        with pq.ParquetFile(path) as parquet:
            names = [n for n in parquet.schema_arrow.names if not n.startswith("stats/")]
            missing = [name for name in ("episode_index", "length") if names.count(name) != 1]
            if missing:
                raise DatasetBroken(f"{place} has no column “{missing[0]}”.", remedy=remedy)
            if parquet.metadata.num_rows > MAX_EPISODES:
                said = f"{place} lists {parquet.metadata.num_rows:,} episodes."
                raise DatasetBroken(said, remedy=f"At most {MAX_EPISODES:,} are read.")
            return parquet.read(columns=names).to_pylist()
    except UNREADABLE as error:
        raise DatasetBroken(f"{place} cannot be read: {error}", remedy=remedy) from error
