"""The language columns of LeRobot 0.6 and later, as types and as found labels.

``language_persistent`` repeats the episode's whole list on every row: each entry is in force from
its own ``timestamp`` until the next of its style. ``language_events`` has entries on the rows they
happen at. A time is the float32 of a row's ``timestamp``, compared exactly.
Source: huggingface/lerobot 7427f318 (2026-08-23), src/lerobot/datasets/language.py.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from episodes.formats.lerobot_columns import episode_batches
from episodes.records import EpisodeListing, FoundLabel, Notice
from episodes.timebase import Rate

PERSISTENT = "language_persistent"
EVENTS = "language_events"
LASTING_STYLES = ("subtask", "plan", "memory", "motion")
# Other wordings of the task: they hold for the whole episode, side by side.
WORDINGS = "task_aug"
TOOL_CALL = "tool_call"
MAX_ENTRIES = 20_000

FEATURES: dict[str, dict[str, Any]] = {
    name: {"dtype": "language", "shape": [1], "names": None} for name in (PERSISTENT, EVENTS)
}


def row_type(column: str) -> "pa.ListType[Any]":
    """The column's exact Arrow type. JSON is Arrow's own JSON type, stored as a string."""
    timestamp = [pa.field("timestamp", pa.float32(), nullable=False)]
    return pa.list_(
        pa.struct(
            [
                pa.field("role", pa.string(), nullable=False),
                pa.field("content", pa.string()),
                pa.field("style", pa.string()),
                *(timestamp if column == PERSISTENT else []),
                pa.field("camera", pa.string()),
                pa.field("tool_calls", pa.list_(pa.json_())),
            ]
        )
    )


class Labels:
    """Collects the found labels of one episode and what could not be placed."""

    def __init__(self, stamps: NDArray[np.floating[Any]], rate: Rate) -> None:
        self.frames = len(stamps)
        self.rate = rate
        self.stamps = stamps.astype(np.float32)
        self.found: list[FoundLabel] = []
        self.off = self.dropped = 0

    def frame(self, timestamp: float) -> int:
        """The row with exactly this time stamp; the nearest, and counted, when there is none."""
        value = np.float32(timestamp)
        exact = np.flatnonzero(self.stamps == value)
        if len(exact):
            return int(exact[0])
        self.off += 1
        return int(np.argmin(np.abs(self.stamps - value)))

    def persistent(self, entries: Iterable[Any]) -> None:
        by_style: dict[tuple[str, str], list[tuple[int, str]]] = {}
        for entry in entries:
            style, text = _style(entry), _text(entry)
            timestamp = entry.get("timestamp") if isinstance(entry, Mapping) else None
            if not style or not text or not isinstance(timestamp, float):
                self.dropped += 1
            elif style == WORDINGS or style not in LASTING_STYLES:
                self._add("span", style, PERSISTENT, 0, self.frames, text)
            else:
                key = (style, str(entry.get("role")))
                by_style.setdefault(key, []).append((self.frame(timestamp), text))
        for (style, _), marks in by_style.items():
            marks.sort(key=lambda mark: mark[0])
            ends = [frame for frame, _ in marks[1:]] + [self.frames]
            for (start, text), end in zip(marks, ends, strict=True):
                if end > start:
                    self._add("segment", style, PERSISTENT, start, end, text)

    def event(self, frame: int, entry: Any) -> None:
        text, style = _text(entry), _style(entry)
        if not text or not 0 <= frame < self.frames:
            self.dropped += 1
            return
        camera = entry.get("camera")
        said = {"camera": camera} if isinstance(camera, str) and camera else {}
        text = f"[{camera}] {text}" if said else text
        self._add("instant", style or TOOL_CALL, EVENTS, frame, None, text, said)

    def _add(
        self,
        kind: str,
        name: str,
        origin: str,
        start: int,
        end: int | None,
        text: str,
        said: Mapping[str, str] | None = None,
    ) -> None:
        if len(self.found) >= MAX_ENTRIES:
            self.dropped += 1
            return
        end_ns = None if end is None else self.rate.time_ns(end)
        at_ns = self.rate.time_ns(start)
        found = FoundLabel(kind, name, origin, at_ns, end_ns, text, attributes=dict(said or {}))
        self.found.append(found)

    def notices(self) -> Iterator[Notice]:
        if self.off:
            yield Notice(
                "language_off_frame",
                f"{self.off} language entries have a time that no row has; each is taken to the"
                " nearest row.",
                "Write times that are copied from the rows, not computed anew.",
            )
        if self.dropped:
            yield Notice(
                "language_dropped",
                f"{self.dropped} language entries are not read: they have no text, no time or no"
                f" row, or are beyond the {MAX_ENTRIES:,} that an episode may have.",
                "Annotate the dataset again.",
            )


def language_labels(
    path: Path,
    file: str,
    listing: EpisodeListing,
    columns: Sequence[str],
    stamps: NDArray[np.floating[Any]],
    rate: Rate,
) -> Labels:
    """Read the episode's language columns. ``stamps`` are its rows' time stamps in seconds."""
    labels = Labels(stamps, rate)
    wanted = [name for name in columns if name in FEATURES]
    seen = False
    for batch in episode_batches(path, file, listing, wanted) if wanted else ():
        if PERSISTENT in wanted and not seen:
            # The list is the same on every row; the first that is not empty says it all.
            entries = next((cell.as_py() for cell in batch[PERSISTENT] if cell.as_py()), None)
            seen = entries is not None
            labels.persistent(entries or ())
        if EVENTS in wanted:
            frames: list[Any] = batch["frame_index"].to_pylist()
            for frame, cell in zip(frames, batch[EVENTS], strict=True):
                for entry in cell.as_py() or ():
                    labels.event(frame, entry)
    return labels


def _style(entry: Any) -> str:
    return str(entry.get("style") or "") if isinstance(entry, Mapping) else ""


def _text(entry: Any) -> str:
    if not isinstance(entry, Mapping):
        return ""
    if entry.get("content"):
        return str(entry["content"])
    calls = entry.get("tool_calls")
    return json.dumps(calls, ensure_ascii=False, default=str) if calls else ""
