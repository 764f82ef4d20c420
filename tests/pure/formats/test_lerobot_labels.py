"""Labels that LeRobot datasets carry come along: columns, language, releases of our own."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from episodes.errors import DatasetBroken
from episodes.export_records import LabelledEpisode
from episodes.formats import open_dataset
from episodes.formats.lerobot_files import write_index
from episodes.formats.lerobot_v30_writer import write_lerobot
from episodes.records import EpisodeRecord, FoundLabel
from tests.pure.formats.sets import (
    Plan,
    change_info,
    change_table,
    write_json,
    write_v21,
    write_v30,
)
from tests.pure.formats.test_release import FULL, RELEASE, all_rows, frame_ns, source

SECOND = "episode_000001"
# Rows of the sets: three episodes, of which the second has these rows in a shared file.
PLAN = Plan()
FIRST, LENGTH = PLAN.lengths[0], PLAN.lengths[1]


def with_column(root: Path, name: str, values: Sequence[object], dtype: str = "int64") -> Path:
    """A column with ``values`` on the second episode's rows; nothing elsewhere."""
    kinds = {"int64": pa.int64(), "bool": pa.bool_(), "string": pa.string()}
    empty = {"int64": 0, "bool": False, "string": ""}[dtype]

    def add(table: pa.Table) -> pa.Table:
        after = table.num_rows - FIRST - LENGTH
        cells = [empty] * FIRST + list(values) + [empty] * after
        return table.append_column(name, pa.array(cells, kinds[dtype]))

    change_table(root / "data/chunk-000/file-000.parquet", add)
    feature = {"dtype": dtype, "shape": [1], "names": None}
    change_info(root, lambda info: info["features"].update({name: feature}))
    return root


def second(root: Path) -> EpisodeRecord:
    found = open_dataset(root).episode(SECOND)
    assert isinstance(found, EpisodeRecord), found
    return found


def labels(root: Path) -> tuple[FoundLabel, ...]:
    return second(root).labels


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_v30(tmp_path / "set")


def test_a_plain_dataset_has_none(root: Path) -> None:
    assert labels(root) == ()


def test_runs_of_subtasks(root: Path) -> None:
    with_column(root, "subtask_index", [1, 1, 1, 0, 2, 2, 2, 2, 1])
    write_index(root / "meta/subtasks.parquet", "subtask", ["", "reach", "lift"])
    found = [(f.kind, f.label_class, f.text, f.start_ns, f.end_ns) for f in labels(root)]
    assert found == [
        ("segment", "subtask", "reach", 0, frame_ns(3)),
        ("segment", "subtask", "lift", frame_ns(4), frame_ns(8)),
        ("segment", "subtask", "reach", frame_ns(8), frame_ns(9)),
    ]


def test_a_damaged_table_of_subtasks_is_named(root: Path) -> None:
    (root / "meta/subtasks.parquet").write_bytes(b"PAR1")
    with pytest.raises(DatasetBroken, match=r"meta/subtasks\.parquet cannot be read"):
        open_dataset(root)


@pytest.mark.parametrize(
    ("flags", "outcome"), [([False] * 8 + [True], "success"), ([False] * 9, "failure")]
)
def test_a_success_flag_is_the_outcome(root: Path, flags: list[bool], outcome: str) -> None:
    with_column(root, "next.success", flags, "bool")
    assert labels(root) == (FoundLabel("outcome", outcome, "next.success"),)


def test_done_before_the_end_is_an_instant(root: Path) -> None:
    with_column(root, "next.done", [False] * 6 + [True] * 3, "bool")
    assert labels(root) == (FoundLabel("instant", "done", "next.done", frame_ns(6)),)


def test_done_at_the_end_says_nothing(root: Path) -> None:
    with_column(root, "next.done", [False] * 8 + [True], "bool")
    assert labels(root) == ()


def test_annotation_columns_of_other_tools(root: Path) -> None:
    with_column(root, "annotation.human.phase", [0, 0, 3, 3, 3, 0, 0, 0, 0])
    with_column(root, "annotation.note", ["", "", "", "", "oops", "oops", "", "", ""], "string")
    with_column(root, "annotation.human.action.task_description", [0] * 9)
    assert set(labels(root)) == {
        FoundLabel(
            "segment", "human.phase", "annotation.human.phase", frame_ns(2), frame_ns(5), "3"
        ),
        FoundLabel("segment", "note", "annotation.note", frame_ns(4), frame_ns(6), "oops"),
        FoundLabel(
            "segment",
            "human.action.task_description",
            "annotation.human.action.task_description",
            0,
            frame_ns(9),
            "Put the block on the plate.",
        ),
    }


