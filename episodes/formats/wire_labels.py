"""Labels as Touchline writes them, read again from a sidecar, an attribute, a topic or lines."""

import json
import math
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any

from episodes.records import FoundLabel, Notice

TIMELESS = ("outcome", "tag")
ENDED = ("segment", "span")
KINDS = ("instant", *ENDED, *TIMELESS)
MAX_LINE = 16 * 2**20
MAX_LABELS = 20_000
MAX_TEXT, MAX_ATTRIBUTES = 10_000, 200
# ns stay exact in a browser's number.
MAX_NS = 2**53


def wire_label(raw: Any, origin: str) -> FoundLabel | None:
    """A label of ours; None for what is none: its kind, class or times are not a label's."""
    if not isinstance(raw, Mapping) or raw.get("kind") not in KINDS:
        return None
    kind, label_class = str(raw["kind"]), raw.get("label_class")
    start, end = _time(raw.get("start_ns")), _time(raw.get("end_ns"))
    if not isinstance(label_class, str) or not label_class:
        return None
    if (kind not in TIMELESS) != (start is not None) or (kind in ENDED) != (end is not None):
        return None
    if start is not None and end is not None and end <= start:
        return None
    return FoundLabel(
        kind=kind,
        label_class=plain(label_class),
        origin=origin,
        start_ns=start,
        end_ns=end,
        text=plain(raw.get("text")),
        effector=plain(raw.get("effector")),
        attributes=wire_attributes(raw.get("attributes")),
        uncertainty_ns=_time(raw.get("uncertainty_ns")) or 0,
    )


def wire_labels(listed: Any, origin: str) -> tuple[FoundLabel, ...] | None:
    """Every label of a list; None for what is no list."""
    if not isinstance(listed, list):
        return None
    found = (wire_label(raw, origin) for raw in listed[:MAX_LABELS])
    return tuple(label for label in found if label is not None)


def wire_attributes(raw: Any) -> dict[str, str | bool | int | float]:
    """What a label says beside its time: single values under short names; others are left out."""
    if not isinstance(raw, Mapping):
        return {}
    found: dict[str, str | bool | int | float] = {}
    for name, value in raw.items():
        if isinstance(value, float) and not math.isfinite(value):
            continue
        if isinstance(value, str | bool | int | float) and len(found) < MAX_ATTRIBUTES:
            found[plain(name)[:120]] = plain(value) if isinstance(value, str) else value
    return found


def plain(value: Any) -> str:
    """The text without what no database keeps, and no longer than a label's may be."""
    text = str(value or "")[:MAX_TEXT].replace("\0", "")
    return text.encode("utf-8", "replace").decode()


def _time(value: Any) -> int | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_NS
    return value if fits else None


class LabelLines:
    """A file with a label a line, as a labels-only release writes it, by the episode's key.

    Only where an episode's lines begin is in memory.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name
        self._places: dict[str, list[int]] = {}
        self._broken = at = 0
        with self._path.open("rb") as lines:
            while line := lines.readline(MAX_LINE):
                self._note(line, at)
                at += len(line)

    def _note(self, line: bytes, at: int) -> None:
        if not line.strip():
            return
        raw = _parsed(line)
        key = raw.get("episode_key") if isinstance(raw, Mapping) else None
        if isinstance(key, str) and wire_label(raw, self._name) is not None:
            self._places.setdefault(key, []).append(at)
        else:
            self._broken += 1

    @property
    def files(self) -> tuple[Path, ...]:
        return (self._path,)

    def notices(self, keys: Container[str]) -> Iterator[Notice]:
        """What of the file is not taken: lines that are no label, episodes that are not there."""
        remedy = f"Correct {self._name}: a line is a label with its episode_key."
        if self._broken:
            said = f"{self._broken:,} lines of {self._name} are no labels and are left out."
            yield Notice("labels_left_out", said, remedy)
        strange = [key for key in self._places if key not in keys]
        if strange:
            said = f"{self._name} has labels of {len(strange):,} episodes that are not listed"
            yield Notice("labels_left_out", f"{said}, “{strange[0][:100]}” the first.", remedy)

    def labels(self, key: str) -> tuple[FoundLabel, ...]:
        found = []
        with self._path.open("rb") as lines:
            for at in self._places.get(key, [])[:MAX_LABELS]:
                lines.seek(at)
                found.append(wire_label(_parsed(lines.readline(MAX_LINE)), self._name))
        return tuple(label for label in found if label is not None)


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
