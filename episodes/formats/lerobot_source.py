"""What a LeRobot release copies, and who gives it: an opened dataset or an imported one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import pyarrow as pa

from episodes.records import DatasetRecord, Json, StreamRecord


@dataclass(frozen=True, slots=True, eq=False)
class SourceEpisode:
    """What a LeRobot release copies of an episode, bit for bit.

    ``rows`` are the declared columns in frame order; ``task_texts`` maps their task_index to
    text; ``stats`` are the source's own per-episode statistics, by feature.
    """

    key: str
    rows: pa.Table
    task_texts: Mapping[int, str]
    tasks: tuple[str, ...]
    streams: tuple[StreamRecord, ...]
    stats: Json


@runtime_checkable
class LeRobotSource(Protocol):
    """A dataset whose episodes can be written as LeRobot again."""

    @property
    def dataset(self) -> DatasetRecord: ...

    def source_episode(self, key: str) -> SourceEpisode:
        """Raises EpisodeUnknown, EpisodeBroken."""
