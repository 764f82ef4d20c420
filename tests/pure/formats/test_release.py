"""A release: videos and timestamps untouched, labels as columns, everything read back."""

import json
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from episodes.errors import ExportFailed
from episodes.export_records import ExportRecord, LabelledEpisode, ReleaseRecord
from episodes.formats import open_dataset
from episodes.formats.lerobot_source import LeRobotSource
from episodes.formats.lerobot_store import load, save
from episodes.formats.lerobot_v30_writer import write_classic
from episodes.formats.manifest import problems, sha256_of
from episodes.records import EpisodeRecord, StreamRecord
from tests.pure.formats.sets import change_info, change_table, write_v21

PERIOD = 1_000_000_000 / 30
SCHEMA: dict[str, Any] = {
    "name": "core",
    "version": 1,
    "effectors": [{"id": "right", "name": "Right"}, {"id": "left", "name": "Left"}],
    "classes": [
        {"id": "grasp_closed", "kind": "instant"},
        {"id": "release", "kind": "instant"},
        {"id": "instruction", "kind": "segment"},
        {"id": "failure", "kind": "span"},
        {"id": "outcome_success", "kind": "outcome"},
        {"id": "outcome_failure", "kind": "outcome"},
    ],
}
RELEASE = ReleaseRecord("first", "2026-11-22T08:00:00Z", SCHEMA, {"released_by": "mei"})


def frame_ns(frame: int) -> int:
    return round(frame * PERIOD)


def label(
    kind: str, name: str, start: int | None = None, end: int | None = None, **more: Any
) -> Any:
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind}{name}{start}{end}{more}")),
        "kind": kind,
        "label_class": name,
        "start_ns": None if start is None else frame_ns(start),
        "end_ns": None if end is None else frame_ns(end),
        "effector": more.pop("effector", "right"),
        "text": more.pop("text", ""),
        "attributes": {},
        "uncertainty_ns": 0,
        "source": "human",
    }


FULL = (
    label("segment", "instruction", 0, 4, text="reach the block"),
    label("segment", "instruction", 4, 9, text="lift the block"),
    label("instant", "grasp_closed", 4),
    label("instant", "release", 8),
    label("span", "failure", 2, 5),
    label("outcome", "outcome_success"),
)


def source(root: Path) -> LeRobotSource:
    reader = open_dataset(root)
    assert isinstance(reader, LeRobotSource)
    return reader


def export(root: Path, out: Path, *episodes: LabelledEpisode) -> ExportRecord:
    return write_classic(source(root), episodes, out, RELEASE)


def two(root: Path, out: Path) -> ExportRecord:
    """Two of three episodes, in another order than the source's."""
    return export(
        root,
        out,
        LabelledEpisode("episode_000002", (label("outcome", "outcome_failure"),)),
        LabelledEpisode("episode_000001", FULL, {"annotators": ["ada"], "approved_by": "ravi"}),
    )


def all_rows(root: Path) -> pa.Table:
    return pa.concat_tables(pq.read_table(p) for p in sorted((root / "data").rglob("*.parquet")))


def test_our_own_reader_reads_it(fresh: Path, tmp_path: Path) -> None:
    record = two(fresh, tmp_path / "out")
    assert (record.episodes, record.frames) == (2, 14)
    before = {e.key: e for e in open_dataset(fresh).episodes() if isinstance(e, EpisodeRecord)}
    reader = open_dataset(tmp_path / "out")
    assert reader.dataset.notices == ()
    after = [e for e in reader.episodes() if isinstance(e, EpisodeRecord)]
    for old, new in zip(["episode_000002", "episode_000001"], after, strict=True):
        assert (before[old].frames, before[old].task) == (new.frames, new.task)
        for a, b in zip(before[old].signals, new.signals, strict=True):
            np.testing.assert_array_equal(a.values, b.values)
        for x, y in zip(before[old].streams, new.streams, strict=True):
            assert isinstance(x, StreamRecord)
            assert isinstance(y, StreamRecord)
            assert (x.from_ns, x.frames, x.camera) == (y.from_ns, y.frames, y.camera)
            assert sha256_of(x.path) == sha256_of(y.path)


