"""The consensus of whole sets: what a quorum says, and what is only suggested. No database."""

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.labels.records import Kind, Label
from annotation.labels.schema import core_schema
from review.measures.consensus.whole import SetConsensus, on_a_mark, set_consensus
from review.measures.records import tolerances_of
from review.measures.refused import InputRefused

MS = 1_000_000
SCHEMA = core_schema()
TOLERANCES = tolerances_of(SCHEMA)


def made(
    kind: Kind, name: str, start: int | None = None, end: int | None = None, **more: Any
) -> Label:
    begin, until = (None if one is None else one * MS for one in (start, end))
    return Label(str(uuid.uuid4()), kind, name, begin, until, **more)


def grasp(at: int, **more: Any) -> Label:
    return made(Kind.INSTANT, "grasp_closed", at, effector="right", **more)


def step(start: int, end: int, text: str = "lift the block") -> Label:
    return made(Kind.SEGMENT, "instruction", start, end, text=text)


def outcome(name: str, **more: Any) -> Label:
    return made(Kind.OUTCOME, f"outcome_{name}", **more)


def tag(name: str) -> Label:
    return made(Kind.TAG, f"tag_{name}")


def join(*sets: list[Label], quorum: float = 0.6, **more: Any) -> SetConsensus:
    answers = dict(zip("ABCDE", sets, strict=False))
    return set_consensus(answers, SCHEMA, TOLERANCES, quorum=quorum, **more)


def sure(found: SetConsensus) -> list[tuple[str, int | None, int | None]]:
    return [
        (one.label.label_class, one.label.start_ns, one.label.end_ns)
        for one in found.agreed
        if one.sure
    ]


def test_times_are_medians_that_somebody_marked() -> None:
    found = join([grasp(1000)], [grasp(1020)], [grasp(1060)])
    assert sure(found) == [("grasp_closed", 1020 * MS, None)]
    of_two = join([grasp(1000)], [grasp(1040)])
    assert sure(of_two) == [("grasp_closed", 1000 * MS, None)]


@given(st.lists(st.integers(0, 10**10), min_size=1, max_size=7))
def test_a_median_on_a_mark_is_one_of_them_and_the_nearest(times: list[int]) -> None:
    chosen = on_a_mark(times)
    ordered = sorted(times)
    middle = (ordered[(len(times) - 1) // 2] + ordered[len(times) // 2]) // 2
    assert chosen in times
    assert all(abs(chosen - middle) <= abs(one - middle) for one in times)
    assert on_a_mark(times[::-1]) == chosen


def test_two_annotators_agree_on_what_both_say() -> None:
    ada = [grasp(1000), step(0, 2000), outcome("success"), tag("rare")]
    abe = [grasp(1500), step(0, 2000), outcome("failure")]
    found = join(ada, abe)
    assert sure(found) == [("instruction", 0, 2000 * MS)]
    left = {ada[0].id, ada[2].id, ada[3].id, abe[0].id, abe[2].id}
    assert set(found.left) == left


def test_what_misses_the_quorum_is_a_proposal_that_names_its_labels() -> None:
    ada = [grasp(1000), outcome("success"), tag("rare")]
    abe = [grasp(1500), outcome("failure")]
    found = join(ada, abe, suggest=True)
    assert not any(one.sure for one in found.agreed)
    assert {one.label.source for one in found.agreed} == {"proposal"}
    named = {one.label.label_class: one.sources for one in found.agreed}
    # Of a tie the first by name, and every mark that nobody else has.
    assert named["outcome_failure"] == (abe[1].id,)
    assert [one.label.start_ns for one in found.agreed if one.label.kind is Kind.INSTANT] == [
        1000 * MS,
        1500 * MS,
    ]


def test_a_model_of_the_annotators_weighs_the_outcome() -> None:
    ada, abe = [outcome("success")], [outcome("failure")]
    found = join(ada, abe, suggest=True, outcomes={"outcome_success": 0.93})
    assert [one.label.label_class for one in found.agreed] == ["outcome_success"]
    # Of what nobody says the model has no word.
    other = join(ada, abe, suggest=True, outcomes={"outcome_partial": 1.0})
    assert [one.label.label_class for one in other.agreed] == ["outcome_failure"]


def test_values_go_by_majority_and_a_tie_by_the_nearest_label() -> None:
    yes, no = {"goal.a": "met"}, {"goal.a": "not_met"}
    sets = [[outcome("success", attributes=one)] for one in (no, yes, yes)]
    (agreed,) = join(*sets).agreed
    assert agreed.label.attributes == yes
    (tied,) = join([grasp(1000, attributes={"object": "a"})], [grasp(1000, attributes={})]).agreed
    assert tied.label.attributes in ({"object": "a"}, {})


def test_an_empty_set_is_an_answer_against() -> None:
    full = [grasp(1000), step(0, 2000), outcome("success"), tag("rare")]
    assert sure(join(full, [])) == []
    again = [*full[:2], outcome("success"), tag("rare")]
    others = [Label(str(uuid.uuid4()), *_rest(one)) for one in again]
    assert len(sure(join(full, others, []))) == 4


def _rest(one: Label) -> tuple[Any, ...]:
    return one.kind, one.label_class, one.start_ns, one.end_ns, one.effector, one.text


def test_suggested_segments_do_not_lie_on_agreed_ones() -> None:
    ada, abe, bo = [step(0, 2000)], [step(0, 2000)], [step(1500, 4000, "carry the block")]
    found = join(ada, abe, bo, suggest=True)
    assert [one.label.text for one in found.agreed] == ["lift the block"]
    assert found.left == (bo[0].id,)


@pytest.mark.parametrize("sets", [[], [[]]])
def test_one_person_has_no_consensus(sets: list[list[Label]]) -> None:
    with pytest.raises(InputRefused, match="two annotators"):
        join(*sets)
