"""An RLDS release: read again by our reader, and by protobuf's own parser."""

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import google_crc32c
import numpy as np
import pytest

from episodes.errors import ExportFailed
from episodes.export_records import ExportEpisode, ExportRecord, ReleaseRecord
from episodes.formats import open_dataset
from episodes.formats.manifest import problems
from episodes.formats.registry import WRITERS
from episodes.formats.rlds_shards import ShardWriter, dataset_name
from episodes.records import (
    DimensionRecord,
    EpisodeRecord,
    Json,
    PictureStreamRecord,
    SignalKind,
    SignalRecord,
)
from tests.pure.formats.exporting import export_episode
from tests.pure.formats.rlds_sets import droid_episode, write_droid
from tests.pure.formats.sets import write_v21
from tests.pure.formats.test_tfrecord import example_class

SCHEMA: dict[str, Any] = {
    "name": "contacts",
    "version": 1,
    "effectors": [],
    "classes": [
        {"id": "contact_on", "kind": "instant"},
        {"id": "contact_off", "kind": "instant"},
        {"id": "instruction", "kind": "segment"},
        {"id": "outcome_success", "kind": "outcome"},
        {"id": "outcome_failure", "kind": "outcome"},
    ],
}
RELEASE = ReleaseRecord("Cups, 2nd release", "2026-01-02T03:04:05Z", SCHEMA)


def labels(outcome: str = "outcome_success") -> list[Json]:
    at = [("contact_on", 133_333_333), ("contact_off", 266_666_667)]
    found: list[Json] = [
        {"id": f"i{n}", "kind": "instant", "label_class": c, "start_ns": t, "end_ns": None}
        for n, (c, t) in enumerate(at)
    ]
    found.append(
        {
            "id": "s",
            "kind": "segment",
            "label_class": "instruction",
            "start_ns": 66_666_667,
            "end_ns": 200_000_000,
            "text": "Grasp the cup.",
        }
    )
    found.append(
        {"id": "o", "kind": "outcome", "label_class": outcome, "start_ns": None, "end_ns": None}
    )
    return found


def exported(root: Path, folder: Path, rate: str = "15") -> list[ExportEpisode]:
    reader = open_dataset(root, {"rate": rate} if rate else {})
    found = [episode for episode in reader.episodes() if isinstance(episode, EpisodeRecord)]
    outcomes = ["outcome_success", "outcome_failure", "outcome_success"]
    return [
        export_episode(one, folder, labels(outcome))
        for one, outcome in zip(found, outcomes, strict=True)
    ]


def release(root: Path, episodes: list[ExportEpisode], out: Path, rate: str = "15") -> ExportRecord:
    dataset = open_dataset(root, {"rate": rate} if rate else {}).dataset
    return WRITERS["rlds"].write(dataset, episodes, out, RELEASE, total=len(episodes))


@pytest.fixture
def droid(tmp_path: Path) -> Path:
    """A release of three episodes of DROID's layout."""
    root = write_droid(tmp_path / "set")
    record = release(root, exported(root, tmp_path / "videos"), tmp_path / "out")
    assert (record.episodes, record.frames) == (3, 18)
    return tmp_path / "out"


def test_what_is_written_is_read_again(droid: Path) -> None:
    reader = open_dataset(droid, {"rate": "15"})
    assert reader.dataset.name == "cups_2nd_release"
    assert reader.dataset.licence == "CC BY 4.0"
    for number, episode in enumerate(reader.episodes()):
        assert isinstance(episode, EpisodeRecord), episode
        source = droid_episode(number)
        assert episode.task == f"text 0 of {number}"
        for signal in episode.signals:
            name = f"steps/{signal.name.replace('.', '/')}"
            assert np.array_equal(signal.values.ravel(), np.asarray(source[name]))
        assert len(episode.signals) == 10
        for stream in episode.streams:
            assert isinstance(stream, PictureStreamRecord)
            assert [data for _, data in stream.pictures()] == source[stream.source_key]
        assert episode.notices == ()


def test_labels_come_back_in_full_from_the_sidecar(droid: Path) -> None:
    episode = open_dataset(droid, {"rate": "15"}).episode("train_000000")
    assert isinstance(episode, EpisodeRecord)
    assert {one.origin for one in episode.labels} == {"meta/annotations.jsonl"}
    assert sorted((one.label_class, one.end_ns) for one in episode.labels if one.end_ns) == [
        ("instruction", 200_000_000)
    ]


def test_labels_are_on_the_steps(droid: Path, tmp_path: Path) -> None:
    bare = shutil.copytree(droid, tmp_path / "bare")
    shutil.rmtree(bare / "meta")
    episode = open_dataset(bare, {"rate": "15"}).episode("train_000000")
    assert isinstance(episode, EpisodeRecord)
    found = {(one.kind, one.label_class, one.start_ns, one.text) for one in episode.labels}
    assert found == {
        ("outcome", "outcome_success", None, ""),
        ("segment", "subtask", 66_666_667, "Grasp the cup."),
        ("instant", "contact_on", 133_333_333, ""),
        ("instant", "contact_off", 266_666_667, ""),
    }
    lines = (droid / "meta/annotations.jsonl").read_text().splitlines()
    assert len(json.loads(lines[0])["labels"]) == 4
    assert list(problems(droid)) == []