def test_numbers_start_again_and_run_without_gaps(fresh: Path, tmp_path: Path) -> None:
    two(fresh, tmp_path / "out")
    rows = all_rows(tmp_path / "out")
    assert rows["index"].to_pylist() == list(range(14))
    assert rows["episode_index"].to_pylist() == [0] * 5 + [1] * 9
    assert rows["frame_index"].to_pylist() == [*range(5), *range(9)]
    contents = pq.read_table(tmp_path / "out/meta/episodes/chunk-000/file-000.parquet").to_pylist()
    spans = [(e["dataset_from_index"], e["dataset_to_index"], e["length"]) for e in contents]
    assert spans == [(0, 5, 5), (5, 14, 9)]


def test_timestamps_are_copied_bit_for_bit(fresh: Path, tmp_path: Path) -> None:
    two(fresh, tmp_path / "out")
    stamps = all_rows(tmp_path / "out")["timestamp"].to_numpy()
    old = all_rows(fresh)
    kept = [
        old.filter(pa.compute.field("episode_index") == n)["timestamp"].to_numpy() for n in (2, 1)
    ]
    assert stamps.dtype == np.float32
    assert stamps.tobytes() == np.concatenate(kept).tobytes()


def test_labels_become_columns(good_v30: Path, tmp_path: Path) -> None:
    two(good_v30, tmp_path / "out")
    rows = all_rows(tmp_path / "out").slice(5)
    assert rows["annotation.contact"].to_pylist() == [0, 0, 0, 0, 1, 0, 0, 0, 2]
    assert rows["annotation.outcome"].to_pylist() == [1] * 9
    assert rows["next.success"].to_pylist() == [False] * 8 + [True]
    texts = pq.read_table(tmp_path / "out/meta/subtasks.parquet")
    assert texts["subtask"].to_pylist() == ["", "reach the block", "lift the block"]
    assert rows["subtask_index"].to_pylist() == [1] * 4 + [2] * 5
    failed = all_rows(tmp_path / "out").slice(0, 5)
    assert failed["annotation.outcome"].to_pylist() == [2] * 5
    assert not any(failed["next.success"].to_pylist())
    assert failed["subtask_index"].to_pylist() == [0] * 5
    codes = json.loads((tmp_path / "out/meta/annotation_classes.json").read_text())["codes"]
    assert codes["annotation.contact"] == {"none": 0, "grasp_closed": 1, "release": 2}
    assert codes["annotation.outcome"]["outcome_failure"] == 2


def test_every_column_is_declared(fresh: Path, tmp_path: Path) -> None:
    two(fresh, tmp_path / "out")
    info = json.loads((tmp_path / "out/meta/info.json").read_text())
    declared = {n for n, f in info["features"].items() if f["dtype"] != "video"}
    assert declared == set(all_rows(tmp_path / "out").column_names)
    assert info["codebase_version"] == "v3.0"
    assert info["splits"] == {"train": "0:2"}
    assert (info["total_episodes"], info["total_frames"], info["total_tasks"]) == (2, 14, 1)
    assert "total_chunks" not in info


def test_the_sidecar_has_every_label_in_full(good_v30: Path, tmp_path: Path) -> None:
    two(good_v30, tmp_path / "out")
    lines = (tmp_path / "out/meta/annotations.jsonl").read_text().splitlines()
    entry = json.loads(lines[1])
    assert (entry["source_key"], entry["episode_index"]) == ("episode_000001", 1)
    kept = {one["id"]: one for one in entry["labels"]}
    for one in FULL:
        assert {name: kept[one["id"]][name] for name in one} == one
    grasp = kept[FULL[2]["id"]]
    assert (grasp["start_frame"], grasp["end_frame"]) == (4, 5)


def test_the_manifest_names_every_file_and_everybody(fresh: Path, tmp_path: Path) -> None:
    record = two(fresh, tmp_path / "out")
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["label_schema"] == {"name": "core", "version": 1}
    assert manifest["episodes"][1]["annotators"] == ["ada"]
    assert manifest["episodes"][1]["approved_by"] == "ravi"
    assert manifest["provenance"] == {"released_by": "mei"}
    assert manifest["source"]["metadata_sha256"] == open_dataset(fresh).dataset.fingerprint
    assert len(manifest["files"]) == len(record.files) >= 8
    assert list(problems(tmp_path / "out")) == []
    assert sha256_of(tmp_path / "out/manifest.json") == record.manifest_sha256


