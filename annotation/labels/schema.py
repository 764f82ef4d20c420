"""A label schema: which classes exist and what a label of each must carry.

Stored and served as JSON; the newest of `taxonomy/core-*.json` comes with Touchline.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from annotation.labels.reading import Node, check_unique, malformed
from annotation.labels.records import AttributeValue, Kind

# What the label table's columns hold.
MAX_ID = 60

CORE_VERSION = 2
_TAXONOMY = Path(__file__).parent / "taxonomy"


class AttributeType(StrEnum):
    CHOICE = "choice"
    TEXT = "text"
    BOOL = "bool"
    NUMBER = "number"
    TIME = "time"
    POINT = "point"


class Per(StrEnum):
    """What an attribute has one value for each of; its values stand under ``<id>.<key>``."""

    LABEL = ""
    CAMERA = "camera"
    GOAL = "goal"


class Goals(StrEnum):
    """What an outcome says of the task's goals."""

    OPEN = ""
    ALL = "all"
    SOME = "some"
    NONE = "none"


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
class Condition:
    """Another attribute of the class has one of these values; any value when none are named."""

    attribute: str
    values: tuple[AttributeValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something that a label of the class says beside its time.

    A time is integer ns on the episode clock and lies within the label; a point is "x,y" in whole
    pixels of a camera's picture. ``minimum`` and ``maximum`` bound a number, both included. A
    required attribute must have a value when the set is handed in; ``required_when`` asks for one
    only when the condition holds. ``shown_when``: else it is neither offered nor asked for.
    """

    id: str
    name: str
    type: AttributeType
    choices: tuple[Choice, ...] = ()
    required: bool = False
    per: Per = Per.LABEL
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    required_when: Condition | None = None
    shown_when: Condition | None = None

    def shown(self, values: Mapping[str, AttributeValue]) -> bool:
        return self.shown_when is None or holds(self.shown_when, values)

    def asked(self, values: Mapping[str, AttributeValue]) -> bool:
        """Whether a label with these values needs one for this attribute."""
        wanted = self.required or (
            self.required_when is not None and holds(self.required_when, values)
        )
        return wanted and self.shown(values)


def holds(condition: Condition, values: Mapping[str, AttributeValue]) -> bool:
    value = values.get(condition.attribute)
    if value is None or value == "":
        return False
    # True equals 1 in Python and not in JSON.
    return not condition.values or any(
        value == one and isinstance(value, bool) == isinstance(one, bool)
        for one in condition.values
    )


@dataclass(frozen=True, slots=True)
class LabelClass:
    """A class of labels. ``tolerance_ns`` is how far apart two marks may lie and still agree.

    ``exclusive``: labels of the class do not overlap within one effector. ``follows``: the class
    of which a label must start no later than this one, "" for none. ``key`` drops the class in the
    editor (after the outcome key for outcomes), "" for none. ``level``: segments of a lower level
    lie inside one of the next higher. ``next``: the class that usually comes after, "" for none.
    ``goals``: what an outcome says of the task's goals.
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
    level: int = 0
    next: str = ""
    goals: Goals = Goals.OPEN

    def attribute_for(self, key: str) -> Attribute | None:
        """The attribute whose value stands under the key: its id, or id and what it is for."""
        own, dot, of = key.partition(".")
        for attribute in self.attributes:
            if attribute.id == (own if attribute.per else key):
                return attribute if not attribute.per or (dot and of) else None
        return None


@dataclass(frozen=True, slots=True)
class SchemaRules:
    """``language``: whose grammar the texts are checked by ("en"), "" for none. ``verbs``: known
    beside those of rules.json."""

    outcome_required: bool = True
    min_segment_ns: int = 100_000_000
    max_text_words: int = 12
    max_text_chars: int = 500
    max_labels: int = 5000
    language: str = ""
    verbs: tuple[str, ...] = ()


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
        node = Node(value, "schema")
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
        check_unique("schema.effectors", [item.id for item in schema.effectors])
        check_unique("schema.classes", [item.id for item in schema.classes])
        for name in (*schema.class_by_id, *schema.effector_by_id):
            if len(name) > MAX_ID:
                raise malformed("schema", f"without ids longer than {MAX_ID} characters")
        for item in schema.classes:
            for name, other in (("follows", item.follows), ("next", item.next)):
                if other and other not in schema.class_by_id:
                    raise malformed(f"schema.classes.{item.id}.{name}", "the id of a class")
        return schema

    def to_json(self) -> dict[str, Any]:
        """The definition as it is stored and served. Fields newer than the first version are left
        out where they say nothing, so that a definition without them stays what it was."""
        return {
            "name": self.name,
            "version": self.version,
            "title": self.title,
            "effectors": [asdict(item) for item in self.effectors],
            "classes": [_as_json(item) for item in self.classes],
            "rules": _without(
                {**asdict(self.rules), "verbs": list(self.rules.verbs)}, language="", verbs=[]
            ),
        }


def core_path(version: int = CORE_VERSION) -> Path:
    return _TAXONOMY / f"core-{version}.json"


def core_schema(version: int = CORE_VERSION) -> LabelSchema:
    """The default taxonomy: contact events, phases and instructions, failures, recoveries,
    outcomes, tags."""
    return LabelSchema.from_json(json.loads(core_path(version).read_text(encoding="utf-8")))


def _class(node: Node) -> LabelClass:
    attributes = _attributes(node)
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
        level=node.integer("level", 0),
        next=node.text("next", ""),
        goals=node.member("goals", Goals, ""),
    )


