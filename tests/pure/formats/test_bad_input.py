"""A broken episode stays out with a reason that names the thing and the remedy; others come in.

Every fixture is really broken on disk.
"""

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from episodes.errors import DatasetBroken
from episodes.formats import detect, open_dataset
from episodes.records import BrokenEpisode, EpisodeRecord, Reason
from tests.pure.formats.sets import (
    Plan,
    change_info,
    change_table,
    cut,
    set_value,
    write_v21,
    write_v30,
)

SECOND = "episode_000001"


def is_v30(root: Path) -> bool:
    return detect(root).format == "lerobot_v30"


def data_file(root: Path) -> Path:
    """The file that holds the second episode; of v3.0 it holds all."""
    name = "file-000" if is_v30(root) else SECOND
    return root / f"data/chunk-000/{name}.parquet"


def row_of_second(root: Path, frame: int) -> int:
    return frame + (6 if is_v30(root) else 0)


def change_listing(root: Path, **values: Any) -> None:
    """Change the second episode's entry in the table of contents."""
    if is_v30(root):
        path = root / "meta/episodes/chunk-000/file-000.parquet"
        entries = pq.read_table(path).to_pylist()
        entries[1].update(values)
        pq.write_table(pa.Table.from_pylist(entries), path)
        return
    path = root / "meta/episodes.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[1].update(values)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def only_second_is_broken(root: Path, reason: Reason) -> BrokenEpisode:
    first, second, third = open_dataset(root).episodes()
    assert isinstance(first, EpisodeRecord)
    assert isinstance(third, EpisodeRecord)
    assert isinstance(second, BrokenEpisode)
    assert (second.key, second.code) == (SECOND, reason)
    assert second.message
    assert second.remedy
    return second


def all_in_file_are_broken(root: Path, reason: Reason) -> BrokenEpisode:
    """v2.1 has a file an episode; a broken file of v3.0 takes its episodes with it."""
    if not is_v30(root):
        return only_second_is_broken(root, reason)
    found = list(open_dataset(root).episodes())
    assert {e.code for e in found if isinstance(e, BrokenEpisode)} == {reason}
    assert len(found) == 3
    assert isinstance(found[1], BrokenEpisode)
    return found[1]


def test_a_parquet_that_misses_a_column(fresh: Path) -> None:
    change_table(data_file(fresh), lambda table: table.drop_columns(["action"]))
    broken = all_in_file_are_broken(fresh, Reason.COLUMN_MISSING)
    assert "“action”" in broken.message
    assert data_file(fresh).name in broken.message


@pytest.mark.parametrize("column", ["timestamp", "frame_index", "episode_index"])
def test_a_bookkeeping_column_is_missed_too(fresh: Path, column: str) -> None:
    change_table(data_file(fresh), lambda table: table.drop_columns([column]))
    assert column in all_in_file_are_broken(fresh, Reason.COLUMN_MISSING).message


def test_a_length_that_lies(fresh: Path) -> None:
    change_listing(fresh, length=11)
    broken = only_second_is_broken(fresh, Reason.LENGTH_MISMATCH)
    assert "claims 11 frames" in broken.message
    assert "holds 9" in broken.message


def test_a_length_of_zero(fresh: Path) -> None:
    change_listing(fresh, length=0)
    only_second_is_broken(fresh, Reason.ZERO_LENGTH)


@pytest.mark.parametrize("length", [10**12, 5_000_001, -3])
def test_a_length_that_cannot_be(fresh: Path, length: int) -> None:
    change_listing(fresh, length=length)
    assert f"{length:,}" in only_second_is_broken(fresh, Reason.ABSURD_SIZE).message


def test_a_video_that_is_not_there(tmp_path: Path) -> None:
    root = write_v21(tmp_path / "set")
    (root / f"videos/chunk-000/observation.images.wrist/{SECOND}.mp4").unlink()
    broken = only_second_is_broken(root, Reason.MEDIA_MISSING)
    assert f"observation.images.wrist/{SECOND}.mp4" in broken.message


def test_a_shared_video_that_is_not_there(tmp_path: Path) -> None:
    root = write_v30(tmp_path / "set")
    (root / "videos/observation.images.wrist/chunk-000/file-000.mp4").write_bytes(b"")
    found = list(open_dataset(root).episodes())
    assert [e.code for e in found if isinstance(e, BrokenEpisode)] == [Reason.MEDIA_MISSING] * 3


def test_a_data_file_that_is_not_there(fresh: Path) -> None:
    data_file(fresh).unlink()
    all_in_file_are_broken(fresh, Reason.DATA_MISSING)


@pytest.mark.parametrize("keep", [0.5, 0.1])
def test_a_parquet_cut_off(fresh: Path, keep: float) -> None:
    cut(data_file(fresh), keep)
    broken = all_in_file_are_broken(fresh, Reason.DATA_UNREADABLE)
    assert "copy may be incomplete" in broken.remedy


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_values_that_are_not_numbers(fresh: Path, value: float | None) -> None:
    row = row_of_second(fresh, 4)

    def spoil(table: pa.Table) -> pa.Table:
        table = set_value(table, "observation.state", row, [0.0, value, value])
        return set_value(table, "observation.state", row + 1, [0.0, value, 0.0])

    change_table(data_file(fresh), spoil)
    broken = only_second_is_broken(fresh, Reason.VALUES_NOT_FINITE)
    assert "“observation.state”" in broken.message
    assert "3 values" in broken.message
    assert "“elbow_flex.pos” (dimension 1) at frame 4" in broken.message


