"""RLDS: real BridgeData whole, DROID's layout, what is asked, kept, and left out."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from episodes.errors import AnswersNeeded, DatasetBroken, PathOutsideDataset
from episodes.formats import open_dataset
from episodes.formats.registry import detect, questions
from episodes.formats.tfrecord import ExampleRecord, index_shard
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
from episodes.video.assemble import assemble_stream
from episodes.video.index import build_index
from tests.pure.formats.rlds_sets import (
    DROID_CAMERAS,
    FLAGS,
    Features,
    black,
    depths,
    droid_episode,
    droid_features,
    flags,
    group,
    image,
    jpegs,
    shard_path,
    steps_of,
    tensor,
    text,
    write_droid,
    write_rlds,
)

RATE = {"rate": "15"}


def read(root: Path, key: str = "train_000000", **answers: str) -> EpisodeRecord:
    found = open_dataset(root, RATE | answers).episode(key)
    assert isinstance(found, EpisodeRecord), found
    return found


def broken(root: Path, key: str = "train_000000") -> BrokenEpisode:
    found = open_dataset(root, RATE).episode(key)
    assert isinstance(found, BrokenEpisode)
    return found


def codes(episode: EpisodeRecord) -> set[str]:
    return {notice.code for notice in episode.notices}


def pictures(episode: EpisodeRecord, camera: str) -> list[Any]:
    found = next(stream for stream in episode.streams if stream.camera == camera)
    assert isinstance(found, PictureStreamRecord)
    return [picture for _, picture in found.pictures()]


def brightest(picture: bytes) -> int:
    found = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return int(found.max())


def small(root: Path, change: Features | None = None, **features: Any) -> Path:
    """One episode of five steps with an action, further features and their values."""
    episode = flags(5) | {"steps/action": np.arange(10, dtype=np.float32)} | (change or {})
    declared = FLAGS | {"reward": tensor("float32"), "discount": tensor("float32")}
    described = group(steps=steps_of(**declared, action=tensor("float32", 2), **features))
    return write_rlds(root, described, [[episode]])


def test_real_bridge_data_comes_in_whole(shared_data: Path) -> None:
    root = shared_data / "octo_bridge_rlds/bridge_dataset"
    assert detect(root).format == "rlds"
    reader = open_dataset(root, {"rate": "5"})
    shard = next(root.glob("*/*.tfrecord-*"))
    places = index_shard(shard, "shard").places
    steps = shown = dark = 0
    for episode, place in zip(reader.episodes(), places, strict=True):
        assert isinstance(episode, EpisodeRecord), episode
        steps += episode.frames
        with ExampleRecord(shard, place, "r") as record:
            for number in range(4):
                name = f"steps/observation/image_{number}"
                stored = [record.blob(span) for span in record.blobs(name)]
                if any(stream.source_key == name for stream in episode.streams):
                    assert pictures(episode, f"image_{number}") == stored
                    shown += len(stored)
                else:
                    assert [brightest(picture) for picture in stored] == [0] * len(stored)
                    dark += len(stored)
    assert (len(places), steps, shown + dark, dark) == (25, 250, 1000, 250)
    assert any(notice.code == "shards_missing" for notice in reader.dataset.notices)
    first = reader.episode("train_000000")
    assert isinstance(first, EpisodeRecord)
    assert first.task == "put cup from counter or drying rack into sink"
    assert {"end_missing", "camera_missing", "camera_flag_wrong"} <= codes(first)
    assert first.labels == ()


def test_real_pictures_become_a_video(shared_data: Path, tmp_path: Path) -> None:
    root = shared_data / "octo_bridge_rlds/bridge_dataset/1.0.0"
    stream = read(root).streams[0]
    assert isinstance(stream, PictureStreamRecord)
    assemble_stream(stream, tmp_path / "v.mp4")
    assert build_index(tmp_path / "v.mp4").frames == 10


def test_droid(tmp_path: Path) -> None:
    root = write_droid(tmp_path / "set")
    reader = open_dataset(root, RATE)
    listed = [entry.key for entry in reader.listing()]
    assert listed == ["train_000000", "train_000001", "train_000002"]
    assert (reader.dataset.licence, reader.dataset.version) == ("CC BY 4.0", "1.0.1")
    episode = read(root, "train_000001")
    assert (episode.task, episode.frames, episode.duration_ns) == ("text 0 of 1", 6, 400_000_000)
    assert {s.camera: s.role for s in episode.streams} == {
        "exterior_image_1_left": Role.EXTERNAL,
        "exterior_image_2_left": Role.EXTERNAL,
        "wrist_image_left": Role.WRIST,
    }
    source = droid_episode(1)
    for camera in DROID_CAMERAS:
        assert pictures(episode, camera) == source[f"steps/observation/{camera}"]
    signals = {signal.name: signal for signal in episode.signals}
    assert len(signals) == 10
    assert signals["observation.gripper_position"].kind is SignalKind.GRIPPER
    assert signals["action_dict.joint_velocity"].kind is SignalKind.ACTION
    np.testing.assert_array_equal(
        signals["observation.joint_position"].values.ravel(),
        np.asarray(source["steps/observation/joint_position"]),
    )
    assert episode.facts.session == "/nfs/droid/AUTOLab/failure/2023-07-02/trajectory.h5"


def test_droids_further_languages_and_outcome_are_kept(tmp_path: Path) -> None:
    root = write_droid(tmp_path / "set")
    labels = {label.label_class: label for label in read(root, "train_000001").labels}
    assert set(labels) == {"language_instruction_2", "language_instruction_3", "failure"}
    second = labels["language_instruction_2"]
    assert (second.kind, second.start_ns, second.end_ns) == ("segment", 0, 400_000_000)
    assert second.text == "text 1 of 1"
    assert labels["failure"].origin == "episode_metadata/file_path"
    names = {label.label_class for label in read(root).labels}
    assert names == {"language_instruction_2", "success"}


def test_the_rate_is_required_and_droids_grippers_are_asked(tmp_path: Path) -> None:
    root = write_droid(tmp_path / "set")
    with pytest.raises(AnswersNeeded):
        open_dataset(root)
    asked = [question.id for question in questions(root)]
    assert asked == ["rate", "gripper.observation.gripper_position"]


def test_roles_instruction_and_depth_are_asked(tmp_path: Path) -> None:
    root = small(
        tmp_path / "set",
        {"steps/observation/image": jpegs(5), "steps/observation/depth": depths(5)},
        observation=group(image=image(), depth=image("uint16", "png", 1)),
    )
    asked = [question.id for question in questions(root)]
    assert asked == ["rate", "instruction", "role.image", "role.depth", "unit.depth"]
    answers = {"instruction": "Stir.", "role.image": "external", "unit.depth": "mm"}
    episode = read(root, **answers)
    assert episode.task == "Stir."
    colour, depth = episode.streams
    assert (colour.role, colour.modality) == (Role.EXTERNAL, Modality.RGB)
    assert isinstance(depth, PictureStreamRecord)
    assert (depth.coding, depth.depth_unit_m) == (Coding.DEPTH16, 0.001)
    assert pictures(episode, "depth")[3][0, 7] == 10


def test_an_instruction_that_changes_becomes_segments(tmp_path: Path) -> None:
    said = [b"Reach.", b"Reach.", b"Lift.", b"Lift.", b"Lift."]
    root = small(
        tmp_path / "set", {"steps/language_instruction": said}, language_instruction=text()
    )
    episode = read(root)
    assert episode.task == "Reach."
    found = [(one.start_ns, one.text) for one in episode.labels if one.kind == "segment"]
    assert found == [(0, "Reach."), (episode.rate.time_ns(2), "Lift.")]


def test_a_final_reward_is_a_success_and_a_dense_one_a_signal(tmp_path: Path) -> None:
    sparse = read(small(tmp_path / "sparse"))
    assert [(one.label_class, one.origin) for one in sparse.labels] == [("success", "steps/reward")]
    assert [signal.name for signal in sparse.signals] == ["action"]
    dense = np.linspace(0, 1, 5, dtype=np.float32)
    episode = read(small(tmp_path / "dense", {"steps/reward": dense}))
    assert episode.labels == ()
    assert [signal.name for signal in episode.signals] == ["reward", "action"]


def test_black_cameras_are_left_out_and_said(tmp_path: Path) -> None:
    root = small(
        tmp_path / "set",
        {
            "steps/observation/image_0": jpegs(5),
            "steps/observation/image_1": black(5),
            "steps/observation/image_2": [b""] * 5,
        },
        observation=group(image_0=image(), image_1=image(), image_2=image()),
    )
    episode = read(root)
    assert [stream.camera for stream in episode.streams] == ["image_0"]
    said = [notice.message for notice in episode.notices if notice.code == "camera_missing"]
    assert ["image_1" in said[0], "image_2" in said[1]] == [True, True]


def test_pictures_keep_zeros_at_their_end(tmp_path: Path) -> None:
    padded = [picture + b"\0\0" for picture in jpegs(5)]
    root = small(
        tmp_path / "set",
        {"steps/observation/front": padded},
        observation=group(front=image()),
    )
    assert pictures(read(root), "front") == padded


def test_a_shard_that_is_not_there_keeps_the_others_keys(tmp_path: Path) -> None:
    root = write_droid(tmp_path / "set")
    shard_path(root, 0, 2).unlink()
    reader = open_dataset(root, RATE)
    assert [entry.key for entry in reader.listing()] == ["train_000002"]
    assert "2 episodes are left out" in reader.dataset.notices[0].message


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"steps/action": np.full(10, np.nan, np.float32)}, Reason.VALUES_NOT_FINITE),
        ({"steps/action": np.zeros(9, np.float32)}, Reason.SHAPE_MISMATCH),
        ({"steps/action": np.zeros(8, np.float32)}, Reason.LENGTH_MISMATCH),
        ({"steps/action": [b"x"] * 5}, Reason.SHAPE_MISMATCH),
        (flags(0) | {"steps/action": np.zeros(0, np.float32)}, Reason.ZERO_LENGTH),
    ],
)
def test_what_keeps_an_episode_out(tmp_path: Path, change: Features, reason: Reason) -> None:
    assert broken(small(tmp_path / "set", change)).code == reason


def test_a_signal_that_is_not_there(tmp_path: Path) -> None:
    root = small(tmp_path / "set", observation=group(state=tensor("float32", 3)))
    found = broken(root)
    assert found.code == Reason.COLUMN_MISSING
    assert "observation/state" in found.message


def test_a_damaged_record_is_named_and_the_others_come_in(tmp_path: Path) -> None:
    root = write_droid(tmp_path / "set")
    path = shard_path(root, 0, 2)
    place = index_shard(path, "s").places[1]
    content = bytearray(path.read_bytes())
    content[place.at + 5000] ^= 1
    path.write_bytes(content)
    found = broken(root, "train_000001")
    assert found.code == Reason.DATA_UNREADABLE
    assert path.name in found.message
    assert f"at byte {place.at:,}" in found.message
    assert isinstance(read(root, "train_000000"), EpisodeRecord)
    assert isinstance(read(root, "train_000002"), EpisodeRecord)


def test_a_shard_cut_off_names_the_episodes_that_are_lost(tmp_path: Path) -> None:
    root = write_droid(tmp_path / "set")
    path = shard_path(root, 0, 2)
    place = index_shard(path, "s").places[1]
    path.write_bytes(path.read_bytes()[: place.at + 100])
    found = broken(root, "train_000001")
    assert f"at byte {place.at:,}, is cut off" in found.message
    assert [entry.key for entry in open_dataset(root, RATE).listing()][2] == "train_000002"


def test_shards_outside_are_refused(tmp_path: Path) -> None:
    def climb(info: dict[str, Any]) -> None:
        info["splits"][0]["filepathTemplate"] = "../{DATASET}"

    root = write_rlds(tmp_path / "set", droid_features(), [[droid_episode(0)]], climb)
    with pytest.raises(PathOutsideDataset):
        open_dataset(root, RATE)


@pytest.mark.parametrize("name", ["dataset_info.json", "features.json"])
@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"splits": [{"shardLengths": ["x"]}]}'])
def test_broken_descriptions_are_refused(tmp_path: Path, name: str, content: str) -> None:
    root = write_droid(tmp_path / "set")
    (root / name).write_text(content)
    with pytest.raises(DatasetBroken) as refused:
        open_dataset(root, RATE)
    assert refused.value.remedy


def test_several_versions_are_not_chosen_from(tmp_path: Path) -> None:
    write_droid(tmp_path / "set/1.0.0")
    assert detect(tmp_path / "set").episodes == 3
    write_droid(tmp_path / "set/1.0.1")
    with pytest.raises(DatasetBroken, match=r"1\.0\.0, 1\.0\.1"):
        detect(tmp_path / "set")


def test_other_file_formats_are_named(tmp_path: Path) -> None:
    root = write_droid(tmp_path / "set")
    info = json.loads((root / "dataset_info.json").read_text())
    (root / "dataset_info.json").write_text(json.dumps(info | {"fileFormat": "riegeli"}))
    with pytest.raises(DatasetBroken, match="riegeli"):
        detect(root)
