"""ALOHA and ACT recordings: what comes in, what is asked, and what is refused to be guessed."""

import tracemalloc
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from episodes.errors import AnswerInvalid, AnswersNeeded, DatasetBroken
from episodes.formats import open_dataset
from episodes.formats.contract import DatasetReader
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
from tests.pure.formats.hdf5_sets import frames, jpegs, write_aloha

RATE = {"rate": "50"}


def read(root: Path, key: str = "episode_0", **answers: str) -> EpisodeRecord:
    found = open_dataset(root, RATE | answers).episode(key)
    assert isinstance(found, EpisodeRecord), found
    return found


def broken(root: Path, key: str = "episode_0") -> BrokenEpisode:
    found = open_dataset(root, RATE).episode(key)
    assert isinstance(found, BrokenEpisode)
    return found


def camera(episode: EpisodeRecord, name: str) -> PictureStreamRecord:
    found = next(stream for stream in episode.streams if stream.camera == name)
    assert isinstance(found, PictureStreamRecord)
    return found


def test_a_folder_of_episodes_comes_in(tmp_path: Path) -> None:
    root = write_aloha(tmp_path / "set", lengths=(6,) * 11)
    assert detect(root).format == "aloha_hdf5"
    reader: DatasetReader = open_dataset(root, RATE)
    assert [entry.key for entry in reader.listing()][1:3] == ["episode_1", "episode_2"]
    assert reader.listing()[10].key == "episode_10"
    assert (reader.dataset.domain, reader.dataset.embodiment) == ("sim", "aloha")
    episode = read(root)
    assert (episode.frames, episode.duration_ns, episode.task) == (6, 120_000_000, "")
    kinds = {signal.name: signal.kind for signal in episode.signals}
    assert kinds == {
        "qpos": SignalKind.STATE,
        "qvel": SignalKind.STATE,
        "effort": SignalKind.FORCE,
        "action": SignalKind.ACTION,
    }
    with h5py.File(root / "episode_0.hdf5") as file:
        np.testing.assert_array_equal(episode.signals[0].values, file["observations/qpos"][()])
    assert episode.signals[0].t_ns.tolist() == [n * 20_000_000 for n in range(6)]


def test_one_file_is_a_dataset_too(tmp_path: Path) -> None:
    root = write_aloha(tmp_path / "set") / "episode_1.hdf5"
    assert [entry.key for entry in open_dataset(root, RATE).listing()] == ["episode_1"]


def test_the_rate_is_asked_and_fifty_only_named(tmp_path: Path) -> None:
    root = write_aloha(tmp_path / "set")
    asked = {question.id: question for question in questions(root)}
    assert asked["rate"].required
    assert "50 Hz" in asked["rate"].why
    with pytest.raises(AnswersNeeded) as refused:
        open_dataset(root)
    assert refused.value.fields["questions"] == ["rate"]
    with pytest.raises(AnswerInvalid):
        open_dataset(root, {"rate": "fast"})


def test_names_say_wrist_and_the_others_are_asked(tmp_path: Path) -> None:
    root = write_aloha(tmp_path / "set")
    asked = {question.id for question in questions(root)}
    assert {"role.cam_high", "role.cam_low", "instruction", "unit.qpos"} <= asked
    assert "role.cam_left_wrist" not in asked
    episode = read(root, instruction="Put the cube over", **{"role.cam_high": "external"})
    roles = {stream.camera: stream.role for stream in episode.streams}
    assert roles == {
        "cam_high": Role.EXTERNAL,
        "cam_left_wrist": Role.WRIST,
        "cam_low": Role.UNKNOWN,
        "cam_right_wrist": Role.WRIST,
    }
    assert episode.task == "Put the cube over"


def test_fourteen_values_have_the_names_of_two_arms(tmp_path: Path) -> None:
    episode = read(write_aloha(tmp_path / "set"), **{"unit.qpos": "rad"})
    qpos = episode.signals[0].dimensions
    assert (qpos[0].name, qpos[6].name, qpos[13].name) == (
        "left_waist",
        "left_gripper",
        "right_gripper",
    )
    assert (qpos[0].unit, qpos[6].unit) == ("rad", "")
    assert {d.unit for d in episode.signals[3].dimensions} == {""}


def test_another_number_of_values_has_numbers_for_names(tmp_path: Path) -> None:
    root = write_aloha(tmp_path / "set", dims=7, sim=None)
    assert [d.name for d in read(root).signals[0].dimensions][:2] == ["qpos[0]", "qpos[1]"]
    reader = open_dataset(root, RATE)
    assert (reader.dataset.embodiment, reader.dataset.domain) == ("", "unknown")
    assert "unit.qpos" not in {question.id for question in questions(root)}


@pytest.mark.parametrize("order", ["rgb", "bgr", ""])
def test_raw_pictures_in_the_order_that_is_answered(tmp_path: Path, order: str) -> None:
    episode = read(write_aloha(tmp_path / "set"), colours=order)
    found = [picture for _, picture in camera(episode, "cam_high").pictures()]
    expected = frames(6)[..., ::-1] if order == "bgr" else frames(6)
    np.testing.assert_array_equal(np.stack(found), expected)
    unknown = [n for n in episode.notices if n.code == "colours_unknown"]
    assert len(unknown) == (0 if order else 1)


