"""LeRobot v2.0 and v2.1: one parquet and one mp4 a camera for every episode.

The two differ in their statistics and version string only.
Source: huggingface/lerobot v0.3.3, src/lerobot/datasets/utils.py.
"""

import json
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from episodes.errors import DatasetBroken, PathOutsideDataset
from episodes.formats.lerobot import LeRobotReader
from episodes.formats.lerobot_info import (
    MAX_EPISODES,
    Feature,
    LeRobotInfo,
    codebase_version,
    read_info,
    read_json,
    read_text,
)
from episodes.formats.lerobot_metadata import broken_listing, episode_key, whole_number
from episodes.formats.lerobot_questions import lerobot_questions
from episodes.formats.lerobot_stats import checked_stats
from episodes.formats.lerobot_tables import listed_subtasks
from episodes.formats.listed_reader import Entry
from episodes.formats.paths import confined, fill
from episodes.records import Answers, EpisodeListing, Json, Probe, Question, StreamRecord

FORMAT_ID = "lerobot_v21"
EPISODES_PATH = "meta/episodes.jsonl"
TASKS_PATH = "meta/tasks.jsonl"
STATS_PATH = "meta/episodes_stats.jsonl"
DATASET_STATS_PATH = "meta/stats.json"
EPISODE_INDEX = re.compile(rb'"episode_index":\s*(\d{1,9})\b')
DATA_PATH = "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"
VIDEO_PATH = "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"


class LeRobotV21:
    """The format; see ``Format``."""

    id = FORMAT_ID
    title = "LeRobot v2.1 (and v2.0)"

    def probe(self, root: Path) -> Probe | None:
        version = codebase_version(root)
        if version is None or not version.startswith("v2."):
            return None
        reader = self.read(root, {})
        return Probe(FORMAT_ID, version, root.name, len(reader.listing()))

    def questions(self, root: Path) -> tuple[Question, ...]:
        info = _info(root)
        return lerobot_questions(info, listed_tasks(root).values())

    def read(self, root: Path, answers: Answers) -> "LeRobotV21Reader":
        return LeRobotV21Reader(
            root,
            format_id=FORMAT_ID,
            info=_info(root),
            entries=list(listed_episodes(root)),
            tasks=listed_tasks(root),
            subtasks=listed_subtasks(root),
            answers=answers,
        )


def _info(root: Path) -> LeRobotInfo:
    return read_info(
        root,
        default_data=DATA_PATH,
        default_video=VIDEO_PATH,
        fields={"episode_chunk": 0, "episode_index": 0, "video_key": "camera"},
    )


class LeRobotV21Reader(LeRobotReader):
    """An opened v2.0 or v2.1 dataset."""

    def _fields(self, listing: EpisodeListing) -> dict[str, str | int]:
        return {
            "episode_chunk": listing.index // self.info.chunks_size,
            "episode_index": listing.index,
        }

    def _data_file(self, listing: EpisodeListing) -> str:
        return fill(self.info.data_path, self._fields(listing))

    def _stream(self, listing: EpisodeListing, camera: Feature) -> StreamRecord:
        fields = {**self._fields(listing), "video_key": camera.name}
        seconds = listing.frames * self.info.rate.den / self.info.rate.num
        return self._make_stream(
            listing,
            camera,
            media=fill(self.info.video_path, fields),
            from_ns=0,
            span_s=(0.0, seconds),
        )

    @cached_property
    def _stats_places(self) -> dict[int, int]:
        """Where an episode's line of statistics starts. The file can be large; v2.0 has none."""
        try:
            with confined(self.root, STATS_PATH).open("rb") as lines:
                places, at = {}, 0
                for line in lines:
                    if named := EPISODE_INDEX.search(line):
                        places[int(named.group(1))] = at
                    at += len(line)
                return places
        except OSError:
            return {}

    @cached_property
    def _dataset_stats(self) -> Json:
        """v2.0 knows statistics of the whole dataset only, and without a count."""
        try:
            raw = read_json(self.root, DATASET_STATS_PATH)
        except (DatasetBroken, PathOutsideDataset):
            return {}
        counted = {n: {**v, "count": [1]} for n, v in raw.items() if isinstance(v, dict)}
        return checked_stats(counted)

    def _stats(self, listing: EpisodeListing) -> Json:
        """Those of rows are computed anew: a broken line costs only the statistics of pictures."""
        place = self._stats_places.get(listing.index)
        if place is None:
            return {
                name: {**values, "count": [listing.frames]}
                for name, values in self._dataset_stats.items()
            }
        with confined(self.root, STATS_PATH).open("rb") as lines:
            lines.seek(place)
            text = lines.readline().decode("utf-8", "replace")
        found = next((entry for _, entry in json_lines(text)), None)
        return checked_stats(found.get("stats") if isinstance(found, dict) else None)


def json_lines(text: str) -> Iterator[tuple[int, Any]]:
    """(line number from 1, value) of every line that is not blank; None for what is not JSON."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError):
            yield number, None


def listed_episodes(root: Path) -> Iterator[Entry]:
    """meta/episodes.jsonl, line by line; a line that says nothing usable is a broken episode."""
    for number, entry in json_lines(read_text(root, EPISODES_PATH)):
        place = f"{EPISODES_PATH}:{number}"
        if not isinstance(entry, dict):
            yield broken_listing(place, f"Line {number} of {EPISODES_PATH} is no JSON object.")
            continue
        index, frames = whole_number(entry.get("episode_index")), whole_number(entry.get("length"))
        if index is None or not 0 <= index < MAX_EPISODES:
            said = f"Line {number} of {EPISODES_PATH} has the episode_index {index!r}."
            yield broken_listing(place, said)
        elif frames is None:
            said = f"Line {number} of {EPISODES_PATH} has no whole number as length."
            yield broken_listing(episode_key(index), said)
        else:
            tasks = entry.get("tasks")
            texts = tuple(map(str, tasks)) if isinstance(tasks, list) else ()
            yield EpisodeListing(episode_key(index), index, frames, texts)


def listed_tasks(root: Path) -> dict[int, str]:
    if not (root / TASKS_PATH).is_file():
        return {}
    found: dict[int, str] = {}
    for _, entry in json_lines(read_text(root, TASKS_PATH)):
        index = whole_number(entry.get("task_index")) if isinstance(entry, dict) else None
        if index is not None and "task" in entry:
            found[index] = str(entry["task"])
    return found
