"""Labels that a dataset brought along become proposals in the schema's words."""

from dataclasses import replace

import pytest

from annotation.labels.found import Found, proposals
from annotation.labels.records import AttributeValue, Kind, Source
from annotation.labels.schema import (
    Attribute,
    AttributeType,
    Choice,
    Effector,
    LabelSchema,
    core_schema,
)

EPISODE = "3f2b8c1e-0000-4000-8000-000000000001"
S = 1_000_000_000
SCHEMA = core_schema()


def made(*found: Found) -> list[tuple[str, str]]:
    return [(one.label_class, one.text) for one in proposals(found, SCHEMA, EPISODE, 10 * S)]


@pytest.mark.parametrize(
    "word", ["grasp_closed", "Grasp closed", "GRASP-CLOSED", " grasp  closed "]
)
def test_a_word_equal_to_a_class_is_that_class(word: str) -> None:
    assert made(Found(0, Kind.INSTANT, word, S, None)) == [("grasp_closed", "")]


def test_a_word_of_another_kind_is_not() -> None:
    assert made(Found(0, Kind.SPAN, "grasp_closed", S, 2 * S)) == []


@pytest.mark.parametrize(("text", "expected"), [("", "lift the lid"), ("lift it", "lift it")])
def test_a_segment_of_another_word_carries_it_as_its_text(text: str, expected: str) -> None:
    found = Found(0, Kind.SEGMENT, "lift the lid", 0, S, text)
    assert made(found) == [("instruction", expected)]


def test_an_outcome_has_no_time() -> None:
    (label,) = proposals([Found(0, Kind.OUTCOME, "Success", S, None)], named(), EPISODE, 10 * S)
    assert (label.label_class, label.start_ns, label.end_ns) == ("outcome_success", None, None)


def named() -> LabelSchema:
    """The core schema with an outcome called Success."""
    classes = [
        replace(one, name="Success") if one.id == "outcome_success" else one
        for one in SCHEMA.classes
    ]
    return replace(SCHEMA, classes=tuple(classes))


@pytest.mark.parametrize(
    ("start", "end"),
    [(None, S), (-1, S), (S, S), (2 * S, S), (9 * S, 11 * S), (11 * S, 12 * S), (S, None)],
)
def test_times_that_cannot_be_are_left_out(start: int | None, end: int | None) -> None:
    assert made(Found(0, Kind.SEGMENT, "lift", start, end)) == []


def test_proposals_come_in_time_order_and_keep_their_ids() -> None:
    found = [Found(0, Kind.SEGMENT, "late", 5 * S, 6 * S), Found(1, Kind.SEGMENT, "early", 0, S)]
    first = proposals(found, SCHEMA, EPISODE, 10 * S)
    assert [one.text for one in first] == ["early", "late"]
    assert {one.source for one in first} == {Source.PROPOSAL}
    assert proposals(reversed(found), SCHEMA, EPISODE, 10 * S) == first
    assert len({one.id for one in first}) == 2


def test_effector_and_uncertainty_are_kept_in_the_schemas_words() -> None:
    two = replace(SCHEMA, effectors=(Effector("l", "Left hand"), Effector("r", "Right hand")))
    said = [
        Found(0, Kind.INSTANT, "grasp_closed", S, None, effector=word, uncertainty_ns=40)
        for word in ("left-hand", "r", "third")
    ]
    labels = proposals(said, two, EPISODE, 10 * S)
    assert sorted(one.effector for one in labels) == ["", "l", "r"]
    assert {one.uncertainty_ns for one in labels} == {40}


def test_attributes_are_kept_as_far_as_the_class_has_them() -> None:
    attributes = (
        Attribute("grip", "Grip", AttributeType.CHOICE, (Choice("pinch", "Pinch"),)),
        Attribute("force", "Force", AttributeType.NUMBER, minimum=0, maximum=10),
        Attribute("firm", "Firm", AttributeType.BOOL),
        Attribute("seen", "Seen", AttributeType.TIME),
    )
    classes = [
        replace(one, attributes=attributes) if one.id == "failure" else one
        for one in SCHEMA.classes
    ]
    schema = replace(SCHEMA, classes=tuple(classes))
    good: dict[str, AttributeValue] = {"grip": "pinch", "force": 3, "firm": True, "seen": S}
    bad: dict[str, AttributeValue] = {
        "grip": "claw",
        "force": 11,
        "firm": 1,
        "seen": 5 * S,
        "mood": "good",
    }
    for said, kept in ((good, good), (bad, {})):
        found = Found(0, Kind.SPAN, "failure", S, 2 * S, attributes=said)
        assert dict(proposals([found], schema, EPISODE, 10 * S)[0].attributes) == kept


def test_a_tag_has_no_time() -> None:
    tags = [one for one in SCHEMA.classes if one.kind is Kind.TAG]
    for tag in tags[:1]:
        (label,) = proposals([Found(0, Kind.TAG, tag.name, None, None)], SCHEMA, EPISODE, S)
        assert (label.label_class, label.start_ns) == (tag.id, None)


def test_the_only_effector_is_filled_in() -> None:
    found = [Found(0, Kind.INSTANT, "grasp_closed", S, None)]
    assert proposals(found, SCHEMA, EPISODE, 10 * S)[0].effector == ""
    one_arm = replace(SCHEMA, effectors=(Effector("right", "Right"),))
    assert proposals(found, one_arm, EPISODE, 10 * S)[0].effector == "right"
