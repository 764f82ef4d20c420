"""Cameras that LeRobot keeps as pictures in its data files, and what it does not say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pytest

from episodes.errors import AnswerInvalid
from episodes.formats import open_dataset
from episodes.formats.registry import questions
from episodes.records import (
    BrokenEpisode,
    Coding,
    EpisodeRecord,
    Modality,
    PictureStreamRecord,
    Reason,
    Role,
)
from episodes.video.assemble import assemble_stream
from tests.pure.formats.exporting import export_episode
from tests.pure.formats.sets import change_info, change_table, write_lines, write_v21

SECOND = "episode_000001"
NAME = "observation.images.cam"
Encode = Callable[[int], bytes]


def jpeg(number: int) -> bytes:
    return cv2.imencode(".jpg", np.full((24, 32, 3), number * 9 % 256, np.uint8))[1].tobytes()


def png16(number: int) -> bytes:
    return cv2.imencode(".png", np.full((24, 32), number * 300, np.uint16))[1].tobytes()


def tiff16(number: int) -> bytes:
    return cv2.imencode(".tiff", np.full((24, 32), number * 300, np.uint16))[1].tobytes()


def tiff_float(number: int) -> bytes:
    return cv2.imencode(".tiff", np.full((24, 32), number / 7, np.float32))[1].tobytes()


def with_pictures(root: Path, encode: Encode, depth: bool = False, **info: Any) -> Path:
    def add(table: pa.Table) -> pa.Table:
        cells = [{"bytes": encode(n), "path": f"{n}.png"} for n in range(table.num_rows)]
        return table.append_column(NAME, pa.array(cells))

    for file in sorted((root / "data").rglob("*.parquet")):
        change_table(file, add)
    feature = {
        "dtype": "image",
        "shape": [24, 32, 1 if depth else 3],
        "names": ["height", "width", "channels"],
        "info": {"is_depth_map": depth, **info},
    }
    change_info(root, lambda found: found["features"].update({NAME: feature}))
    return root


def second(root: Path, **answers: str) -> EpisodeRecord:
    found = open_dataset(root, answers).episode(SECOND)
    assert isinstance(found, EpisodeRecord), found
    return found


def pictured(root: Path, **answers: str) -> PictureStreamRecord:
    stream = second(root, **answers).streams[-1]
    assert isinstance(stream, PictureStreamRecord)
    return stream


def first_picture(root: Path) -> int:
    """v2.1 has a file an episode, v3.0 one for all: the second begins after six rows."""
    return 0 if (root / "meta/episodes.jsonl").exists() else 6


def test_pictures_come_bit_for_bit_at_their_rows(fresh: Path) -> None:
    stream = pictured(with_pictures(fresh, jpeg))
    assert (stream.camera, stream.coding, stream.frames) == ("cam", Coding.JPEG, 9)
    start = first_picture(fresh)
    expected = [(round(n * 1e9 / 30), jpeg(start + n)) for n in range(9)]
    assert list(stream.pictures()) == expected
    assert list(stream.pictures()) == expected


def test_the_import_puts_them_into_a_video(fresh: Path, tmp_path: Path) -> None:
    given = export_episode(second(with_pictures(fresh, jpeg)), tmp_path / "media")
    camera = given.cameras[-1]
    start = first_picture(fresh)
    assert list(camera.coded()) == [jpeg(start + n) for n in range(9)]


def test_depth_pictures_are_metric(fresh: Path, tmp_path: Path) -> None:
    stream = pictured(with_pictures(fresh, png16, depth=True, depth_unit="mm"))
    assert (stream.modality, stream.depth_unit_m) == (Modality.DEPTH, 0.001)
    assert stream.coding is Coding.PNG
    assert assemble_stream(stream, tmp_path / "x.mp4").modality is Modality.DEPTH


def test_sixteen_bit_tiff_becomes_depth(fresh: Path) -> None:
    stream = pictured(with_pictures(fresh, tiff16, depth=True))
    assert stream.coding is Coding.DEPTH16
    start = first_picture(fresh)
    levels = [int(np.asarray(picture)[0, 0]) for _, picture in stream.pictures()]
    assert levels == [(start + n) * 300 for n in range(9)]


def test_pictures_of_another_coding_stay_behind(fresh: Path) -> None:
    found = second(with_pictures(fresh, tiff_float, depth=True))
    assert [notice.code for notice in found.notices] == ["camera_coding"]
    assert [stream.camera for stream in found.streams] == ["front", "wrist"]


def test_the_unit_of_depth_is_asked_where_it_is_not_said(fresh: Path) -> None:
    with_pictures(fresh, png16, depth=True)
    assert {"role.cam", "unit.cam"} <= {question.id for question in questions(fresh)}
    answers = {"unit.cam": "mm", "role.cam": "wrist"}
    stream = pictured(fresh, **answers)
    assert (stream.depth_unit_m, stream.role) == (0.001, Role.WRIST)
    assert pictured(fresh).depth_unit_m is None


def test_a_dataset_of_pictures_alone(fresh: Path) -> None:
    with_pictures(fresh, jpeg)

    def drop(info: dict[str, Any]) -> None:
        for camera in ("front", "wrist"):
            del info["features"][f"observation.images.{camera}"]

    change_info(fresh, drop)
    assert [stream.camera for stream in second(fresh).streams] == ["cam"]


def test_a_missing_picture_keeps_the_episode_out(fresh: Path) -> None:
    with_pictures(fresh, jpeg)

    def lose(table: pa.Table) -> pa.Table:
        cells: list[Any] = table[NAME].to_pylist()
        for cell in cells:
            cell["bytes"], cell["path"] = None, "../../etc/passwd"
        place = table.column_names.index(NAME)
        kind = table.schema.field(NAME).type
        return table.set_column(place, NAME, pa.array(cells, kind))

    for file in (fresh / "data").rglob("*.parquet"):
        change_table(file, lose)
    found = open_dataset(fresh).episode(SECOND)
    assert isinstance(found, BrokenEpisode)
    assert found.code == Reason.PATH_OUTSIDE


def test_a_declared_camera_without_a_column(fresh: Path) -> None:
    feature = {"dtype": "image", "shape": [24, 32, 3], "names": None}
    change_info(fresh, lambda info: info["features"].update({NAME: feature}))
    found = open_dataset(fresh).episode(SECOND)
    assert isinstance(found, BrokenEpisode)
    assert (found.code, NAME in found.message) == (Reason.COLUMN_MISSING, True)


def test_a_group_of_rows_beyond_memory(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_pictures(fresh, jpeg)
    monkeypatch.setattr("episodes.formats.lerobot_columns.MAX_GROUP_BYTES", 1000)
    found = open_dataset(fresh).episode(SECOND)
    assert isinstance(found, BrokenEpisode)
    assert found.code == Reason.ABSURD_SIZE


def test_what_it_does_not_say_is_asked(fresh: Path) -> None:
    asked = {question.id: question.required for question in questions(fresh)}
    assert asked == {
        "unit.observation.state": False,
        "gripper.observation.state": False,
        "unit.action": False,
    }


def test_an_answered_unit_is_of_joints_not_of_the_gripper(fresh: Path) -> None:
    state = second(fresh, **{"unit.observation.state": "deg"}).signals[0]
    assert [d.unit for d in state.dimensions] == ["deg", "deg", ""]
    assert [d.unit for d in second(fresh).signals[0].dimensions] == ["", "", ""]


def test_positions_and_loads_have_units_of_their_own() -> None:
    demo = Path(__file__).parents[3] / "demo" / "so101_pick_place"
    asked = {question.id: question.choices for question in questions(demo)}
    assert asked["unit.observation.ee_pos"] == ("m", "cm", "mm", "unknown")
    assert asked["unit.observation.jaw_force"] == ("N", "Nm", "unknown")
    answers = {"unit.observation.ee_pos": "m", "unit.observation.jaw_force": "N"}
    found = open_dataset(demo, answers).episode("episode_000000")
    assert isinstance(found, EpisodeRecord)
    units = {signal.name: {d.unit for d in signal.dimensions} for signal in found.signals}
    # A jaw's load is no opening of a gripper.
    assert (units["observation.ee_pos"], units["observation.jaw_force"]) == ({"m"}, {"N"})


def test_a_wrong_answer_is_refused(fresh: Path) -> None:
    with pytest.raises(AnswerInvalid, match="feet"):
        open_dataset(fresh, {"unit.action": "feet"})


def test_an_empty_task_takes_the_answered_instruction(tmp_path: Path) -> None:
    fresh = write_v21(tmp_path / "set")
    write_lines(fresh / "meta/tasks.jsonl", [{"task_index": 0, "task": " "}])
    assert "instruction" in {question.id for question in questions(fresh)}
    assert second(fresh, instruction="stack the blocks").task == "stack the blocks"
    assert second(fresh).task == ""
