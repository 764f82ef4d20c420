"""Zips from elsewhere: nothing lands outside, nothing explodes."""

import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from episodes.errors import UploadRefused
from episodes.services.archives import ArchiveLimits, unpack

LIMITS = ArchiveLimits(total_bytes=10**6, files=50, ratio_from_bytes=10_000)
Fill = Callable[[zipfile.ZipFile], object]


def make(path: Path, fill: Fill, *, dataset: bool = True) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if dataset:
            archive.writestr("set/meta/info.json", "{}")
        fill(archive)
    return path


def link(name: str, to: str) -> Fill:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return lambda archive: archive.writestr(entry, to)


def refused(tmp_path: Path, fill: Fill, said: str, *, dataset: bool = True) -> None:
    target = tmp_path / "in" / "tree"
    with pytest.raises(UploadRefused, match=said) as caught:
        unpack(make(tmp_path / "a.zip", fill, dataset=dataset), target, LIMITS)
    assert caught.value.remedy
    assert not target.exists()
    assert {path.name for path in tmp_path.iterdir()} <= {"a.zip", "in", "data"}


def test_the_dataset_folder_is_found(tmp_path: Path) -> None:
    archive = make(tmp_path / "a.zip", lambda a: a.writestr("set/data/x.parquet", b"rows"))
    root = unpack(archive, tmp_path / "tree", LIMITS)
    assert root == tmp_path / "tree" / "set"
    assert (root / "data/x.parquet").read_bytes() == b"rows"


def test_a_dataset_without_a_folder_around_it(tmp_path: Path) -> None:
    archive = make(tmp_path / "a.zip", lambda a: a.writestr("meta/info.json", "{}"), dataset=False)
    assert unpack(archive, tmp_path / "tree", LIMITS) == tmp_path / "tree"


@pytest.mark.parametrize(
    "name", ["../evil.txt", "set/../../evil.txt", "/etc/evil.txt", "C:/evil.txt", "..\\evil.txt"]
)
def test_a_path_that_leads_out(tmp_path: Path, name: str) -> None:
    refused(tmp_path, lambda a: a.writestr(name, "x"), "leads out of its folder")


def test_a_link(tmp_path: Path) -> None:
    refused(tmp_path, link("set/videos", "/etc"), "a link or a device")


def test_a_name_twice(tmp_path: Path) -> None:
    def fill(archive: zipfile.ZipFile) -> None:
        archive.writestr("set/a", "1")
        archive.writestr("set/a", "2")

    with pytest.warns(UserWarning, match="Duplicate name"):
        refused(tmp_path, fill, "twice")


def test_too_many_bytes(tmp_path: Path) -> None:
    def fill(archive: zipfile.ZipFile) -> None:
        for part in range(3):
            archive.writestr(f"set/{part}", bytes(range(256)) * 1600, zipfile.ZIP_STORED)

    refused(tmp_path, fill, "at most 1,000,000 bytes")


def test_a_bomb(tmp_path: Path) -> None:
    refused(tmp_path, lambda a: a.writestr("set/zeros", bytes(900_000)), "100 times its size")


def test_too_many_files(tmp_path: Path) -> None:
    def fill(archive: zipfile.ZipFile) -> None:
        for part in range(60):
            archive.writestr(f"set/{part}", "x")

    refused(tmp_path, fill, "61 files")


def test_no_dataset_in_it(tmp_path: Path) -> None:
    refused(tmp_path, lambda a: None, "no dataset", dataset=False)


def test_where_the_dataset_is_in_the_archive(tmp_path: Path) -> None:
    """A folder around everything is passed over; a lone file and a Zarr folder are the dataset."""
    cases = {
        ("outer/set/a.mp4", "outer/set/b.csv"): "outer/set",
        ("a.mp4", "b.csv"): ".",
        ("lift/demo.hdf5",): "lift/demo.hdf5",
        ("x/run.zarr/.zgroup",): "x/run.zarr",
    }
    for number, (names, expected) in enumerate(cases.items()):

        def fill(archive: zipfile.ZipFile, names: tuple[str, ...] = names) -> None:
            for name in names:
                archive.writestr(name, "y")

        archive = make(tmp_path / f"{number}.zip", fill, dataset=False)
        tree = tmp_path / str(number)
        assert unpack(archive, tree, LIMITS) == tree / expected


def test_two_datasets_in_it(tmp_path: Path) -> None:
    refused(tmp_path, lambda a: a.writestr("other/meta/info.json", "{}"), "2 datasets")


def test_a_method_that_is_not_plain(tmp_path: Path) -> None:
    def fill(archive: zipfile.ZipFile) -> None:
        archive.writestr("set/x", b"x" * 100, zipfile.ZIP_LZMA)

    refused(tmp_path, fill, "unusual way")


@pytest.mark.parametrize("damage", ["cut", "garbage", "flipped", "short"])
def test_a_damaged_archive(tmp_path: Path, damage: str) -> None:
    archive = make(
        tmp_path / "a.zip", lambda a: a.writestr("set/x", b"0123456789" * 99, zipfile.ZIP_STORED)
    )
    whole = archive.read_bytes()
    if damage == "cut":
        archive.write_bytes(whole[: len(whole) // 2])
    elif damage == "garbage":
        archive.write_bytes(b"no zip" * 100)
    elif damage == "flipped":
        archive.write_bytes(whole.replace(b"0123456789" * 20, b"X123456789" * 20, 1))
    else:
        # The directory announces fewer bytes than the member holds.
        size = struct.pack("<I", 990)
        archive.write_bytes(whole.replace(size, struct.pack("<I", 10)))
    with pytest.raises(UploadRefused, match="damaged"):
        unpack(archive, tmp_path / "tree", LIMITS)
    assert not (tmp_path / "tree").exists()
