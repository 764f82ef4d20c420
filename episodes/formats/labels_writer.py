"""Labels without media: JSON Lines for people and scripts, Parquet for tables, keyed by episode.

| file | holds |
|---|---|
| labels.jsonl | every label in full, one line a label |
| labels.parquet | the same in typed columns; attributes as JSON text |
| episodes.parquet | one row an episode: what it is, where it was recorded, who labelled it |
| schema.json | the label schema they were made with |
| meta/annotations.jsonl, manifest.json | as in every release |
"""

import json
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from episodes.export_records import ExportEpisode, ExportRecord, ReleaseRecord
from episodes.formats.contract import Progress
from episodes.formats.manifest import write_json
from episodes.formats.release_files import each_once, release_folder
from episodes.formats.release_ledger import Ledger
from episodes.records import DatasetRecord, Json

FORMAT_ID = "labels"
LABELS_JSONL, LABELS_PARQUET = "labels.jsonl", "labels.parquet"
EPISODES_PARQUET, SCHEMA_JSON = "episodes.parquet", "schema.json"

LABEL_FIELDS: list["pa.Field[Any]"] = [
    pa.field("episode_key", pa.string(), nullable=False),
    pa.field("episode_index", pa.int64(), nullable=False),
    pa.field("label_id", pa.string(), nullable=False),
    pa.field("kind", pa.string(), nullable=False),
    pa.field("label_class", pa.string(), nullable=False),
    pa.field("effector", pa.string()),
    pa.field("start_ns", pa.int64()),
    pa.field("end_ns", pa.int64()),
    pa.field("start_frame", pa.int64()),
    pa.field("end_frame", pa.int64()),
    pa.field("uncertainty_ns", pa.int64()),
    pa.field("text", pa.string()),
    pa.field("attributes_json", pa.string()),
    pa.field("source", pa.string()),
]
LABEL_SCHEMA = pa.schema(LABEL_FIELDS)
EPISODE_FIELDS: list["pa.Field[Any]"] = [
    pa.field("episode_key", pa.string(), nullable=False),
    pa.field("episode_index", pa.int64(), nullable=False),
    pa.field("task", pa.string()),
    pa.field("frames", pa.int64(), nullable=False),
    pa.field("rate_num", pa.int64(), nullable=False),
    pa.field("rate_den", pa.int64(), nullable=False),
    pa.field("duration_ns", pa.int64(), nullable=False),
    pa.field("outcome", pa.string()),
    pa.field("labels", pa.int64(), nullable=False),
    pa.field("cameras", pa.list_(pa.string())),
    pa.field("scene", pa.string()),
    pa.field("objects", pa.list_(pa.string())),
    pa.field("operator", pa.string()),
    pa.field("session", pa.string()),
    pa.field("provenance_json", pa.string()),
]
EPISODE_SCHEMA = pa.schema(EPISODE_FIELDS)


class LabelsWriter:
    """``Writer`` of labels alone, for episodes of any format."""

    id = FORMAT_ID
    title = "Labels only (JSON Lines and Parquet)"

    def write(
        self,
        dataset: DatasetRecord,
        episodes: Iterable[ExportEpisode],
        out: Path,
        release: ReleaseRecord,
        *,
        total: int,
        progress: Progress | None = None,
    ) -> ExportRecord:
        """See ``Writer``. Raises ExportFailed."""
        with release_folder(out) as partial:
            ledger = Ledger(self.id, dataset, release)
            with _Tables(partial) as tables:
                every = each_once(episodes, release, total=total, progress=progress)
                for number, episode in enumerate(every):
                    tables.add(number, episode, ledger.note(episode))
            write_json(partial / SCHEMA_JSON, release.schema)
            return ledger.finish(partial, out)


class _Tables:
    """The three files of labels and episodes, open while episodes come in."""

    def __init__(self, root: Path) -> None:
        self._open = ExitStack()
        self._lines = self._open.enter_context((root / LABELS_JSONL).open("w", encoding="utf-8"))
        self._labels = self._open.enter_context(
            pq.ParquetWriter(root / LABELS_PARQUET, LABEL_SCHEMA)
        )
        self._episodes = self._open.enter_context(
            pq.ParquetWriter(root / EPISODES_PARQUET, EPISODE_SCHEMA)
        )

    def __enter__(self) -> "_Tables":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(self, number: int, episode: ExportEpisode, line: Json) -> None:
        labels = line["labels"]
        for label in labels:
            whole = {"episode_key": episode.key, "episode_index": number, **label}
            self._lines.write(json.dumps(whole, ensure_ascii=False) + "\n")
        if labels:
            rows = [_label_row(number, episode.key, label) for label in labels]
            self._labels.write_table(pa.Table.from_pylist(rows, LABEL_SCHEMA))
        row = _episode_row(number, episode, line)
        self._episodes.write_table(pa.Table.from_pylist([row], EPISODE_SCHEMA))


def _label_row(number: int, key: str, label: Json) -> dict[str, Any]:
    row = {name: label.get(name) for name in LABEL_SCHEMA.names}
    attributes = label.get("attributes") or {}
    return row | {
        "episode_key": key,
        "episode_index": number,
        "label_id": label["id"],
        "attributes_json": json.dumps(attributes, ensure_ascii=False, sort_keys=True),
    }


def _episode_row(number: int, episode: ExportEpisode, line: Json) -> dict[str, Any]:
    facts = episode.facts
    return {
        "episode_key": episode.key,
        "episode_index": number,
        "task": episode.task,
        "frames": episode.frames,
        "rate_num": episode.rate.num,
        "rate_den": episode.rate.den,
        "duration_ns": episode.duration_ns,
        "outcome": line["outcome"],
        "labels": len(line["labels"]),
        "cameras": [camera.camera for camera in episode.cameras],
        "scene": facts.scene,
        "objects": list(facts.objects),
        "operator": facts.operator,
        "session": facts.session,
        "provenance_json": json.dumps(episode.provenance, ensure_ascii=False, default=str),
    }