def _attributes(node: Node) -> tuple[Attribute, ...]:
    """In their order: a condition is about one that stands before, so none goes in a circle."""
    found: dict[str, Attribute] = {}
    for item in node.items("attributes"):
        attribute = _attribute(item, found)
        if attribute.id in found:
            raise malformed(
                f"{node.where}.attributes", f"without repeats: {attribute.id} appears twice"
            )
        found[attribute.id] = attribute
    return tuple(found.values())


def _condition(node: Node, name: str, before: Mapping[str, Attribute]) -> Condition | None:
    if node.get(name) is None:
        return None
    inner = node.child(name)
    attribute = before.get(inner.text("attribute"))
    if attribute is None or attribute.per:
        raise malformed(
            f"{inner.where}.attribute", "the id of an attribute of this class that stands before"
        )
    values = inner.get("values", [])
    known = {choice.id for choice in attribute.choices}
    if not isinstance(values, list) or not all(
        isinstance(one, str | bool | int | float) and (not known or one in known) for one in values
    ):
        raise malformed(f"{inner.where}.values", f"a list of values that {attribute.id} takes")
    return Condition(attribute.id, tuple(values))


def _attribute(node: Node, before: Mapping[str, Attribute]) -> Attribute:
    kind = node.member("type", AttributeType)
    choices = tuple(
        Choice(item.text("id"), item.text("name"), item.text("group", ""))
        for item in node.items("choices")
    )
    check_unique(f"{node.where}.choices", [item.id for item in choices])
    if (kind is AttributeType.CHOICE) != bool(choices):
        raise malformed(f"{node.where}.choices", "given for a choice attribute, and for no other")
    minimum, maximum = node.number("minimum"), node.number("maximum")
    if minimum is not None and maximum is not None and minimum > maximum:
        raise malformed(f"{node.where}.maximum", "no less than minimum")
    if "." in node.text("id"):
        raise malformed(f"{node.where}.id", "without a dot")
    return Attribute(
        id=node.text("id"),
        name=node.text("name"),
        type=kind,
        choices=choices,
        required=node.boolean("required", False),
        per=node.member("per", Per, ""),
        unit=node.text("unit", ""),
        minimum=minimum,
        maximum=maximum,
        required_when=_condition(node, "required_when", before),
        shown_when=_condition(node, "shown_when", before),
    )


def _rules(node: Node) -> SchemaRules:
    plain = SchemaRules()
    return SchemaRules(
        outcome_required=node.boolean("outcome_required", plain.outcome_required),
        min_segment_ns=node.integer("min_segment_ns", plain.min_segment_ns),
        max_text_words=node.integer("max_text_words", plain.max_text_words),
        max_text_chars=node.integer("max_text_chars", plain.max_text_chars),
        max_labels=node.integer("max_labels", plain.max_labels),
        language=node.text("language", plain.language),
        verbs=node.words("verbs"),
    )


def _as_json(item: LabelClass) -> dict[str, Any]:
    written = {
        **asdict(item),
        "kind": item.kind.value,
        "goals": item.goals.value,
        "attributes": [_attribute_json(attribute) for attribute in item.attributes],
    }
    return _without(written, level=0, next="", goals="")


def _attribute_json(attribute: Attribute) -> dict[str, Any]:
    written = {
        **asdict(attribute),
        "type": attribute.type.value,
        "per": attribute.per.value,
        "choices": [asdict(choice) for choice in attribute.choices],
        "required_when": _condition_json(attribute.required_when),
        "shown_when": _condition_json(attribute.shown_when),
    }
    return _without(
        written, per="", unit="", minimum=None, maximum=None, required_when=None, shown_when=None
    )


def _condition_json(condition: Condition | None) -> dict[str, Any] | None:
    if condition is None:
        return None
    return {"attribute": condition.attribute, "values": list(condition.values)}


def _without(written: dict[str, Any], **plain: object) -> dict[str, Any]:
    """What is written, less the fields that have these values."""
    return {
        name: value
        for name, value in written.items()
        if not (name in plain and value == plain[name])
    }
