"""A release out of Touchline's own data folder: the source folder may be gone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from episodes.errors import EpisodeUnknown, ExportFailed
from episodes.formats import lerobot_store
from episodes.formats.contract import Progress
from episodes.formats.lerobot import SourceEpisode
from episodes.formats.lerobot_v30_writer import write_classic
from episodes.models import Dataset, Episode
from episodes.records import DatasetRecord, ExportRecord, Json, LabelledEpisode, ReleaseRecord
from episodes.selectors.data_files import data_path
from episodes.selectors.media import stream_part
from episodes.selectors.media_files import asset_file
from episodes.services.imports_storing import episode_folder
from episodes.timebase import Rate, frame_at
from episodes.video import EpisodeIndex


class StoredSource:
    """An imported dataset as the writer wants its source; see ``LeRobotSource``."""

    def __init__(self, dataset: Dataset) -> None:
        self._row = dataset

    @cached_property
    def dataset(self) -> DatasetRecord:
        row = self._row
        if not row.format.startswith("lerobot_"):
            raise ExportFailed(
                f"“{row.name}” was imported from {row.format}; only LeRobot datasets can be"
                " released as LeRobot yet.",
                remedy="Release a project whose episodes come from a LeRobot dataset.",
            )
        return DatasetRecord(
            name=row.name,
            format=row.format,
            version=row.format_version,
            embodiment=row.robot_type,
            rate=Rate.from_number(row.source_metadata["fps"]),
            licence=row.licence,
            fingerprint=row.fingerprint,
            metadata=row.source_metadata,
        )

    def parts(self, key: str) -> dict[str, EpisodeIndex]:
        """The frames of the episode's cameras by camera name. Raises EpisodeUnknown."""
        streams = self._episode(key).streams.select_related("asset__frame_index")
        streams = streams.prefetch_related("clock_maps")
        return {stream.camera: stream_part(stream) for stream in streams}

    def _episode(self, key: str) -> Episode:
        row = Episode.objects.filter(dataset=self._row, key=key).first()
        if row is None:
            raise EpisodeUnknown(
                f"“{self._row.name}” has no episode “{key}”.",
                remedy="Import the dataset again.",
            )
        return row

    def source_episode(self, key: str) -> SourceEpisode:
        """Raises EpisodeUnknown, EpisodeBroken when its stored rows are damaged, MediaMissing."""
        media = {
            stream.source_key: asset_file(stream.asset)
            for stream in self._episode(key).streams.select_related("asset")
        }
        return lerobot_store.load(data_path(episode_folder(self._row.pk, key)), media)


def export_release(
    *,
    dataset: Dataset,
    episodes: Sequence[LabelledEpisode],
    out: Path,
    release: ReleaseRecord,
    progress: Progress | None = None,
) -> ExportRecord:
    """Write approved episodes of one dataset as LeRobot v3.0, classic profile, to ``out``.

    ``LabelledEpisode.key`` is ``Episode.key``; ``out`` must not exist and appears whole or not
    at all. In the sidecar each label says on which frame of every camera it lies. Takes seconds
    to minutes: call it from a task or a command. Raises ExportFailed, EpisodeUnknown,
    EpisodeBroken, MediaMissing, NotIndexed.
    """
    source = StoredSource(dataset)
    framed = [
        replace(one, labels=tuple(_framed(label, source.parts(one.key)) for label in one.labels))
        for one in episodes
    ]
    return write_classic(source, framed, out, release, progress=progress)


def _framed(label: Json, parts: Mapping[str, EpisodeIndex]) -> Json:
    """The label with ``cameras``: frame in the episode and integer PTS in the video, by camera."""
    if label["start_ns"] is None:
        return label
    return {**label, "cameras": {name: _on(part, label) for name, part in parts.items()}}


def _on(part: EpisodeIndex, label: Json) -> dict[str, Any]:
    """The frame on show at the start; for an end, the first frame that is not in the label."""
    start = frame_at(part.times_ns, label["start_ns"])
    found: dict[str, Any] = {
        "time_base": list(part.source.time_base),
        "start_frame": start,
        "start_pts": _pts(part, start),
    }
    if label["end_ns"] is not None:
        end = int(np.searchsorted(part.times_ns, label["end_ns"]))
        found |= {"end_frame": end, "end_pts": _pts(part, end) if end < part.frames else None}
    return found


def _pts(part: EpisodeIndex, position: int) -> int:
    return int(part.source.pts[part.first_row + int(part.order[position])])
