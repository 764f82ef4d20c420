"""Keys, colours and shapes of a schema are checked before it is stored."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.labels.palette import SHAPES, contrast, schema_findings
from annotation.labels.schema import LabelSchema, core_schema

CORE = core_schema()
colours = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


def changed(name: str, **fields: str) -> LabelSchema:
    classes = (replace(one, **fields) if one.id == name else one for one in CORE.classes)  # type: ignore[arg-type]
    return replace(CORE, classes=tuple(classes))


@pytest.mark.parametrize("version", [1, 2])
def test_the_core_schema_is_sound(version: int) -> None:
    assert schema_findings(core_schema(version)) == []


def test_the_shapes_are_those_of_the_editor() -> None:
    source = Path("frontend/timeline/src/stage/shapes.ts").read_text(encoding="utf-8")
    table = source.partition("= {")[2].partition("};")[0]
    found = re.findall(r'(\w+):\s*("[^"]+")', table)
    assert {name: json.loads(path) for name, path in found} == SHAPES


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1.0)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


@given(colours, colours)
def test_contrast_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21.000001


@pytest.mark.parametrize(
    ("fields", "field", "says", "severe"),
    [
        ({"key": "2"}, "classes.slip.key", "grasp_closed, slip have the same key, 2.", True),
        ({"key": "n"}, "classes.slip.key", "N is one of the editor's own keys", True),
        ({"color": "#ffff00"}, "classes.slip.color", "a contrast of 1.1 on light", False),
        ({"color_dark": "#202020"}, "classes.slip.color_dark", "on dark; a mark needs 3", False),
        ({"color": "red"}, "classes.slip.color", "must be written as #rrggbb", True),
        ({"color": '#12345"'}, "classes.slip.color", "must be written as #rrggbb", True),
        ({"shape": "cat"}, "classes.slip.shape", "is not one of circle, square", True),
    ],
)
def test_what_is_wrong_names_its_place(
    fields: dict[str, str], field: str, says: str, severe: bool
) -> None:
    (finding,) = schema_findings(changed("slip", **fields))
    assert says in finding.says
    assert (finding.field, finding.severe) == (field, severe)


def test_outcomes_have_keys_of_their_own() -> None:
    assert CORE.class_by_id["outcome_success"].key == "s"
    assert schema_findings(changed("slip", key="s")) == []
    (finding,) = schema_findings(changed("outcome_partial", key="S"))
    assert finding.says == "outcome_success, outcome_partial have the same key, S."