def test_codes_are_read_by_the_table_of_classes(root: Path) -> None:
    with_column(root, "annotation.contact", [0, 0, 2, 0, 0, 1, 0, 0, 0])
    with_column(root, "annotation.outcome", [1] * 9)
    codes = {
        "annotation.contact": {"none": 0, "grasp": 1, "release": 2},
        "annotation.outcome": {"none": 0, "spilled": 1},
    }
    write_json(root / "meta/annotation_classes.json", {"codes": codes})
    assert labels(root) == (
        FoundLabel("instant", "release", "annotation.contact", frame_ns(2)),
        FoundLabel("instant", "grasp", "annotation.contact", frame_ns(5)),
        FoundLabel("outcome", "spilled", "annotation.outcome"),
    )


def released(root: Path, out: Path, profile: str) -> Path:
    episodes = [LabelledEpisode("episode_000000", ()), LabelledEpisode(SECOND, FULL)]
    write_lerobot(source(root), episodes, out, RELEASE, profile=profile)
    return out


@pytest.mark.parametrize("profile", ["classic", "language"])
def test_a_release_comes_back_in_full(root: Path, tmp_path: Path, profile: str) -> None:
    out = released(root, tmp_path / "out", profile)
    assert {(f.kind, f.label_class, f.start_ns, f.end_ns, f.text) for f in labels(out)} == {
        (g["kind"], g["label_class"], g["start_ns"], g["end_ns"], g["text"]) for g in FULL
    }
    assert {f.origin for f in labels(out)} == {"meta/annotations.jsonl"}
    first = open_dataset(out).episode("episode_000000")
    assert isinstance(first, EpisodeRecord)
    assert first.labels == ()


def test_without_its_sidecar_the_columns_are_read(root: Path, tmp_path: Path) -> None:
    out = released(root, tmp_path / "out", "classic")
    (out / "meta/annotations.jsonl").write_text("not json\n")
    found = labels(out)
    assert {(f.kind, f.label_class, f.text) for f in found} == {
        ("segment", "subtask", "reach the block"),
        ("segment", "subtask", "lift the block"),
        ("instant", "grasp_closed", ""),
        ("instant", "release", ""),
        ("outcome", "outcome_success", ""),
    }


def test_a_sidecar_of_another_length_is_not_believed(root: Path, tmp_path: Path) -> None:
    out = released(root, tmp_path / "out", "classic")
    path = out / "meta/annotations.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({**line, "frames": 8}) + "\n" for line in lines))
    assert {f.origin for f in labels(out)} != {"meta/annotations.jsonl"}


def test_a_language_release_keeps_rows_and_videos(root: Path, tmp_path: Path) -> None:
    out = released(root, tmp_path / "out", "language")
    rows, before = all_rows(out), all_rows(root)
    assert rows["timestamp"].to_numpy().tobytes() == before["timestamp"].to_numpy()[:15].tobytes()
    stamps = rows["timestamp"].to_pylist()[FIRST:]
    lists: list[Any] = rows["language_persistent"].to_pylist()
    assert lists[:FIRST] == [[]] * FIRST
    # The very float32 of the row: LeRobot compares it exactly.
    assert [e["timestamp"] for e in lists[FIRST]] == [stamps[0], stamps[4]]
    assert pq.read_metadata(out / "data/chunk-000/file-000.parquet").num_row_groups == 2
    assert json.loads((out / "manifest.json").read_text())["format"]["profile"] == "language"


Entry = dict[str, Any]


def persistent(style: str, text: str, timestamp: float, role: str = "assistant") -> Entry:
    return {"role": role, "content": text, "style": style, "timestamp": timestamp}


def with_language(root: Path, lasting: list[Entry], events: dict[int, list[Entry]]) -> Path:
    """As LeRobot's writer leaves it: the list on every row, events on theirs, types inferred."""
    lists = [[persistent("subtask", "other", 0.0)]] * FIRST + [lasting] * LENGTH
    rest = [[persistent("subtask", "other", 0.0)]] * PLAN.lengths[2]
    cells: list[Any] = [[] for _ in range(FIRST)] + [events.get(n, []) for n in range(LENGTH)]
    cells += [[] for _ in range(PLAN.lengths[2])]

    def add(table: pa.Table) -> pa.Table:
        table = table.append_column("language_persistent", pa.array(lists + rest))
        return table.append_column("language_events", pa.array(cells))

    change_table(root / "data/chunk-000/file-000.parquet", add)
    feature = {"dtype": "language", "shape": [1], "names": None}
    names = ("language_persistent", "language_events")
    change_info(root, lambda info: info["features"].update(dict.fromkeys(names, feature)))
    return root


