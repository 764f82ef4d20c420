"""The default taxonomy is whole, and a wrong definition is refused by the name of its field."""

import json
from typing import Any

import pytest

from annotation.labels.records import Kind
from annotation.labels.schema import CORE_PATH, LabelSchema, SchemaMalformed, core_schema


def definition() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(CORE_PATH.read_text(encoding="utf-8"))
    return read


def test_core_counts() -> None:
    schema = core_schema()
    assert len(schema.classes_of(Kind.INSTANT)) == 12
    assert [item.id for item in schema.classes_of(Kind.SEGMENT)] == ["instruction"]
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
        keys = [c.key for c in core_schema().classes if (c.kind is Kind.OUTCOME) is outcome]
        assert len(set(keys)) == len(keys)


def test_json_round_trip() -> None:
    schema = core_schema()
    assert LabelSchema.from_json(json.loads(json.dumps(schema.to_json()))) == schema


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
