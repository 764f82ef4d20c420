"""Two versions of a schema: what is different, and labels that go along without losing anything."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.labels.records import Kind, Label
from annotation.labels.schema import (
    Attribute,
    AttributeType,
    Choice,
    LabelClass,
    LabelSchema,
    core_schema,
)
from annotation.labels.schema_diff import KEEP, migrated, schema_diff, targets_of, unmapped
from annotation.labels.validation import validate_save

CORE = core_schema()
DURATION_NS = 10_000_000_000


def without(*ids: str) -> LabelSchema:
    return replace(
        CORE, version=3, classes=tuple(item for item in CORE.classes if item.id not in ids)
    )


def changed(name: str, /, **fields: object) -> LabelSchema:
    classes = tuple(
        replace(item, **fields) if item.id == name else item  # type: ignore[arg-type]
        for item in CORE.classes
    )
    return replace(CORE, version=3, classes=classes)


def a_label(number: int, item: LabelClass, start: int, length: int) -> Label:
    timeless = item.kind in (Kind.OUTCOME, Kind.TAG)
    return Label(
        id=str(UUID(int=number)),
        kind=item.kind,
        label_class=item.id,
        start_ns=None if timeless else start,
        end_ns=start + length if item.kind in (Kind.SEGMENT, Kind.SPAN) else None,
        effector="right" if item.requires_effector else "",
        text="lift the cup" if item.requires_text else "",
    )


labels = st.lists(
    st.tuples(
        st.sampled_from(CORE.classes),
        st.integers(0, DURATION_NS // 2),
        st.integers(200_000_000, DURATION_NS // 2),
    ),
    max_size=12,
).map(lambda rows: tuple(a_label(number, *row) for number, row in enumerate(rows, 1)))
somes = st.sets(st.sampled_from(CORE.classes).map(lambda item: item.id), max_size=20)


def test_what_is_different_is_said() -> None:
    new = changed("grasp_closed", name="Closed", requires_text=True, tolerance_ns=40_000_000)
    plain = LabelClass(id="pour", kind=Kind.SPAN, name="Pour")
    new = replace(new, classes=(*(c for c in new.classes if c.id != "slip"), plain))
    diff = schema_diff(CORE, new)
    assert [item.id for item in diff.added] == ["pour"]
    assert [item.id for item in diff.removed] == ["slip"]
    assert [(before.name, after.name) for before, after in diff.renamed] == [
        (CORE.class_by_id["grasp_closed"].name, "Closed")
    ]
    (change,) = diff.changed
    assert change.says[0] == "now needs a text"
    assert change.says[1].startswith("has a tolerance of 40 ms, was ")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ((), (Attribute("why", "Why", AttributeType.TEXT, required=True),),
         "has the new field Why, required"),
        ((Attribute("why", "Why", AttributeType.TEXT),), (), "has lost the field Why"),
        ((Attribute("why", "Why", AttributeType.TEXT),),
         (Attribute("why", "Why", AttributeType.TEXT, required=True),),
         "now needs the field Why"),
        ((Attribute("why", "Why", AttributeType.CHOICE, (Choice("a", "A"), Choice("b", "B"))),),
         (Attribute("why", "Why", AttributeType.CHOICE, (Choice("b", "B"),)),),
         "field Why has lost a"),
    ],
)  # fmt: skip
def test_fields_are_compared(
    before: tuple[Attribute, ...], after: tuple[Attribute, ...], says: str
) -> None:
    diff = schema_diff(changed("slip", attributes=before), changed("slip", attributes=after))
    assert diff.changed[0].says == (says,)


def test_the_same_is_no_difference() -> None:
    assert schema_diff(CORE, replace(CORE, version=9)).empty


@given(somes)
def test_a_difference_read_backwards_is_its_mirror(ids: set[str]) -> None:
    there, back = schema_diff(CORE, without(*ids)), schema_diff(without(*ids), CORE)
    assert {item.id for item in there.removed} == ids == {item.id for item in back.added}
    assert not there.added
    assert not back.removed


@given(labels)
def test_labels_that_have_their_classes_go_along_as_they_are(before: tuple[Label, ...]) -> None:
    assert migrated(before, replace(CORE, version=3), {}) == before


@given(labels, somes, st.data())
def test_all_or_nothing_goes_along_and_keeps_the_rules(
    before: tuple[Label, ...], ids: set[str], data: st.DataObject
) -> None:
    new = without(*ids)
    mapping = {}
    for name in ids:
        fits = [KEEP, *(item.id for item in targets_of(CORE.class_by_id[name], new))]
        mapping[name] = data.draw(st.sampled_from(fits))
    after = migrated(before, new, mapping)
    used = {label.label_class for label in before}
    assert unmapped(used, CORE, new, mapping) == []
    if after is None:
        assert any(mapping.get(name, name) == KEEP for name in used)
        return
    assert len(after) == len(before)
    for one, other in zip(before, after, strict=True):
        assert other.label_class == mapping.get(one.label_class, one.label_class)
        assert replace(other, label_class=one.label_class) == one
    if not validate_save(before, CORE, DURATION_NS):
        codes = {finding.code for finding in validate_save(after, new, DURATION_NS)}
        assert "label_unknown_class" not in codes


@given(labels, somes)
def test_what_is_not_decided_is_named_and_keeps_the_set(
    before: tuple[Label, ...], ids: set[str]
) -> None:
    used = {label.label_class for label in before}
    assert unmapped(used, CORE, without(*ids), {}) == sorted(used & ids)
    assert (migrated(before, without(*ids), {}) is None) == bool(used & ids)


def test_a_class_of_another_kind_is_no_target() -> None:
    slip = a_label(1, CORE.class_by_id["slip"], 0, 0)
    assert migrated([slip], without("slip"), {"slip": "failure"}) is None
    assert "failure" not in [one.id for one in targets_of(CORE.class_by_id["slip"], CORE)]
    assert unmapped(["slip"], CORE, changed("slip", kind=Kind.SPAN), {}) == ["slip"]


@pytest.mark.parametrize(
    ("fields", "attributes"),
    [({"effector": "left"}, {}), ({}, {"object": "cup"})],
)
def test_a_value_without_a_place_keeps_the_set(
    fields: dict[str, str], attributes: dict[str, str]
) -> None:
    label = replace(
        a_label(1, CORE.class_by_id["slip"], 0, 0),
        attributes=attributes,
        **fields,  # type: ignore[arg-type]
    )
    new = changed("slip", attributes=())
    new = replace(new, effectors=tuple(one for one in new.effectors if one.id != "left"))
    assert migrated([label], CORE, {}) == (label,)
    assert migrated([label], new, {}) is None
