"""GET /api/v1/signals/<id>/layout and /tiles/<level>/<number>.bin: an hour of samples in tiles."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from django.test import Client

from episodes.models import Episode, Signal
from episodes.services.pyramids import write_levels

Written = Callable[..., Signal]


@pytest.fixture
def written(episode: Episode, data_dir: Path) -> Written:
    def write(samples: int | None = None, **columns: object) -> Signal:
        table = pa.table(columns)
        path = data_dir / "signals" / "one.arrow"
        path.parent.mkdir()
        with pa.ipc.new_file(str(path), table.schema) as writer:
            writer.write_table(table)
        names = [name for name in columns if name != "t_ns"]
        return Signal.objects.create(
            episode=episode, name="observation.state", path="signals/one.arrow",
            samples=table.num_rows if samples is None else samples,
            dimensions=[{"name": name, "unit": "rad", "group": ""} for name in names],
        )  # fmt: skip

    return write


def test_the_layout(ada: Client, written: Written) -> None:
    times = np.array([0, 20_000_000, 40_000_001], dtype=np.int64)
    signal = written(
        t_ns=times,
        shoulder=np.array([0.5, 1.5, np.nan]),
        jaw=pa.array([1.0, None, 3.0], type=pa.float32()),
    )
    response = ada.get(f"/api/v1/signals/{signal.pk}/tiles/0/0.bin")
    assert response.status_code == 200
    body = response.content
    assert struct.unpack_from("<4sIIII", body) == (b"TLSG", 2, 0, 3, 2)
    assert np.array_equal(np.frombuffer(body, "<i8", 3, 20), times)
    values = np.frombuffer(body, "<f4", 6, 44).reshape(2, 3)
    assert np.array_equal(values, [[0.5, 1.5, np.nan], [1, np.nan, 3]], equal_nan=True)
    assert len(body) == 68


def test_two_dimensions_of_one_name(ada: Client, episode: Episode, data_dir: Path) -> None:
    columns: list[pa.Array[Any]] = [pa.array([7]), pa.array([1.0]), pa.array([2.0])]
    table = pa.Table.from_arrays(columns, names=["t_ns", "joint", "joint"])
    with pa.ipc.new_file(str(data_dir / "twins.arrow"), table.schema) as writer:
        writer.write_table(table)
    signal = Signal.objects.create(
        episode=episode, name="action", path="twins.arrow", samples=1, dimensions=[{}, {}]
    )
    body = ada.get(f"/api/v1/signals/{signal.pk}/tiles/0/0.bin").content
    assert struct.unpack_from("<qff", body, 20) == (7, 1.0, 2.0)


def test_no_samples(ada: Client, written: Written) -> None:
    signal = written(t_ns=np.array([], dtype=np.int64), jaw=np.array([], dtype=np.float32))
    body = ada.get(f"/api/v1/signals/{signal.pk}/tiles/0/0.bin").content
    assert struct.unpack("<4sIIII", body) == (b"TLSG", 2, 0, 0, 1)


def test_who_may_read_them(
    written: Written, signed_in: Callable[[str], Client], ada: Client
) -> None:
    signal = written(t_ns=np.arange(3), jaw=np.arange(3.0))
    address = f"/api/v1/signals/{signal.pk}/tiles/0/0.bin"
    assert signed_in("otto").get(address).status_code == 404
    assert Client().get(address).status_code == 401
    assert ada.delete(address).status_code == 405


def test_a_file_that_disagrees_with_the_import(ada: Client, written: Written) -> None:
    signal = written(samples=4, t_ns=np.arange(3), jaw=np.arange(3.0))
    response = ada.get(f"/api/v1/signals/{signal.pk}/tiles/0/0.bin")
    assert (response.status_code, response.json()["code"]) == (409, "media_changed")


def test_a_damaged_or_missing_file(ada: Client, written: Written, data_dir: Path) -> None:
    signal = written(t_ns=np.arange(3), jaw=np.arange(3.0))
    address = f"/api/v1/signals/{signal.pk}/tiles/0/0.bin"
    (data_dir / signal.path).write_bytes(b"garbage")
    assert ada.get(address).json()["code"] == "media_changed"
    (data_dir / signal.path).unlink()
    assert ada.get(address).json()["code"] == "media_missing"


@pytest.fixture
def long_signal(written: Written, data_dir: Path) -> tuple[Signal, np.ndarray]:
    """Some 20 s at 1 kHz, imported: three tiles of samples need one level above them."""
    values = np.random.default_rng(5).normal(size=(20_003, 2)).astype(np.float32)
    values[100:200, 0] = np.nan
    signal = written(t_ns=np.arange(20_003) * 1_000_000, left=values[:, 0], right=values[:, 1])
    write_levels(data_dir / signal.path, 20_003)
    return signal, values


def test_the_layout_says_when_each_tile_begins(
    ada: Client, long_signal: tuple[Signal, np.ndarray]
) -> None:
    layout = ada.get(f"/api/v1/signals/{long_signal[0].pk}/layout").json()
    assert layout == {
        "dimensions": 2,
        "factor": 8,
        "tile_rows": 4096,
        "levels": [
            {"rows": 20_003, "starts_ns": [i * 4_096_000_000 for i in range(5)]},
            {"rows": 2501, "starts_ns": [0]},
        ],
    }


def test_a_level_bounds_its_samples(ada: Client, long_signal: tuple[Signal, np.ndarray]) -> None:
    signal, values = long_signal
    body = ada.get(f"/api/v1/signals/{signal.pk}/tiles/1/0.bin").content
    assert struct.unpack_from("<4sIIII", body) == (b"TLSG", 2, 1, 2501, 2)
    times = np.frombuffer(body, "<i8", 2501, 20)
    assert np.array_equal(times, np.arange(0, 20_003, 8) * 1_000_000)
    bounds = np.frombuffer(body, "<f4", 4 * 2501, 20 + 8 * 2501).reshape(2, 2, 2501)
    for row in (0, 12, 13, 24, 25, 2500):
        run = values[8 * row : 8 * row + 8]
        assert np.array_equal(bounds[0, :, row], np.fmin.reduce(run), equal_nan=True)
        assert np.array_equal(bounds[1, :, row], np.fmax.reduce(run), equal_nan=True)


def test_the_last_tile_is_a_short_one(ada: Client, long_signal: tuple[Signal, np.ndarray]) -> None:
    signal, values = long_signal
    body = ada.get(f"/api/v1/signals/{signal.pk}/tiles/0/4.bin").content
    assert struct.unpack_from("<4sIIII", body) == (b"TLSG", 2, 0, 20_003 - 4 * 4096, 2)
    assert np.frombuffer(body, "<f4")[-1] == values[-1, 1]


@pytest.mark.parametrize("tile", ["0/5", "1/1", "2/0", "9/0"])
def test_a_tile_that_is_not_there(
    ada: Client, long_signal: tuple[Signal, np.ndarray], tile: str
) -> None:
    response = ada.get(f"/api/v1/signals/{long_signal[0].pk}/tiles/{tile}.bin")
    assert (response.status_code, response.json()["code"]) == (404, "stream_unknown")


def test_levels_that_got_lost_are_said(
    ada: Client, long_signal: tuple[Signal, np.ndarray], data_dir: Path
) -> None:
    signal = long_signal[0]
    (data_dir / "signals" / "one.level1.arrow").unlink()
    response = ada.get(f"/api/v1/signals/{signal.pk}/layout")
    assert (response.status_code, response.json()["code"]) == (404, "media_missing")
