"""Validation answers for any labels at all, in order, and its messages are whole."""

import json
import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.labels.findings import RULES_PATH, errors, seconds
from annotation.labels.language import vague_words
from annotation.labels.records import Kind, Label
from annotation.labels.schema import core_schema
from annotation.labels.validation import validate_save, validate_submit

SCHEMA = core_schema()
DURATION_NS = 1_000_000_000
CLASSES = [*SCHEMA.class_by_id, "teleport"]
TIMES = st.none() | st.integers(-2, 12).map(lambda tenth: tenth * 100_000_000)
VALUES = st.sampled_from(["drop", "regrasp", "", None, True, 3, 2.5])

LABELS = st.lists(
    st.builds(
        Label,
        id=st.integers(0, 5).map(lambda number: str(UUID(int=number))),
        kind=st.sampled_from(Kind),
        label_class=st.sampled_from(CLASSES),
        start_ns=TIMES,
        end_ns=TIMES,
        effector=st.sampled_from(["", "right", "tentacle"]),
        text=st.sampled_from(["", "do it", "lower the gripper", "x" * 501]),
        attributes=st.dictionaries(st.sampled_from(["mode", "strategy", "mood"]), VALUES),
    ),
    max_size=8,
)


@given(LABELS)
def test_any_labels_have_an_answer(labels: list[Label]) -> None:
    save = validate_save(labels, SCHEMA, DURATION_NS)
    submit = validate_submit(labels, SCHEMA, DURATION_NS)
    assert [finding for finding in submit if finding in save] == save
    assert errors(save) == save
    timed = [finding.at_ns for finding in submit if finding.at_ns is not None]
    assert timed == sorted(timed)
    assert all(finding.at_ns is None for finding in submit[len(timed) :])


@given(LABELS)
def test_the_order_of_labels_does_not_matter(labels: list[Label]) -> None:
    unique = list({label.id: label for label in labels}.values())
    forwards = validate_submit(unique, SCHEMA, DURATION_NS)
    assert validate_submit(unique[::-1], SCHEMA, DURATION_NS) == forwards


def test_messages_use_plain_placeholders() -> None:
    for rule in json.loads(RULES_PATH.read_text(encoding="utf-8"))["rules"]:
        assert not re.sub(r"\{[a-z]+\}", "", rule["message"]).count("{"), rule["code"]
        assert rule["message"].endswith("."), rule["code"]


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [
        (0, "0.000"),
        (499_999, "0.000"),
        (500_000, "0.001"),
        (1_679_500_000, "1.680"),
        (59_999_500_000, "60.000"),
        (-500_000, "0.000"),
        (-500_001, "-0.001"),
        (-1_500_500_000, "-1.500"),
        (2**63, "9223372036.855"),
    ],
)
def test_seconds(time_ns: int, text: str) -> None:
    assert seconds(time_ns) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("move the gripper above the block", []),
        ("DO THE THING", ["do", "thing"]),
        ("deal with this", ["deal with", "this"]),
        ("deal cards", []),
        ("it's stuck here", ["here"]),
        ("", []),
    ],
)
def test_vague_words(text: str, words: list[str]) -> None:
    assert vague_words(text) == words
