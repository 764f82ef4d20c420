"""Diffs lead from any label set to any other, and can be taken back."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.labels.diff import Diff, apply, diff_between, invert
from annotation.labels.records import Kind, Label, LabelMalformed, Source, ordered

# Few ids and times, so that sets often share labels.
IDS = st.integers(0, 7).map(lambda number: str(UUID(int=number)))
TIMES = st.none() | st.integers(0, 5)

LABELS = st.builds(
    Label,
    id=IDS,
    kind=st.sampled_from(Kind),
    label_class=st.sampled_from(["slip", "instruction"]),
    start_ns=TIMES,
    end_ns=TIMES,
    effector=st.sampled_from(["", "right"]),
    text=st.text(max_size=2),
    attributes=st.dictionaries(st.sampled_from(["mode", "object"]), st.text(max_size=1)),
    source=st.sampled_from(Source),
)
SETS = st.lists(LABELS, max_size=6, unique_by=lambda label: label.id).map(tuple)


@st.composite
def diffs(draw: st.DrawFn) -> Diff:
    put = draw(SETS)
    taken = {label.id for label in put}
    remove = draw(st.lists(IDS.filter(lambda one: one not in taken), unique=True, max_size=4))
    return Diff(put, tuple(remove))


@given(SETS, SETS)
def test_diff_between_leads_from_one_to_the_other(
    before: tuple[Label, ...], after: tuple[Label, ...]
) -> None:
    assert apply(before, diff_between(before, after)) == ordered(after)


@given(SETS)
def test_no_difference_is_an_empty_diff(labels: tuple[Label, ...]) -> None:
    assert not diff_between(labels, reversed(labels))


@given(SETS, diffs())
def test_invert_takes_a_diff_back(before: tuple[Label, ...], diff: Diff) -> None:
    assert apply(apply(before, diff), invert(diff, before)) == ordered(before)


@given(SETS, diffs())
def test_applying_twice_equals_once(before: tuple[Label, ...], diff: Diff) -> None:
    once = apply(before, diff)
    assert apply(once, diff) == once


@given(SETS)
def test_wire_form_loses_nothing(labels: tuple[Label, ...]) -> None:
    assert tuple(Label.from_json(label.to_json()) for label in labels if _storable(label)) == tuple(
        label for label in labels if _storable(label)
    )


def test_the_same_id_twice_is_not_guessed_at() -> None:
    label = Label(str(UUID(int=1)), Kind.INSTANT, "slip", 0, None)
    with pytest.raises(LabelMalformed, match="appears twice"):
        Diff((label, label))
    with pytest.raises(LabelMalformed, match="appears twice"):
        Diff((label,), (label.id,))


def _storable(label: Label) -> bool:
    texts = [label.text, *map(str, label.attributes.values())]
    return not any("\x00" in text for text in texts)