def test_packed_pictures_stay_bit_for_bit(tmp_path: Path) -> None:
    root = write_aloha(tmp_path / "set", packed=True)
    episode = read(root)
    for seed, name in enumerate(("cam_high", "cam_low", "cam_left_wrist", "cam_right_wrist")):
        stream = camera(episode, name)
        assert stream.coding is Coding.JPEG
        assert [picture for _, picture in stream.pictures()] == jpegs(frames(6, seed))
    assert "colours" not in {question.id for question in questions(root)}


@pytest.mark.parametrize("packed", [True, False])
def test_the_import_makes_a_video_of_them(tmp_path: Path, packed: bool) -> None:
    stream = camera(read(write_aloha(tmp_path / "set", packed=packed)), "cam_low")
    video = assemble_stream(stream, tmp_path / "video.mp4")
    assert build_index(video.path).frames == 6


def test_pictures_of_any_length_need_no_padding(tmp_path: Path) -> None:
    root = write_aloha(tmp_path / "set", packed=True)
    with h5py.File(root / "episode_0.hdf5", "a") as file:
        del file["observations/images"], file["compress_len"]
        coded = [np.frombuffer(one, np.uint8) for one in jpegs(frames(6))]
        made = file.create_dataset("observations/images/top", (6,), h5py.vlen_dtype(np.uint8))
        for row, one in enumerate(coded):
            made[row] = one
    stream = camera(read(root), "top")
    assert [picture for _, picture in stream.pictures()] == jpegs(frames(6))
    assert stream.role is Role.EXTERNAL


def test_a_long_recording_is_never_in_memory(tmp_path: Path) -> None:
    root = write_aloha(tmp_path / "set", lengths=(300,))
    with h5py.File(root / "episode_0.hdf5", "a") as file:
        del file["observations/images/cam_high"]
        big = file.create_dataset("observations/images/cam_high", (300, 240, 320, 3), "u1")
        for row in range(300):
            big[row] = np.full((240, 320, 3), row % 256, np.uint8)
    stream = camera(read(root), "cam_high")
    tracemalloc.start()
    count = sum(1 for _ in stream.pictures())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 300
    assert peak < 20 * 2**20 < 300 * 240 * 320 * 3 / 3


def change(root: Path, name: str, value: Any) -> None:
    with h5py.File(root / "episode_0.hdf5", "a") as file:
        del file[name]
        if value is not None:
            file[name] = value


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("action", None, Reason.COLUMN_MISSING),
        ("observations/qpos", None, Reason.COLUMN_MISSING),
        ("action", np.zeros((0, 14)), Reason.ZERO_LENGTH),
        ("observations/qvel", np.zeros((5, 14)), Reason.LENGTH_MISMATCH),
        ("observations/images/cam_low", frames(5), Reason.LENGTH_MISMATCH),
        ("observations/qpos", np.full((6, 14), np.nan), Reason.VALUES_NOT_FINITE),
        ("observations/qpos", np.zeros((6, 600)), Reason.SHAPE_MISMATCH),
        ("observations/qpos", np.array([b"a"] * 6), Reason.SHAPE_MISMATCH),
    ],
)
def test_one_broken_episode_leaves_the_others(
    tmp_path: Path, name: str, value: Any, reason: Reason
) -> None:
    root = write_aloha(tmp_path / "set")
    change(root, name, value)
    found = broken(root)
    assert found.code == reason
    assert found.remedy
    assert "episode_0" in found.message
    assert read(root, "episode_1").frames == 5


def test_a_picture_cut_off_is_named(tmp_path: Path) -> None:
    root = write_aloha(tmp_path / "set", packed=True)
    with h5py.File(root / "episode_0.hdf5", "a") as file:
        images = file["observations/images/cam_low"]
        images[3, images.shape[1] // 2 :] = 0
    stream = camera(read(root), "cam_low")
    with pytest.raises(Exception, match=r"Picture 3 of .*cam_low") as raised:
        list(stream.pictures())
    assert getattr(raised.value, "reason", "") == Reason.MEDIA_UNREADABLE


def test_what_is_no_picture_is_said(tmp_path: Path) -> None:
    root = write_aloha(tmp_path / "set")
    change(root, "observations/images/cam_low", np.zeros((6, 3, 8, 8), np.float32))
    with h5py.File(root / "episode_0.hdf5", "a") as file:
        file["observations/lidar"] = np.zeros((6, 9))
    episode = read(root)
    assert {n.code for n in episode.notices} >= {"pictures_unknown", "arrays_left_out"}
    assert "cam_low" not in {stream.camera for stream in episode.streams}


def test_nothing_readable_is_no_dataset(tmp_path: Path) -> None:
    root = write_aloha(tmp_path / "set", lengths=(6,))
    change(root, "action", np.zeros(()))
    with pytest.raises(DatasetBroken):
        open_dataset(root, RATE)
