"""A definition stays readable after each change, and what depends on a part is never left alone."""

from dataclasses import replace

import pytest

from annotation.labels.reading import SchemaMalformed
from annotation.labels.records import Kind
from annotation.labels.schema import (
    Attribute,
    AttributeType,
    Choice,
    Condition,
    LabelClass,
    LabelSchema,
    core_schema,
)
from annotation.labels.schema_edit import (
    DOWN,
    UP,
    drop_attribute,
    drop_class,
    id_for,
    move_attribute,
    move_class,
    put_attribute,
    put_class,
    require_plain_ids,
)

CORE = core_schema()
CUP = LabelClass(
    id="pour",
    kind=Kind.SEGMENT,
    name="Pour",
    attributes=(
        Attribute(
            "into", "into", AttributeType.CHOICE, (Choice("cup", "Cup"), Choice("pan", "Pan"))
        ),
        Attribute("spilt", "spilt", AttributeType.BOOL, shown_when=Condition("into", ("cup",))),
    ),
)


def read_again(schema: LabelSchema) -> LabelSchema:
    return LabelSchema.from_json(schema.to_json())


def names(item: LabelClass) -> list[str]:
    return [one.id for one in item.attributes]


class TestClasses:
    def test_a_new_one_comes_after_its_kind(self) -> None:
        changed = put_class(CORE, CUP)
        kinds = [one.kind for one in changed.classes]
        at = changed.classes.index(CUP)
        assert kinds[at - 1] == Kind.SEGMENT
        assert changed.classes_of(Kind.SEGMENT)[-1] == CUP
        assert read_again(changed) == changed

    def test_an_old_one_keeps_its_place(self) -> None:
        before = CORE.classes[2]
        changed = put_class(CORE, replace(before, name="Off the table"))
        assert [one.id for one in changed.classes] == [one.id for one in CORE.classes]
        assert changed.classes[2].name == "Off the table"

    @pytest.mark.parametrize("gone", [one.id for one in CORE.classes])
    def test_nothing_names_one_that_is_gone(self, gone: str) -> None:
        changed = read_again(drop_class(CORE, gone))
        assert gone not in changed.class_by_id
        assert all(gone not in (one.follows, one.next) for one in changed.classes)

    def test_one_moves_within_its_kind(self) -> None:
        first, second = (one.id for one in CORE.classes_of(Kind.OUTCOME)[:2])
        changed = move_class(CORE, second, UP)
        assert [one.id for one in changed.classes_of(Kind.OUTCOME)[:2]] == [second, first]
        assert [one.kind for one in changed.classes] == [one.kind for one in CORE.classes]
        assert move_class(changed, second, UP) == changed
        assert move_class(changed, second, DOWN) == CORE


class TestFields:
    def test_order_follows_what_they_depend_on(self) -> None:
        with pytest.raises(SchemaMalformed, match="spilt depends on the field into"):
            move_attribute(CUP, "spilt", UP)
        alone = put_attribute(CUP, replace(CUP.attributes[1], shown_when=None))
        assert names(move_attribute(alone, "spilt", UP)) == ["spilt", "into"]

    def test_what_others_depend_on_stays(self) -> None:
        with pytest.raises(SchemaMalformed, match="spilt depends on the field into"):
            drop_attribute(CUP, "into")
        assert names(drop_attribute(CUP, "spilt")) == ["into"]

    def test_so_do_choices_that_they_depend_on(self) -> None:
        into = replace(CUP.attributes[0], choices=(Choice("pan", "Pan"),))
        with pytest.raises(SchemaMalformed, match="into being cup, which is not among its choices"):
            put_attribute(CUP, into)

    def test_a_new_one_comes_last(self) -> None:
        more = Attribute("ml", "millilitres", AttributeType.NUMBER, minimum=0, maximum=500)
        changed = put_attribute(CUP, more)
        assert names(changed) == ["into", "spilt", "ml"]
        assert read_again(put_class(CORE, changed)).class_by_id["pour"] == changed


class TestIds:
    def test_they_resemble_the_name(self) -> None:
        assert id_for("Gripper öffnet – schnell", ()) == "gripper_offnet_schnell"

    def test_and_are_free(self) -> None:
        assert id_for("Slip", {"slip", "slip_2"}) == "slip_3"
        assert id_for("手", ()) == "item"

    def test_those_without_a_page_are_refused(self) -> None:
        odd = replace(CORE, classes=(replace(CORE.classes[0], id="a/b", next=""),))
        with pytest.raises(SchemaMalformed, match="The id a/b has other characters"):
            require_plain_ids(odd)
        require_plain_ids(CORE)
