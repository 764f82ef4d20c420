"""The spectrogram of a recording of sound, written beside its samples."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from episodes.audio import Block, Layout, Sound, coarser, layout_of, png, powers, shades
from episodes.audio.spectrogram import BANDS, TILE_COLUMNS
from episodes.models import Signal
from episodes.selectors.data_files import existing_file
from episodes.selectors.samples import signal_table
from episodes.selectors.spectrograms import (
    LAYOUT_NAME,
    spectrogram_address,
    spectrogram_folder,
    tile_name,
)
from episodes.video.files import write_whole

COLUMN_BYTES = BANDS * np.dtype(np.float32).itemsize


def make_spectrogram(*, signal: Signal, again: bool = False) -> bool:
    """Make a stored sound's spectrogram unless it is there; whether one was made.

    Raises MediaMissing, and MediaChanged where the file is not what was imported.
    """
    if spectrogram_address(signal) and not again:
        return False
    signal_table(signal)
    return write_spectrogram(existing_file(signal.path))


def write_spectrogram(path: Path) -> bool:
    """Pictures and layout for the samples in the Arrow file ``path``; whether they show a sound.

    The layout comes last: where it is, all pictures are. Powers wait in a file until the loudest
    is known, so that no recording has to fit into memory.
    """
    with pa.memory_map(str(path)) as source:
        sound = Sound(list(_blocks(source)))
        layout = layout_of(sound)
        if layout is None:
            return False
        folder = spectrogram_folder(path)
        folder.mkdir(exist_ok=True)
        with TemporaryFile(dir=folder) as spool:
            peak = _spool(spool, sound, layout)
            for number, (first, count) in enumerate(_tiles(layout)):
                picture = png(shades(_read(spool, first, count), peak))
                (folder / tile_name(number)).write_bytes(picture)
    text = json.dumps(layout.to_json(), separators=(",", ":"))
    write_whole(folder / LAYOUT_NAME, text.encode())
    return True


def _blocks(source: pa.MemoryMappedFile) -> Iterator[Block]:
    """The file's batches as they are mapped; copied only where they hold nulls."""
    reader = pa.ipc.open_file(source)
    for number in range(reader.num_record_batches):
        batch = reader.get_batch(number)
        if batch.num_rows:
            times, *channels = (column.to_numpy(False) for column in batch.columns)
            yield Block(times, tuple(channels))


def _spool(spool: IO[bytes], sound: Sound, layout: Layout) -> float:
    """Columns of all levels one after the other, as their tiles follow; the greatest power."""
    peak = 0.0
    for power in powers(sound, layout):
        peak = float(np.fmax.reduce(power, axis=None, initial=peak))
        spool.write(power.tobytes())
    begin = 0
    for finer in layout.levels[:-1]:
        for first in range(0, finer.columns, TILE_COLUMNS):
            count = min(TILE_COLUMNS, finer.columns - first)
            wider = coarser(_read(spool, begin + first, count))
            spool.seek(0, 2)
            spool.write(wider.tobytes())
        begin += finer.columns
    return peak


def _read(spool: IO[bytes], first: int, count: int) -> NDArray[Any]:
    spool.seek(first * COLUMN_BYTES)
    return np.frombuffer(spool.read(count * COLUMN_BYTES), np.float32).reshape(count, BANDS)


def _tiles(layout: Layout) -> Iterator[tuple[int, int]]:
    """First column in the spool, and number of columns, of every picture."""
    begin = 0
    for level in layout.levels:
        for first in range(0, level.columns, TILE_COLUMNS):
            yield begin + first, min(TILE_COLUMNS, level.columns - first)
        begin += level.columns
