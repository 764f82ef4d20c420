"""Episodes of any source become LeRobot v3.0: rows at the steps, videos of those rows."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from episodes.errors import ExportFailed
from episodes.export_records import ExportCamera, ExportEpisode, ExportRecord
from episodes.formats import open_dataset
from episodes.formats.lerobot_export import LeRobotExport, feature_names
from episodes.formats.lerobot_language import row_type
from episodes.formats.lerobot_video import write_camera
from episodes.formats.manifest import problems, sha256_of
from episodes.formats.registry import WRITERS
from episodes.formats.step_table import latest
from episodes.records import (
    Coding,
    DatasetRecord,
    DimensionRecord,
    EpisodeFacts,
    EpisodeRecord,
    FoundLabel,
    Modality,
    Picture,
    PictureStreamRecord,
    Role,
    SignalKind,
    SignalRecord,
)
from episodes.timebase import Rate
from tests.pure.formats.exporting import export_episode
from tests.pure.formats.test_release import FULL, RELEASE, all_rows, label

RATE = Rate(10)
FRAMES = 9
DATASET = DatasetRecord("bench", "folder", "1", "ur5", RATE, "cc-by-4.0", "0" * 64, {})
ROWS_MS = np.arange(FRAMES) * 100


def signal(name: str, kind: SignalKind, t_ms: Any, size: int = 2) -> SignalRecord:
    """Values are the sample's number, plus ten times the dimension's."""
    t_ns = np.asarray(t_ms, dtype=np.int64) * 1_000_000
    values = np.arange(len(t_ns))[:, None] + 10.0 * np.arange(size)[None, :]
    names = tuple(DimensionRecord(f"joint_{d}") for d in range(size))
    return SignalRecord(name, kind, names, t_ns, values.astype(np.float32))


def level(number: int) -> int:
    return 20 + 20 * number


def camera(t_ms: Any, coding: Coding = Coding.JPEG, **more: Any) -> PictureStreamRecord:
    times = [int(t) * 1_000_000 for t in t_ms]

    def pictures() -> Iterator[tuple[int, Picture]]:
        for number, t_ns in enumerate(times):
            if coding is Coding.DEPTH16:
                yield t_ns, np.full((48, 64), 500 * number, np.uint16)
            else:
                picture = np.full((47, 64, 3), level(number), np.uint8)
                yield t_ns, cv2.imencode(".jpg", picture)[1].tobytes()

    return PictureStreamRecord(
        camera=more.pop("name", "overhead"),
        source_key=more.pop("source_key", "cams/overhead"),
        role=Role.EXTERNAL,
        coding=coding,
        pictures=pictures,
        frames=len(times),
        rate=RATE,
        paced=False,
        **more,
    )


def recording(**changes: Any) -> EpisodeRecord:
    made = EpisodeRecord(
        key="take one",
        index=0,
        task="stir the soup",
        frames=FRAMES,
        rate=RATE,
        duration_ns=FRAMES * 100_000_000,
        streams=(camera(ROWS_MS),),
        signals=(
            signal("joints", SignalKind.STATE, ROWS_MS),
            signal("command", SignalKind.ACTION, np.arange(90) * 10, 1),
        ),
        facts=EpisodeFacts(scene="kitchen"),
    )
    return replace(made, **changes)


@pytest.fixture
def export(tmp_path: Path) -> Callable[..., ExportRecord]:
    def write(*episodes: ExportEpisode, profile: str = "classic") -> ExportRecord:
        writer = LeRobotExport(profile)
        return writer.write(DATASET, iter(episodes), tmp_path / "out", RELEASE, total=len(episodes))

    return write


def prepared(tmp_path: Path, **changes: Any) -> ExportEpisode:
    episode = recording(**changes)
    scaled = [
        {
            **one,
            "start_ns": one["start_ns"] and one["start_ns"] * 3,
            "end_ns": one["end_ns"] and one["end_ns"] * 3,
        }
        for one in FULL
    ]
    return export_episode(episode, tmp_path / f"media {episode.key}", scaled)


def read_back(root: Path) -> list[EpisodeRecord]:
    found = list(open_dataset(root).episodes())
    assert all(isinstance(episode, EpisodeRecord) for episode in found), found
    return [episode for episode in found if isinstance(episode, EpisodeRecord)]


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]


def test_the_writers_are_there_by_name() -> None:
    assert {"lerobot_v30_classic", "lerobot_v30_language", "labels"} <= WRITERS.keys()


def test_our_own_reader_reads_it(tmp_path: Path, export: Callable[..., ExportRecord]) -> None:
    record = export(prepared(tmp_path))
    assert (record.episodes, record.frames, record.notices) == (1, FRAMES, ())
    assert list(problems(tmp_path / "out")) == []
    (found,) = read_back(tmp_path / "out")
    assert (found.task, found.frames, found.rate) == ("stir the soup", FRAMES, RATE)
    assert [(s.name, s.kind) for s in found.signals] == [
        ("observation.state", SignalKind.STATE),
        ("action", SignalKind.ACTION),
    ]
    assert [d.name for d in found.signals[0].dimensions] == ["joint_0", "joint_1"]
    np.testing.assert_array_equal(found.signals[0].values, recording().signals[0].values)
    assert [stream.camera for stream in found.streams] == ["overhead"]


def test_what_was_known_at_the_step_is_in_its_row(
    tmp_path: Path, export: Callable[..., ExportRecord]
) -> None:
    export(prepared(tmp_path))
    assert all_rows(tmp_path / "out")["action"].to_pylist() == [10.0 * n for n in range(FRAMES)]


def test_a_later_sample_is_not_known_yet() -> None:
    t_ns = np.array([50, 99, 101, 250], np.int64)
    steps = np.array([0, 50, 100, 200, 300], np.int64)
    assert latest(t_ns, steps).tolist() == [0, 0, 1, 2, 3]
    assert latest(t_ns, steps, 1).tolist() == [0, 0, 2, 2, 3]


def test_ticks_of_a_video_do_not_make_its_frames_late(
    tmp_path: Path, export: Callable[..., ExportRecord]
) -> None:
    """At 30 Hz every third frame is due between two microseconds and is stored at the later."""
    rate = Rate(30)
    times = [n * 1000 / 30 for n in range(FRAMES)]
    thirty = replace(camera([]), frames=FRAMES, pictures=lambda: _at(times), rate=rate)
    export(prepared(tmp_path, streams=(thirty,), rate=rate))
    place = tmp_path / "out/videos/observation.images.overhead/chunk-000/file-000.mp4"
    shown = [round((float(p.mean()) - 20) / 20) for p in decoded(place)]
    assert shown == list(range(FRAMES))


def _at(times_ms: list[float]) -> Iterator[tuple[int, Picture]]:
    pictures = camera(range(len(times_ms))).pictures()
    for t_ms, (_, picture) in zip(times_ms, pictures, strict=True):
        yield round(t_ms * 1e6), picture


def test_videos_have_a_frame_a_row(tmp_path: Path, export: Callable[..., ExportRecord]) -> None:
    """A camera of another rate that starts late: pictures repeat, and are left out."""
    slow = camera([50, 250, 450, 650], source_key="a/slow", name="slow")
    fast = camera(np.arange(11) * 50, source_key="a/fast", name="fast")
    export(prepared(tmp_path, streams=(slow, fast)))
    shown = {}
    for name in ("slow", "fast"):
        place = tmp_path / f"out/videos/observation.images.{name}/chunk-000/file-000.mp4"
        pictures = decoded(place)
        assert pictures[0].shape == (48, 64, 3)
        shown[name] = [round((float(p.mean()) - 20) / 20) for p in pictures]
        with av.open(str(place)) as file:
            base = file.streams.video[0].time_base or 1
            times = [
                float((packet.pts or 0) * base) for packet in file.demux(video=0) if packet.size
            ]
        np.testing.assert_allclose(times, ROWS_MS / 1000, atol=1e-4)
    assert shown["slow"] == [0, 0, 0, 1, 1, 2, 2, 3, 3]
    assert shown["fast"] == [0, 2, 4, 6, 8, 10, 10, 10, 10]


def test_a_video_that_fits_already_is_copied(tmp_path: Path) -> None:
    first = LeRobotExport("classic")
    first.write(DATASET, [prepared(tmp_path)], tmp_path / "a", RELEASE, total=1)
    (again,) = read_back(tmp_path / "a")
    first.write(DATASET, [export_episode(again, tmp_path / "m")], tmp_path / "b", RELEASE, total=1)
    name = "videos/observation.images.overhead/chunk-000/file-000.mp4"
    assert sha256_of(tmp_path / "a" / name) == sha256_of(tmp_path / "b" / name)


def test_depth_is_on_lerobots_scale(tmp_path: Path, export: Callable[..., ExportRecord]) -> None:
    depth = camera(
        ROWS_MS,
        Coding.DEPTH16,
        source_key="d",
        name="d",
        modality=Modality.DEPTH,
        depth_unit_m=0.001,
    )
    record = export(prepared(tmp_path, streams=(camera(ROWS_MS), depth)))
    assert [notice.code for notice in record.notices] == ["depth_rounded"]
    info = json.loads((tmp_path / "out/meta/info.json").read_text())["features"]
    said = info["observation.images.d"]
    assert (said["info"]["is_depth_map"], said["shape"]) == (True, [48, 64, 1])
    with av.open(str(tmp_path / "out/videos/observation.images.d/chunk-000/file-000.mp4")) as file:
        codes = [f.to_ndarray(format="gray12le")[0, 0] for f in file.decode(video=0)]
    low, high = np.log(0.01 + 3.5), np.log(10 + 3.5)
    metres = np.exp(np.array(codes) / 4095 * (high - low) + low) - 3.5
    np.testing.assert_allclose(metres[1:], 0.5 * np.arange(1, FRAMES), atol=0.003)


@pytest.mark.parametrize(("width", "height"), [(8, 6), (14, 64), (640, 13)])
def test_depth_too_small_for_its_coding_is_refused_by_its_size(
    tmp_path: Path, width: int, height: int
) -> None:
    picture = np.full((height, width), 500, np.uint16)
    small = ExportCamera(
        camera="palm",
        source_key="palm",
        role=Role.WRIST,
        path=tmp_path / "none.mp4",
        codec="png",
        width=width,
        height=height,
        t_ns=np.arange(3) * 100_000_000,
        pictures=lambda: iter([picture] * 3),
        coded=lambda: iter(()),
        modality=Modality.DEPTH,
        depth_unit_m=0.001,
    )
    with pytest.raises(ExportFailed, match=rf"“palm” has .*{width}x{height} .*16x16") as refused:
        write_camera(small, 3, Rate(10, 1), tmp_path / "out.mp4")
    assert "RLDS" in refused.value.remedy


def test_depth_without_a_unit_stays_behind(
    tmp_path: Path, export: Callable[..., ExportRecord]
) -> None:
    depth = camera(ROWS_MS, Coding.DEPTH16, source_key="d", name="d", modality=Modality.DEPTH)
    record = export(prepared(tmp_path, streams=(camera(ROWS_MS), depth)))
    assert [notice.code for notice in record.notices] == ["camera_left_out"]
    assert not (tmp_path / "out/videos/observation.images.d").exists()


def test_labels_come_back_in_full(tmp_path: Path, export: Callable[..., ExportRecord]) -> None:
    given = prepared(tmp_path)
    export(given)
    (found,) = read_back(tmp_path / "out")
    assert {(f.kind, f.label_class, f.start_ns, f.end_ns, f.text) for f in found.labels} == {
        (g["kind"], g["label_class"], g["start_ns"], g["end_ns"], g["text"]) for g in given.labels
    }


def test_language_columns_are_of_the_exact_types(
    tmp_path: Path, export: Callable[..., ExportRecord]
) -> None:
    export(prepared(tmp_path), profile="language")
    file = tmp_path / "out/data/chunk-000/file-000.parquet"
    schema = pq.read_schema(file)
    for name in ("language_persistent", "language_events"):
        assert _named(schema.field(name).type) == _named(row_type(name))
    assert "subtask_index" not in schema.names
    info = json.loads((tmp_path / "out/meta/info.json").read_text())
    declared = info["features"]["language_persistent"]
    assert declared == {"dtype": "language", "shape": [1], "names": None}
    assert set(info["features"]) - {"observation.images.overhead"} == set(schema.names)
    assert not (tmp_path / "out/meta/subtasks.parquet").exists()


def _named(kind: pa.DataType) -> Any:
    """A nested type as names and types: Parquet calls the item of a list an element."""
    if pa.types.is_list(kind):
        return ["list", _named(kind.value_type)]
    if pa.types.is_struct(kind):
        return [(field.name, field.nullable, _named(field.type)) for field in kind]
    return str(kind)


def test_language_says_subtasks_at_the_rows_own_times(
    tmp_path: Path, export: Callable[..., ExportRecord]
) -> None:
    export(prepared(tmp_path), profile="language")
    rows = all_rows(tmp_path / "out")
    lists: list[Any] = rows["language_persistent"].to_pylist()
    assert all(entry == lists[0] for entry in lists)
    said = [(e["style"], e["role"], e["content"]) for e in lists[0]]
    assert said == [
        ("subtask", "assistant", "reach the block"),
        ("subtask", "assistant", "lift the block"),
    ]
    stamps = rows["timestamp"].to_pylist()
    assert [e["timestamp"] for e in lists[0]] == [stamps[0], stamps[4]]
    assert rows["language_events"].to_pylist() == [[]] * FRAMES
    # One group of rows an episode, as LeRobot's own writer leaves it.
    assert pq.read_metadata(tmp_path / "out/data/chunk-000/file-000.parquet").num_row_groups == 1
    # Without the sidecar a reader has the columns only.
    (tmp_path / "out/meta/annotations.jsonl").unlink()
    (found,) = read_back(tmp_path / "out")
    kept = [f for f in found.labels if f.origin == "language_persistent"]
    assert kept == [
        FoundLabel("segment", "subtask", "language_persistent", 0, 400_000_000, "reach the block"),
        FoundLabel(
            "segment", "subtask", "language_persistent", 400_000_000, 900_000_000, "lift the block"
        ),
    ]


def test_a_subtask_that_only_ends_is_said(
    tmp_path: Path, export: Callable[..., ExportRecord]
) -> None:
    gap = (label("segment", "instruction", 0, 6, text="reach"),)
    record = export(replace(prepared(tmp_path), labels=gap), profile="language")
    assert [notice.code for notice in record.notices] == ["subtasks_without_end"]


def test_episodes_of_two_kinds_are_refused(
    tmp_path: Path, export: Callable[..., ExportRecord]
) -> None:
    other = prepared(tmp_path, key="two", signals=(signal("joints", SignalKind.STATE, ROWS_MS, 3),))
    with pytest.raises(ExportFailed, match=r"“two” has .* the first has"):
        export(prepared(tmp_path), other)
    assert not (tmp_path / "out").exists()
    assert list(tmp_path.glob(".out*")) == []


@pytest.mark.parametrize("changes", [{"rate": Rate(20)}, {"streams": ()}])
def test_another_rate_or_camera_is_refused(
    tmp_path: Path, export: Callable[..., ExportRecord], changes: dict[str, Any]
) -> None:
    with pytest.raises(ExportFailed, match="one kind"):
        export(prepared(tmp_path), prepared(tmp_path, key="two", **changes))


def test_names_stay_apart() -> None:
    kinds = [SignalKind.STATE, SignalKind.STATE, SignalKind.ACTION, SignalKind.OTHER]
    names = ["arm/left", "arm/right", "go", "observation.temperature"]
    signals = [signal(n, k, ROWS_MS) for n, k in zip(names, kinds, strict=True)]
    assert feature_names(signals) == [
        "observation.arm.left",
        "observation.arm.right",
        "action",
        "observation.temperature",
    ]
    assert feature_names([signals[3], signals[3]])[1] == "observation.temperature_2"


@pytest.mark.parametrize(
    ("states", "wanted"),
    [
        (("qpos", "qvel"), ["observation.state", "observation.qvel"]),
        (
            ("joint_states.velocity", "joint_states.position"),
            ["observation.joint_states.velocity", "observation.state"],
        ),
        (("left/qpos", "right/qpos"), ["observation.left.qpos", "observation.right.qpos"]),
        (("compos", "speed"), ["observation.compos", "observation.speed"]),
    ],
)
def test_of_several_states_the_positions_are_what_policies_look_for(
    states: tuple[str, ...], wanted: list[str]
) -> None:
    assert feature_names([signal(name, SignalKind.STATE, ROWS_MS) for name in states]) == wanted


def test_sound_stays_behind(tmp_path: Path, export: Callable[..., ExportRecord]) -> None:
    sound = signal("mic", SignalKind.AUDIO, np.arange(100), 1)
    record = export(prepared(tmp_path, signals=(*recording().signals, sound)))
    assert [notice.code for notice in record.notices] == ["signal_left_out"]