def test_a_changed_file_does_not_pass_the_manifest(good_v30: Path, tmp_path: Path) -> None:
    two(good_v30, tmp_path / "out")
    (tmp_path / "out/meta/stats.json").write_text("{}")
    (tmp_path / "out/meta/subtasks.parquet").unlink()
    (tmp_path / "out/extra.txt").write_text("x")
    assert sorted(problems(tmp_path / "out")) == [
        "extra.txt is not in the manifest",
        "meta/stats.json has other bytes than the manifest says",
        "meta/subtasks.parquet is missing",
    ]


def test_segments_of_two_hands_become_one_subtask(good_v30: Path, tmp_path: Path) -> None:
    labels = (
        label("segment", "instruction", 2, 9, text="hold the bowl", effector="left"),
        label("segment", "instruction", 0, 5, text="stir the soup", effector="right"),
    )
    export(good_v30, tmp_path / "out", LabelledEpisode("episode_000001", labels))
    texts = pq.read_table(tmp_path / "out/meta/subtasks.parquet")["subtask"].to_pylist()
    rows = all_rows(tmp_path / "out")["subtask_index"].to_numpy()
    expected = ["stir the soup"] * 2 + ["stir the soup | hold the bowl"] * 3 + ["hold the bowl"] * 4
    assert [texts[i] for i in rows] == expected


def test_contacts_that_share_a_frame_are_said(good_v30: Path, tmp_path: Path) -> None:
    labels = (label("instant", "grasp_closed", 3), label("instant", "release", 3))
    record = export(good_v30, tmp_path / "out", LabelledEpisode("episode_000001", labels))
    assert [notice.code for notice in record.notices] == ["contacts_share_a_frame"]
    entry = json.loads((tmp_path / "out/meta/annotations.jsonl").read_text())
    assert len(entry["labels"]) == 2


