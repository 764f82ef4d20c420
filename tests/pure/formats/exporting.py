"""What a reader gave, as a writer takes it: for round trips without a database."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from episodes.export_records import ExportCamera, ExportEpisode
from episodes.records import EpisodeRecord, Json, Modality, PictureStreamRecord, StreamRecord
from episodes.timebase import nearest_frame
from episodes.video import EpisodeIndex, build_index, slice_index
from episodes.video.assemble import assemble_stream
from episodes.video.extract import read_frames


def export_episode(
    record: EpisodeRecord, folder: Path, labels: Sequence[Json] = (), **more: Any
) -> ExportEpisode:
    """The episode as if it had been imported; ``folder`` takes the videos made of pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    return ExportEpisode(
        key=record.key,
        index=record.index,
        task=record.task,
        frames=record.frames,
        rate=record.rate,
        duration_ns=record.duration_ns,
        cameras=tuple(_camera(stream, folder, record.key) for stream in record.streams),
        signals=record.signals,
        labels=tuple(labels),
        facts=record.facts,
        **more,
    )


def _camera(stream: StreamRecord | PictureStreamRecord, folder: Path, key: str) -> ExportCamera:
    if isinstance(stream, PictureStreamRecord):
        name = f"{key}-{stream.camera}".replace("/", "_")
        stream = assemble_stream(stream, folder / f"{name}.mp4")
    index = build_index(stream.path)
    first = nearest_frame(index.times_ns(0, index.frames), stream.from_ns)
    part = slice_index(index, first, stream.frames, stream.starts_ns)
    depth, path = stream.modality is Modality.DEPTH, stream.path
    return ExportCamera(
        camera=stream.camera,
        source_key=stream.source_key,
        role=stream.role,
        codec=index.codec.split(".")[0],
        width=index.display_size[0],
        height=index.display_size[1],
        path=stream.path,
        t_ns=part.times_ns,
        pictures=lambda: _depths(path, part) if depth else _colours(path, part),
        coded=lambda: _coded(path, part),
        modality=stream.modality,
        depth_unit_m=stream.depth_unit_m,
    )


def _colours(path: Path, part: EpisodeIndex) -> Iterator[NDArray[Any]]:
    wanted = range(part.start_frame, part.start_frame + part.frames)
    for _, bgr in read_frames(path, part.source, wanted):
        yield cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def _depths(path: Path, part: EpisodeIndex) -> Iterator[NDArray[Any]]:
    for picture in _coded(path, part):
        found = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_UNCHANGED)
        assert found is not None
        assert found.dtype == np.uint16
        yield found


def _coded(path: Path, part: EpisodeIndex) -> Iterator[bytes]:
    index = part.source
    with path.open("rb") as file:
        for position in part.order:
            row = part.first_row + int(position)
            file.seek(int(index.off[row]))
            yield file.read(int(index.size[row]))
