"""Fallback packs: every frame, in order, in files that are whole or absent."""

import json
from pathlib import Path

import pytest

from episodes.video import build_index, slice_index
from episodes.video.packs import PROFILES, PackProfile, pack_bytes, pack_pictures, write_packs
from tests import barcode
from tests.pure.video.conftest import Videos
from tests.pure.video.test_images import picture

SMALL = PackProfile("small", 160, 8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "packs"


@pytest.mark.parametrize("name", ["hevc", "h264_b", "rotated_90", "edit_list"])
def test_packs_hold_every_frame_in_order(videos: Videos, folder: Path, name: str) -> None:
    video = videos(name)
    part = slice_index(build_index(video.path), 3, 20)
    assert write_packs(video.path, part, SMALL, folder) == 3
    layout = json.loads((folder / "index.json").read_text())
    assert layout["frames"] == 20
    assert layout["packs"] == 3
    assert layout["frames_per_pack"] == 8
    shown = []
    for number in range(3):
        for jpeg in pack_pictures((folder / f"{number:05d}.bin").read_bytes()):
            image = picture(jpeg)
            assert (image.shape[1], image.shape[0]) == (layout["width"], layout["height"])
            shown.append(barcode.read(image))
    assert shown == list(video.shows[3:23])


def test_an_interrupted_run_goes_on_where_it_stopped(videos: Videos, folder: Path) -> None:
    video = videos("h264_b")
    part = slice_index(build_index(video.path), 0, 60)
    write_packs(video.path, part, SMALL, folder)
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "00004.bin").unlink()
    (folder / "00007.bin").unlink()
    assert write_packs(video.path, part, SMALL, folder) == 2
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    assert write_packs(video.path, part, SMALL, folder) == 0


def test_nothing_but_whole_files_is_left(videos: Videos, folder: Path) -> None:
    video = videos("h264_g2")
    part = slice_index(build_index(video.path), 0, 31)
    write_packs(video.path, part, PROFILES["jpeg640"], folder)
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["00000.bin", "00001.bin", "index.json"]


def test_the_file_layout_is_the_documented_one() -> None:
    pack = pack_bytes([b"abc", b"", b"defg"])
    assert pack[:4] == b"TLPK"
    numbers = [int.from_bytes(pack[at : at + 4], "little") for at in range(4, 24, 4)]
    assert numbers == [3, 24, 27, 27, 31]
    assert list(pack_pictures(pack)) == [b"abc", b"", b"defg"]


@pytest.mark.parametrize("stored", [b"", b"XXXX00000000", pack_bytes([b"abc"])[:-1]])
def test_a_damaged_pack_is_noticed(stored: bytes) -> None:
    with pytest.raises(ValueError, match="pack"):
        list(pack_pictures(stored))
