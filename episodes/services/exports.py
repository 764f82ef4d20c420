"""A release out of Touchline's own data folder: the source folder may be gone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from django.db.models import Q

from episodes.errors import ExportFailed
from episodes.export_records import ExportRecord, LabelledEpisode, ReleaseRecord
from episodes.formats import lerobot_store
from episodes.formats.contract import Progress, Writer
from episodes.formats.lerobot_source import SourceEpisode
from episodes.formats.lerobot_v30_writer import write_lerobot
from episodes.formats.registry import WRITERS
from episodes.formats.release_files import check_keys
from episodes.models import Dataset, Stream
from episodes.records import DatasetRecord, Json
from episodes.selectors.data_files import data_path
from episodes.selectors.media import stream_part
from episodes.selectors.media_files import asset_file
from episodes.services.export_episodes import (
    dataset_record,
    export_episodes,
    stored_episode,
)
from episodes.services.imports_storing import episode_folder
from episodes.timebase import Rate, frame_at
from episodes.video import EpisodeIndex

DEFAULT_FORMAT = "lerobot_v30_classic"
LEROBOT_PROFILES = {DEFAULT_FORMAT: "classic", "lerobot_v30_language": "language"}


class StoredSource:
    """An imported LeRobot dataset as its writer wants its source; see ``LeRobotSource``."""

    def __init__(self, dataset: Dataset) -> None:
        self._row = dataset

    @cached_property
    def dataset(self) -> DatasetRecord:
        row = self._row
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
        streams = stored_episode(self._row, key).streams.select_related("asset__frame_index")
        streams = streams.prefetch_related("clock_maps")
        return {stream.camera: stream_part(stream) for stream in streams}

    def source_episode(self, key: str) -> SourceEpisode:
        """Raises EpisodeUnknown, EpisodeBroken when its stored rows are damaged, MediaMissing."""
        media = {
            stream.source_key: asset_file(stream.asset)
            for stream in stored_episode(self._row, key).streams.select_related("asset")
        }
        return lerobot_store.load(data_path(episode_folder(self._row.pk, key)), media)


def export_release(
    *,
    dataset: Dataset,
    episodes: Sequence[LabelledEpisode],
    out: Path,
    release: ReleaseRecord,
    format_id: str = DEFAULT_FORMAT,
    progress: Progress | None = None,
) -> ExportRecord:
    """Write approved episodes of one dataset to ``out`` with the writer ``format_id``.

    ``LabelledEpisode.key`` is ``Episode.key``; ``out`` must not exist and appears whole or not
    at all. In the sidecar each label says on which frame of every camera it lies. A LeRobot
    dataset goes out as LeRobot with its own videos and rows, untouched; everything else is
    written from what is stored. Takes seconds to minutes: call it from a task or a command.
    Raises ExportFailed, EpisodeUnknown, EpisodeBroken, MediaMissing, NotIndexed.
    """
    writer = release_writer(format_id)
    source = StoredSource(dataset)
    framed = [
        replace(one, labels=tuple(_framed(label, source.parts(one.key)) for label in one.labels))
        for one in episodes
    ]
    if format_id in LEROBOT_PROFILES and goes_out_untouched(dataset, framed):
        profile = LEROBOT_PROFILES[format_id]
        return write_lerobot(source, framed, out, release, profile=profile, progress=progress)
    check_keys([one.key for one in framed])
    record = dataset_record(dataset, stored_episode(dataset, framed[0].key))
    found = export_episodes(dataset, framed)
    return writer.write(record, found, out, release, total=len(framed), progress=progress)


def release_writer(format_id: str) -> Writer:
    """Raises ExportFailed for a format that nothing is written in."""
    if format_id not in WRITERS:
        raise ExportFailed(
            f"There is no format “{format_id}” to write a release in.",
            remedy=f"Choose one of: {', '.join(WRITERS)}.",
        )
    return WRITERS[format_id]


def goes_out_untouched(dataset: Dataset, episodes: Sequence[LabelledEpisode]) -> bool:
    """Whether it came from LeRobot with all of its cameras as videos of colours.

    A simulation's copy of such a dataset has neither its metadata nor rows of its own.
    """
    keys = [one.key for one in episodes]
    streams = Stream.objects.filter(episode__dataset=dataset, episode__key__in=keys)
    made = streams.filter(Q(assembled=True) | Q(modality=Stream.Modality.DEPTH))
    came = dataset.format.startswith("lerobot_") and "fps" in dataset.source_metadata
    return came and not made.exists()


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
