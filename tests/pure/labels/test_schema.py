"""The default taxonomy is whole, and a wrong definition is refused by the name of its field."""

import json
from typing import Any

import pytest

from annotation.labels.reading import SchemaMalformed
from annotation.labels.records import Kind
from annotation.labels.schema import (
    CORE_VERSION,
    Condition,
    LabelSchema,
    core_path,
    core_schema,
    holds,
)


def definition() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(core_path().read_text(encoding="utf-8"))
    return read


def test_core_counts() -> None:
    schema = core_schema()
    assert len(schema.classes_of(Kind.INSTANT)) == 12
    assert [item.id for item in schema.classes_of(Kind.SEGMENT)] == ["instruction", "phase"]
    assert [item.id for item in schema.classes_of(Kind.SPAN)] == ["failure", "recovery"]
    assert len(schema.classes_of(Kind.OUTCOME)) == 5
    mode = schema.class_by_id["failure"].attributes[0]
    assert len({choice.group for choice in mode.choices}) == 6


@pytest.mark.parametrize("kind", list(Kind))
def test_core_classes_of_a_kind_are_told_apart_without_colour(kind: Kind) -> None:
    shapes = [item.shape for item in core_schema().classes_of(kind)]
    assert len(set(shapes)) == len(shapes)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_core_colours_stand_out(theme: str) -> None:
    """WCAG 1.4.11 asks 3:1 for graphics; classes also serve as text, so 4.5:1."""
    for item in core_schema().classes:
        colour, ground = (
            (item.color, "#ffffff") if theme == "light" else (item.color_dark, "#14171c")
        )
        assert _contrast(colour, ground) >= 4.5, item.id


def test_core_keys_are_unique_within_their_mode() -> None:
    for outcome in (True, False):
        classes = [c for c in core_schema().classes if (c.kind is Kind.OUTCOME) is outcome]
        keys = [item.key for item in classes if item.key]
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("version", range(1, CORE_VERSION + 1))
def test_json_round_trip(version: int) -> None:
    schema = core_schema(version)
    assert LabelSchema.from_json(json.loads(json.dumps(schema.to_json()))) == schema


def test_the_first_version_is_written_as_it_was() -> None:
    """What is stored under it stays equal to it: fields that came later say nothing there."""
    newer = {"level", "next", "goals", "per", "unit", "minimum", "maximum", "required_when"}
    written = core_schema(1).to_json()
    classes = written["classes"]
    fields = {name for item in classes for name in item}
    fields |= {name for item in classes for attribute in item["attributes"] for name in attribute}
    assert not fields & newer
    assert set(written["rules"]) == set(json.loads(core_path(1).read_text())["rules"])


def test_the_second_version_keeps_every_class_of_the_first() -> None:
    first, second = core_schema(1), core_schema(2)
    assert set(first.class_by_id) < set(second.class_by_id)
    for item in first.classes:
        newer = second.class_by_id[item.id]
        assert (newer.kind, newer.key, newer.color) == (item.kind, item.key, item.color)
    assert len(second.classes_of(Kind.TAG)) == 8
    assert second.class_by_id["phase"].level > second.class_by_id["instruction"].level


@pytest.mark.parametrize(
    ("values", "said", "answer"),
    [
        ((), "drop", True),
        ((), "", False),
        ((), None, False),
        (("drop", "slip"), "slip", True),
        (("drop",), "slip", False),
        ((True,), 1, False),
        ((1,), True, False),
        ((1,), 1.0, True),
    ],
)
def test_a_condition_holds(values: tuple[Any, ...], said: Any, answer: bool) -> None:
    assert holds(Condition("mode", values), {"mode": said}) is answer


def test_an_attribute_for_each_camera_stands_under_its_name() -> None:
    grasp = core_schema().class_by_id["grasp_closed"]
    point = grasp.attribute_for("point.wrist.left")
    assert point is not None
    assert point.id == "point"
    assert grasp.attribute_for("point") is None
    assert grasp.attribute_for("object.left") is None


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("name",), "", "schema.name"),
        (("version",), -1, "schema.version"),
        (("classes",), {}, "schema.classes"),
        (("classes", 0, "kind"), "moment", "schema.classes[0].kind"),
        (("classes", 0, "id"), None, "schema.classes[0].id"),
        (("classes", 1, "id"), "first_contact", "schema.classes"),
        (("classes", 0, "requires_text"), "yes", "schema.classes[0].requires_text"),
        (("classes", 0, "follows"), "nothing", "schema.classes.first_contact.follows"),
        (("classes", 0, "attributes", 0, "type"), "colour", "schema.classes[0].attributes[0].type"),
        (
            ("classes", 0, "attributes", 0, "type"),
            "choice",
            "schema.classes[0].attributes[0].choices",
        ),
        (("classes", 0, "next"), "nothing", "schema.classes.first_contact.next"),
        (("classes", 0, "level"), -1, "schema.classes[0].level"),
        (("classes", 0, "goals"), "most", "schema.classes[0].goals"),
        (("classes", 0, "attributes", 0, "id"), "a.b", "schema.classes[0].attributes[0].id"),
        (("classes", 0, "attributes", 0, "per"), "arm", "schema.classes[0].attributes[0].per"),
        (
            ("classes", 0, "attributes", 0, "minimum"),
            "0",
            "schema.classes[0].attributes[0].minimum",
        ),
        (
            ("classes", 0, "attributes", 0, "required_when"),
            {"attribute": "object"},
            "schema.classes[0].attributes[0].required_when.attribute",
        ),
        (
            ("classes", 0, "attributes", 1, "shown_when"),
            {"attribute": "object", "values": "block"},
            "schema.classes[0].attributes[1].shown_when.values",
        ),
        (("rules", "verbs"), ["lift", ""], "schema.rules.verbs"),
        (("effectors", 0), "right", "schema.effectors[0]"),
        (("rules", "max_labels"), 1.5, "schema.rules.max_labels"),
    ],
)
def test_a_wrong_definition_names_the_field(
    path: tuple[str | int, ...], value: object, field: str
) -> None:
    wrong: Any = definition()
    node = wrong
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    with pytest.raises(SchemaMalformed) as caught:
        LabelSchema.from_json(wrong)
    assert caught.value.fields["field"] == field


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, WCAG 2."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
