"""HDF5 files that lie: links out, other files' data, bombs, filters that are missing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from episodes.formats import open_dataset
from episodes.records import BrokenEpisode, EpisodeRecord, Reason
from tests.pure.formats.hdf5_sets import write_aloha

NAME = "observations/qvel"


def external_link(file: Any, elsewhere: Path) -> None:
    file[NAME] = h5py.ExternalLink(str(elsewhere), "secret")


def soft_link_over_an_external_one(file: Any, elsewhere: Path) -> None:
    file["door"] = h5py.ExternalLink(str(elsewhere), "/")
    file[NAME] = h5py.SoftLink("/door/secret")


def circle(file: Any, elsewhere: Path) -> None:
    file[NAME] = h5py.SoftLink("/observations/other")
    file["observations/other"] = h5py.SoftLink(f"/{NAME}")


def virtual(file: Any, elsewhere: Path) -> None:
    layout = h5py.VirtualLayout((6, 14), "f8")
    layout[:] = h5py.VirtualSource(str(elsewhere), "secret", (6, 14))
    file.create_virtual_dataset(NAME, layout)


def external_storage(file: Any, elsewhere: Path) -> None:
    file.create_dataset(NAME, (6, 14), "f8", external=[(str(elsewhere), 0, 6 * 14 * 8)])


def claimed(file: Any, elsewhere: Path) -> None:
    file.create_dataset(NAME, (2**40, 14), "f8", chunks=(1024, 14))


def huge_chunk(file: Any, elsewhere: Path) -> None:
    file.create_dataset(NAME, (6, 2**28), "f8", chunks=(1, 2**28), compression="gzip")


def deflated(file: Any, elsewhere: Path) -> None:
    """A gigabyte of zeros, deflated twice: the outer pass makes of the inner one almost nothing."""
    made = file.create_dataset(NAME, (4096, 2**16), "u1", chunks=(64, 2**16), compression="gzip")
    tiny = bytes.fromhex("789c030000000001")
    for row in range(0, 4096, 64):
        made.id.write_direct_chunk((row, 0), tiny)


def never_written(file: Any, elsewhere: Path) -> None:
    made = file.create_dataset(NAME, (6, 14), "f8", chunks=(1, 14))
    made[:3] = 1


def unknown_filter(file: Any, elsewhere: Path) -> None:
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((6, 14))
    plist.set_filter(32015, h5py.h5z.FLAG_OPTIONAL)
    space = h5py.h5s.create_simple((6, 14))
    made = h5py.h5d.create(file.id, NAME.encode(), h5py.h5t.IEEE_F64LE, space, plist)
    made.write_direct_chunk((0, 0), bytes(6 * 14 * 8))


def objects(file: Any, elsewhere: Path) -> None:
    file.create_dataset(NAME, (6,), h5py.string_dtype())


@pytest.mark.parametrize(
    ("damage", "reason", "words"),
    [
        (external_link, Reason.PATH_OUTSIDE, "another file"),
        (soft_link_over_an_external_one, Reason.PATH_OUTSIDE, "another file"),
        (circle, Reason.PATH_OUTSIDE, "circle"),
        (virtual, Reason.PATH_OUTSIDE, "other files"),
        (external_storage, Reason.PATH_OUTSIDE, "other files"),
        (claimed, Reason.ABSURD_SIZE, "claims"),
        (huge_chunk, Reason.ABSURD_SIZE, "claims"),
        (deflated, Reason.ABSURD_SIZE, "claims"),
        (never_written, Reason.DATA_MISSING, "not written"),
        (unknown_filter, Reason.DATA_UNREADABLE, "Zstandard"),
        (objects, Reason.SHAPE_MISMATCH, "not numbers"),
    ],
)
def test_what_lies_stays_out_and_the_rest_comes_in(
    tmp_path: Path, damage: Callable[[Any, Path], None], reason: Reason, words: str
) -> None:
    elsewhere = tmp_path / "elsewhere.hdf5"
    with h5py.File(elsewhere, "w") as file:
        file["secret"] = np.zeros((6, 14))
    root = write_aloha(tmp_path / "set")
    with h5py.File(root / "episode_0.hdf5", "a") as file:
        del file[NAME]
        damage(file, elsewhere)
    reader = open_dataset(root, {"rate": "50"})
    found = reader.episode("episode_0")
    assert isinstance(found, BrokenEpisode)
    assert (found.code, words in found.message, bool(found.remedy)) == (reason, True, True)
    assert NAME in found.message
    assert isinstance(reader.episode("episode_1"), EpisodeRecord)


def test_a_soft_link_within_the_file_is_followed(tmp_path: Path) -> None:
    root = write_aloha(tmp_path / "set")
    with h5py.File(root / "episode_0.hdf5", "a") as file:
        file["kept"] = file[NAME][()]
        del file[NAME]
        file[NAME] = h5py.SoftLink("/kept")
    found = open_dataset(root, {"rate": "50"}).episode("episode_0")
    assert isinstance(found, EpisodeRecord)
    assert "qvel" in {signal.name for signal in found.signals}


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    root = write_aloha(tmp_path / "set")
    (root / "episode_0.hdf5").rename(tmp_path / "away.hdf5")
    (root / "episode_0.hdf5").symlink_to(tmp_path / "away.hdf5")
    found = open_dataset(root, {"rate": "50"}).episode("episode_0")
    assert isinstance(found, BrokenEpisode)
    assert found.code == Reason.PATH_OUTSIDE


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.98])
def test_a_file_cut_off_is_named(tmp_path: Path, keep: float) -> None:
    root = write_aloha(tmp_path / "set")
    path = root / "episode_0.hdf5"
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    found = open_dataset(root, {"rate": "50"}).episode("episode_0")
    assert isinstance(found, BrokenEpisode)
    assert found.code == Reason.DATA_UNREADABLE
    assert "episode_0.hdf5" in found.message


def test_a_damaged_first_file_does_not_hide_the_format(tmp_path: Path) -> None:
    """Its signature is whole and what follows is not: nothing but an episode may break of it."""
    root = write_aloha(tmp_path / "set")
    path = root / "episode_0.hdf5"
    good = path.read_bytes()
    for at in range(96, 2048, 64):
        path.write_bytes(good[:at] + b"\xff" * 16 + good[at + 16 :])
        reader = open_dataset(root, {"rate": "50"})
        assert isinstance(reader.episode("episode_0"), EpisodeRecord | BrokenEpisode)
        assert isinstance(reader.episode("episode_1"), EpisodeRecord)
