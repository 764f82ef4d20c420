"""The label as a value, and its strict JSON form."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from episodes.errors import TouchlineError

# JSON numbers are doubles in the editor: beyond this an integer is no longer exact there.
MAX_EXACT = 2**53 - 1
# No attribute is prose; beyond this somebody is filling the disk.
MAX_ATTRIBUTE_CHARS = 10_000

AttributeValue = str | bool | int | float | None


class Kind(StrEnum):
    """What a label marks on the time axis."""

    INSTANT = "instant"
    SEGMENT = "segment"
    SPAN = "span"
    OUTCOME = "outcome"
    TAG = "tag"


# What is said of the whole episode.
TIMELESS = frozenset({Kind.OUTCOME, Kind.TAG})


class Source(StrEnum):
    """Who or what made a label."""

    HUMAN = "human"
    PROPOSAL = "proposal"
    PHYSICS = "physics"


class LabelMalformed(TouchlineError):
    """A label, or a list or diff of them, is not of the agreed shape. ``field`` names where."""

    code = "label_malformed"
    status = 400


@dataclass(frozen=True, slots=True)
class Label:
    """One statement about an episode.

    Times are integer ns on the episode clock, half-open ``[start_ns, end_ns)``. An instant has a
    start only, segments and spans have both, outcomes and tags have neither. ``uncertainty_ns`` is
    half a range: the time lies within plus or minus so much, 0 when unstated. ``id`` is a
    lower-case UUID, chosen by whoever made it.
    """

    id: str
    kind: Kind
    label_class: str
    start_ns: int | None
    end_ns: int | None
    effector: str = ""
    text: str = ""
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    uncertainty_ns: int = 0
    source: Source = Source.HUMAN

    @classmethod
    def from_json(cls, value: object, *, where: str = "label") -> "Label":
        """Parse one label. Raises LabelMalformed naming the field, a fraction of a ns included."""
        label, broken = _read(value, where)
        if broken:
            raise _malformed(f"{where}.{broken[0]}_ns", "a whole number of nanoseconds or null")
        return label

    def to_json(self) -> dict[str, Any]:
        """The wire form, every field present."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "label_class": self.label_class,
            "start_ns": self.start_ns,
            "end_ns": self.end_ns,
            "effector": self.effector,
            "text": self.text,
            "attributes": dict(self.attributes),
            "uncertainty_ns": self.uncertainty_ns,
            "source": self.source.value,
        }


@dataclass(frozen=True, slots=True)
class ParsedLabels:
    """Labels as read, with the times that were numbers but not whole ones.

    Such a time is None in the label; ``fractional`` holds (position in the list, "start" | "end"),
    so that validation can report it beside everything else.
    """

    labels: tuple[Label, ...]
    fractional: frozenset[tuple[int, str]]


def parse_labels(value: object, *, where: str = "labels") -> ParsedLabels:
    """Parse a JSON list of labels. Raises LabelMalformed naming the first wrong field."""
    if not isinstance(value, list):
        raise _malformed(where, "a list of labels")
    labels: list[Label] = []
    fractional: set[tuple[int, str]] = set()
    for position, item in enumerate(value):
        label, broken = _read(item, f"{where}[{position}]")
        labels.append(label)
        fractional.update((position, which) for which in broken)
    return ParsedLabels(tuple(labels), frozenset(fractional))


def ordered(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Labels in time order, outcomes (no time) first: a total order, so equal sets are equal."""
    return tuple(
        sorted(
            labels,
            key=lambda label: (
                -1 if label.start_ns is None else label.start_ns,
                -1 if label.end_ns is None else label.end_ns,
                label.id,
            ),
        )
    )


def labels_to_json(labels: Sequence[Label]) -> list[dict[str, Any]]:
    return [label.to_json() for label in labels]


_Choice = TypeVar("_Choice", bound=StrEnum)

_REQUIRED = ("id", "kind", "label_class", "start_ns", "end_ns")
_OPTIONAL = ("effector", "text", "attributes", "uncertainty_ns", "source")


def _read(value: object, where: str) -> tuple[Label, list[str]]:
    if not isinstance(value, dict):
        raise _malformed(where, "an object")
    for name in _REQUIRED:
        if name not in value:
            raise _malformed(f"{where}.{name}", "present")
    for name in value:
        if name not in _REQUIRED and name not in _OPTIONAL:
            raise _malformed(f"{where}.{name}", "absent: no such field is known")
    start_ns, start_broken = _time(value["start_ns"], f"{where}.start_ns")
    end_ns, end_broken = _time(value["end_ns"], f"{where}.end_ns")
    label = Label(
        id=read_id(value["id"], f"{where}.id"),
        kind=_choice(Kind, value["kind"], f"{where}.kind"),
        label_class=_string(value["label_class"], f"{where}.label_class"),
        start_ns=start_ns,
        end_ns=end_ns,
        effector=_string(value.get("effector", ""), f"{where}.effector"),
        text=_string(value.get("text", ""), f"{where}.text"),
        attributes=_attributes(value.get("attributes", {}), f"{where}.attributes"),
        uncertainty_ns=_uncertainty(value.get("uncertainty_ns", 0), f"{where}.uncertainty_ns"),
        source=_choice(Source, value.get("source", "human"), f"{where}.source"),
    )
    return label, ["start"] * start_broken + ["end"] * end_broken


def read_id(value: object, where: str) -> str:
    """A UUID in its canonical lower-case form. Raises LabelMalformed."""
    if isinstance(value, str):
        try:
            if str(UUID(value)) == value:
                return value
        except ValueError:
            pass
    raise _malformed(where, "a UUID in lower case")


def _time(value: object, where: str) -> tuple[int | None, bool]:
    if value is None:
        return None, False
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _malformed(where, "a whole number of nanoseconds or null")
    if isinstance(value, float):
        return None, True
    return value, False


def _uncertainty(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_EXACT:
        raise _malformed(where, "a whole number of nanoseconds, 0 or more")
    return value


def _choice(choices: type[_Choice], value: object, where: str) -> _Choice:
    if isinstance(value, str):
        for member in choices:
            if member.value == value:
                return member
    raise _malformed(where, "one of " + ", ".join(member.value for member in choices))


def _string(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise _malformed(where, "a string")
    # PostgreSQL stores neither NUL nor half of a surrogate pair.
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise _malformed(where, "a string of valid Unicode without NUL")
    return value


def _attributes(value: object, where: str) -> dict[str, AttributeValue]:
    if not isinstance(value, dict):
        raise _malformed(where, "an object")
    parsed: dict[str, AttributeValue] = {}
    for name, item in value.items():
        _string(name, where)
        if isinstance(item, str):
            _string(item, f"{where}.{name}")
            if len(item) > MAX_ATTRIBUTE_CHARS:
                raise _malformed(
                    f"{where}.{name}", f"at most {MAX_ATTRIBUTE_CHARS} characters long"
                )
        elif isinstance(item, float) and not math.isfinite(item):
            raise _malformed(f"{where}.{name}", "a finite number")
        elif item is not None and not isinstance(item, bool | int | float):
            raise _malformed(f"{where}.{name}", "a string, a number, true, false or null")
        parsed[name] = item
    return parsed


def _malformed(where: str, expected: str) -> LabelMalformed:
    return LabelMalformed(
        f"{where} must be {expected}.",
        remedy="Send labels as the API documentation describes them.",
        field=where,
    )
