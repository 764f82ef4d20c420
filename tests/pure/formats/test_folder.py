"""Plain folders: what touchline.json names comes in; every mistake is named by its place."""

import json
import tracemalloc
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
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
    BrokenEpisode,
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
from tests.pure.formats.sets import write_json, write_video
from tests.pure.formats.test_release import FULL, RELEASE

START_S = 1_700_000_000
FRAMES = 6
Change = Callable[[dict[str, Any]], object]


def write_pictures(folder: Path, count: int, *, depth: bool) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        kind = np.uint16 if depth else np.uint8
        picture = np.full((24, 32) if depth else (24, 32, 3), 1000 * number % 256, kind)
        cv2.imwrite(str(folder / f"{number}.{'png' if depth else 'jpg'}"), picture)


def write_wav(path: Path, samples: int = 1600, rate: int = 16_000, width: int = 2) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(np.arange(samples * 2, dtype="<i2").tobytes()[: samples * 2 * width])


def state(count: int = 12) -> pa.Table:
    return pa.table(
        {
            "stamp": [START_S + n / 60 for n in range(count)],
            "shoulder": [float(n) for n in range(count)],
            "gripper": [0.5] * count,
            "note": ["x"] * count,
        }
    )


def episode(key: str = "pour") -> dict[str, Any]:
    return {
        "key": key,
        "instruction": "pour the tea",
        "facts": {"scene": "kitchen", "objects": ["pot", "cup"], "operator": "o7"},
        "cameras": [
            {"camera": "front", "file": "a/front.mp4", "offset_s": 0.02},
            {"camera": "cam2", "folder": "a/cam2", "role": "wrist", "rate": 10},
            {
                "camera": "range",
                "folder": "a/depth",
                "role": "external",
                "depth": True,
                "unit_m": 0.001,
            },
        ],
        "signals": [
            {
                "name": "arm state",
                "file": "a/state.csv",
                "kind": "state",
                "time": {"column": "stamp", "unit": "s", "zero": START_S},
                "dimensions": [
                    {"column": "shoulder", "name": "shoulder_pan", "unit": "rad"},
                    {"column": "gripper"},
                ],
            }
        ],
        "audio": [{"name": "mic", "file": "a/mic.wav"}],
        "labels": [
            {"kind": "segment", "class": "reach", "start_s": 0.05, "end_s": 0.1, "text": "go"},
            {"kind": "outcome", "class": "spilled"},
        ],
    }


def write_folder(root: Path, change: Change = lambda manifest: None) -> Path:
    write_video(root / "a/front.mp4", FRAMES)
    write_pictures(root / "a/cam2", 11, depth=False)
    write_pictures(root / "a/depth", 4, depth=True)
    pc.write_csv(state(), root / "a/state.csv")
    write_wav(root / "a/mic.wav")
    manifest = {
        "touchline": 1,
        "name": "Tea",
        "robot": "ur5",
        "licence": "cc0",
        "domain": "real",
        "rate": 30,
        "episodes": [episode()],
    }
    change(manifest)
    write_json(root / "touchline.json", manifest)
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "set")


def rewrite(root: Path, change: Change) -> Path:
    path = root / "touchline.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))
    return root


def read(root: Path, key: str = "pour", **answers: str) -> EpisodeRecord:
    found = open_dataset(root, answers).episode(key)
    assert isinstance(found, EpisodeRecord), found
    return found


def broken(root: Path, key: str = "pour") -> BrokenEpisode:
    found = open_dataset(root).episode(key)
    assert isinstance(found, BrokenEpisode)
    assert found.remedy
    return found


def signal_entry(manifest: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = manifest["episodes"][0]["signals"][0]
    return found


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
