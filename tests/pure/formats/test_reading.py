"""Good datasets come in whole, whatever their version and little habits."""

from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from episodes.errors import EpisodeUnknown, FormatConflict, FormatUnknown
from episodes.formats import FORMATS, FormatRegistry, detect, open_dataset
from episodes.formats.lerobot_v21 import LeRobotV21
from episodes.records import EpisodeRecord, Modality, Role, SignalKind, StreamRecord
from episodes.timebase import rate_times_ns
from tests.pure.formats.sets import TASK, Plan, change_info, change_table, write_v21, write_v30


def whole(root: Path) -> list[EpisodeRecord]:
    found = list(open_dataset(root).episodes())
    assert all(isinstance(episode, EpisodeRecord) for episode in found), found
    return [episode for episode in found if isinstance(episode, EpisodeRecord)]


def test_each_version_is_detected(good_v21: Path, good_v30: Path) -> None:
    assert (detect(good_v21).format, detect(good_v30).format) == ("lerobot_v21", "lerobot_v30")
    assert detect(good_v30).episodes == 3


def test_version_2_0_is_read_as_2_1(tmp_path: Path) -> None:
    root = write_v21(tmp_path / "set")
    change_info(root, lambda info: info.update(codebase_version="v2.0"))
    assert detect(root).version == "v2.0"
    assert len(whole(root)) == 3


def test_both_versions_say_the_same(good_v21: Path, good_v30: Path) -> None:
    for old, new in zip(whole(good_v21), whole(good_v30), strict=True):
        assert (old.key, old.frames, old.task) == (new.key, new.frames, new.task)
        assert old.duration_ns == new.duration_ns
        for a, b in zip(old.signals, new.signals, strict=True):
            assert (a.name, a.kind, a.dimensions) == (b.name, b.kind, b.dimensions)
            np.testing.assert_array_equal(a.values, b.values)


def test_an_episode_in_full(good_v30: Path) -> None:
    episode = whole(good_v30)[1]
    assert (episode.key, episode.index, episode.frames) == ("episode_000001", 1, 9)
    assert episode.task == TASK
    assert episode.duration_ns == 300_000_000
    state, action = episode.signals
    assert (state.kind, action.kind) == (SignalKind.STATE, SignalKind.ACTION)
    assert [d.name for d in action.dimensions] == [d.name for d in state.dimensions]
    assert state.dimensions[2].group == "gripper"
    np.testing.assert_array_equal(state.t_ns, rate_times_ns(9, episode.rate))
    assert state.values.dtype == np.float32
    front, wrist = episode.streams
    assert (front.camera, front.role, wrist.role) == ("front", Role.EXTERNAL, Role.WRIST)


def test_the_offset_comes_from_from_timestamp_only(tmp_path: Path) -> None:
    root = write_v30(tmp_path / "set")
    contents = root / "meta/episodes/chunk-000/file-000.parquet"
    column = "videos/observation.images.front/to_timestamp"

    def lie(table: pa.Table) -> pa.Table:
        wrong = pa.array([-1.0] * table.num_rows)
        return table.set_column(table.column_names.index(column), column, wrong)

    def starts() -> list[int]:
        streams = [episode.streams[0] for episode in whole(root)]
        return [stream.from_ns for stream in streams if isinstance(stream, StreamRecord)]

    before = starts()
    change_table(contents, lie)
    assert starts() == before == [0, 200_000_000, 500_000_000]
    assert [episode.streams[0].frames for episode in whole(root)] == [6, 9, 5]


def test_rows_may_lie_in_any_order_and_any_row_groups(tmp_path: Path) -> None:
    root = write_v30(tmp_path / "set")
    file = root / "data/chunk-000/file-000.parquet"
    before = whole(root)
    shuffled = pq.read_table(file).take(np.random.default_rng(5).permutation(20))
    pq.write_table(shuffled, file, row_group_size=7)
    for a, b in zip(before, whole(root), strict=True):
        np.testing.assert_array_equal(a.signals[0].values, b.signals[0].values)


@pytest.mark.parametrize(
    "names",
    [["a", "b", "c"], [["a", "b", "c"]], {"motors": ["a", "b", "c"]}, {"c": 2, "a": 0, "b": 1}],
)
def test_dimension_names_in_every_shape_seen(fresh: Path, names: object) -> None:
    change_info(fresh, lambda i: i["features"]["action"].update(names=names))
    assert [d.name for d in whole(fresh)[0].signals[1].dimensions] == ["a", "b", "c"]


def test_names_that_do_not_fit_are_numbered(fresh: Path) -> None:
    change_info(fresh, lambda info: info["features"]["action"].update(names=["only one"]))
    named = [d.name for d in whole(fresh)[0].signals[1].dimensions]
    assert named == ["action[0]", "action[1]", "action[2]"]


@pytest.mark.parametrize("column", ["task", "__index_level_0__", "instruction"])
def test_the_task_text_under_any_name(tmp_path: Path, column: str) -> None:
    root = write_v30(tmp_path / "set", Plan(lengths=(4,)))
    table = pa.table({"task_index": pa.array([0], pa.int64()), column: ["Wipe the table."]})
    pq.write_table(table, root / "meta/tasks.parquet")
    assert whole(root)[0].task == "Wipe the table."


