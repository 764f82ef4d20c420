"""A label schema: which classes exist and what a label of each must carry.

Stored and served as JSON; `taxonomy/core-1.json` is the one that comes with Touchline.
"""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from annotation.labels.records import Kind
from episodes.errors import TouchlineError

# What the label table's columns hold.
MAX_ID = 60

CORE_PATH = Path(__file__).parent / "taxonomy" / "core-1.json"


class SchemaMalformed(TouchlineError):
    """A label schema definition is wrong. ``field`` names where."""

    code = "schema_malformed"
    status = 400


class AttributeType(StrEnum):
    CHOICE = "choice"
    TEXT = "text"
    BOOL = "bool"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Effector:
    """A part of the robot that acts: an arm, a tool, a base."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a choice attribute; ``group`` is a heading in menus, "" for none."""

    id: str
    name: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Attribute:
    id: str
    name: str
    type: AttributeType
    choices: tuple[Choice, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class LabelClass:
    """A class of labels. ``tolerance_ns`` is how far apart two marks may lie and still agree.

    ``exclusive``: labels of the class do not overlap within one effector. ``follows``: the class
    of which a label must start no later than this one, "" for none. ``key`` drops the class in the
    editor (after the outcome key for outcomes), "" for none.
    """

    id: str
    kind: Kind
    name: str
    description: str = ""
    key: str = ""
    color: str = "#56606c"
    color_dark: str = "#a7b0bc"
    shape: str = "circle"
    requires_effector: bool = False
    requires_text: bool = False
    exclusive: bool = False
    tolerance_ns: int = 100_000_000
    attributes: tuple[Attribute, ...] = ()
    follows: str = ""


@dataclass(frozen=True, slots=True)
class SchemaRules:
    outcome_required: bool = True
    min_segment_ns: int = 100_000_000
    max_text_words: int = 12
    max_text_chars: int = 500
    max_labels: int = 5000


@dataclass(frozen=True)
class LabelSchema:
    """A versioned taxonomy. Ids are unique among classes (over all kinds) and among effectors."""

    name: str
    version: int
    title: str
    effectors: tuple[Effector, ...]
    classes: tuple[LabelClass, ...]
    rules: SchemaRules = field(default_factory=SchemaRules)

    @cached_property
    def class_by_id(self) -> dict[str, LabelClass]:
        return {item.id: item for item in self.classes}

    @cached_property
    def effector_by_id(self) -> dict[str, Effector]:
        return {item.id: item for item in self.effectors}

    def classes_of(self, kind: Kind) -> tuple[LabelClass, ...]:
        return tuple(item for item in self.classes if item.kind == kind)

    @classmethod
    def from_json(cls, value: object) -> "LabelSchema":
        """Parse a definition. Raises SchemaMalformed naming the field."""
        node = _Node(value, "schema")
        schema = cls(
            name=node.text("name"),
            version=node.integer("version"),
            title=node.text("title"),
            effectors=tuple(
                Effector(id=item.text("id"), name=item.text("name"))
                for item in node.items("effectors")
            ),
            classes=tuple(_class(item) for item in node.items("classes")),
            rules=_rules(node.child("rules")),
        )
        _check_unique("schema.effectors", [item.id for item in schema.effectors])
        _check_unique("schema.classes", [item.id for item in schema.classes])
        for name in (*schema.class_by_id, *schema.effector_by_id):
            if len(name) > MAX_ID:
                raise _malformed("schema", f"without ids longer than {MAX_ID} characters")
        for item in schema.classes:
            if item.follows and item.follows not in schema.class_by_id:
                raise _malformed(f"schema.classes.{item.id}.follows", "the id of a class")
        return schema

    def to_json(self) -> dict[str, Any]:
        """The definition as it is stored and served, every field present."""
        return {
            "name": self.name,
            "version": self.version,
            "title": self.title,
            "effectors": [asdict(item) for item in self.effectors],
            "classes": [_as_json(item) for item in self.classes],
            "rules": asdict(self.rules),
        }


def core_schema() -> LabelSchema:
    """The default taxonomy: twelve contact events, instructions, failures, recoveries, outcomes."""
    return LabelSchema.from_json(json.loads(CORE_PATH.read_text(encoding="utf-8")))


_Member = TypeVar("_Member", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class _Node:
    """An object of the definition and the path to it, so that an error can name the place."""

    value: object
    where: str

    def get(self, name: str, default: object = None) -> object:
        if not isinstance(self.value, dict):
            raise _malformed(self.where, "an object")
        return self.value.get(name, default)

    def text(self, name: str, default: str | None = None) -> str:
        value = self.get(name, default)
        if not isinstance(value, str) or (not value and default is None):
            raise _malformed(f"{self.where}.{name}", "a string")
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        value = self.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise _malformed(f"{self.where}.{name}", "a whole number, 0 or more")
        return value

    def boolean(self, name: str, default: bool) -> bool:
        value = self.get(name, default)
        if not isinstance(value, bool):
            raise _malformed(f"{self.where}.{name}", "true or false")
        return value

    def member(self, name: str, members: type[_Member]) -> _Member:
        value = self.get(name)
        for member in members:
            if member.value == value:
                return member
        raise _malformed(
            f"{self.where}.{name}", "one of " + ", ".join(member.value for member in members)
        )

    def items(self, name: str) -> list["_Node"]:
        value = self.get(name, [])
        if not isinstance(value, list):
            raise _malformed(f"{self.where}.{name}", "a list")
        return [_Node(item, f"{self.where}.{name}[{i}]") for i, item in enumerate(value)]

    def child(self, name: str) -> "_Node":
        return _Node(self.get(name, {}), f"{self.where}.{name}")


def _class(node: _Node) -> LabelClass:
    attributes = tuple(_attribute(item) for item in node.items("attributes"))
    _check_unique(f"{node.where}.attributes", [item.id for item in attributes])
    plain = LabelClass(id="", kind=Kind.INSTANT, name="")
    return LabelClass(
        id=node.text("id"),
        kind=node.member("kind", Kind),
        name=node.text("name"),
        description=node.text("description", ""),
        key=node.text("key", ""),
        color=node.text("color", plain.color),
        color_dark=node.text("color_dark", plain.color_dark),
        shape=node.text("shape", plain.shape),
        requires_effector=node.boolean("requires_effector", False),
        requires_text=node.boolean("requires_text", False),
        exclusive=node.boolean("exclusive", False),
        tolerance_ns=node.integer("tolerance_ns", plain.tolerance_ns),
        attributes=attributes,
        follows=node.text("follows", ""),
    )


def _attribute(node: _Node) -> Attribute:
    kind = node.member("type", AttributeType)
    choices = tuple(
        Choice(item.text("id"), item.text("name"), item.text("group", ""))
        for item in node.items("choices")
    )
    _check_unique(f"{node.where}.choices", [item.id for item in choices])
    if (kind is AttributeType.CHOICE) != bool(choices):
        raise _malformed(f"{node.where}.choices", "given for a choice attribute, and for no other")
    return Attribute(
        id=node.text("id"),
        name=node.text("name"),
        type=kind,
        choices=choices,
        required=node.boolean("required", False),
    )


def _rules(node: _Node) -> SchemaRules:
    plain = SchemaRules()
    return SchemaRules(
        outcome_required=node.boolean("outcome_required", plain.outcome_required),
        min_segment_ns=node.integer("min_segment_ns", plain.min_segment_ns),
        max_text_words=node.integer("max_text_words", plain.max_text_words),
        max_text_chars=node.integer("max_text_chars", plain.max_text_chars),
        max_labels=node.integer("max_labels", plain.max_labels),
    )


def _as_json(item: LabelClass) -> dict[str, Any]:
    return {
        **asdict(item),
        "kind": item.kind.value,
        "attributes": [
            {**asdict(attribute), "type": attribute.type.value, "choices": list(choices)}
            for attribute in item.attributes
            for choices in [[asdict(choice) for choice in attribute.choices]]
        ],
    }


def _check_unique(where: str, ids: list[str]) -> None:
    for position, value in enumerate(ids):
        if value in ids[:position]:
            raise _malformed(where, f"without repeats: {value} appears twice")


def _malformed(where: str, expected: str) -> SchemaMalformed:
    return SchemaMalformed(
        f"{where} must be {expected}.",
        remedy="Correct the schema definition and try again.",
        field=where,
    )
