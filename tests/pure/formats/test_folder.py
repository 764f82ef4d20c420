"""Plain folders: what touchline.json names comes in, and what it does not say is asked."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from episodes.errors import (
    AnswersNeeded,
    DatasetBroken,
    FormatUnknown,
    PathOutsideDataset,
    TouchlineError,
)
from episodes.formats import open_dataset
from episodes.formats.lerobot_export import LeRobotExport
from episodes.formats.registry import detect, questions
from episodes.records import (
    Coding,
    EpisodeRecord,
    FoundLabel,
    Modality,
    PictureStreamRecord,
    Reason,
    Role,
    SignalKind,
    StreamRecord,
)
from episodes.timebase import Rate
from tests.pure.formats.exporting import export_episode
from tests.pure.formats.folder_sets import (
    FRAMES,
    START_S,
    broken,
    episode,
    read,
    rewrite,
    signal_entry,
    state,
    write_folder,
)
from tests.pure.formats.test_release import FULL, RELEASE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "set")


def test_the_manifest_makes_it_a_dataset(root: Path) -> None:
    probe = detect(root)
    assert (probe.format, probe.title, probe.episodes) == ("folder", "Tea", 1)
    assert questions(root) == ()
    dataset = open_dataset(root).dataset
    said = (dataset.embodiment, dataset.licence, dataset.domain, dataset.rate)
    assert said == ("ur5", "cc0", "real", Rate(30))


def test_without_a_manifest_nothing_is_guessed(root: Path) -> None:
    (root / "touchline.json").unlink()
    with pytest.raises(FormatUnknown) as refused:
        detect(root)
    assert "touchline.json" in refused.value.remedy
    assert "docs/formats/folder.md" in refused.value.remedy


def test_videos_keep_their_times_and_begin_where_said(root: Path) -> None:
    stream = read(root).streams[0]
    assert isinstance(stream, StreamRecord)
    assert (stream.camera, stream.role, stream.frames) == ("front", Role.EXTERNAL, FRAMES)
    assert (stream.starts_ns, stream.from_ns, stream.rate) == (20_000_000, 0, Rate(30))


def test_pictures_come_in_the_order_of_their_numbers(root: Path) -> None:
    stream = read(root).streams[1]
    assert isinstance(stream, PictureStreamRecord)
    assert (stream.coding, stream.frames, stream.role) == (Coding.JPEG, 11, Role.WRIST)
    found = list(stream.pictures())
    assert [t for t, _ in found] == [n * 100_000_000 for n in range(11)]
    assert found[10][1] == (root / "a/cam2/10.jpg").read_bytes()


def test_depth_is_metric(root: Path) -> None:
    stream = read(root).streams[2]
    assert isinstance(stream, PictureStreamRecord)
    assert (stream.modality, stream.depth_unit_m) == (Modality.DEPTH, 0.001)
    assert [t for t, _ in stream.pictures()] == [0, 33_333_333, 66_666_667, 100_000_000]


def test_columns_become_dimensions_on_the_episodes_clock(root: Path) -> None:
    signal = read(root).signals[0]
    assert (signal.name, signal.kind) == ("arm state", SignalKind.STATE)
    assert [(d.name, d.unit) for d in signal.dimensions] == [
        ("shoulder_pan", "rad"),
        ("gripper", ""),
    ]
    np.testing.assert_allclose(signal.t_ns, np.arange(12) * 1e9 / 60, atol=300)
    assert signal.values[:, 0].tolist() == list(range(12))


def test_sound_is_mapped_and_timed_in_whole_numbers(root: Path) -> None:
    sound = read(root).signals[1]
    assert (sound.kind, sound.values.dtype.str, sound.values.shape) == (
        SignalKind.AUDIO,
        "<i2",
        (1600, 2),
    )
    assert isinstance(sound.values, np.memmap)
    assert sound.values[3].tolist() == [6, 7]
    assert sound.t_ns[:3].tolist() == [0, 62_500, 125_000]


def test_labels_of_a_labels_only_release_lie_in_a_file_of_their_own(root: Path) -> None:
    key = read(root).key
    said = {"kind": "instant", "label_class": "grasp", "start_ns": 5, "end_ns": None}
    lines = [
        {**said, "episode_key": key, "effector": "left", "uncertainty_ns": 3},
        {**said, "episode_key": key, "kind": "tag", "label_class": "glare", "start_ns": None},
        {**said, "episode_key": "another"},
        {**said, "episode_key": key, "kind": "wish"},
    ]
    (root / "labels.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    rewrite(root, lambda top: top.update(labels_file="labels.jsonl"))
    reader = open_dataset(root)
    found = reader.episode(key)
    assert isinstance(found, EpisodeRecord)
    assert found.labels[-2:] == (
        FoundLabel("instant", "grasp", "labels.jsonl", 5, effector="left", uncertainty_ns=3),
        FoundLabel("tag", "glare", "labels.jsonl"),
    )
    said_of_it = [notice.message for notice in reader.dataset.notices]
    assert len(said_of_it) == 2
    assert "1 lines" in said_of_it[0]
    assert "“another”" in said_of_it[1]


@pytest.mark.parametrize(
    ("name", "error"), [("gone.jsonl", DatasetBroken), ("../labels.jsonl", PathOutsideDataset)]
)
def test_a_file_of_labels_that_is_not_there_closes_the_folder(
    root: Path, name: str, error: type[TouchlineError]
) -> None:
    rewrite(root, lambda top: top.update(labels_file=name))
    with pytest.raises(error):
        open_dataset(root)


def test_a_label_says_effector_attributes_and_uncertainty(root: Path) -> None:
    said = {
        "kind": "instant", "class": "grasp", "start_s": 0.05, "effector": "left",
        "attributes": {"phase": "closing", "list": [1]}, "uncertainty_s": 0.01,
    }  # fmt: skip
    rewrite(root, lambda top: top["episodes"][0]["labels"].append(said))
    label = read(root).labels[-1]
    assert (label.effector, dict(label.attributes)) == ("left", {"phase": "closing"})
    assert label.uncertainty_ns == 10_000_000


def test_labels_and_facts_are_kept(root: Path) -> None:
    found = read(root)
    assert found.labels == (
        FoundLabel("segment", "reach", "touchline.json labels", 50_000_000, 100_000_000, "go"),
        FoundLabel("outcome", "spilled", "touchline.json labels"),
    )
    assert (found.facts.scene, found.facts.objects) == ("kitchen", ("pot", "cup"))
    assert found.task == "pour the tea"


def test_the_steps_reach_to_the_last_part(root: Path) -> None:
    found = read(root)
    assert (found.frames, found.rate) == (33, Rate(30))
    assert found.duration_ns == 1_100_000_000


def test_the_listing_says_how_long_the_first_video_is(root: Path) -> None:
    def pictures_alone(manifest: dict[str, Any]) -> None:
        manifest["episodes"].append(episode("pictures") | {"cameras": episode()["cameras"][1:]})
        manifest["episodes"].append(episode("gone"))
        manifest["episodes"][-1]["cameras"][0]["file"] = "a/gone.mp4"

    rewrite(root, pictures_alone)
    listed = {entry.key: getattr(entry, "frames", None) for entry in open_dataset(root).listing()}
    # 20 ms, then six frames at 30 Hz: the seventh step has begun.
    assert listed == {"pour": 7, "pictures": 0, "gone": 0}


@pytest.mark.parametrize("suffix", ["parquet", "json", "rows.json", "jsonl"])
def test_tables_of_every_kind_are_alike(root: Path, suffix: str) -> None:
    path, table = root / f"a/state.{suffix}", state().drop_columns(["note"])
    if suffix == "parquet":
        pq.write_table(table, path, row_group_size=5)
    elif suffix == "json":
        path.write_text(json.dumps(table.to_pydict()))
    elif suffix == "rows.json":
        path.write_text(json.dumps(table.to_pylist()))
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
    before = read(root).signals[0]
    after = read(rewrite(root, lambda m: signal_entry(m).update(file=f"a/state.{suffix}"))).signals[
        0
    ]
    np.testing.assert_array_equal(before.values, after.values)
    np.testing.assert_array_equal(before.t_ns, after.t_ns)


@pytest.mark.parametrize(("unit", "scale"), [("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_units_of_time(root: Path, unit: str, scale: int) -> None:
    stamps = [START_S * scale + n * scale // 50 for n in range(12)]
    pc.write_csv(state().set_column(0, "stamp", pa.array(stamps)), root / "a/state.csv")
    time = {"column": "stamp", "unit": unit, "zero": START_S * scale}
    found = read(rewrite(root, lambda m: signal_entry(m).update(time=time)))
    assert found.signals[0].t_ns.tolist() == [n * 20_000_000 for n in range(12)]


def test_pictures_at_given_times(root: Path) -> None:
    (root / "a/times.csv").write_text("t\n0\n40\n200\n240\n")
    times = {"file": "a/times.csv", "time": {"column": "t", "unit": "ms"}}
    rewrite(root, lambda m: m["episodes"][0]["cameras"][2].update(times=times))
    stream = read(root).streams[2]
    assert isinstance(stream, PictureStreamRecord)
    assert [t // 1_000_000 for t, _ in stream.pictures()] == [0, 40, 200, 240]
    (root / "a/times.csv").write_text("t\n0\n40\n")
    assert broken(root).code == Reason.LENGTH_MISMATCH


def test_what_is_not_said_is_asked(root: Path) -> None:
    def forget(manifest: dict[str, Any]) -> None:
        del manifest["rate"], manifest["episodes"][0]["instruction"]
        del manifest["episodes"][0]["cameras"][1]["role"]
        del manifest["episodes"][0]["cameras"][2]["unit_m"]

    rewrite(root, forget)
    asked = {question.id: question.required for question in questions(root)}
    assert asked == {
        "rate": True,
        "role.cam2": False,
        "unit.range": False,
        "instruction": False,
    }
    with pytest.raises(AnswersNeeded):
        open_dataset(root)
    answers = {"rate": "20", "role.cam2": "egocentric", "unit.range": "mm", "instruction": "pour"}
    found = read(root, **answers)
    assert (found.rate, found.task) == (Rate(20), "pour")
    assert found.streams[1].role is Role.EGOCENTRIC
    assert found.streams[2].depth_unit_m == 0.001


def test_a_long_table_is_read_in_portions(root: Path) -> None:
    """Columns that nobody asked for cost no memory, however wide the file is."""
    count = 60_000
    columns = {f"extra{n}": np.random.default_rng(n).random(count) for n in range(40)}
    stamps = START_S + np.arange(count) / 100
    wide = pa.table({"stamp": stamps, "shoulder": stamps, "gripper": stamps, **columns})
    pc.write_csv(wide, root / "a/state.csv")
    size = (root / "a/state.csv").stat().st_size
    tracemalloc.start()
    pa.default_memory_pool().release_unused()
    before = pa.total_allocated_bytes()
    found = read(root)
    peak = tracemalloc.get_traced_memory()[1] + pa.total_allocated_bytes() - before
    tracemalloc.stop()
    assert found.signals[0].values.shape == (count, 2)
    assert peak < size / 4


def test_a_release_as_lerobot_reads_back(root: Path, tmp_path: Path) -> None:
    given = export_episode(read(root), tmp_path / "media", FULL)
    record = LeRobotExport("classic").write(
        open_dataset(root).dataset, [given], tmp_path / "out", RELEASE, total=1
    )
    assert {notice.code for notice in record.notices} == {"depth_rounded", "signal_left_out"}
    (found,) = open_dataset(tmp_path / "out").episodes()
    assert isinstance(found, EpisodeRecord)
    assert (found.frames, found.task) == (33, "pour the tea")
    assert {s.camera: s.modality for s in found.streams} == {
        "front": Modality.RGB,
        "cam2": Modality.RGB,
        "range": Modality.DEPTH,
    }
    # 60 Hz on 30 Hz rows: every second sample, then the last one held.
    held = [min(2 * n, 11) for n in range(33)]
    assert found.signals[0].values[:, 0].tolist() == held
