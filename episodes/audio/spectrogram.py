"""Which frequencies sound when: the power of a recording in mel bands, a column every 10 ms.

A column is the power spectrum of 25 ms under a Hann window around the column's middle, averaged
in triangles that are evenly spaced in mel (O'Shaughnessy, Speech Communication, 1987: mel =
2595 log10(1 + f / 700 Hz)). Each triangle's weights add up to 1, so that a click, which has all
frequencies, is as bright in the wide bands on top as in the narrow ones below.

Long recordings have levels, as signals do: a column of level *k* shows the loudest of
``FACTOR ** k`` columns in each band, so that a click of 10 ms is still there over an hour.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from episodes.audio.sound import GAP_NS, NS, Sound

COLUMN_NS = 10_000_000
WINDOW_S = 0.025
BANDS = 128
LEAST_HZ = 50.0
LEAST_DB = -80.0
# Columns a client fetches at once.
TILE_COLUMNS = 1024
FACTOR = 8
# Below this there are not two octaves of sound to show.
LEAST_RATE_HZ = 400.0
# A day; times further apart than that are no recording but a broken clock.
MOST_COLUMNS = 24 * 3600 * NS // COLUMN_NS
# Columns transformed at once: what that takes stays in a core's cache.
STEP_COLUMNS = 128

Power = NDArray[np.float32]
Shades = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Level:
    """Columns of ``column_ns`` each; ``first_tile`` is the number of its first picture."""

    columns: int
    column_ns: int
    first_tile: int

    @property
    def tiles(self) -> int:
        return -(-self.columns // TILE_COLUMNS)


@dataclass(frozen=True, slots=True)
class Layout:
    """Column *j* of a level is [start_ns + j * column_ns, start_ns + (j + 1) * column_ns).

    ``bands_hz`` are the middles of the bands between ``least_hz`` and half the rate, ascending.
    In the pictures the highest band is on top; 0 is where there are no samples, 1 to 255 go from
    ``least_db`` to 0 dB, the loudest band of the whole recording.
    """

    start_ns: int
    rate_hz: float
    least_hz: float
    tile_columns: int
    bands_hz: tuple[float, ...]
    least_db: float
    levels: tuple[Level, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def layout_of(sound: Sound) -> Layout | None:
    """The columns that a recording fills.

    None where it shows no sound: under ``LEAST_RATE_HZ``, a single sample, longer than a day.
    """
    rate_hz = sound.rate_hz
    if rate_hz < LEAST_RATE_HZ:
        return None
    start_ns = sound.start_ns - COLUMN_NS // 2
    columns = (sound.end_ns - start_ns) // COLUMN_NS + 1
    if columns > MOST_COLUMNS:
        return None
    levels = [Level(columns, COLUMN_NS, 0)]
    while levels[-1].columns > TILE_COLUMNS:
        finer = levels[-1]
        first_tile = finer.first_tile + finer.tiles
        levels.append(Level(-(-finer.columns // FACTOR), finer.column_ns * FACTOR, first_tile))
    bands_hz = tuple(round(float(hz), 1) for hz in _corners(rate_hz)[1:-1])
    return Layout(start_ns, rate_hz, LEAST_HZ, TILE_COLUMNS, bands_hz, LEAST_DB, tuple(levels))


def powers(sound: Sound, layout: Layout) -> Iterator[Power]:
    """Mean power of the channels, float32 (columns, BANDS), a few columns at a time.

    NaN is a column without samples.
    """
    window = max(2, round(layout.rate_hz * WINDOW_S))
    columns = layout.levels[0].columns
    for first in range(0, columns, STEP_COLUMNS):
        numbers = np.arange(first, min(first + STEP_COLUMNS, columns), dtype=np.int64)
        middles = layout.start_ns + numbers * COLUMN_NS + COLUMN_NS // 2
        # The outermost columns hear half a window more, and a column's own width beyond a gap.
        begin = sound.row_at(int(middles[0]) - COLUMN_NS) - window
        end = sound.row_at(int(middles[-1]) + COLUMN_NS) + window
        yield _columns(*sound.part(max(0, begin), end), middles, window, layout.rate_hz)


def coarser(power: Power) -> Power:
    """The loudest of every ``FACTOR`` columns; NaN only where all of them are."""
    found: Power = np.fmax.reduceat(power, np.arange(0, len(power), FACTOR), axis=0)
    return found


def shades(power: Power, peak: float) -> Shades:
    """Grey values (BANDS, columns) as ``Layout`` describes them; ``peak`` is 0 dB."""
    # Silence has no level: it is as dark as can be.
    share = np.nan_to_num(power) / peak if peak > 0 else np.zeros_like(power)
    level = 10 * np.log10(np.maximum(share, 10 ** (LEAST_DB / 10)))
    grey = 1 + np.rint((level - LEAST_DB) / -LEAST_DB * 254)
    found = np.where(np.isnan(power), 0, grey).astype(np.uint8)
    return np.ascontiguousarray(found.T[::-1])


def png(picture: Shades) -> bytes:
    """A greyscale picture, 8 bit."""
    return cv2.imencode(".png", picture)[1].tobytes()


def _columns(
    t_ns: NDArray[np.int64],
    samples: NDArray[np.float32],
    middles: NDArray[np.int64],
    window: int,
    rate_hz: float,
) -> Power:
    """The columns around ``middles`` out of all samples (channels, n) that any of them hears."""
    found = np.full((len(middles), BANDS), np.nan, np.float32)
    right = np.searchsorted(t_ns, middles).clip(0, len(t_ns) - 1)
    left = (right - 1).clip(0)
    nearest = np.where(middles - t_ns[left] < np.abs(t_ns[right] - middles), left, right)
    heard = np.abs(t_ns[nearest] - middles) <= COLUMN_NS // 2
    if not heard.any():
        return found
    at = _mirrored(t_ns, nearest[heard], window)
    size, filters = _filters(rate_hz, window)
    hann = np.hanning(window + 2)[1:-1].astype(np.float32)
    total = np.zeros((len(at), BANDS), np.float32)
    for channel in np.nan_to_num(samples, posinf=0.0, neginf=0.0):
        spectrum = np.fft.rfft(channel[at] * hann, size)
        total += (filters @ (spectrum.real**2 + spectrum.imag**2).T).T
    found[heard] = total / max(1, len(samples))
    return found


def _mirrored(t_ns: NDArray[np.int64], nearest: NDArray[np.intp], window: int) -> NDArray[np.intp]:
    """Rows (columns, window) around the nearest ones, mirrored at gaps and ends.

    Cut off there instead, every beginning and end of a recording would look like a click.
    """
    breaks = np.flatnonzero(np.diff(t_ns) >= GAP_NS) + 1
    bounds = np.concatenate([[0], breaks, [len(t_ns)]])
    run = np.searchsorted(breaks, nearest, side="right")
    first, last = bounds[run][:, None], bounds[run + 1][:, None] - 1
    at = nearest[:, None] + np.arange(window) - window // 2
    at = np.where(at < first, 2 * first - at, at)
    at = np.where(at > last, 2 * last - at, at)
    found: NDArray[np.intp] = np.clip(at, first, last)
    return found


def _mel(hz: float) -> float:
    return float(2595 * np.log10(1 + hz / 700))


def _corners(rate_hz: float) -> NDArray[np.float64]:
    """Where the triangles begin, peak and end: band *b* from corner *b* to *b* + 2, Hz."""
    mel = np.linspace(_mel(LEAST_HZ), _mel(rate_hz / 2), BANDS + 2)
    return 700 * (10 ** (mel / 2595) - 1)


@lru_cache(maxsize=4)
def _filters(rate_hz: float, window: int) -> tuple[int, Any]:
    """The length of the Fourier transform, and weights (BANDS, bins) of its powers.

    Sparse, since a bin is in two or three bands.
    """
    # Twice the window: the lowest bands are narrower than what 25 ms tell apart.
    size = 2 ** (2 * window - 1).bit_length()
    bins = np.fft.rfftfreq(size, 1 / rate_hz)[:, None]
    low, middle, high = (_corners(rate_hz)[i : i + BANDS] for i in range(3))
    # At least as wide as a bin, or a band between two bins would be empty.
    least = rate_hz / size
    rising = 1 + (bins - middle) / np.maximum(middle - low, least)
    falling = 1 - (bins - middle) / np.maximum(high - middle, least)
    weights = np.clip(np.minimum(rising, falling), 0, None)
    return size, csr_array((weights / weights.sum(axis=0)).T.astype(np.float32))
