"""The most exact acceptance policy holds."""

from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.acceptance import policy_for, task_policy_for


@dataclass(frozen=True)
class Row:
    task_id: int | None = None
    label_type: str = ""
    evaluation: bool = False


NEITHER, KIND, TASK, BOTH = Row(), Row(None, "instant"), Row(1), Row(1, "instant")
LADDER = (BOTH, TASK, KIND, NEITHER)


def test_each_rung_holds_when_the_ones_above_are_gone() -> None:
    for first in range(len(LADDER)):
        rows = LADDER[first:]
        found = policy_for(rows, task_id=1, label_type="instant", evaluation=False)
        assert found == LADDER[first]
    assert policy_for((), task_id=1, label_type="instant", evaluation=False) is None


@pytest.mark.parametrize(
    ("task_id", "label_type", "row"),
    [(2, "instant", KIND), (1, "segment", TASK), (2, "segment", NEITHER), (None, "", NEITHER)],
)
def test_rows_of_other_tasks_and_kinds_do_not_hold(
    task_id: int | None, label_type: str, row: Row
) -> None:
    found = policy_for(LADDER, task_id=task_id, label_type=label_type, evaluation=False)
    assert found == row


def test_evaluation_episodes_have_rows_of_their_own_and_fall_back_on_the_rest() -> None:
    strict = Row(evaluation=True)
    rows = (*LADDER, strict)
    assert policy_for(rows, task_id=1, label_type="instant", evaluation=True) == strict
    assert policy_for(rows, task_id=1, label_type="instant", evaluation=False) == BOTH
    assert policy_for(LADDER, task_id=1, label_type="instant", evaluation=True) == BOTH


ROWS = [
    Row(task, kind, evaluation)
    for task, kind, evaluation in product((None, 1, 2), ("", "instant", "segment"), (False, True))
]


@given(
    st.lists(st.sampled_from(ROWS), unique=True),
    st.sampled_from([None, 1, 2, 3]),
    st.sampled_from(["", "instant", "segment", "span"]),
    st.booleans(),
)
def test_order_does_not_matter_and_what_is_found_fits(
    rows: list[Row], task_id: int | None, label_type: str, evaluation: bool
) -> None:
    asked = {"task_id": task_id, "label_type": label_type, "evaluation": evaluation}
    found = policy_for(rows, **asked)  # type: ignore[arg-type]
    assert found == policy_for(reversed(rows), **asked)  # type: ignore[arg-type]
    if found is not None:
        assert found.task_id in (None, task_id)
        assert found.label_type in ("", label_type)
        assert evaluation or not found.evaluation
    else:
        assert Row() not in rows


def test_a_task_has_its_own_row_or_none() -> None:
    rows = [Row(1), Row(2)]
    assert task_policy_for(rows, 2) == Row(2)  # type: ignore[type-var]
    assert task_policy_for(rows, None) is None  # type: ignore[type-var]
