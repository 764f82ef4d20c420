"""UMI replay buffers: episodes out of long arrays, what is asked, what is refused."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from episodes.errors import AnswersNeeded, DatasetBroken, FormatUnknown
from episodes.formats import open_dataset
from episodes.formats.registry import detect, questions
from episodes.records import (
    BrokenEpisode,
    Coding,
    EpisodeRecord,
    PictureStreamRecord,
    Reason,
    Role,
    SignalKind,
)
from episodes.video.assemble import assemble_stream
from episodes.video.index import build_index
from tests.pure.formats.zarr_sets import (
    members,
    umi_arrays,
    umi_members,
    write_folder,
    write_zip,
)

RATE = {"rate": "59.94"}


def read(root: Path, key: str = "episode_000001", **answers: str) -> EpisodeRecord:
    found = open_dataset(root, RATE | answers).episode(key)
    assert isinstance(found, EpisodeRecord), found
    return found


def broken(root: Path, key: str = "episode_000001") -> BrokenEpisode:
    found = open_dataset(root, RATE).episode(key)
    assert isinstance(found, BrokenEpisode)
    return found


def pictures(episode: EpisodeRecord, number: int = 0) -> list[np.ndarray]:
    stream = episode.streams[number]
    assert isinstance(stream, PictureStreamRecord)
    return [picture for _, picture in stream.pictures() if isinstance(picture, np.ndarray)]


@pytest.mark.parametrize("zipped", [True, False])
def test_episodes_are_cut_out_of_the_arrays(tmp_path: Path, zipped: bool) -> None:
    write = write_zip if zipped else write_folder
    root = write(tmp_path / ("cup.zarr.zip" if zipped else "cup.zarr"), umi_members())
    assert detect(root).format == "umi_zarr"
    assert detect(root).title == "cup"
    reader = open_dataset(root, RATE)
    listed = [(entry.key, getattr(entry, "frames", None)) for entry in reader.listing()]
    assert listed == [("episode_000000", 5), ("episode_000001", 7)]
    episode, arrays = read(root), umi_arrays()
    assert (episode.frames, str(episode.rate)) == (7, "2997/50")
    for signal in episode.signals:
        np.testing.assert_array_equal(signal.values, arrays[signal.name][5:])
    assert len(episode.signals) == 5
    np.testing.assert_array_equal(pictures(episode), arrays["camera0_rgb"][5:])
    assert reader.dataset.notices == ()


def test_what_the_dimensions_are(tmp_path: Path) -> None:
    root = write_zip(tmp_path / "cup.zarr.zip", umi_members())
    episode = read(root, **{"unit.robot0_eef_pos": "m"})
    signals = {signal.name: signal for signal in episode.signals}
    width = signals["robot0_gripper_width"]
    assert (width.kind, width.dimensions[0].unit) == (SignalKind.GRIPPER, "")
    said = [(d.name, d.unit, d.group) for d in signals["robot0_eef_pos"].dimensions]
    assert said == [("x", "m", "robot0"), ("y", "m", "robot0"), ("z", "m", "robot0")]
    turned = signals["robot0_eef_rot_axis_angle"].dimensions
    assert [(d.name, d.unit) for d in turned] == [("rx", "rad"), ("ry", "rad"), ("rz", "rad")]


def test_what_is_asked(tmp_path: Path) -> None:
    root = write_zip(tmp_path / "cup.zarr.zip", umi_members())
    with pytest.raises(AnswersNeeded):
        open_dataset(root)
    assert [question.id for question in questions(root)] == [
        "rate",
        "instruction",
        "role.camera0",
        "unit.robot0_demo_end_pose",
        "unit.robot0_demo_start_pose",
        "unit.robot0_eef_pos",
        "unit.robot0_gripper_width",
    ]
    answers = {"instruction": "Serve the cup.", "role.camera0": "wrist"}
    episode = read(root, **answers)
    assert (episode.task, episode.streams[0].role) == ("Serve the cup.", Role.WRIST)


def test_the_pictures_become_a_video(tmp_path: Path) -> None:
    stream = read(write_zip(tmp_path / "cup.zarr.zip", umi_members())).streams[0]
    assert isinstance(stream, PictureStreamRecord)
    assert stream.coding is Coding.RGB8
    assemble_stream(stream, tmp_path / "v.mp4")
    assert build_index(tmp_path / "v.mp4").frames == 7


def test_depth_and_other_arrays(tmp_path: Path) -> None:
    depth = np.arange(12 * 4 * 6, dtype=np.uint16).reshape(12, 4, 6)
    root = write_folder(
        tmp_path / "x.zarr",
        umi_members(camera0_depth=depth, camera0_ultrawide_rgb=np.zeros((2, 8, 8, 3), np.uint8)),
    )
    reader = open_dataset(root, RATE | {"unit.camera0_depth": "mm"})
    assert ["camera0_ultrawide_rgb" in notice.message for notice in reader.dataset.notices] == [
        True
    ]
    episode = reader.episode("episode_000001")
    assert isinstance(episode, EpisodeRecord)
    stream = episode.streams[0]
    assert (stream.camera, stream.depth_unit_m) == ("camera0_depth", 0.001)
    np.testing.assert_array_equal(pictures(episode), depth[5:])


def test_arrays_that_end_early_keep_only_the_last_out(tmp_path: Path) -> None:
    short = umi_arrays()["robot0_eef_pos"][:9]
    root = write_folder(tmp_path / "x.zarr", umi_members(robot0_eef_pos=short))
    assert isinstance(read(root, "episode_000000"), EpisodeRecord)
    assert broken(root).code == Reason.LENGTH_MISMATCH


def test_missing_values_and_empty_episodes(tmp_path: Path) -> None:
    width = umi_arrays()["robot0_gripper_width"].copy()
    width[8] = np.nan
    root = write_folder(tmp_path / "x.zarr", umi_members(robot0_gripper_width=width))
    assert broken(root).code == Reason.VALUES_NOT_FINITE
    empty = write_folder(tmp_path / "y.zarr", umi_members((5, 0, 7)))
    assert broken(empty).code == Reason.ZERO_LENGTH
    assert read(empty, "episode_000002").frames == 7


def test_ends_that_go_back(tmp_path: Path) -> None:
    found = umi_members((5, 7))
    ends = np.array([5, 3, 12], np.int64)
    root = write_folder(tmp_path / "x.zarr", found | members("meta/episode_ends", ends, (3,)))
    assert broken(root).code == Reason.LISTING_BROKEN
    assert read(root, "episode_000002").frames == 7


def test_a_damaged_picture_is_named(tmp_path: Path) -> None:
    found = umi_members()
    found["data/camera0_rgb/6.0.0.0"] = found["data/camera0_rgb/6.0.0.0"][:40]
    stream = read(write_folder(tmp_path / "x.zarr", found)).streams[0]
    assert isinstance(stream, PictureStreamRecord)
    with pytest.raises(Exception, match=r"camera0_rgb/6\.0\.0\.0"):
        list(stream.pictures())


def test_a_zip_cut_off_and_one_of_something_else(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "cup.zarr.zip", umi_members())
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises((FormatUnknown, DatasetBroken)):
        detect(path)
    other = write_zip(tmp_path / "other.zip", {"readme.txt": b"x"})
    with pytest.raises(FormatUnknown):
        detect(other)


def test_one_chunk_is_in_memory(tmp_path: Path) -> None:
    """300 pictures of 120 kB: together 36 MB, of which one at a time is held."""
    many = np.zeros((300, 200, 200, 3), np.uint8)
    many[:, ::7] = 90
    arrays = {n: np.zeros((300, *v.shape[1:]), v.dtype) for n, v in umi_arrays((1,)).items()}
    root = write_zip(tmp_path / "x.zarr.zip", umi_members((300,), **arrays | {"camera0_rgb": many}))
    stream = read(root, "episode_000000").streams[0]
    assert isinstance(stream, PictureStreamRecord)
    tracemalloc.start()
    assert sum(1 for _ in stream.pictures()) == 300
    assert tracemalloc.get_traced_memory()[1] < 3 * 2**20
    tracemalloc.stop()
