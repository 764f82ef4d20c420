"""Labels of Touchline's own: what is one is taken whole, what is none is left out."""

import math
from typing import Any

import pytest

from episodes.formats.wire_labels import MAX_NS, wire_attributes, wire_label, wire_labels
from episodes.records import FoundLabel

SEGMENT: dict[str, Any] = {
    "id": "0b9d3f9e-7a51-4a3e-8d57-0d0a6e7a2b11",
    "kind": "segment",
    "label_class": "instruction",
    "start_ns": 0,
    "end_ns": 5,
    "text": "reach",
    "effector": "left",
    "attributes": {"goal": "lid", "tries": 2},
    "uncertainty_ns": 3,
}


def test_a_label_is_taken_whole() -> None:
    assert wire_label(SEGMENT, "here") == FoundLabel(
        "segment", "instruction", "here", 0, 5, "reach", "left", {"goal": "lid", "tries": 2}, 3
    )


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "wish"},
        {"label_class": ""},
        {"label_class": None},
        {"start_ns": -1},
        {"start_ns": 0.5},
        {"start_ns": True},
        {"start_ns": None},
        {"end_ns": 0},
        {"end_ns": None},
        {"end_ns": MAX_NS},
        {"kind": "outcome"},
        {"kind": "instant"},
    ],
)
def test_what_cannot_be_a_label_is_none(change: dict[str, Any]) -> None:
    assert wire_label({**SEGMENT, **change}, "here") is None


@pytest.mark.parametrize("kind", ["outcome", "tag"])
def test_what_is_said_of_the_whole_episode_has_no_times(kind: str) -> None:
    label = wire_label({**SEGMENT, "kind": kind, "start_ns": None, "end_ns": None}, "here")
    assert label is not None
    assert (label.kind, label.start_ns, label.end_ns) == (kind, None, None)


def test_attributes_are_single_values() -> None:
    raw = {"a": 1, "b": [1], "c": None, "d": math.nan, "e": True, "f": "\0x", "g": {"h": 1}}
    assert wire_attributes(raw) == {"a": 1, "e": True, "f": "x"}
    assert wire_attributes("no object") == {}


def test_a_list_keeps_what_is_a_label_and_something_else_is_no_list() -> None:
    assert wire_labels([SEGMENT, "no", 3], "here") == (wire_label(SEGMENT, "here"),)
    assert wire_labels({"a": 1}, "here") is None