def test_another_parser_reads_the_shards(droid: Path) -> None:
    """Framing by its definition, the message by protobuf."""
    data = (droid / "cups_2nd_release-train.tfrecord-00000-of-00001").read_bytes()
    at, records = 0, []
    while at < len(data):
        length = int.from_bytes(data[at : at + 8], "little")
        body = data[at + 12 : at + 12 + length]
        crc = google_crc32c.value(body)
        stored = int.from_bytes(data[at + 12 + length : at + 16 + length], "little")
        assert stored == (((crc >> 15) | (crc << 17)) + 0xA282EAD8) % 2**32
        records.append(example_class().FromString(body).features.feature)
        at += 16 + length
    assert len(records) == 3
    first = records[0]
    assert len(first["steps/observation/wrist_image_left"].bytes_list.value) == 6
    assert list(first["steps/reward"].float_list.value) == [0, 0, 0, 0, 0, 1]
    assert list(records[1]["steps/reward"].float_list.value) == [0] * 6
    assert first["episode_metadata/rate_hz"].float_list.value[0] == 15
    declared = json.loads((droid / "features.json").read_text())
    leaves = {name for name, _ in leaf_features(declared, "")}
    assert leaves == set(first)
    info = json.loads((droid / "dataset_info.json").read_text())
    split = info["splits"][0]
    assert split["shardLengths"] == ["3"]
    assert int(split["numBytes"]) == len(data) - 3 * 16


def leaf_features(node: Any, name: str) -> Any:
    if "featuresDict" in node:
        for child, inner in node["featuresDict"]["features"].items():
            yield from leaf_features(inner, f"{name}/{child}".lstrip("/"))
    elif "sequence" in node:
        yield from leaf_features(node["sequence"]["feature"], name)
    else:
        yield name, node


def test_videos_become_jpegs_of_the_steps(tmp_path: Path) -> None:
    root = write_v21(tmp_path / "set")
    episodes = exported(root, tmp_path / "videos", rate="")
    release(root, episodes, tmp_path / "out", rate="")
    episode = open_dataset(tmp_path / "out", {"rate": "30"}).episode("train_000001")
    assert isinstance(episode, EpisodeRecord)
    stream = next(one for one in episode.streams if one.camera == "front")
    assert isinstance(stream, PictureStreamRecord)
    for (_, data), wanted in zip(stream.pictures(), episodes[1].cameras[0].pictures(), strict=True):
        assert isinstance(data, bytes)
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert found is not None
        assert abs(float(found.mean()) - float(wanted.mean())) < 2
    action = next(signal for signal in episode.signals if signal.kind is SignalKind.ACTION)
    source = next(s for s in episodes[1].signals if s.kind is SignalKind.ACTION)
    np.testing.assert_array_equal(action.values, source.values)


def test_a_step_has_the_last_sample_not_a_later_one(tmp_path: Path) -> None:
    root = write_droid(tmp_path / "set")
    episode = exported(root, tmp_path / "videos")[0]
    t_ns = np.arange(60, dtype=np.int64) * 10_000_000
    fast = SignalRecord(
        "force", SignalKind.FORCE, (DimensionRecord("z"),), t_ns, np.arange(60.0)[:, None]
    )
    fields = {name: getattr(episode, name) for name in ExportEpisode.__slots__}
    changed = ExportEpisode(**fields | {"signals": (*episode.signals, fast)})
    release(root, [changed], tmp_path / "out")
    found = open_dataset(tmp_path / "out", {"rate": "15"}).episode("train_000000")
    assert isinstance(found, EpisodeRecord)
    force = next(signal for signal in found.signals if signal.name == "observation.force")
    assert force.values[:, 0].tolist() == [0, 6, 13, 20, 26, 33]


def test_a_camera_that_one_episode_lacks_is_black_there(tmp_path: Path) -> None:
    root = write_droid(tmp_path / "set")
    episodes = exported(root, tmp_path / "videos")
    fields = {name: getattr(episodes[1], name) for name in ExportEpisode.__slots__}
    episodes[1] = ExportEpisode(**fields | {"cameras": episodes[1].cameras[:2]})
    record = release(root, episodes, tmp_path / "out")
    assert [notice.code for notice in record.notices] == ["camera_missing"]
    found = open_dataset(tmp_path / "out", {"rate": "15"}).episode("train_000001")
    assert isinstance(found, EpisodeRecord)
    assert [stream.camera for stream in found.streams] == [
        camera.camera for camera in episodes[1].cameras
    ]


def test_episodes_of_other_signals_are_refused(tmp_path: Path) -> None:
    root = write_droid(tmp_path / "set")
    episodes = exported(root, tmp_path / "videos")
    fields = {name: getattr(episodes[1], name) for name in ExportEpisode.__slots__}
    episodes[1] = ExportEpisode(**fields | {"signals": episodes[1].signals[:-1]})
    with pytest.raises(ExportFailed, match="train_000001 has no signal"):
        release(root, episodes, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_large_releases_are_several_shards(tmp_path: Path) -> None:
    root = write_droid(tmp_path / "set")
    dataset = open_dataset(root, {"rate": "15"}).dataset
    shards = ShardWriter(tmp_path, "9 lives", shard_bytes=100)
    for number in range(5):
        shards.add(bytes(60), str(number))
    shards.close({}, dataset)
    names = sorted(path.name for path in tmp_path.glob("*.tfrecord-*"))
    assert names == [f"dataset_9_lives-train.tfrecord-0000{n}-of-00003" for n in range(3)]
    assert shards.lengths == [2, 2, 1]


@pytest.mark.parametrize(
    ("name", "found"), [("Cups, 2nd", "cups_2nd"), ("42", "dataset_42"), ("é", "dataset")]
)
def test_names_as_tfds_takes_them(name: str, found: str) -> None:
    assert dataset_name(name) == found