def test_a_vector_of_another_length(fresh: Path) -> None:
    row = row_of_second(fresh, 0)
    change_table(data_file(fresh), lambda t: set_value(t, "action", row, [1.0, 2.0]))
    assert "“action”" in only_second_is_broken(fresh, Reason.SHAPE_MISMATCH).message


def test_frame_numbers_with_a_gap(fresh: Path) -> None:
    row = row_of_second(fresh, 8)
    change_table(data_file(fresh), lambda table: set_value(table, "frame_index", row, 12))
    only_second_is_broken(fresh, Reason.FRAME_INDEX_BROKEN)


def test_frame_numbers_twice(fresh: Path) -> None:
    row = row_of_second(fresh, 8)
    change_table(data_file(fresh), lambda table: set_value(table, "frame_index", row, 3))
    only_second_is_broken(fresh, Reason.FRAME_INDEX_BROKEN)


def test_timestamps_of_another_rate(fresh: Path) -> None:
    row = row_of_second(fresh, 8)
    change_table(data_file(fresh), lambda table: set_value(table, "timestamp", row, 9.0))
    assert "frame 8" in only_second_is_broken(fresh, Reason.TIMESTAMPS_DISAGREE).message


def test_an_id_listed_twice(fresh: Path) -> None:
    change_listing(fresh, episode_index=2)
    first, doubled = open_dataset(fresh).episodes()
    assert isinstance(first, EpisodeRecord)
    assert isinstance(doubled, BrokenEpisode)
    assert (doubled.key, doubled.code) == ("episode_000002", Reason.DUPLICATE_EPISODE)
    assert "2 times" in doubled.message


@pytest.mark.parametrize("index", [-1, 10**12])
def test_an_id_that_cannot_be(fresh: Path, index: int) -> None:
    change_listing(fresh, episode_index=index)
    found = list(open_dataset(fresh).episodes())
    broken = [e for e in found if isinstance(e, BrokenEpisode)]
    assert [e.code for e in broken] == [Reason.LISTING_BROKEN]
    assert str(index) in broken[0].message


def test_a_list_of_episodes_cut_off(tmp_path: Path) -> None:
    root = write_v21(tmp_path / "set")
    listing = root / "meta/episodes.jsonl"
    listing.write_text(listing.read_text()[:-20])
    *good, broken = open_dataset(root).episodes()
    assert [isinstance(e, EpisodeRecord) for e in good] == [True, True]
    assert isinstance(broken, BrokenEpisode)
    assert broken.code == Reason.LISTING_BROKEN
    assert "Line 3" in broken.message


@pytest.mark.parametrize("field", ["from_timestamp", "file_index"])
def test_a_place_in_a_video_that_cannot_be(tmp_path: Path, field: str) -> None:
    root = write_v30(tmp_path / "set")
    worst = float("nan") if field == "from_timestamp" else -1
    change_listing(root, **{f"videos/observation.images.front/{field}": worst})
    reason = Reason.MEDIA_OFFSET if field == "from_timestamp" else Reason.LISTING_BROKEN
    assert field in only_second_is_broken(root, reason).message


@pytest.mark.parametrize(
    "template",
    [
        "../elsewhere/{episode_index:06d}.mp4",
        "videos/../../{episode_index:06d}.mp4",
        "/etc/{episode_index:06d}.mp4",
    ],
)
def test_a_path_that_leaves_the_dataset(fresh: Path, template: str) -> None:
    template = template.replace("episode_index", "file_index") if is_v30(fresh) else template
    change_info(fresh, lambda info: info.update(video_path=template))
    found = list(open_dataset(fresh).episodes())
    assert {e.code for e in found if isinstance(e, BrokenEpisode)} == {Reason.PATH_OUTSIDE}
    assert len(found) == 3


def test_a_camera_name_that_climbs(tmp_path: Path) -> None:
    root = write_v21(tmp_path / "set")

    def climb(info: dict[str, Any]) -> None:
        info["features"]["../../../etc"] = info["features"].pop("observation.images.front")

    change_info(root, climb)
    found = list(open_dataset(root).episodes())
    assert {e.code for e in found if isinstance(e, BrokenEpisode)} == {Reason.PATH_OUTSIDE}


def test_a_link_that_leaves_the_dataset(tmp_path: Path) -> None:
    root = write_v21(tmp_path / "set")
    video = root / f"videos/chunk-000/observation.images.front/{SECOND}.mp4"
    outside = tmp_path / "outside.mp4"
    video.rename(outside)
    os.symlink(outside, video)
    assert "cp -rL" in only_second_is_broken(root, Reason.PATH_OUTSIDE).remedy


