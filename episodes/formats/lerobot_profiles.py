"""The profiles of a LeRobot v3.0 release: which columns hold its labels.

| profile | subtasks | for |
|---|---|---|
| `classic` | `subtask_index` and meta/subtasks.parquet | LeRobot 0.4 and 0.5 |
| `language` | `language_persistent`, style ``subtask``; `language_events` | LeRobot 0.6 and later |

Both have the plain columns of lerobot_classic for contacts and the outcome, which no style of
LeRobot's stands for, and every label in full in the sidecar.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from episodes.export_records import ReleaseRecord
from episodes.formats import lerobot_classic as classic
from episodes.formats import lerobot_language as language
from episodes.formats.lerobot_files import write_index
from episodes.formats.lerobot_tables import SUBTASKS_PATH
from episodes.formats.manifest import write_json
from episodes.records import Json, Notice
from episodes.timebase import Rate, rate_times_ns

CLASSES_PATH = "meta/annotation_classes.json"
# Who says what the robot is doing: rows of LeRobot's own annotations have it too.
ROLE = "assistant"
INTERJECTION = "interjection"


@dataclass(frozen=True, slots=True, eq=False)
class MarkedRows:
    """The label columns of one episode, each (frames,), and its labels with their rows."""

    columns: Mapping[str, "pa.Array[Any]"]
    labels: tuple[Json, ...]
    outcome: str


class Profile(ABC):
    """Turns the labels of one episode after another into columns; one object a release."""

    name: str
    features: Mapping[str, Json]

    def __init__(self, release: ReleaseRecord) -> None:
        self.schema = release.schema
        self.subtasks = classic.Vocabulary()
        self.hidden = 0

    @abstractmethod
    def _columns(
        self, marked: classic.ClassicColumns, stamps: NDArray[np.float32]
    ) -> Mapping[str, "pa.Array[Any]"]: ...

    def marked(self, labels: Sequence[Json], stamps: NDArray[np.float32], rate: Rate) -> MarkedRows:
        """``stamps`` are the rows' own float32 time stamps. Raises ExportFailed."""
        frames = len(stamps)
        found = classic.classic_columns(
            labels, self.schema, rate_times_ns(frames, rate), rate.time_ns(frames), self.subtasks
        )
        self.hidden += found.hidden
        return MarkedRows(self._columns(found, stamps), found.labels, found.outcome)

    def _codes(self) -> dict[str, Any]:
        def codes(kind: str) -> dict[str, int]:
            return {"none": 0, **classic.class_codes(self.schema, kind)}

        return {classic.CONTACT: codes("instant"), classic.OUTCOME: codes("outcome")}

    def write_tables(self, root: Path) -> None:
        """What explains the columns, in meta/."""
        write_json(root / CLASSES_PATH, {"codes": self._codes(), "schema": self.schema})

    def notices(self) -> Iterator[Notice]:
        if self.hidden:
            text = f"{self.hidden} contacts share a frame with another; the sidecar has them all."
            yield Notice("contacts_share_a_frame", text)


class Classic(Profile):
    """Plain columns only, which LeRobot 0.4 loads."""

    name = "classic"
    features = classic.FEATURES

    def _columns(
        self, marked: classic.ClassicColumns, stamps: NDArray[np.float32]
    ) -> Mapping[str, "pa.Array[Any]"]:
        return {name: pa.array(values) for name, values in marked.columns.items()}

    def write_tables(self, root: Path) -> None:
        write_index(root / SUBTASKS_PATH, "subtask", self.subtasks.texts)
        described = {"column": classic.SUBTASK, "table": SUBTASKS_PATH, "unmarked": 0}
        classes = {"codes": self._codes(), "subtasks": described, "schema": self.schema}
        write_json(root / CLASSES_PATH, classes)


class Language(Profile):
    """Language columns, which LeRobot loads from 0.6 on."""

    name = "language"
    features = {
        **{name: f for name, f in classic.FEATURES.items() if name != classic.SUBTASK},
        **language.FEATURES,
    }

    def __init__(self, release: ReleaseRecord) -> None:
        super().__init__(release)
        self.open_ends = 0

    def _columns(
        self, marked: classic.ClassicColumns, stamps: NDArray[np.float32]
    ) -> Mapping[str, "pa.Array[Any]"]:
        plain = {n: pa.array(v) for n, v in marked.columns.items() if n != classic.SUBTASK}
        lasting = self._subtasks(marked.columns[classic.SUBTASK], stamps)
        return plain | {
            language.PERSISTENT: _column(language.PERSISTENT, [lasting] * len(stamps)),
            language.EVENTS: _column(language.EVENTS, _events(marked.labels, len(stamps))),
        }

    def _subtasks(
        self, numbers: NDArray[np.int64], stamps: NDArray[np.float32]
    ) -> list[dict[str, Any]]:
        """An entry where a subtask begins, at that row's own time stamp.

        Nothing ends a subtask but the next one: one that is followed by unmarked rows is counted.
        """
        starts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist()]
        texts = [self.subtasks.texts[numbers[start]] for start in starts]
        self.open_ends += sum(bool(a) and not b for a, b in pairwise(texts))
        return [
            _entry(text, "subtask", timestamp=float(stamps[start]))
            for start, text in zip(starts, texts, strict=True)
            if text
        ]

    def notices(self) -> Iterator[Notice]:
        yield from super().notices()
        if self.open_ends:
            text = (
                f"{self.open_ends} subtasks end before the next begins. LeRobot's language columns"
                " cannot say it: there each holds until the next; the sidecar has their ends."
            )
            yield Notice("subtasks_without_end", text)


def _events(labels: Sequence[Json], frames: int) -> list[list[dict[str, Any]]]:
    """Interjections on their rows: the one event of ours that LeRobot has a style for."""
    rows: list[list[dict[str, Any]]] = [[] for _ in range(frames)]
    for label in labels:
        if label["kind"] == "instant" and label["label_class"] == INTERJECTION and label["text"]:
            entry = {**_entry(label["text"], INTERJECTION), "role": "user"}
            rows[label["start_frame"]].append(entry)
    return rows


def _entry(content: str, style: str, **more: float) -> dict[str, Any]:
    entry = {"role": ROLE, "content": content, "style": style, "camera": None, "tool_calls": None}
    return entry | more


def _column(name: str, rows: list[list[dict[str, Any]]]) -> "pa.Array[Any]":
    """Built with JSON as the string it is stored as: Arrow makes no JSON out of objects."""
    exact = language.row_type(name)
    fields: Sequence[pa.Field[Any]] = list(exact.value_type)
    plain = pa.list_(
        pa.struct(
            [
                pa.field(f.name, pa.list_(pa.string())) if f.name == "tool_calls" else f
                for f in fields
            ]
        )
    )
    return pa.array(rows, plain).cast(exact)


PROFILES: Mapping[str, type[Profile]] = {"classic": Classic, "language": Language}
