"""EgoDex: hands, wrists, camera and language of a look-alike; the data set itself is not ours."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from episodes.formats import open_dataset
from episodes.formats.registry import detect, questions
from episodes.records import BrokenEpisode, EpisodeRecord, Reason, Role, SignalKind, StreamRecord
from episodes.video.index import build_index
from tests.pure.formats.hdf5_sets import poses, write_egodex_pair


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for number in (0, 2, 10):
        write_egodex_pair(tmp_path / f"set/lid/{number}")
    write_egodex_pair(tmp_path / "set/fold/0", 8)
    return tmp_path / "set"


def read(root: Path, key: str = "lid/0") -> EpisodeRecord:
    found = open_dataset(root).episode(key)
    assert isinstance(found, EpisodeRecord), found
    return found


def broken(root: Path, key: str = "lid/0") -> BrokenEpisode:
    found = open_dataset(root).episode(key)
    assert isinstance(found, BrokenEpisode)
    return found


def test_pairs_come_in_and_nothing_is_asked(root: Path) -> None:
    assert detect(root).format == "egodex"
    assert questions(root) == ()
    reader = open_dataset(root)
    assert [e.key for e in reader.listing()] == ["fold/0", "lid/0", "lid/2", "lid/10"]
    dataset = reader.dataset
    assert (dataset.domain, dataset.embodiment, dataset.licence) == (
        "human",
        "human_hands",
        "CC BY-NC-ND 4.0",
    )
    assert [notice.code for notice in dataset.notices] == ["licence"]
    episode = read(root)
    assert (episode.frames, str(episode.rate), episode.task) == (
        12,
        "30",
        "Put the lid on the jar.",
    )
    assert episode.facts.scene == "kitchen"


def test_the_view_is_egocentric_and_fits_its_video(root: Path) -> None:
    (stream,) = read(root).streams
    assert isinstance(stream, StreamRecord)
    assert (stream.role, stream.media) == (Role.EGOCENTRIC, "lid/0.mp4")
    index = build_index(stream.path)
    assert (index.frames, stream.frames) == (12, 12)
    assert int(index.times_ns(0, 12)[0]) == stream.from_ns


def test_hands_have_25_joints_in_metres(root: Path) -> None:
    signals = {signal.name: signal for signal in read(root).signals}
    for side in ("left", "right"):
        hand = signals[f"{side}_hand"]
        assert (hand.kind, hand.values.shape) == (SignalKind.HAND_POSE, (12, 75))
        assert {d.unit for d in hand.dimensions} == {"m"}
        assert hand.dimensions[0].name == f"{side}Hand.x"
        assert signals[f"{side}_hand_confidence"].values.shape == (12, 25)
    np.testing.assert_array_equal(signals["left_hand"].values[:, :3], poses(12, 0)[:, :3, 3])
    assert signals["body"].values.shape == (12, 15)


def test_the_wrist_is_a_position_and_a_quaternion_scalar_last(root: Path) -> None:
    wrist = next(s for s in read(root).signals if s.name == "left_wrist")
    axes = [d.name.removeprefix("leftHand.") for d in wrist.dimensions]
    assert axes == ["x", "y", "z", "qx", "qy", "qz", "qw"]
    turned = Rotation.from_quat(wrist.values[:, 3:]).as_matrix()
    np.testing.assert_allclose(turned, poses(12, 0)[:, :3, :3], atol=1e-5)
    assert (np.sum(wrist.values[1:, 3:] * wrist.values[:-1, 3:], axis=1) > 0).all()


def test_thumbs_may_be_misspelt(tmp_path: Path) -> None:
    write_egodex_pair(tmp_path / "good/lid/0")
    write_egodex_pair(tmp_path / "odd/lid/0", misspelt=True)
    good, odd = read(tmp_path / "good"), read(tmp_path / "odd")
    for a, b in zip(good.signals, odd.signals, strict=True):
        assert a.dimensions == b.dimensions
        np.testing.assert_array_equal(a.values, b.values)


@pytest.mark.parametrize(
    ("said", "task"),
    [
        ({"which_llm_description": "2", "llm_description2": "Take it off."}, "Take it off."),
        (
            {"which_llm_description": "1", "llm_description2": "Take it off."},
            "Put the lid on the jar.",
        ),
        ({"which_llm_description": 2, "llm_description2": b"Take it off."}, "Take it off."),
        ({"which_llm_description": "3", "llm_description2": "Take it off."}, ""),
        ({"llm_type": "other", "which_llm_description": "2"}, "Put the lid on the jar."),
    ],
)
def test_a_reversible_task_has_the_chosen_description(
    tmp_path: Path, said: dict[str, Any], task: str
) -> None:
    write_egodex_pair(tmp_path / "lid/0", **said)
    episode = read(tmp_path)
    assert episode.task == task
    assert [notice.code for notice in episode.notices] == ([] if task else ["instruction_unknown"])


def change(root: Path, name: str, value: Any) -> None:
    with h5py.File(root / "lid/0.hdf5", "a") as file:
        del file[name]
        if value is not None:
            file[name] = value


def stretched() -> Any:
    found = poses(12, 0)
    found[7, :3, :3] *= 2
    return found


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("transforms/leftHand", None, Reason.COLUMN_MISSING),
        ("transforms/leftHand", stretched(), Reason.DATA_UNREADABLE),
        ("transforms/leftHand", poses(11, 0), Reason.LENGTH_MISMATCH),
        ("transforms/leftHand", np.zeros((12, 3)), Reason.SHAPE_MISMATCH),
        ("transforms/rightHand", np.full((12, 4, 4), np.nan), Reason.VALUES_NOT_FINITE),
        ("confidences/rightHand", np.zeros(5), Reason.LENGTH_MISMATCH),
        ("transforms/camera", np.zeros((0, 4, 4)), Reason.ZERO_LENGTH),
    ],
)
def test_one_broken_episode_leaves_the_others(
    root: Path, name: str, value: Any, reason: Reason
) -> None:
    change(root, name, value)
    found = broken(root)
    assert found.code == reason
    assert found.remedy
    assert read(root, "lid/2").frames == 12


def test_a_video_that_is_missing_or_elsewhere(root: Path, tmp_path: Path) -> None:
    (root / "lid/0.mp4").rename(tmp_path / "away.mp4")
    assert broken(root).code == Reason.MEDIA_MISSING
    (root / "lid/0.mp4").symlink_to(tmp_path / "away.mp4")
    assert broken(root).code == Reason.PATH_OUTSIDE


def test_a_file_cut_off(root: Path) -> None:
    path = root / "lid/0.hdf5"
    path.write_bytes(path.read_bytes()[:-2000])
    assert broken(root).code == Reason.DATA_UNREADABLE
    assert "0.hdf5" in broken(root).message


def test_the_same_files_give_the_same_fingerprint(root: Path) -> None:
    before = open_dataset(root).dataset.fingerprint
    assert open_dataset(root).dataset.fingerprint == before
    change(root, "transforms/leftHand", poses(12, 99))
    assert open_dataset(root).dataset.fingerprint != before
