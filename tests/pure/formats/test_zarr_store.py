"""Zarr version 2 by hand: codecs, edges, fill values; bombs and paths out are refused."""

import bz2
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import zstandard

from episodes.errors import DatasetBroken, EpisodeBroken, PathOutsideDataset
from episodes.formats.zarr_codecs import CodecFailed, jpegxl_size, unpacked
from episodes.formats.zarr_store import FolderStore, ZarrArray, open_store
from tests.pure.formats.zarr_sets import BLOSC, JPEGXL, members, write_folder, write_zip

GRID = np.arange(7 * 5, dtype=np.int32).reshape(7, 5)


def opened(root: Path, path: str = "a") -> ZarrArray:
    store = open_store(root)
    assert store is not None
    array = ZarrArray.open(store, path)
    assert array is not None
    return array


@pytest.mark.parametrize(
    "compressor",
    [
        None,
        BLOSC,
        BLOSC | {"cname": "zstd", "shuffle": 2},
        {"id": "zstd", "level": 3},
        {"id": "lz4", "acceleration": 1},
        {"id": "zlib", "level": 3},
        {"id": "gzip", "level": 3},
        {"id": "bz2", "level": 3},
    ],
)
@pytest.mark.parametrize("zipped", [True, False])
def test_chunks_with_edges(tmp_path: Path, compressor: dict[str, Any] | None, zipped: bool) -> None:
    found = members("a", GRID, (3, 2), compressor)
    root = write_zip(tmp_path / "a.zip", found) if zipped else write_folder(tmp_path / "a", found)
    array = opened(root)
    np.testing.assert_array_equal(array.read(0, 7), GRID)
    np.testing.assert_array_equal(array.read(2, 5), GRID[2:5])
    assert [(first, len(rows)) for first, rows in array.blocks(1, 7)] == [(1, 2), (3, 3), (6, 1)]


def test_columns_first_and_big_endian(tmp_path: Path) -> None:
    root = write_folder(tmp_path / "f", members("a", GRID.astype(">i4"), (4, 5), order="F"))
    np.testing.assert_array_equal(opened(root).read(0, 7), GRID)


def test_levels_in_the_names_of_chunks(tmp_path: Path) -> None:
    found = members("a", GRID, (3, 5), dimension_separator="/")
    renamed = {k.replace(".0", "/0") if k != "a/.zarray" else k: v for k, v in found.items()}
    root = write_folder(tmp_path / "f", renamed)
    np.testing.assert_array_equal(opened(root).read(0, 7), GRID)


def test_a_chunk_that_is_not_stored_has_the_fill_value(tmp_path: Path) -> None:
    found = members("a", GRID.astype(np.float32), (3, 5), fill_value="NaN")
    del found["a/1.0"]
    rows = opened(write_folder(tmp_path / "f", found)).read(0, 7)
    assert np.isnan(rows[3:6]).all()
    np.testing.assert_array_equal(rows[:3], GRID[:3])


def test_a_zip_with_its_folder_inside(tmp_path: Path) -> None:
    found = {".zgroup": b"{}"} | members("a", GRID, (7, 5))
    array = opened(write_zip(tmp_path / "a.zip", found, below="x.zarr/"))
    np.testing.assert_array_equal(array.read(0, 7), GRID)


@pytest.mark.parametrize("way", [{}, {"lossless": True}, {"usecontainer": True}])
@pytest.mark.parametrize("size", [(224, 224), (33, 57), (480, 640), (8, 256), (1, 1)])
def test_jpegxl_says_its_size(way: dict[str, Any], size: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    data = bytes(imagecodecs.jpegxl_encode(picture, **way))
    assert jpegxl_size(data) == size[::-1]
    found = unpacked(data, JPEGXL, (1, *size, 3), picture.nbytes)
    assert len(found) == picture.nbytes
    if way.get("lossless"):
        assert found == picture.tobytes()


def test_a_picture_of_another_size_is_not_unpacked() -> None:
    data = bytes(imagecodecs.jpegxl_encode(np.zeros((2048, 2048, 3), np.uint8)))
    with pytest.raises(CodecFailed, match="2048, 2048"):
        unpacked(data, JPEGXL, (1, 8, 8, 3), 192)


@pytest.mark.parametrize(
    ("name", "bomb"),
    [
        ("zlib", zlib.compress(bytes(10**8))),
        ("bz2", bz2.compress(bytes(10**7))),
        ("zstd", zstandard.compress(bytes(10**8))),
        ("blosc", b"\x02\x01\x21\x01" + (2**31 - 1).to_bytes(4, "little") + bytes(24)),
        ("lz4", (2**31 - 1).to_bytes(4, "little") + bytes(24)),
    ],
)
def test_bombs_do_not_unpack(name: str, bomb: bytes) -> None:
    with pytest.raises(CodecFailed, match="more than the 100 bytes"):
        unpacked(bomb, {"id": name}, (100,), 100)


def test_a_zip_bomb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("b/.zarray", "{}")
        file.writestr("a/.zarray", b" " * (2 * 2**20))
    store = open_store(tmp_path / "a.zip")
    assert store is not None
    with pytest.raises(DatasetBroken, match="larger than"):
        ZarrArray.open(store, "a")


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    root = write_folder(tmp_path / "f", members("a", GRID, (7, 5)))
    secret = tmp_path / "secret"
    (root / "a/0.0").rename(secret)
    (root / "a/0.0").symlink_to(secret)
    with pytest.raises(PathOutsideDataset):
        opened(root).read(0, 7)
    with pytest.raises(PathOutsideDataset):
        FolderStore(root).read("../secret")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"zarr_format": 3}, "version 2"),
        ({"dtype": "|O"}, "no plain numbers"),
        ({"dtype": [["a", "<f4"]]}, "no plain numbers"),
        ({"filters": [{"id": "pickle"}]}, "filters"),
        ({"chunks": [0, 5]}, "chunks"),
        ({"chunks": [2**31, 2**31]}, "larger than"),
        ({"shape": [10**12, 5]}, "shape"),
        ({"shape": "x"}, "no list of lengths"),
        ({"compressor": "blosc"}, "compressor"),
    ],
)
def test_descriptions_that_are_refused(tmp_path: Path, said: dict[str, Any], why: str) -> None:
    root = write_folder(tmp_path / "f", members("a", GRID, (7, 5)))
    document = json.loads((root / "a/.zarray").read_text()) | said
    (root / "a/.zarray").write_text(json.dumps(document))
    with pytest.raises(DatasetBroken, match=why):
        opened(root)


@pytest.mark.parametrize("content", [b"", b"x" * 200, b"\x02\x01\x21\x04"])
@pytest.mark.parametrize("compressor", [None, BLOSC, {"id": "zstd"}, {"id": "unheard_of"}])
def test_damaged_chunks_are_named(
    tmp_path: Path, content: bytes, compressor: dict[str, Any] | None
) -> None:
    found = members("a", GRID, (7, 5))
    root = write_folder(tmp_path / "f", found)
    document = json.loads((root / "a/.zarray").read_text()) | {"compressor": compressor}
    (root / "a/.zarray").write_text(json.dumps(document))
    (root / "a/0.0").write_bytes(content)
    with pytest.raises(EpisodeBroken, match=r"a/0\.0"):
        opened(root).read(0, 7)


def test_rows_that_are_not_there(tmp_path: Path) -> None:
    root = write_folder(tmp_path / "f", members("a", GRID, (7, 5)))
    with pytest.raises(EpisodeBroken, match="7 rows"):
        opened(root).read(5, 9)