def stamp(frame: int) -> float:
    return float(np.float32(frame / 30))


def test_language_that_lasts_holds_until_the_next_of_its_style(root: Path) -> None:
    lasting = [
        persistent("subtask", "reach", stamp(0)),
        persistent("plan", "reach, then lift", stamp(0)),
        persistent("subtask", "lift", stamp(4)),
        persistent("task_aug", "Get the block.", stamp(0), "user"),
        persistent("task_aug", "Grab it.", stamp(0), "user"),
    ]
    found = second(with_language(root, lasting, {}))
    assert found.notices == ()
    assert {(f.kind, f.label_class, f.text, f.start_ns, f.end_ns) for f in found.labels} == {
        ("segment", "subtask", "reach", 0, frame_ns(4)),
        ("segment", "subtask", "lift", frame_ns(4), frame_ns(9)),
        ("segment", "plan", "reach, then lift", 0, frame_ns(9)),
        ("span", "task_aug", "Get the block.", 0, frame_ns(9)),
        ("span", "task_aug", "Grab it.", 0, frame_ns(9)),
    }


def test_language_events_are_instants(root: Path) -> None:
    call = {"type": "function", "function": {"name": "say", "arguments": {"text": "ok"}}}
    vqa = {"role": "user", "content": "Where is it?", "style": "vqa", "camera": "front"}
    empty = {"content": None, "style": None, "camera": None}
    say = {"role": "assistant", **empty, "tool_calls": [json.dumps(call)]}
    stop = {"role": "user", "content": "Stop!", "style": "interjection", "camera": None}
    found = second(with_language(root, [], {2: [stop], 5: [vqa, say]}))
    assert [(f.kind, f.label_class, f.start_ns) for f in found.labels] == [
        ("instant", "interjection", frame_ns(2)),
        ("instant", "vqa", frame_ns(5)),
        ("instant", "tool_call", frame_ns(5)),
    ]
    assert found.labels[1].text == "[front] Where is it?"
    assert "say" in found.labels[2].text


def test_a_time_that_no_row_has_is_said(root: Path) -> None:
    found = second(with_language(root, [persistent("subtask", "reach", stamp(3) + 0.004)], {}))
    assert [notice.code for notice in found.notices] == ["language_off_frame"]
    assert found.labels[0].start_ns == frame_ns(3)


def test_entries_without_text_are_said(root: Path) -> None:
    found = second(with_language(root, [persistent("subtask", "", stamp(3))], {}))
    assert [notice.code for notice in found.notices] == ["language_dropped"]


def test_another_column_of_that_name_does_no_harm(root: Path) -> None:
    def add(table: pa.Table) -> pa.Table:
        return table.append_column("language_events", pa.array(["x"] * table.num_rows))

    change_table(root / "data/chunk-000/file-000.parquet", add)
    feature = {"dtype": "language", "shape": [1], "names": None}
    change_info(root, lambda info: info["features"].update(language_events=feature))
    found = second(root)
    assert found.labels == ()
    assert [notice.code for notice in found.notices] == ["language_dropped"]


def test_statistics_of_version_2_0_are_of_the_whole_dataset(tmp_path: Path) -> None:
    """v2.0 has meta/stats.json, without counts and without any per episode."""
    fresh = write_v21(tmp_path / "set")
    change_info(fresh, lambda info: info.update(codebase_version="v2.0"))
    front = "observation.images.front"
    levels = {"min": 0.0, "max": 1.0, "mean": 0.4, "std": 0.2}
    stats = {name: [[[value]]] * 3 for name, value in levels.items()}
    write_json(fresh / "meta/stats.json", {front: stats, "action": {"mean": [9, 9, 9]}})
    assert open_dataset(fresh).dataset.version == "v2.0"
    out = released(fresh, tmp_path / "out", "classic")
    found = json.loads((out / "meta/stats.json").read_text())
    assert found[front]["mean"] == [[[pytest.approx(0.4)]]] * 3
    assert found[front]["std"] == [[[pytest.approx(0.2)]]] * 3
    assert found["action"]["mean"] != [9, 9, 9]