def test_statistics_are_of_what_is_in_the_release(fresh: Path, tmp_path: Path) -> None:
    two(fresh, tmp_path / "out")
    stats = json.loads((tmp_path / "out/meta/stats.json").read_text())
    values = np.array(all_rows(tmp_path / "out")["action"].to_pylist())
    np.testing.assert_allclose(stats["action"]["mean"], values.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(stats["action"]["std"], values.std(axis=0), rtol=1e-12)
    assert stats["action"]["count"] == [14]
    assert stats["timestamp"]["max"] == [pytest.approx(8 / 30)]


def picture_stats(level: float) -> dict[str, Any]:
    channel = [[[level]], [[level]], [[level]]]
    return dict.fromkeys(("min", "max", "mean", "std"), channel) | {"count": [100]}


def test_statistics_of_pictures_are_carried_over(tmp_path: Path) -> None:
    root = write_v21(tmp_path / "set")
    front = "observation.images.front"
    lines = [
        json.dumps({"episode_index": i, "stats": {front: picture_stats(i / 10)}}) for i in range(3)
    ]
    (root / "meta/episodes_stats.jsonl").write_text("\n".join(lines))
    two(root, tmp_path / "out")
    stats = json.loads((tmp_path / "out/meta/stats.json").read_text())
    assert stats[front]["count"] == [200]
    assert stats[front]["min"] == [[[0.1]]] * 3
    assert stats[front]["mean"][0][0][0] == pytest.approx(0.15)
    assert stats[front]["std"][0][0][0] == pytest.approx((0.5 * (0.1**2 + 0.2**2) + 0.05**2) ** 0.5)
    contents = pq.read_table(tmp_path / "out/meta/episodes/chunk-000/file-000.parquet")
    assert contents[f"stats/{front}/max"].to_pylist() == [[[[0.2]]] * 3, [[[0.1]]] * 3]


@pytest.mark.parametrize(
    "stats", ["broken", {"mean": "x"}, {**picture_stats(0.1), "mean": [1, 2]}, {"min": [1]}, 7]
)
def test_broken_statistics_of_pictures_are_left_out(tmp_path: Path, stats: object) -> None:
    root = write_v21(tmp_path / "set")
    entry = {"episode_index": 1, "stats": {"observation.images.front": stats}}
    (root / "meta/episodes_stats.jsonl").write_text(json.dumps(entry)[: 60 if stats == 7 else None])
    two(root, tmp_path / "out")
    found = json.loads((tmp_path / "out/meta/stats.json").read_text())
    assert "observation.images.front" not in found
    assert found["action"]["count"] == [14]


def test_undeclared_columns_and_language_stay_behind(fresh: Path, tmp_path: Path) -> None:
    def add(table: pa.Table) -> pa.Table:
        text = pa.array(["hm"] * table.num_rows)
        return table.append_column("secret", text).append_column("language_events", text)

    for file in (fresh / "data").rglob("*.parquet"):
        change_table(file, add)
    language = {"dtype": "language", "shape": [1], "names": None}
    change_info(fresh, lambda info: info["features"].update(language_events=language))
    record = two(fresh, tmp_path / "out")
    assert not {"secret", "language_events"} & set(all_rows(tmp_path / "out").column_names)
    assert [notice.code for notice in record.notices] == ["feature_left_out"]


def test_a_release_can_be_released_again(good_v30: Path, tmp_path: Path) -> None:
    two(good_v30, tmp_path / "out")
    again = export(tmp_path / "out", tmp_path / "again", LabelledEpisode("episode_000001", FULL))
    assert {notice.code for notice in again.notices} == {"column_replaced"}
    assert all_rows(tmp_path / "again")["annotation.contact"].to_pylist()[4] == 1
    assert list(problems(tmp_path / "again")) == []


def test_a_stored_episode_is_the_source_again(fresh: Path, tmp_path: Path) -> None:
    found = source(fresh).source_episode("episode_000001")
    save(tmp_path, found)
    again = load(tmp_path, {stream.source_key: stream.path for stream in found.streams})
    assert again.rows.equals(found.rows.replace_schema_metadata(None))
    assert (again.tasks, dict(again.task_texts)) == (found.tasks, dict(found.task_texts))
    assert again.streams == found.streams


@pytest.mark.parametrize(
    ("episodes", "said"),
    [
        ([], "no approved episode"),
        ([LabelledEpisode("episode_000001", ())] * 2, "twice"),
        ([LabelledEpisode("episode_000001", (label("instant", "sneeze", 1),))], "sneeze"),
    ],
)
def test_a_release_that_cannot_be(
    good_v30: Path, tmp_path: Path, episodes: list[LabelledEpisode], said: str
) -> None:
    with pytest.raises(ExportFailed, match=said) as caught:
        export(good_v30, tmp_path / "out", *episodes)
    assert caught.value.remedy
    assert list(tmp_path.glob("*out*")) == []


def test_a_taken_folder_is_left_alone(good_v30: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("keep")
    with pytest.raises(ExportFailed, match="exists already"):
        two(good_v30, tmp_path / "out")
    assert (tmp_path / "out/mine.txt").read_text() == "keep"


@pytest.mark.parametrize("version", ["v21", "v30"])
def test_the_real_recordings_go_round(shared_data: Path, tmp_path: Path, version: str) -> None:
    root = shared_data / f"unitree_g1_lerobot_{version}"
    labels = (
        label("segment", "instruction", 0, 120, text="reach the bottle"),
        label("instant", "grasp_closed", 120),
        label("outcome", "outcome_success"),
    )
    keys = [f"episode_{i:06d}" for i in range(4)]
    record = export(root, tmp_path / "out", *(LabelledEpisode(key, labels) for key in keys))
    assert record.frames == 1214
    assert list(problems(tmp_path / "out")) == []
    after = list(open_dataset(tmp_path / "out").episodes())
    assert [e.frames for e in after if isinstance(e, EpisodeRecord)] == [221, 277, 389, 327]
    rows = all_rows(tmp_path / "out")
    assert (
        rows["timestamp"].to_numpy().tobytes() == all_rows(root)["timestamp"].to_numpy().tobytes()
    )
    stats = json.loads((tmp_path / "out/meta/stats.json").read_text())
    assert np.shape(stats["observation.images.cam_high"]["mean"]) == (3, 1, 1)
    videos = len(list((tmp_path / "out/videos").rglob("*.mp4")))
    assert videos == (1 if version == "v30" else 4)
