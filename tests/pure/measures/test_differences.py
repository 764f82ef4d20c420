"""The list of differences a reviewer reads."""

from typing import Any
from uuid import UUID

import pytest

from annotation.labels.records import Kind, Label
from annotation.labels.schema import core_schema
from review.measures.differences import Difference, Side, differences

SCHEMA = core_schema()
MS = 1_000_000


def label(
    n: int,
    kind: Kind,
    class_: str,
    start: int | None = None,
    end: int | None = None,
    **more: Any,
) -> Label:
    more.setdefault("effector", "" if kind is Kind.OUTCOME else "right")
    return Label(str(UUID(int=n)), kind, class_, start, end, **more)


def instant(n: int, class_: str, at_ms: int, **more: Any) -> Label:
    return label(n, Kind.INSTANT, class_, at_ms * MS, **more)


def step(n: int, start_ms: int, end_ms: int, text: str, **more: Any) -> Label:
    return label(n, Kind.SEGMENT, "instruction", start_ms * MS, end_ms * MS, text=text, **more)


def between(a: list[Label], b: list[Label]) -> list[Difference]:
    return differences(Side("Ada", a), Side("Abe", b), SCHEMA)


def test_equal_sets_differ_in_nothing() -> None:
    both = [instant(1, "release", 500), step(2, 0, 900, "lift the block")]
    other = [instant(3, "release", 590), step(4, 100, 900, "Lift the block.")]
    assert between(both, both) == []
    assert between(both, other) == []


CASES: dict[str, tuple[list[Label], list[Label], int, str]] = {
    "instant_missing": (
        [instant(1, "release", 500)], [], 500,
        "Ada marks release (right) at 0.500 s, Abe does not.",
    ),
    "instant_class": (
        [instant(1, "release", 500)], [instant(2, "slip", 520)], 500,
        "Ada marks release (right) at 0.500 s, Abe slip (right) at 0.520 s.",
    ),
    "instant_effector": (
        [instant(1, "release", 500)], [instant(2, "release", 510, effector="left")], 500,
        "Release at 0.500 s: Ada says right, Abe left.",
    ),
    "instant_time": (
        [instant(1, "release", 500)], [instant(2, "release", 740)], 500,
        "Release (right) at 0.500 s of Ada: Abe marks it 240 ms later (tolerance 100 ms).",
    ),
    "segment_missing": (
        [step(1, 100, 500, "lift the block")], [], 100,
        (
            "Ada has instruction “lift the block” from 0.100 to 0.500 s, Abe has nothing that "
            "overlaps it by half."
        ),
    ),
    "segment_class": (
        [label(1, Kind.SPAN, "failure", 0, 900 * MS)],
        [label(2, Kind.SPAN, "recovery", 0, 900 * MS)], 0,
        "Ada has failure from 0.000 to 0.900 s, Abe recovery from 0.000 to 0.900 s.",
    ),
    "segment_effector": (
        [step(1, 0, 900, "lift")], [step(2, 0, 900, "lift", effector="left")], 0,
        "Instruction “lift” from 0.000 to 0.900 s: Ada says right, Abe left.",
    ),
    "segment_boundary": (
        [step(1, 0, 2_000, "lift")], [step(2, 0, 1_500, "lift")], 2_000,
        "Instruction ends at 2.000 s for Ada, at 1.500 s for Abe (tolerance 333 ms).",
    ),
    "segment_text": (
        [step(1, 0, 900, "lift the red block")], [step(2, 0, 900, "lift the block")], 0,
        "Text: Ada “lift the red block”, Abe “lift the block” (similarity 0.75).",
    ),
    "attribute_differs": (
        [label(1, Kind.SPAN, "failure", 0, 900 * MS, attributes={"mode": "drop"})],
        [label(2, Kind.SPAN, "failure", 0, 900 * MS, attributes={"mode": "slip"})], 0,
        "Failure at 0.000 s: failure mode drop for Ada, slip for Abe.",
    ),
    "outcome_differs": (
        [label(1, Kind.OUTCOME, "outcome_success")], [label(2, Kind.OUTCOME, "outcome_failure")], 0,
        "Outcome: Ada says success, Abe says failure.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", CASES)
def test_each_difference_is_named_once(code: str) -> None:
    a, b, at_ms, message = CASES[code]
    (found,) = between(a, b)
    assert found.code == code
    assert found.at_ns == (None if code == "outcome_differs" else at_ms * MS)
    assert found.message == message
    assert set(found.label_ids) == {item.id for item in (*a, *b)}


def test_marks_a_second_apart_are_two_events() -> None:
    found = between([instant(1, "release", 500)], [instant(2, "release", 1_501)])
    assert [item.code for item in found] == ["instant_missing", "instant_missing"]


def test_differences_come_in_time_order() -> None:
    found = between([instant(1, "release", 900), instant(2, "slip", 100)], [])
    assert [item.at_ns for item in found] == [100 * MS, 900 * MS]


def test_every_label_of_a_set_compared_with_nothing_is_reported_once() -> None:
    mine = [
        instant(1, "release", 500),
        step(2, 0, 400, "lift"),
        label(3, Kind.OUTCOME, "outcome_success"),
    ]
    ids = [item for found in between(mine, []) for item in found.label_ids]
    assert sorted(ids) == sorted(item.id for item in mine)
