"""Labels that a LeRobot dataset carries in plain columns, or in the sidecar of our own releases.

| where | becomes |
|---|---|
| meta/annotations.jsonl | every label as it was released; the columns below are then its echo |
| `subtask_index`, meta/subtasks.parquet | a segment for every run of one subtask |
| `annotation.*` with codes in meta/annotation_classes.json | instants, or the outcome |
| other `annotation.*` | a segment for every run of one value that is not 0, false or empty |
| `next.success` | the outcome |
| `next.done` before the last row | an instant |
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from episodes.errors import DatasetBroken, PathOutsideDataset
from episodes.formats.lerobot_info import read_json
from episodes.formats.wire_labels import MAX_LABELS
from episodes.records import FoundLabel
from episodes.timebase import Rate

SUBTASK = "subtask_index"
CONTACT, OUTCOME = "annotation.contact", "annotation.outcome"
SUCCESS, DONE = "next.success", "next.done"
PREFIX = "annotation."
CLASSES_PATH = "meta/annotation_classes.json"
# Columns of other tools that number the texts of the table of tasks, as GR00T's datasets do.
TEXT_COLUMNS = ("task_description", "task_index", "instruction", "language_instruction")


def class_names(root: Path) -> dict[str, dict[int, str]]:
    """Code to class by column, out of meta/annotation_classes.json; empty when it says none."""
    try:
        codes = read_json(root, CLASSES_PATH).get("codes")
    except (DatasetBroken, PathOutsideDataset):
        return {}
    found: dict[str, dict[int, str]] = {}
    for column, named in (codes if isinstance(codes, dict) else {}).items():
        if isinstance(named, dict):
            found[column] = {n: text for text, n in named.items() if isinstance(n, int) and n}
    return found


def column_labels(
    rows: pa.Table,
    rate: Rate,
    *,
    subtasks: Mapping[int, str],
    tasks: Mapping[int, str],
    classes: Mapping[str, Mapping[int, str]],
) -> Iterator[FoundLabel]:
    """The found labels of one episode's rows, in frame order; see the table above."""
    names = rows.column_names
    if SUBTASK in names:
        for start, end, value in _runs(rows, SUBTASK):
            text = subtasks.get(value, "") if isinstance(value, int) else ""
            if text:
                yield _span(rate, "segment", "subtask", SUBTASK, start, end, text)
    for name in names:
        if name.startswith(PREFIX):
            yield from _annotated(rows, name, rate, classes.get(name), tasks)
    if SUCCESS in names and OUTCOME not in names:
        succeeded = any(rows[SUCCESS].to_pylist())
        yield FoundLabel("outcome", "success" if succeeded else "failure", SUCCESS)
    if DONE in names:
        first = next((start for start, _, value in _runs(rows, DONE) if value), rows.num_rows)
        if first < rows.num_rows - 1:
            yield FoundLabel("instant", "done", DONE, rate.time_ns(first))


def _annotated(
    rows: pa.Table,
    name: str,
    rate: Rate,
    classes: Mapping[int, str] | None,
    tasks: Mapping[int, str],
) -> Iterator[FoundLabel]:
    said = name.removeprefix(PREFIX)
    texts = tasks if name.endswith(TEXT_COLUMNS) else {}
    outcome = False
    for start, end, value in _runs(rows, name):
        if classes is None:
            text = texts.get(value, "") if isinstance(value, int) else ""
            if text or value:
                yield _span(rate, "segment", said, name, start, end, text or str(value))
        elif value not in classes:
            continue
        elif name == OUTCOME and not outcome:
            outcome = True
            yield FoundLabel("outcome", classes[value], name)
        elif name != OUTCOME:
            for frame in range(start, end):
                yield FoundLabel("instant", classes[value], name, rate.time_ns(frame))


def _span(
    rate: Rate, kind: str, name: str, origin: str, start: int, end: int, text: str
) -> FoundLabel:
    return FoundLabel(kind, name, origin, rate.time_ns(start), rate.time_ns(end), text)


def _runs(rows: pa.Table, name: str) -> Iterator[tuple[int, int, Any]]:
    """(start, end exclusive, value) of every run of one value; lists of one value are that."""
    values = [_plain(value) for value in rows[name].to_pylist()]
    start = 0
    for at in range(1, len(values) + 1):
        if at == len(values) or values[at] != values[start]:
            yield start, at, values[start]
            start = at


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return _plain(value[0]) if len(value) == 1 else tuple(map(_plain, value))
    return value


def bounded(labels: Sequence[FoundLabel]) -> tuple[FoundLabel, ...]:
    """No more labels than an episode may have."""
    return tuple(labels[:MAX_LABELS])