def test_a_task_outside_the_table_is_said(fresh: Path) -> None:
    for tasks in ("meta/tasks.jsonl", "meta/tasks.parquet"):
        (fresh / tasks).unlink(missing_ok=True)
    episode = whole(fresh)[0]
    assert episode.task == TASK
    assert [notice.code for notice in episode.notices] == ["task_unknown"]


def test_slightly_off_timestamps_are_said_and_not_used(fresh: Path) -> None:
    def shift(table: pa.Table) -> pa.Table:
        late = pa.array((table["timestamp"].to_numpy() + 0.002).astype("f4"))
        return table.set_column(table.column_names.index("timestamp"), "timestamp", late)

    for file in (fresh / "data").rglob("*.parquet"):
        change_table(file, shift)
    episode = whole(fresh)[0]
    assert [notice.code for notice in episode.notices] == ["timestamps_off"]
    assert episode.signals[0].t_ns[1] == 33_333_333


def test_totals_that_lie_are_said(fresh: Path) -> None:
    change_info(fresh, lambda info: info.update(total_frames=10**12, total_episodes=7))
    dataset = open_dataset(fresh).dataset
    assert [notice.code for notice in dataset.notices] == ["totals_disagree"] * 2
    assert "1,000,000,000,000" in dataset.notices[1].message
    assert len(whole(fresh)) == 3


def test_what_stays_behind_is_said(fresh: Path) -> None:
    sound = {"dtype": "audio", "shape": [1], "names": None}
    wide = {"dtype": "float32", "shape": [600], "names": None}
    change_info(fresh, lambda info: info["features"].update(sound=sound, wide=wide))
    found = open_dataset(fresh).dataset.notices
    assert [notice.code for notice in found] == ["audio_left_out", "signal_too_wide"]
    assert all("“sound”" in n.message or "“wide”" in n.message for n in found)


def test_a_depth_video_is_a_depth_camera(fresh: Path) -> None:
    wrist = "observation.images.wrist"
    change_info(fresh, lambda i: i["features"][wrist].update(info={"video.is_depth_map": True}))
    assert [n.code for n in open_dataset(fresh).dataset.notices] == ["camera_depth"]
    kinds = {stream.camera: stream.modality for stream in whole(fresh)[0].streams}
    assert kinds == {"front": Modality.RGB, "wrist": Modality.DEPTH}


def test_an_unlisted_key_is_refused(good_v21: Path) -> None:
    with pytest.raises(EpisodeUnknown):
        open_dataset(good_v21).episode("episode_000009")


def test_another_folder_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(FormatUnknown, match="No known format"):
        detect(tmp_path)
    with pytest.raises(FormatUnknown, match="There is no folder or file"):
        detect(tmp_path / "absent")


def test_the_fingerprint_follows_the_metadata(fresh: Path) -> None:
    before = open_dataset(fresh).dataset.fingerprint
    assert open_dataset(fresh).dataset.fingerprint == before
    change_info(fresh, lambda info: info.update(robot_type="other"))
    assert open_dataset(fresh).dataset.fingerprint != before


class Strange:
    id = "strange"
    title = "A format from elsewhere"

    def probe(self, root: Path) -> None:
        return None

    def questions(self, root: Path) -> tuple[()]:
        return ()

    def read(self, root: Path, answers: object) -> object:
        raise NotImplementedError


def test_a_plug_in_joins_the_formats() -> None:
    entry = EntryPoint("strange", f"{__name__}:Strange", "touchline.formats")
    registry = FormatRegistry([LeRobotV21()], plugins=lambda: [entry])
    assert [found.id for found in registry] == ["lerobot_v21", "strange"]


def test_two_formats_of_one_id_are_refused() -> None:
    with pytest.raises(FormatConflict, match="lerobot_v21"):
        list(FormatRegistry([LeRobotV21(), LeRobotV21()], plugins=list))


def test_a_broken_plug_in_is_named() -> None:
    entry = EntryPoint("shaky", "no.such.module:Format", "touchline.formats")
    with pytest.raises(FormatConflict, match="shaky"):
        list(FormatRegistry([], plugins=lambda: [entry]))


def test_an_unknown_id_is_refused() -> None:
    with pytest.raises(FormatUnknown, match="betamax") as caught:
        FORMATS.get("betamax")
    assert "lerobot_v30" in caught.value.remedy


@pytest.mark.parametrize("version", ["v21", "v30"])
def test_the_real_unitree_recordings_come_in_whole(shared_data: Path, version: str) -> None:
    found = whole(shared_data / f"unitree_g1_lerobot_{version}")
    assert [episode.frames for episode in found] == [221, 277, 389, 327]
    for episode in found:
        assert episode.task == "Pick up the yellow bottle on the table."
        assert [s.values.shape for s in episode.signals] == [(episode.frames, 26)] * 2
        assert episode.signals[0].dimensions[0].name == "kLeftShoulderPitch"
        assert {d.group for d in episode.signals[0].dimensions} == {
            "left arm",
            "right arm",
            "left hand",
            "right hand",
        }
        assert episode.notices == ()
