"""An episode's files in the data folder: its signals, and the rows a release copies."""

import hashlib
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from episodes.formats import DatasetReader, lerobot_store
from episodes.formats.lerobot_source import LeRobotSource
from episodes.records import EpisodeRecord, SignalKind, SignalRecord
from episodes.selectors.data_files import data_path
from episodes.services.imports_placing import SLICE_ROWS
from episodes.services.pyramids import write_levels
from episodes.services.spectrograms import write_spectrogram


def episode_folder(dataset_id: int, key: str) -> str:
    """Where an episode's files lie below the data folder; the key may hold any character."""
    return f"episodes/{dataset_id}/{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def write_episode(name: str, episode: EpisodeRecord, reader: DatasetReader) -> list[str]:
    """Write the episode's folder ``name``, whole or not at all; the signals' files by position.

    A folder that an interrupted import left behind is replaced.
    """
    with _whole_folder(data_path(name)) as folder:
        names = []
        for position, signal in enumerate(episode.signals):
            names.append(f"signal-{position:02d}.arrow")
            write_signal(folder / names[-1], signal)
        if isinstance(reader, LeRobotSource):
            lerobot_store.save(folder, reader.source_episode(episode.key))
    return [f"{name}/{file}" for file in names]


def write_signal(path: Path, signal: SignalRecord) -> None:
    """Arrow IPC: ``t_ns`` int64, then a column a dimension, in order, of the source's type.

    Batches of ``SLICE_ROWS`` rows, so that no recording has to fit into memory. A long signal's
    levels lie beside it, as does the spectrogram of a sound.
    """
    types = [pa.int64()] + [pa.from_numpy_dtype(signal.values.dtype)] * len(signal.dimensions)
    names = ["t_ns", *(dimension.name for dimension in signal.dimensions)]
    schema = pa.schema([pa.field(*pair) for pair in zip(names, types, strict=True)])
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for at in range(0, len(signal.t_ns), SLICE_ROWS):
            part = slice(at, at + SLICE_ROWS)
            values = np.asarray(signal.values[part])
            columns: list[Any] = [pa.array(np.asarray(signal.t_ns[part]))]
            columns += [pa.array(values[:, i]) for i in range(len(signal.dimensions))]
            writer.write_batch(pa.record_batch(columns, schema=schema))
    write_levels(path, len(signal.t_ns))
    if signal.kind == SignalKind.AUDIO:
        write_spectrogram(path)


@contextmanager
def _whole_folder(target: Path) -> Iterator[Path]:
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    draft.mkdir(parents=True)
    try:
        yield draft
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
