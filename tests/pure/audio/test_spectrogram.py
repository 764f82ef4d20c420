"""Spectrograms of sounds whose pictures are known beforehand."""

import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from episodes.audio import Block, Layout, Sound, coarser, layout_of, png, powers, shades
from episodes.audio.spectrogram import BANDS, COLUMN_NS, LEAST_DB, TILE_COLUMNS

RATE = 16_000
NS = 1_000_000_000


def sound(*channels: NDArray[np.float64], rate: int = RATE, start_ns: int = 0) -> Sound:
    t_ns = start_ns + np.arange(len(channels[0])) * NS // rate
    pcm = [np.rint(np.clip(channel, -1, 1) * 32767).astype(np.int16) for channel in channels]
    # Blocks of an odd length: columns reach over their ends.
    cuts = [slice(at, at + 7001) for at in range(0, len(t_ns), 7001)]
    return Sound([Block(t_ns[cut], tuple(channel[cut] for channel in pcm)) for cut in cuts])


def sine(hz: float, seconds: float, rate: int = RATE) -> NDArray[np.float64]:
    return 0.5 * np.cos(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)


def noise(seconds: float, loudness: float = 0.001) -> NDArray[np.float64]:
    return np.random.default_rng(3).normal(size=round(seconds * RATE)) * loudness


def drawn(recording: Sound) -> tuple[Layout, NDArray[np.float32]]:
    layout = layout_of(recording)
    assert layout is not None
    power = np.concatenate(list(powers(recording, layout)))
    assert power.shape == (layout.levels[0].columns, BANDS)
    return layout, power


@pytest.mark.parametrize("hz", [70, 200, 440, 1000, 3000, 7500])
@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
def test_a_sine_lights_its_own_band(hz: float, rate: int) -> None:
    layout, power = drawn(sound(sine(hz, 0.5, rate), rate=rate))
    nearest = int(np.argmin(np.abs(np.array(layout.bands_hz) - hz)))
    loudest = power[2:-2].argmax(axis=1)
    # 25 ms tell 40 Hz apart, which is some bands below, and one band further up.
    assert np.all(np.abs(np.array(layout.bands_hz)[loudest] - hz) <= max(25, 0.03 * hz))
    assert np.all(np.abs(loudest - nearest) <= 1)


@pytest.mark.parametrize("click_s", [0.0, 0.1234, 0.5, 0.77777, 1.0])
def test_a_click_lights_its_own_column(click_s: float) -> None:
    start_ns = 3 * NS
    samples = noise(1.001)
    samples[round(click_s * RATE)] = 0.9
    layout, power = drawn(sound(samples, start_ns=start_ns))
    loudest = int(np.log(power).sum(axis=1).argmax())
    middle_ns = layout.start_ns + loudest * COLUMN_NS + COLUMN_NS // 2
    assert abs(middle_ns - start_ns - click_s * NS) <= COLUMN_NS // 2
    grey = shades(power, float(power.max()))
    # As bright on top as below, and gone after two columns on either side.
    assert grey[:, loudest].min() > 170
    quiet = [j for j in range(grey.shape[1]) if abs(j - loudest) > 2]
    assert grey[:, quiet].max() < grey[:, loudest].mean() - 60


