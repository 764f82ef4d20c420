"""Labels as the plain columns of the `classic` profile, which LeRobot 0.4 loads.

| column               | dtype | holds                                                             |
|----------------------|-------|-------------------------------------------------------------------|
| `subtask_index`      | int64 | row of meta/subtasks.parquet; 0 is "nothing marked"               |
| `annotation.contact` | int64 | code of the contact whose frame this is, else 0                   |
| `annotation.outcome` | int64 | code of the episode's outcome on every frame, 0 without one       |
| `next.success`       | bool  | true on the last frame of a success, as in LeRobot's environments |

meta/annotation_classes.json explains the codes. What a plain column cannot say (two contacts in one
frame, effectors, attributes, failures and recoveries) is in meta/annotations.jsonl in full.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodes.errors import ExportFailed
from episodes.records import Json
from episodes.timebase import nearest_frame

SUBTASK = "subtask_index"
CONTACT = "annotation.contact"
OUTCOME = "annotation.outcome"
SUCCESS = "next.success"
FEATURES: dict[str, dict[str, Any]] = {
    SUBTASK: {"dtype": "int64", "shape": [1], "names": None},
    CONTACT: {"dtype": "int64", "shape": [1], "names": None},
    OUTCOME: {"dtype": "int64", "shape": [1], "names": None},
    SUCCESS: {"dtype": "bool", "shape": [1], "names": None},
}
SUCCESS_CLASS = "outcome_success"
UNMARKED = ""
TOGETHER = " | "


@dataclass
class Vocabulary:
    """Texts numbered in order of first use."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers))

    @property
    def texts(self) -> list[str]:
        return list(self.numbers)


@dataclass(frozen=True, slots=True, eq=False)
class ClassicColumns:
    """The columns of one episode by name, each (frames,); labels with their frames; ``hidden``
    contacts that share a frame with another and are in the sidecar only."""

    columns: Mapping[str, NDArray[Any]]
    labels: tuple[Json, ...]
    outcome: str
    hidden: int


def class_codes(schema: Json, kind: str) -> dict[str, int]:
    """Class id to code, from 1 in the schema's order."""
    ids = [entry["id"] for entry in schema["classes"] if entry["kind"] == kind]
    return {class_id: code for code, class_id in enumerate(ids, start=1)}


def frame_span(times_ns: NDArray[np.int64], end_ns: int, label: Json) -> tuple[int, int]:
    """Rows [first, last) of a label on ``times_ns``; at least one row.

    Both ends go to the nearest row, so that segments which touch in time touch in rows; an end
    nearer to the episode's end ``end_ns`` than to the last row includes that row.
    """
    first = nearest_frame(times_ns, label["start_ns"])
    if label["end_ns"] is None:
        return first, first + 1
    edges = np.append(times_ns, end_ns)
    return first, max(first + 1, nearest_frame(edges, label["end_ns"]))


def classic_columns(
    labels: Sequence[Json],
    schema: Json,
    times_ns: NDArray[np.int64],
    end_ns: int,
    subtasks: Vocabulary,
) -> ClassicColumns:
    """One episode's labels on its rows.

    ``times_ns`` int64 (frames,) are the rows' times, ``end_ns`` the episode's end. Segments of
    several effectors on one row become one subtask, their texts joined in the schema's order.
    Raises ExportFailed for a label whose class the schema does not have.
    """
    frames = len(times_ns)
    _check_classes(labels, schema)
    contacts, outcomes = class_codes(schema, "instant"), class_codes(schema, "outcome")
    contact = np.zeros(frames, dtype=np.int64)
    placed: list[Json] = []
    hidden, outcome = 0, ""
    for label in sorted(labels, key=_order):
        if label["kind"] == "outcome":
            outcome = label["label_class"]
            placed.append(label)
            continue
        first, last = frame_span(times_ns, end_ns, label)
        placed.append({**label, "start_frame": first, "end_frame": last})
        if label["kind"] == "instant":
            hidden += int(contact[first] != 0)
            contact[first] = contact[first] or contacts[label["label_class"]]
    success = np.zeros(frames, dtype=bool)
    success[-1] = outcome == SUCCESS_CLASS
    columns = {
        SUBTASK: _subtask_index(placed, schema, frames, subtasks),
        CONTACT: contact,
        OUTCOME: np.full(frames, outcomes[outcome] if outcome else 0, dtype=np.int64),
        SUCCESS: success,
    }
    return ClassicColumns(columns, tuple(placed), outcome, hidden)


def _check_classes(labels: Sequence[Json], schema: Json) -> None:
    known = {(entry["kind"], entry["id"]) for entry in schema["classes"]}
    for label in labels:
        if (label["kind"], label["label_class"]) not in known:
            raise ExportFailed(
                f"The {label['kind']} class “{label['label_class']}” is not in the label schema"
                f" “{schema['name']}” version {schema['version']}.",
                remedy="Export with the schema version that the labels were made with.",
            )


def _order(label: Json) -> tuple[int, int, str]:
    start = label["start_ns"]
    return (1, 0, label["id"]) if start is None else (0, start, label["id"])


def _subtask_index(
    placed: Sequence[Json], schema: Json, frames: int, subtasks: Vocabulary
) -> NDArray[np.int64]:
    effectors = [entry["id"] for entry in schema.get("effectors", [])]
    tracks: dict[str, list[str]] = {}
    for label in placed:
        if label["kind"] == "segment":
            track = tracks.setdefault(label.get("effector", ""), [UNMARKED] * frames)
            span = slice(label["start_frame"], label["end_frame"])
            track[span] = [label.get("text", "")] * (span.stop - span.start)
    order = sorted(tracks, key=lambda e: effectors.index(e) if e in effectors else -1)
    subtasks.number(UNMARKED)
    numbers = np.zeros(frames, dtype=np.int64)
    for row in range(frames):
        texts = dict.fromkeys(tracks[e][row] for e in order if tracks[e][row])
        numbers[row] = subtasks.number(TOGETHER.join(texts))
    return numbers
