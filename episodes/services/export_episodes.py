"""Stored episodes as a writer of any format takes them: one at a time, read when it is its turn."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from episodes.errors import EpisodeBroken, EpisodeUnknown
from episodes.export_records import ExportCamera, ExportEpisode, LabelledEpisode
from episodes.models import Dataset, Episode, Signal, Stream
from episodes.records import (
    DatasetRecord,
    DimensionRecord,
    EpisodeFacts,
    Modality,
    Reason,
    Role,
    SignalKind,
    SignalRecord,
)
from episodes.selectors.data_files import existing_file
from episodes.selectors.embodiments import described_dimensions
from episodes.selectors.media import stream_part
from episodes.selectors.media_files import asset_file
from episodes.timebase import Rate
from episodes.video import EpisodeIndex
from episodes.video.extract import read_depth, read_frames


def dataset_record(dataset: Dataset, episode: Episode) -> DatasetRecord:
    """The dataset as its own metadata described it; its rate is that of ``episode``."""
    return DatasetRecord(
        name=dataset.name,
        format=dataset.format,
        version=dataset.format_version,
        embodiment=dataset.robot_type,
        rate=Rate(episode.rate_num, episode.rate_den),
        licence=dataset.licence,
        fingerprint=dataset.fingerprint,
        metadata=dataset.source_metadata,
        domain=dataset.domain,
    )


def stored_episode(dataset: Dataset, key: str) -> Episode:
    """Raises EpisodeUnknown."""
    row = Episode.objects.filter(dataset=dataset, key=key).select_related("task").first()
    if row is None:
        raise EpisodeUnknown(
            f"“{dataset.name}” has no episode “{key}”.", remedy="Import the dataset again."
        )
    return row


def export_episodes(
    dataset: Dataset, labelled: Sequence[LabelledEpisode]
) -> Iterator[ExportEpisode]:
    """The episodes in the order given, numbered from 0.

    Raises EpisodeUnknown, EpisodeBroken, MediaMissing, NotIndexed.
    """
    for index, one in enumerate(labelled):
        yield _export_episode(dataset, one, index)


def _export_episode(dataset: Dataset, labelled: LabelledEpisode, index: int) -> ExportEpisode:
    row = stored_episode(dataset, labelled.key)
    streams = row.streams.select_related("asset__frame_index").prefetch_related("clock_maps")
    signals = list(row.signals.all())
    described = described_dimensions(signals, dataset.embodiment)
    return ExportEpisode(
        key=row.key,
        index=index,
        task=row.task.text if row.task else "",
        frames=row.rows,
        rate=Rate(row.rate_num, row.rate_den),
        duration_ns=row.duration_ns,
        cameras=tuple(_camera(stream) for stream in streams),
        signals=tuple(_signal(signal, described[signal.name]) for signal in signals),
        labels=labelled.labels,
        provenance=labelled.provenance,
        facts=EpisodeFacts(row.scene, tuple(row.things), row.operator, row.session),
    )


def _camera(stream: Stream) -> ExportCamera:
    path, part = asset_file(stream.asset), stream_part(stream)
    depth = stream.modality == Stream.Modality.DEPTH
    width, height = part.source.display_size
    return ExportCamera(
        camera=stream.camera,
        source_key=stream.source_key,
        role=Role(stream.role),
        codec=part.source.codec.split(".")[0],
        width=width,
        height=height,
        path=path,
        t_ns=part.times_ns,
        pictures=lambda: _depths(path, part) if depth else _colours(path, part),
        coded=lambda: _coded(path, part),
        modality=Modality(stream.modality),
        depth_unit_m=stream.depth_unit_m,
    )


def _positions(part: EpisodeIndex) -> range:
    return range(part.start_frame, part.start_frame + part.frames)


def _colours(path: Path, part: EpisodeIndex) -> Iterator[NDArray[Any]]:
    for _, bgr in read_frames(path, part.source, _positions(part)):
        yield cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def _depths(path: Path, part: EpisodeIndex) -> Iterator[NDArray[Any]]:
    for _, values in read_depth(path, part.source, _positions(part)):
        yield values


def _coded(path: Path, part: EpisodeIndex) -> Iterator[bytes]:
    index = part.source
    with path.open("rb") as file:
        for position in part.order:
            row = part.first_row + int(position)
            file.seek(int(index.off[row]))
            yield file.read(int(index.size[row]))


def _signal(signal: Signal, described: Sequence[dict[str, str]]) -> SignalRecord:
    path = existing_file(signal.path)
    try:
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_file(source).read_all()
    except (pa.ArrowInvalid, OSError) as error:
        raise EpisodeBroken(
            Reason.DATA_UNREADABLE,
            f"The stored samples of {signal.name} cannot be read: {error}",
            remedy="Restore the data folder from its backup, or import the dataset again.",
        ) from error
    columns = [table.column(at).to_numpy() for at in range(1, table.num_columns)]
    return SignalRecord(
        name=signal.name,
        kind=SignalKind(signal.kind),
        dimensions=tuple(DimensionRecord(**d) for d in described),
        t_ns=table.column(0).to_numpy(),
        values=np.column_stack(columns) if columns else np.empty((table.num_rows, 0)),
    )