def test_beginning_and_end_of_a_tone_do_not_look_like_clicks() -> None:
    _, power = drawn(sound(sine(500, 0.3)))
    high = power[:, BANDS // 2 :].sum(axis=1)
    assert high.max() < power.max() * 1e-3


def test_decibels_are_below_the_loudest_and_end_at_the_floor() -> None:
    power = np.array([[1.0, 1e-4, 1e-8, 1e-12, 0.0]], np.float32)
    assert shades(power, 1.0)[::-1, 0].tolist() == [255, 128, 1, 1, 1]
    assert LEAST_DB == -80


def test_silence_is_dark_and_not_empty() -> None:
    _, power = drawn(sound(np.zeros(RATE)))
    assert np.all(shades(power, float(power.max())) == 1)


def test_both_channels_are_seen() -> None:
    left, right = np.zeros(RATE), np.zeros(RATE)
    left[RATE // 4], right[3 * RATE // 4] = 0.9, -0.9
    _, power = drawn(sound(left, right))
    loud = np.sort(power.sum(axis=1).argsort()[-2:])
    assert np.all(np.abs(loud * COLUMN_NS - [NS // 4, 3 * NS // 4]) <= COLUMN_NS)
    # Channels of opposite sign do not cancel each other.
    tone = sine(1000, 0.2)
    assert drawn(sound(tone, -tone))[1].max() == pytest.approx(drawn(sound(tone))[1].max())


def test_where_there_are_no_samples_nothing_is_drawn() -> None:
    tone = sine(1000, 1.0)
    whole = sound(tone)
    t_ns, samples = whole.part(0, whole.rows)
    after = t_ns >= NS // 2
    t_ns[after] += NS
    samples[:, after] = 0
    layout, power = drawn(Sound([Block(t_ns, (samples[0],))]))
    empty = np.isnan(power).all(axis=1)
    middles = layout.start_ns + np.arange(len(power)) * COLUMN_NS + COLUMN_NS // 2
    inside = (middles > NS // 2) & (middles < 3 * NS // 2)
    assert np.array_equal(empty, inside)
    assert not np.isnan(power[~empty]).any()
    assert np.all(shades(power, 1.0)[:, empty] == 0)
    # The tone goes on to the edge of the gap without a click, and is not heard beyond it.
    high = power[~empty][:, 3 * BANDS // 4 :].sum(axis=1)
    assert high.max() < np.nanmax(power) * 1e-3
    assert power[middles > 3 * NS // 2].max() == 0


@pytest.mark.parametrize("samples", [0, 1])
def test_hardly_any_samples(samples: int) -> None:
    block = Block(np.arange(samples, dtype=np.int64), (np.zeros(samples, np.int16),))
    assert layout_of(Sound([block] if samples else [])) is None


def test_two_samples_are_a_column() -> None:
    layout, power = drawn(sound(np.array([0.5, -0.5])))
    assert layout.levels[0].columns == 1
    assert np.isfinite(power).all()


def test_what_is_too_slow_or_too_long_shows_no_sound() -> None:
    assert layout_of(sound(noise(1.0), rate=100)) is None
    far = Block(np.array([0, 62_500, 400 * 24 * 3600 * NS]), (np.zeros(3, np.int16),))
    assert layout_of(Sound([far])) is None


def test_samples_that_are_no_numbers_are_silent() -> None:
    t_ns = np.arange(RATE) * NS // RATE
    values = sine(1000, 1.0)
    values[100:200], values[300] = np.nan, np.inf
    assert np.isfinite(drawn(Sound([Block(t_ns, (values,))]))[1]).all()


def test_levels_keep_the_loudest_and_number_their_tiles() -> None:
    layout = layout_of(sound(noise(100.0)))
    assert layout is not None
    # 100 s less a sample reach into the column around 100 s.
    assert [level.columns for level in layout.levels] == [10_001, 1251, 157]
    assert [level.column_ns // COLUMN_NS for level in layout.levels] == [1, 8, 64]
    assert [level.first_tile for level in layout.levels] == [0, 10, 12]
    assert TILE_COLUMNS == 1024


def test_coarser_columns() -> None:
    power = np.full((17, 1), np.nan, np.float32)
    power[2], power[5], power[16] = 1, 3, 2
    expected = np.array([[3], [np.nan], [2]], np.float32)
    assert np.array_equal(coarser(power), expected, equal_nan=True)


def test_pictures_are_grey_and_exact() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (BANDS, 300)).astype(np.uint8)
    read = cv2.imdecode(np.frombuffer(png(picture), np.uint8), cv2.IMREAD_UNCHANGED)
    assert read is not None
    assert np.array_equal(read, picture)


def test_an_hour_takes_no_more_memory_than_a_minute(tmp_path: Path) -> None:
    """Memory maps as an import has them: only what a few columns hear is read."""
    peaks = []
    for seconds in (60, 1800):
        rows = seconds * RATE
        t_ns = np.memmap(tmp_path / f"t{seconds}", np.int64, "w+", shape=(rows,))
        pcm = np.memmap(tmp_path / f"v{seconds}", np.int16, "w+", shape=(rows,))
        t_ns[:] = np.arange(rows) * NS // RATE
        blocks = [
            Block(t_ns[at : at + 65_536], (pcm[at : at + 65_536],)) for at in range(0, rows, 65_536)
        ]
        tracemalloc.start()
        recording = Sound(blocks)
        layout = layout_of(recording)
        assert layout is not None
        for _ in powers(recording, layout):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks) < 16 * 2**20
    assert peaks[1] < peaks[0] * 1.5