@pytest.mark.parametrize(
    "template", ["{video_key.__class__}", "{file_index:999999999d}", "{secret}", "data/{0}.mp4"]
)
def test_a_template_with_tricks(fresh: Path, template: str) -> None:
    change_info(fresh, lambda info: info.update(video_path=template))
    with pytest.raises(DatasetBroken, match="template"):
        open_dataset(fresh)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"fps": 0}, "fps 0"),
        ({"fps": -30}, "fps -30"),
        ({"fps": "fast"}, "fps 'fast'"),
        ({"fps": None}, "fps None"),
        ({"total_frames": -1}, "total_frames -1"),
        ({"total_episodes": "many"}, "total_episodes 'many'"),
        ({"chunks_size": 0}, "chunks_size 0"),
        ({"features": {}}, "no features"),
        ({"features": {"action": {"shape": [3]}}}, "“action” without a dtype"),
        ({"features": {"action": {"dtype": "float32", "shape": [-3]}}}, r"the shape \[-3\]"),
        ({"features": {"action": {"dtype": "float32", "shape": [3]}}}, "no feature “timestamp”"),
        ({"data_path": 7}, "data_path 7"),
    ],
)
def test_info_that_cannot_be_true(fresh: Path, change: dict[str, Any], named: str) -> None:
    change_info(fresh, lambda info: info.update(change))
    with pytest.raises(DatasetBroken, match=named) as caught:
        open_dataset(fresh)
    assert caught.value.remedy


def test_info_that_is_not_json(fresh: Path) -> None:
    cut(fresh / "meta/info.json", 0.7)
    with pytest.raises(DatasetBroken, match=r"info\.json is not JSON") as caught:
        detect(fresh)
    assert "Restore meta/info.json" in caught.value.remedy


def test_info_that_is_no_object(fresh: Path) -> None:
    (fresh / "meta/info.json").write_text("[1, 2]")
    with pytest.raises(DatasetBroken, match="no JSON object"):
        detect(fresh)


def test_a_table_of_contents_cut_off(tmp_path: Path) -> None:
    root = write_v30(tmp_path / "set")
    cut(root / "meta/episodes/chunk-000/file-000.parquet", 0.6)
    with pytest.raises(DatasetBroken, match=r"meta/episodes/chunk-000/file-000\.parquet"):
        detect(root)


def test_no_table_of_contents(fresh: Path) -> None:
    for path in (fresh / "meta").rglob("*episodes*/*/*"):
        path.unlink()
    (fresh / "meta/episodes.jsonl").unlink(missing_ok=True)
    with pytest.raises(DatasetBroken, match="meta/episodes"):
        open_dataset(fresh)


def test_a_dataset_without_cameras(fresh: Path) -> None:
    def drop(info: dict[str, Any]) -> None:
        for camera in Plan().cameras:
            del info["features"][f"observation.images.{camera}"]

    change_info(fresh, drop)
    with pytest.raises(DatasetBroken, match="has no camera"):
        open_dataset(fresh)


def test_a_data_file_that_claims_too_much(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("episodes.formats.lerobot_data.MAX_FILE_ROWS", 3)
    found = list(open_dataset(fresh).episodes())
    assert {e.code for e in found if isinstance(e, BrokenEpisode)} == {Reason.ABSURD_SIZE}


@pytest.mark.parametrize("text", ["so101\0", "so101\ud800"])
def test_text_that_no_database_keeps(fresh: Path, text: str) -> None:
    change_info(fresh, lambda info: info.update(robot_type=text))
    with pytest.raises(DatasetBroken, match="not Unicode"):
        open_dataset(fresh)


def test_a_task_with_a_nul(tmp_path: Path) -> None:
    root = write_v21(tmp_path / "set")
    (root / "meta/tasks.jsonl").write_text('{"task_index": 0, "task": "Wipe\\u0000 \\ud800 it"}\n')
    episode = open_dataset(root).episode("episode_000000")
    assert isinstance(episode, EpisodeRecord)
    assert episode.task == "Wipe ? it"


def test_a_numbering_that_is_no_number(fresh: Path) -> None:
    def spoil(table: pa.Table) -> pa.Table:
        lists = pa.array([[0]] * table.num_rows)
        return table.set_column(table.column_names.index("task_index"), "task_index", lists)

    change_table(data_file(fresh), spoil)
    assert "“task_index”" in all_in_file_are_broken(fresh, Reason.SHAPE_MISMATCH).message


def test_a_column_twice(fresh: Path) -> None:
    change_table(data_file(fresh), lambda table: table.append_column("action", table["action"]))
    broken = all_in_file_are_broken(fresh, Reason.SHAPE_MISMATCH)
    assert "2 columns named “action”" in broken.message


def test_a_circle_of_links(tmp_path: Path) -> None:
    root = write_v21(tmp_path / "set")
    video = root / f"videos/chunk-000/observation.images.front/{SECOND}.mp4"
    video.unlink()
    os.symlink(video, video)
    only_second_is_broken(root, Reason.PATH_OUTSIDE)
