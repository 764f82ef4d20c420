"""GET /api/v1/signals/<id>/samples.bin: time stamps and float32 columns."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from django.test import Client

from episodes.models import Episode, Signal

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
    response = ada.get(f"/api/v1/signals/{signal.pk}/samples.bin")
    assert response.status_code == 200
    body = response.content
    assert struct.unpack_from("<4sIII", body) == (b"TLSG", 1, 3, 2)
    assert np.array_equal(np.frombuffer(body, "<i8", 3, 16), times)
    values = np.frombuffer(body, "<f4", 6, 40).reshape(2, 3)
    assert np.array_equal(values, [[0.5, 1.5, np.nan], [1, np.nan, 3]], equal_nan=True)
    assert len(body) == 64


def test_two_dimensions_of_one_name(ada: Client, episode: Episode, data_dir: Path) -> None:
    columns: list[pa.Array[Any]] = [pa.array([7]), pa.array([1.0]), pa.array([2.0])]
    table = pa.Table.from_arrays(columns, names=["t_ns", "joint", "joint"])
    with pa.ipc.new_file(str(data_dir / "twins.arrow"), table.schema) as writer:
        writer.write_table(table)
    signal = Signal.objects.create(
        episode=episode, name="action", path="twins.arrow", samples=1, dimensions=[{}, {}]
    )
    body = ada.get(f"/api/v1/signals/{signal.pk}/samples.bin").content
    assert struct.unpack_from("<qff", body, 16) == (7, 1.0, 2.0)


def test_no_samples(ada: Client, written: Written) -> None:
    signal = written(t_ns=np.array([], dtype=np.int64), jaw=np.array([], dtype=np.float32))
    body = ada.get(f"/api/v1/signals/{signal.pk}/samples.bin").content
    assert struct.unpack("<4sIII", body) == (b"TLSG", 1, 0, 1)


def test_who_may_read_them(
    written: Written, signed_in: Callable[[str], Client], ada: Client
) -> None:
    signal = written(t_ns=np.arange(3), jaw=np.arange(3.0))
    address = f"/api/v1/signals/{signal.pk}/samples.bin"
    assert signed_in("otto").get(address).status_code == 404
    assert Client().get(address).status_code == 401
    assert ada.delete(address).status_code == 405


def test_a_file_that_disagrees_with_the_import(ada: Client, written: Written) -> None:
    signal = written(samples=4, t_ns=np.arange(3), jaw=np.arange(3.0))
    response = ada.get(f"/api/v1/signals/{signal.pk}/samples.bin")
    assert (response.status_code, response.json()["code"]) == (409, "media_changed")


def test_a_damaged_or_missing_file(ada: Client, written: Written, data_dir: Path) -> None:
    signal = written(t_ns=np.arange(3), jaw=np.arange(3.0))
    address = f"/api/v1/signals/{signal.pk}/samples.bin"
    (data_dir / signal.path).write_bytes(b"garbage")
    assert ada.get(address).json()["code"] == "media_changed"
    (data_dir / signal.path).unlink()
    assert ada.get(address).json()["code"] == "media_missing"
