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

from episodes.formats.label_rows import check_classes, placed_labels
from episodes.records import Json

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
    check_classes(labels, schema)
    contacts, outcomes = class_codes(schema, "instant"), class_codes(schema, "outcome")
    contact = np.zeros(frames, dtype=np.int64)
    placed = list(placed_labels(labels, times_ns, end_ns))
    hidden, outcome = 0, ""
    for label in placed:
        if label["kind"] == "outcome":
            outcome = label["label_class"]
        elif label["kind"] == "instant":
            row = label["start_frame"]
            hidden += int(contact[row] != 0)
            contact[row] = contact[row] or contacts[label["label_class"]]
    success = np.zeros(frames, dtype=bool)
    success[-1] = outcome == SUCCESS_CLASS
    columns = {
        SUBTASK: _subtask_index(placed, schema, frames, subtasks),
        CONTACT: contact,
        OUTCOME: np.full(frames, outcomes[outcome] if outcome else 0, dtype=np.int64),
        SUCCESS: success,
    }
    return ClassicColumns(columns, tuple(placed), outcome, hidden)


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
