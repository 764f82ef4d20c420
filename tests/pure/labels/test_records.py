"""Parsing is strict and names the field."""

from typing import Any

import pytest

from annotation.labels.records import Label, LabelMalformed, parse_labels

GOOD: dict[str, Any] = {
    "id": "6c0c3a52-0f5e-4d0e-9d53-0b5d1f6f2b11",
    "kind": "instant",
    "label_class": "grasp_closed",
    "start_ns": 1_680_000_000,
    "end_ns": None,
}


def test_optional_fields_have_defaults() -> None:
    assert Label.from_json(GOOD).to_json() == {
        **GOOD,
        "effector": "",
        "text": "",
        "attributes": {},
        "uncertainty_ns": 0,
        "source": "human",
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": 7}, "id"),
        ({"id": "not-a-uuid"}, "id"),
        ({"id": GOOD["id"].upper()}, "id"),
        ({"kind": "moment"}, "kind"),
        ({"kind": None}, "kind"),
        ({"label_class": 3}, "label_class"),
        ({"start_ns": "12"}, "start_ns"),
        ({"start_ns": True}, "start_ns"),
        ({"start_ns": 1.5}, "start_ns"),
        ({"end_ns": []}, "end_ns"),
        ({"effector": None}, "effector"),
        ({"text": "a\x00b"}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"attributes": []}, "attributes"),
        ({"attributes": {"object": []}}, "attributes.object"),
        ({"attributes": {"object": float("nan")}}, "attributes.object"),
        ({"attributes": {"object": "\x00"}}, "attributes.object"),
        ({"uncertainty_ns": -1}, "uncertainty_ns"),
        ({"uncertainty_ns": 2**53}, "uncertainty_ns"),
        ({"source": "guess"}, "source"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(LabelMalformed) as caught:
        Label.from_json({**GOOD, **change}, where="put[3]")
    assert caught.value.fields["field"] == f"put[3].{field}"


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_field_is_named(name: str) -> None:
    with pytest.raises(LabelMalformed) as caught:
        Label.from_json({key: value for key, value in GOOD.items() if key != name})
    assert caught.value.fields["field"] == f"label.{name}"


@pytest.mark.parametrize("value", [None, {}, "labels", 3, [None], [[]]])
def test_a_list_of_labels_is_a_list_of_objects(value: object) -> None:
    with pytest.raises(LabelMalformed):
        parse_labels(value)


def test_fractional_times_are_kept_for_validation() -> None:
    parsed = parse_labels([GOOD, {**GOOD, "start_ns": 0.5, "end_ns": float("inf")}])
    assert parsed.fractional == {(1, "start"), (1, "end")}
    assert parsed.labels[1].start_ns is None
