"""robomimic files: demonstrations in numeric order, cameras, depth, outcomes, what is asked."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from episodes.errors import AnswersNeeded, DatasetBroken, FormatUnknown
from episodes.formats import open_dataset
from episodes.formats.registry import detect, questions
from episodes.records import (
    BrokenEpisode,
    Coding,
    EpisodeRecord,
    Modality,
    PictureStreamRecord,
    Reason,
    Role,
    SignalKind,
)
from tests.pure.formats.hdf5_sets import ENV_ARGS, SIZE, frames, write_robomimic


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_robomimic(tmp_path / "lift.hdf5")


def read(path: Path, key: str = "demo_0", **answers: str) -> EpisodeRecord:
    found = open_dataset(path, answers).episode(key)
    assert isinstance(found, EpisodeRecord), found
    return found


def camera(episode: EpisodeRecord, name: str) -> PictureStreamRecord:
    found = next(stream for stream in episode.streams if stream.camera == name)
    assert isinstance(found, PictureStreamRecord)
    return found


def test_one_file_comes_in(path: Path) -> None:
    assert (detect(path).format, detect(path).episodes) == ("robomimic_hdf5", 3)
    dataset = open_dataset(path).dataset
    assert (dataset.name, str(dataset.rate), dataset.domain) == ("lift", "20", "sim")
    assert (dataset.embodiment, dataset.version) == ("Panda", "1.5.1")
    assert dataset.metadata["mask"] == {"train": ["demo_0", "demo_1"], "valid": ["demo_2"]}
    episode = read(path, "demo_1")
    assert (episode.frames, episode.duration_ns) == (7, 350_000_000)
    kinds = {signal.name: signal.kind for signal in episode.signals}
    assert kinds == {
        "actions": SignalKind.ACTION,
        "robot0_eef_pos": SignalKind.END_EFFECTOR,
        "robot0_gripper_qpos": SignalKind.GRIPPER,
        "robot0_joint_pos": SignalKind.STATE,
        "rewards": SignalKind.OTHER,
        "dones": SignalKind.OTHER,
        "states": SignalKind.OTHER,
    }
    with h5py.File(path) as file:
        for signal in episode.signals[:1]:
            np.testing.assert_array_equal(signal.values, file["data/demo_1/actions"][()])
    assert episode.notices == ()


def test_a_folder_with_that_one_file_is_the_same(path: Path) -> None:
    assert detect(path.parent).episodes == 3
    write_robomimic(path.parent / "more.hdf5")
    with pytest.raises(DatasetBroken, match="2 robomimic files"):
        detect(path.parent)


def test_demonstrations_are_in_numeric_order(tmp_path: Path) -> None:
    names = ("demo_10", "demo_2", "demo_1")
    path = write_robomimic(tmp_path / "a.hdf5", names=names)
    assert [e.key for e in open_dataset(path).listing()] == ["demo_1", "demo_2", "demo_10"]


def test_pictures_and_their_roles(path: Path) -> None:
    episode = read(path, **{"role.agentview": "external"})
    roles = {stream.camera: stream.role for stream in episode.streams}
    assert roles == {"agentview": Role.EXTERNAL, "robot0_eye_in_hand": Role.WRIST}
    stream = camera(episode, "agentview")
    assert (stream.coding, stream.source_key) == (Coding.RGB8, "obs/agentview_image")
    times, pictures = zip(*stream.pictures(), strict=True)
    assert times == tuple(n * 50_000_000 for n in range(5))
    np.testing.assert_array_equal(np.stack(pictures), frames(5))


def test_what_the_file_does_not_say_is_asked(path: Path, tmp_path: Path) -> None:
    assert {question.id for question in questions(path)} == {
        "instruction",
        "role.agentview",
        "unit.robot0_eef_pos",
        "unit.robot0_joint_pos",
        "gripper.robot0_gripper_qpos",
    }
    mute = write_robomimic(tmp_path / "mute.hdf5", env_args=None)
    assert "rate" in {question.id for question in questions(mute) if question.required}
    with pytest.raises(AnswersNeeded):
        open_dataset(mute)
    assert str(open_dataset(mute, {"rate": "15"}).dataset.rate) == "15"
    assert open_dataset(mute, {"rate": "15"}).dataset.domain == "unknown"
    joint = next(
        s
        for s in read(path, **{"unit.robot0_joint_pos": "rad"}).signals[1:]
        if s.values.shape[1] == 7
    )
    assert {d.unit for d in joint.dimensions} == {"rad"}


@pytest.mark.parametrize(
    ("owner", "name", "value"),
    [
        ("data/demo_0", "ep_meta", {"lang": "Lift the cube"}),
        ("data", "problem_info", {"language_instruction": "Lift the cube"}),
        ("data", "problem_info", {"language_instruction": ["Lift", "the", "cube"]}),
    ],
)
def test_language_in_the_file_is_used(path: Path, owner: str, name: str, value: Any) -> None:
    with h5py.File(path, "a") as file:
        file[owner].attrs[name] = json.dumps(value)
    assert "instruction" not in {question.id for question in questions(path)}
    assert read(path).task == "Lift the cube"


def test_sparse_rewards_say_the_outcome(path: Path) -> None:
    labels = [read(path, key).labels for key in ("demo_0", "demo_2")]
    assert [(one[0].kind, one[0].label_class, one[0].origin) for one in labels] == [
        ("outcome", "success", "rewards"),
        ("outcome", "failure", "rewards"),
    ]


def test_other_rewards_say_nothing(tmp_path: Path) -> None:
    shaped = {**ENV_ARGS, "env_kwargs": {"control_freq": 20, "reward_shaping": True}}
    episode = read(write_robomimic(tmp_path / "shaped.hdf5", env_args=shaped))
    assert episode.labels == ()
    assert [notice.code for notice in episode.notices] == ["outcome_unknown"]


def test_a_flag_of_success_counts_before_rewards(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file["data/demo_0"].attrs["success"] = np.bool_(False)
    (label,) = read(path).labels
    assert (label.label_class, label.origin) == ("failure", "success")


def test_depth_in_metres_becomes_millimetres(tmp_path: Path) -> None:
    depth = np.full((*SIZE, 1), 0.5, np.float32)
    depth[0, 0], depth[0, 1], depth[0, 2] = np.nan, 90, 1.2344
    path = write_robomimic(tmp_path / "deep.hdf5", depth=depth)
    assert "unit.agentview_depth" in {question.id for question in questions(path)}
    stream = camera(read(path, **{"unit.agentview_depth": "m"}), "agentview_depth")
    assert (stream.modality, stream.coding, stream.depth_unit_m) == (
        Modality.DEPTH,
        Coding.DEPTH16,
        0.001,
    )
    _, picture = next(stream.pictures())
    assert isinstance(picture, np.ndarray)
    assert picture.dtype == np.uint16
    assert picture[0, :4].tolist() == [0, 0, 1234, 500]


def test_depth_of_unknown_unit(tmp_path: Path) -> None:
    floats = write_robomimic(tmp_path / "f.hdf5", depth=np.ones((*SIZE, 1), np.float32))
    episode = read(floats)
    assert "agentview_depth" not in {stream.camera for stream in episode.streams}
    assert [notice.code for notice in episode.notices] == ["depth_unit_unknown"]
    whole = write_robomimic(tmp_path / "w.hdf5", depth=np.full((*SIZE, 1), 700, np.uint16))
    assert camera(read(whole), "agentview_depth").depth_unit_m is None
    assert (
        camera(read(whole, **{"unit.agentview_depth": "mm"}), "agentview_depth").depth_unit_m
        == 0.001
    )


def change(path: Path, name: str, value: Any) -> None:
    with h5py.File(path, "a") as file:
        del file[name]
        if value is not None:
            file[name] = value


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("actions", None, Reason.COLUMN_MISSING),
        ("actions", np.zeros((4, 7)), Reason.LENGTH_MISMATCH),
        ("actions", np.zeros((0, 7)), Reason.ZERO_LENGTH),
        ("actions", np.full((5, 7), np.inf), Reason.VALUES_NOT_FINITE),
        ("obs/robot0_eef_pos", np.zeros((4, 3)), Reason.LENGTH_MISMATCH),
        ("obs/agentview_image", frames(4), Reason.LENGTH_MISMATCH),
        ("rewards", np.zeros(9), Reason.LENGTH_MISMATCH),
    ],
)
def test_one_broken_demonstration_leaves_the_others(
    path: Path, name: str, value: Any, reason: Reason
) -> None:
    change(path, f"data/demo_0/{name}", value)
    found = open_dataset(path).episode("demo_0")
    assert isinstance(found, BrokenEpisode)
    assert (found.code, bool(found.remedy)) == (reason, True)
    assert read(path, "demo_1").frames == 7


def test_what_is_left_out_is_said(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file["data/demo_0/datagen_info"] = np.zeros(5)
        file["data/demo_0/obs/mask_image"] = np.zeros((5, *SIZE, 1), np.uint8)
        file["data/notes"] = np.zeros(3)
    assert {notice.code for notice in read(path).notices} == {
        "arrays_left_out",
        "observation_left_out",
    }
    assert [n.code for n in open_dataset(path).dataset.notices] == ["groups_left_out"]


@pytest.mark.parametrize("text", ["{", "[1]", '{"env_kwargs": {"control_freq": 1e99}}', "[" * 9999])
def test_env_args_of_nonsense_are_asked_about(path: Path, text: str) -> None:
    with h5py.File(path, "a") as file:
        file["data"].attrs["env_args"] = text
    assert "rate" in {question.id for question in questions(path)}


def test_a_file_cut_off_or_of_another_kind(path: Path, tmp_path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(DatasetBroken, match=r"lift\.hdf5"):
        detect(path)
    other = tmp_path / "other.hdf5"
    with h5py.File(other, "w") as file:
        file["x"] = [1, 2]
    with pytest.raises(FormatUnknown):
        detect(other)
