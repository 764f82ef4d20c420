"""The demo is a LeRobot v3.0 dataset whose books agree with each other."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from demo.scenarios import EPISODES
from tests.demo.conftest import DEMO, Demo


def test_the_demo_folder_stays_small() -> None:
    files = [p for p in DEMO.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    assert sum(path.stat().st_size for path in files) <= 12 * 1024**2


def test_the_counts_of_info_are_the_counts_of_the_files(demo: Demo) -> None:
    assert demo.info["codebase_version"] == "v3.0"
    assert demo.info["total_episodes"] == len(demo.episodes) == len(EPISODES) >= 12
    assert demo.info["total_frames"] == len(demo.columns["index"])
    assert demo.info["splits"] == {"train": f"0:{len(demo.episodes)}"}
    assert demo.info["fps"] == 50
    assert len(demo.cameras) == 2


def test_episodes_follow_one_another_without_a_gap(demo: Demo) -> None:
    start = 0
    for number, episode in enumerate(demo.episodes):
        assert episode["episode_index"] == number
        assert episode["dataset_from_index"] == start
        start += episode["length"]
        assert episode["dataset_to_index"] == start
    assert start == demo.info["total_frames"]


def test_the_counters_of_every_episode_are_right(demo: Demo) -> None:
    assert np.array_equal(demo.columns["index"], np.arange(demo.info["total_frames"]))
    for number, episode in enumerate(demo.episodes):
        frame = np.arange(episode["length"])
        assert np.array_equal(demo.rows(number, "frame_index"), frame)
        assert set(demo.rows(number, "episode_index")) == {number}
        stamps = demo.rows(number, "timestamp").astype(np.float32)
        assert np.array_equal(stamps, (frame / 50).astype(np.float32))


def test_declared_features_are_the_columns_and_have_their_shapes(demo: Demo) -> None:
    declared = {k: f for k, f in demo.info["features"].items() if f["dtype"] != "video"}
    assert set(declared) == set(demo.columns)
    for key, feature in declared.items():
        wanted = () if feature["shape"] == [1] else tuple(feature["shape"])
        assert demo.columns[key].shape[1:] == wanted
        assert feature["names"] is None or len(feature["names"]) == feature["shape"][0]
        assert np.isfinite(demo.columns[key]).all()


def test_the_task_text_is_the_pandas_index(demo: Demo) -> None:
    table = pq.read_table(demo.root / "meta/tasks.parquet")
    pandas = json.loads(table.schema.metadata[b"pandas"])
    assert pandas["index_columns"] == ["__index_level_0__"]
    assert table["task_index"].to_pylist() == list(range(demo.info["total_tasks"]))
    texts = table["__index_level_0__"].to_pylist()
    for number, episode in enumerate(demo.episodes):
        assert [texts[i] for i in set(demo.rows(number, "task_index"))] == episode["tasks"]
    assert len(texts) == 3


def test_each_episode_has_its_row_group(demo: Demo) -> None:
    file = pq.ParquetFile(demo.root / "data/chunk-000/file-000.parquet")
    sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    assert sizes == [episode["length"] for episode in demo.episodes]


def test_statistics_are_those_of_the_columns(demo: Demo) -> None:
    stats = json.loads((demo.root / "meta/stats.json").read_text())
    assert set(stats) == set(demo.info["features"])
    for key, rows in demo.columns.items():
        tall = rows.reshape(len(rows), -1).astype(np.float64)
        assert stats[key]["count"] == [len(rows)]
        np.testing.assert_allclose(stats[key]["min"], tall.min(axis=0), rtol=1e-6)
        np.testing.assert_allclose(stats[key]["max"], tall.max(axis=0), rtol=1e-6)
        np.testing.assert_allclose(stats[key]["mean"], tall.mean(axis=0), rtol=1e-5, atol=1e-9)
        np.testing.assert_allclose(stats[key]["std"], tall.std(axis=0), rtol=1e-5, atol=1e-9)
    for camera in demo.cameras:
        assert np.array(stats[camera]["mean"]).shape == (3, 1, 1)
        assert 0 <= np.min(stats[camera]["q01"]) <= np.max(stats[camera]["q99"]) <= 1


def test_no_path_of_the_machine_that_recorded_it_is_in_the_demo() -> None:
    texts = [p for p in Path(DEMO).rglob("*") if p.suffix in (".json", ".jsonl", ".md", ".py")]
    assert texts
    for path in texts:
        assert "/tmp/" not in path.read_text(encoding="utf-8"), path
