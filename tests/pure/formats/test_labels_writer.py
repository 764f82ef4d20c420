"""Labels alone: the same labels in JSON Lines, in typed tables and in the sidecar."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from episodes.errors import ExportFailed
from episodes.export_records import ExportEpisode, ExportRecord
from episodes.formats.labels_writer import EPISODE_SCHEMA, LABEL_SCHEMA, LabelsWriter
from episodes.formats.manifest import problems, sha256_of
from episodes.records import DatasetRecord, EpisodeFacts
from episodes.timebase import Rate
from tests.pure.formats.test_release import FULL, RELEASE, SCHEMA, label

DATASET = DatasetRecord("bench", "mcap", "1", "ur5", Rate(30), "cc0", "0" * 64, {})


def episode(key: str, *labels: object) -> ExportEpisode:
    return ExportEpisode(
        key=key,
        index=0,
        task="stir",
        frames=9,
        rate=Rate(30),
        duration_ns=300_000_000,
        cameras=(),
        signals=(),
        labels=labels,  # type: ignore[arg-type]
        provenance={"annotators": ["ada"], "approved_by": "ravi"},
        facts=EpisodeFacts(scene="kitchen", objects=("pot",)),
    )


def write(out: Path, *episodes: ExportEpisode) -> ExportRecord:
    return LabelsWriter().write(DATASET, iter(episodes), out, RELEASE, total=len(episodes))


def test_every_label_is_a_typed_row(tmp_path: Path) -> None:
    record = write(tmp_path / "out", episode("a"), episode("b", *FULL))
    assert (record.episodes, record.frames) == (2, 18)
    table = pq.read_table(tmp_path / "out/labels.parquet")
    assert table.schema.equals(LABEL_SCHEMA)
    assert table.num_rows == len(FULL)
    assert set(table["episode_key"].to_pylist()) == {"b"}
    assert set(table["episode_index"].to_pylist()) == {1}
    found = {row["label_id"]: row for row in table.to_pylist()}
    for given in FULL:
        row = found[given["id"]]
        for name in ("kind", "label_class", "start_ns", "end_ns", "text", "effector"):
            assert row[name] == given[name]
    grasp = next(row for row in found.values() if row["label_class"] == "grasp_closed")
    assert (grasp["start_frame"], grasp["end_frame"]) == (4, 5)


def test_lines_and_sidecar_say_the_same(tmp_path: Path) -> None:
    write(tmp_path / "out", episode("b", *FULL))
    lines = [json.loads(line) for line in (tmp_path / "out/labels.jsonl").open(encoding="utf-8")]
    sidecar = json.loads((tmp_path / "out/meta/annotations.jsonl").read_text(encoding="utf-8"))
    plain = [{k: v for k, v in line.items() if not k.startswith("episode_")} for line in lines]
    assert plain == sidecar["labels"]
    assert sidecar["facts"]["scene"] == "kitchen"


def test_episodes_say_where_and_by_whom(tmp_path: Path) -> None:
    write(tmp_path / "out", episode("a"), episode("b", *FULL))
    table = pq.read_table(tmp_path / "out/episodes.parquet")
    assert table.schema.equals(EPISODE_SCHEMA)
    first, second = table.to_pylist()
    assert (first["outcome"], first["labels"]) == (None, 0)
    assert (second["outcome"], second["labels"]) == ("outcome_success", len(FULL))
    assert (second["scene"], second["objects"]) == ("kitchen", ["pot"])
    assert json.loads(second["provenance_json"])["approved_by"] == "ravi"


def test_the_manifest_covers_every_file(tmp_path: Path) -> None:
    record = write(tmp_path / "out", episode("b", *FULL))
    out = tmp_path / "out"
    assert list(problems(out)) == []
    assert json.loads((out / "schema.json").read_text()) == SCHEMA
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["format"] == {"id": "labels"}
    assert manifest["episodes"][0]["approved_by"] == "ravi"
    assert record.manifest_sha256 == sha256_of(out / "manifest.json")


def test_an_episode_without_labels_leaves_a_table_without_rows(tmp_path: Path) -> None:
    write(tmp_path / "out", episode("a"))
    table: pa.Table = pq.read_table(tmp_path / "out/labels.parquet")
    assert (table.num_rows, table.schema.equals(LABEL_SCHEMA)) == (0, True)


@pytest.mark.parametrize(
    ("episodes", "said"),
    [
        ((), "no approved episode"),
        ((episode("a"), episode("a")), "twice"),
        ((episode("a", label("instant", "sneeze", 1)),), "sneeze"),
    ],
)
def test_what_cannot_be_a_release(
    tmp_path: Path, episodes: tuple[ExportEpisode, ...], said: str
) -> None:
    with pytest.raises(ExportFailed, match=said):
        write(tmp_path / "out", *episodes)
    assert list(tmp_path.glob("*out*")) == []


def test_a_taken_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(ExportFailed, match="exists already"):
        write(tmp_path / "out", episode("a"))
