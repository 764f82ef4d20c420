"""Plain folders: every mistake is named by its place, and keeps out no more than it has to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest

from episodes.errors import DatasetBroken
from episodes.formats import open_dataset
from episodes.formats.registry import detect
from episodes.records import BrokenEpisode, Reason
from tests.pure.formats.folder_sets import (
    Change,
    broken,
    episode,
    read,
    rewrite,
    signal_entry,
    state,
    write_folder,
    write_wav,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "set")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.update(touchline=2), "“touchline” has to be 1"),
        (lambda m: m.update(robots="ur5"), "unknown field “robots”"),
        (lambda m: m.update(domain="moon"), "domain has to be one of real"),
        (lambda m: m.update(episodes=[]), "1 to 1,000,000"),
        (lambda m: m.update(rate=0), "rate has to be a rate in Hz"),
        (lambda m: m["episodes"][0].pop("key"), r"episodes\[0\] has no “key”"),
    ],
)
def test_a_mistake_at_the_top_closes_the_folder(root: Path, change: Change, said: str) -> None:
    with pytest.raises(DatasetBroken, match=said):
        detect(rewrite(root, change))


def camera_change(**fields: Any) -> Change:
    return lambda m: m["episodes"][0]["cameras"][0].update(fields)


def signal_change(**fields: Any) -> Change:
    return lambda m: signal_entry(m).update(fields)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (camera_change(rol="wrist"), "episodes[0].cameras[0] has the unknown field “rol”"),
        (camera_change(role="roof"), "episodes[0].cameras[0].role has to be one of external"),
        (camera_change(offset_s=-1), "offset_s has to be seconds"),
        (camera_change(folder="a"), "needs either “file”"),
        (camera_change(unit_m=0.1), "not marked “depth”"),
        (camera_change(camera="cam2"), "two cameras named “cam2”"),
        (signal_change(time={"column": "stamp"}), "signals[0].time.unit is missing"),
        (signal_change(time={"column": "stamp", "unit": "min"}), "one of s, ms, us, ns"),
        (signal_change(dimensions=[{"column": "stamp"}]), "uses the column “stamp” twice"),
        (lambda m: m["episodes"][0]["labels"][0].pop("end_s"), "segments and spans have “end_s”"),
        (lambda m: m["episodes"][0].update(cameras=[]), "nothing to look at"),
    ],
)
def test_a_mistake_in_an_episode_keeps_it_out(root: Path, change: Change, said: str) -> None:
    rewrite(root, lambda m: m["episodes"].append(episode("second")))
    found = broken(rewrite(root, change))
    assert found.code == Reason.LISTING_BROKEN
    assert said in found.message
    assert read(root, "second").key == "second"


def test_a_key_twice_stays_out(root: Path) -> None:
    rewrite(root, lambda m: m["episodes"].append(episode()))
    assert [e.code for e in open_dataset(root).listing() if isinstance(e, BrokenEpisode)] == [
        Reason.DUPLICATE_EPISODE
    ]


@pytest.mark.parametrize("path", ["../out.mp4", "/etc/hostname", "a\\front.mp4"])
def test_paths_out_of_the_folder_are_refused(root: Path, path: str) -> None:
    assert broken(rewrite(root, camera_change(file=path))).code == Reason.PATH_OUTSIDE


def test_links_out_of_the_folder_are_refused(root: Path) -> None:
    outside = root.parent / "outside.csv"
    outside.write_text((root / "a/state.csv").read_text())
    (root / "a/state.csv").unlink()
    (root / "a/state.csv").symlink_to(outside)
    assert broken(root).code == Reason.PATH_OUTSIDE
    (root / "a/state.csv").unlink()
    (root / "a/state.csv").write_text(outside.read_text())
    picture = root / "a/cam2/3.jpg"
    picture.rename(root.parent / "3.jpg")
    picture.symlink_to(root.parent / "3.jpg")
    assert broken(root).code == Reason.PATH_OUTSIDE


CSVS = [
    ("stamp,shoulder\n", Reason.COLUMN_MISSING, "no column “gripper”"),
    ("stamp,shoulder,gripper\n", Reason.ZERO_LENGTH, "no row"),
    ("t,shoulder,gripper\n1,2,3\n", Reason.COLUMN_MISSING, "no column “stamp”"),
    ("stamp,shoulder,gripper,gripper\n1700000000,2,3,4\n", Reason.SHAPE_MISMATCH, "“gripper”"),
    ("stamp,shoulder,gripper\n1700000000,a,3\n", Reason.DATA_UNREADABLE, "state.csv"),
    ("stamp,shoulder,gripper\n1700000000,2\n", Reason.DATA_UNREADABLE, "state.csv"),
    ("stamp,shoulder,gripper\n1700000000,nan,3\n", Reason.VALUES_NOT_FINITE, "“shoulder” in row 0"),
    ("stamp,shoulder,gripper\n1700000000,,3\n", Reason.VALUES_NOT_FINITE, "1 values"),
    ("stamp,shoulder,gripper\n,2,3\n", Reason.SHAPE_MISMATCH, "time column “stamp”"),
    ("stamp,shoulder,gripper\n1,2,3\n", Reason.TIMESTAMPS_DISAGREE, "outside the episode"),
    (
        "stamp,shoulder,gripper\n1700000001,2,3\n1700000000,2,3\n",
        Reason.TIMESTAMPS_DISAGREE,
        "row 1",
    ),
    (
        "stamp,shoulder,gripper\n1700000001,2,3\n1700000001,2,3\n",
        Reason.TIMESTAMPS_DISAGREE,
        "does not ascend",
    ),
    ("", Reason.DATA_MISSING, "empty"),
]


@pytest.mark.parametrize(("text", "code", "said"), CSVS)
def test_a_table_that_cannot_be_trusted(root: Path, text: str, code: str, said: str) -> None:
    (root / "a/state.csv").write_text(text)
    found = broken(root)
    assert (found.code, said in found.message) == (code, True), found.message


def test_damaged_parquet_and_deep_json(root: Path) -> None:
    whole = root / "a/state.parquet"
    pq.write_table(state(), whole)
    whole.write_bytes(whole.read_bytes()[:-20])
    rewrite(root, signal_change(file="a/state.parquet"))
    assert broken(root).code == Reason.DATA_UNREADABLE
    (root / "a/state.json").write_text("[" * 100_000)
    assert broken(rewrite(root, signal_change(file="a/state.json"))).code == Reason.DATA_UNREADABLE


def test_tables_beyond_any_recording(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("episodes.formats.folder_tables.MAX_VALUES", 20)
    assert broken(root).code == Reason.ABSURD_SIZE
    pq.write_table(state(), root / "a/state.parquet")
    assert broken(rewrite(root, signal_change(file="a/state.parquet"))).code == Reason.ABSURD_SIZE


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda p: p.unlink(), Reason.DATA_MISSING),
        (lambda p: p.write_bytes(b"RIFF"), Reason.DATA_UNREADABLE),
        (lambda p: p.write_bytes(p.read_bytes()[:3000]), Reason.DATA_UNREADABLE),
        (lambda p: write_wav(p, width=1), Reason.DATA_UNREADABLE),
    ],
)
def test_sound_that_cannot_be_read(root: Path, damage: Callable[[Path], Any], code: str) -> None:
    damage(root / "a/mic.wav")
    assert broken(root).code == code


def test_cameras_that_cannot_be_read(root: Path) -> None:
    video = root / "a/front.mp4"
    whole = video.read_bytes()
    video.write_bytes(whole[:400])
    assert broken(root).code == Reason.MEDIA_UNREADABLE
    video.unlink()
    assert broken(root).code == Reason.MEDIA_MISSING
    video.write_bytes(whole)
    cv2.imwrite(str(root / "a/depth/0.png"), np.zeros((24, 32), np.uint8))
    assert "not 16-bit grey" in broken(root).message
    for path in (root / "a/depth").iterdir():
        path.unlink()
    assert broken(root).code == Reason.MEDIA_UNREADABLE
