"""A manager builds a label schema without writing JSON: drafts, classes, fields, effectors."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.errors import NotFound, RoleMissing, SchemaDraftStale
from annotation.labels.records import Kind
from annotation.labels.schema import AttributeType, Choice, Condition, LabelClass, core_schema
from annotation.labels.schema import LabelSchema as Definition
from annotation.models import LabelSchema, SchemaDraft
from annotation.services.schema_drafts import (
    begin_draft,
    change_draft,
    drop_draft,
    store_draft,
)
from tests.annotation.pages import queries, text
from tests.annotation.scene import Team

CORE = core_schema()


@pytest.fixture
def draft(team: Team) -> SchemaDraft:
    return begin_draft(actor=team.mei, definition=CORE)


@pytest.fixture
def mei(team: Team, as_user: Callable[[User], Client]) -> Client:
    return as_user(team.mei)


def page(name: str, draft: SchemaDraft, *more: str) -> str:
    return reverse(f"schema-draft{name}", args=[draft.pk, *more])


def now(draft: SchemaDraft) -> Definition:
    draft.refresh_from_db()
    return Definition.from_json(draft.definition)


def class_now(draft: SchemaDraft, class_id: str) -> LabelClass:
    return now(draft).class_by_id[class_id]


def no_rows(name: str) -> dict[str, Any]:
    return {f"{name}-TOTAL_FORMS": 0, f"{name}-INITIAL_FORMS": 0}


def rows(name: str, *given: dict[str, Any], there: int = 0) -> dict[str, Any]:
    body = {f"{name}-TOTAL_FORMS": len(given), f"{name}-INITIAL_FORMS": there}
    for number, row in enumerate(given):
        body |= {f"{name}-{number}-{key}": value for key, value in row.items()}
    return body


def class_body(draft: SchemaDraft, class_id: str, **changes: Any) -> dict[str, Any]:
    item = class_now(draft, class_id)
    body = {
        "name": item.name, "description": item.description, "key": item.key, "color": item.color,
        "color_dark": item.color_dark, "shape": item.shape, "follows": item.follows,
        "next": item.next, "level": item.level, "tolerance_ms": item.tolerance_ns / 1e6,
        "goals": item.goals.value, "version": draft.version,
    }  # fmt: skip
    for name in ("requires_effector", "requires_text", "exclusive"):
        if getattr(item, name):
            body[name] = "on"
    return body | changes


def field_body(draft: SchemaDraft, **more: Any) -> dict[str, Any]:
    draft.refresh_from_db()
    plain = {"per": "", "required": "never", "shown": "always", "version": draft.version}
    return plain | no_rows("choices") | more


class TestFromNothing:
    def test_a_schema_is_built_on_pages_alone(self, team: Team, mei: Client) -> None:
        mei.post(reverse("schema-new"), {"name": "kitchen", "title": "Kitchen work"})
        draft = SchemaDraft.objects.get()
        add = page("-class-add", draft)
        mei.post(add, {"new-name": "Pour", "new-kind": "segment"})
        mei.post(add, {"new-name": "Success", "new-kind": "outcome", "new-id": "done"})
        mei.post(
            page("-class", draft, "pour"),
            class_body(draft, "pour", exclusive="on", key="7", tolerance_ms=50, shape="bar"),
        )
        mei.post(
            page("-field-new", draft, "pour"),
            field_body(draft, name="Into", type="choice", required="always")
            | rows("choices", {"name": "Pan", "ORDER": 2}, {"name": "A cup", "ORDER": 1}),
        )
        mei.post(
            page("-field-new", draft, "pour"),
            field_body(draft, name="Amount", type="number", unit="ml", minimum=0, maximum=500)
            | {"shown": "when", "shown_when": ['into="a_cup"'], "id": "ml"},
        )
        said = text(mei.post(page("-store", draft), follow=True))
        assert "kitchen v1 is stored. Projects stay where they are." in said
        assert not SchemaDraft.objects.exists()
        stored = Definition.from_json(LabelSchema.objects.get(name="kitchen").definition)
        pour, done = stored.class_by_id["pour"], stored.class_by_id["done"]
        assert (pour.kind, pour.exclusive, pour.key, pour.tolerance_ns, pour.shape) == (
            Kind.SEGMENT, True, "7", 50_000_000, "bar",
        )  # fmt: skip
        assert done.kind == Kind.OUTCOME
        into, amount = pour.attributes
        assert (into.type, into.required) == (AttributeType.CHOICE, True)
        assert into.choices == (Choice("a_cup", "A cup"), Choice("pan", "Pan"))
        assert (amount.id, amount.minimum, amount.maximum, amount.unit) == ("ml", 0, 500, "ml")
        assert amount.shown_when == Condition("into", ("a_cup",))


class TestPages:
    def test_every_part_of_the_core_comes_back_as_it_went(
        self, draft: SchemaDraft, mei: Client
    ) -> None:
        """What a form shows and nobody touches changes nothing."""
        for item in CORE.classes:
            answer = mei.post(page("-class", draft, item.id), class_body(draft, item.id))
            assert answer.status_code == 302, (item.id, text(answer))
        assert now(draft) == CORE
        assert draft.version == 1

    def test_fields_with_conditions_and_choices_do_so_too(
        self, draft: SchemaDraft, mei: Client
    ) -> None:
        for item in CORE.classes:
            for attribute in item.attributes:
                url = page("-field", draft, item.id, attribute.id)
                forms = mei.get(url).context
                body = sent(forms["form"]) | sent_rows(forms["choices"])
                answer = mei.post(url, body)
                assert answer.status_code == 302, (item.id, attribute.id, text(answer))
        assert now(draft) == CORE

    def test_order_and_taking_out(self, draft: SchemaDraft, mei: Client) -> None:
        first, second = (one.id for one in CORE.classes_of(Kind.INSTANT)[:2])
        mei.post(page("-class-do", draft, second), {"action": "up"})
        assert [one.id for one in now(draft).classes_of(Kind.INSTANT)[:2]] == [second, first]
        said = text(mei.post(page("-class-do", draft, first), {"action": "remove"}, follow=True))
        assert "is taken out of the draft" in said
        assert first not in now(draft).class_by_id
        mei.post(page("-field-do", draft, second, "point"), {"action": "up"})
        assert [one.id for one in class_now(draft, second).attributes] == ["point", "object"]
        mei.post(page("-field-do", draft, second, "point"), {"action": "remove"})
        assert [one.id for one in class_now(draft, second).attributes] == ["object"]

    def test_effectors_and_rules(self, draft: SchemaDraft, mei: Client) -> None:
        body = sent(mei.get(page("", draft)).context["form"])
        body |= {"title": "Two hands", "max_text_words": 20, "verbs": "stir, whisk"}
        body |= rows(
            "effectors",
            {"name": "Left", "id": "left", "ORDER": 1},
            {"name": "Third hand", "id": "", "ORDER": 2},
            {"name": "Tool", "id": "tool", "ORDER": 3, "DELETE": "on"},
        )
        assert mei.post(page("", draft), body).status_code == 302
        changed = now(draft)
        assert [one.id for one in changed.effectors] == ["left", "third_hand"]
        assert (changed.title, changed.rules.max_text_words) == ("Two hands", 20)
        assert changed.rules.verbs == ("stir", "whisk")
        body = sent(mei.get(page("", draft)).context["form"]) | {"name": "hands"}
        mei.post(page("", draft), body | rows("effectors", {"name": "Left", "id": "left"}))
        assert (now(draft).name, now(draft).version) == ("hands", 1)

    def test_the_preview_is_live_and_keeps_nothing(self, draft: SchemaDraft, mei: Client) -> None:
        body = class_body(draft, "slip", name="Slid", color="#ffff00", key="1")
        shown = text(mei.post(page("-class-preview", draft, "slip"), body))
        assert "<span>Slid</span>" in shown
        assert 'fill="#ffff00"' in shown
        assert "has a contrast of 1.1 on light" in shown
        assert "have the same key, 1." in shown
        body = field_body(draft, name="How far", type="number", unit="mm")
        shown = text(mei.post(page("-field-preview", draft, "slip"), body))
        assert "How far" in shown
        assert now(draft) == CORE

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"name": ""}, "This field is required."),
            ({"color": "red"}, "Enter a valid value."),
            ({"tolerance_ms": -1}, "greater than or equal to 0"),
            ({"follows": "nothing_such"}, "is not one of the available choices"),
        ],
    )
    def test_errors_stand_beside_the_field(
        self, draft: SchemaDraft, mei: Client, changes: dict[str, Any], message: str
    ) -> None:
        known = _long_one() if "follows" in changes else "slip"
        answer = mei.post(page("-class", draft, known), class_body(draft, known, **changes))
        (name,) = changes
        assert answer.status_code == 400
        assert any(message in error for error in answer.context["form"].errors[name])
        assert now(draft) == CORE

    @pytest.mark.parametrize(
        ("more", "message"),
        [
            ({"type": "choice"}, "There is nothing to choose from."),
            (
                {"type": "number", "minimum": 5, "maximum": 1},
                "The greatest is less than the least.",
            ),
            ({"type": "text", "required": "when"}, "Tick the values."),
            ({"type": "text", "id": "object"}, "There is a field object already."),
            ({"type": "text", "id": "a b"}, "An id has letters, digits, - and _ only."),
        ],
    )
    def test_fields_say_what_is_wrong(
        self, draft: SchemaDraft, mei: Client, more: dict[str, Any], message: str
    ) -> None:
        body = field_body(draft, name="New", **more)
        answer = mei.post(page("-field-new", draft, "slip"), body)
        assert answer.status_code == 400
        assert message in text(answer)
        assert now(draft) == CORE

    def test_a_class_id_is_taken_once(self, draft: SchemaDraft, mei: Client) -> None:
        body = {"new-name": "Slip", "new-kind": "instant", "new-id": "slip"}
        answer = mei.post(page("-class-add", draft), body)
        assert answer.status_code == 400
        assert "There is a class slip already." in text(answer)

    def test_two_windows_do_not_overwrite_each_other(self, draft: SchemaDraft, mei: Client) -> None:
        opened = class_body(draft, "slip", name="Slid")
        mei.post(page("-class", draft, "slip"), class_body(draft, "slip", name="Slipped"))
        answer = mei.post(page("-class", draft, "slip"), opened)
        assert answer.status_code == 400
        assert "changed in another window" in text(answer)
        assert 'value="Slid"' in text(answer)
        assert class_now(draft, "slip").name == "Slipped"

    def test_a_number_that_was_taken_meanwhile(
        self, team: Team, draft: SchemaDraft, mei: Client
    ) -> None:
        assert "Store as core v3" in text(mei.get(page("", draft)))
        other = begin_draft(actor=team.mei, definition=CORE)
        store_draft(actor=team.mei, draft_id=other.pk, number=3)
        assert "Store as core v4" in text(mei.get(page("", draft)))

    def test_severe_findings_keep_it_a_draft(self, draft: SchemaDraft, mei: Client) -> None:
        mei.post(page("-class", draft, "slip"), class_body(draft, "slip", key="1"))
        said = text(mei.post(page("-store", draft), follow=True))
        assert "have the same key, 1." in said
        assert SchemaDraft.objects.filter(pk=draft.pk).exists()

    def test_the_page_asks_a_fixed_number_of_times(self, draft: SchemaDraft, mei: Client) -> None:
        mei.get(page("-class", draft, "slip"))
        with queries() as asked:
            mei.get(page("-class", draft, "slip"))
        assert len(asked) <= 7


class TestWhose:
    def test_a_draft_is_its_owners(
        self, team: Team, draft: SchemaDraft, person: Callable[..., User]
    ) -> None:
        nora = person("nora")
        other = type(team.project).objects.create(name="Elsewhere", schema=team.project.schema)
        other.memberships.create(user=nora, role="manager")
        for user in (nora, team.root, team.ada):
            with pytest.raises(NotFound):
                change_draft(actor=user, draft_id=draft.pk, change=lambda one: one)
            with pytest.raises(NotFound):
                store_draft(actor=user, draft_id=draft.pk)
            with pytest.raises(NotFound):
                drop_draft(actor=user, draft_id=draft.pk)
        drop_draft(actor=team.mei, draft_id=draft.pk)
        assert not SchemaDraft.objects.exists()

    def test_managers_only(self, team: Team, draft: SchemaDraft) -> None:
        for user in (team.ada, team.ravi, team.otto):
            with pytest.raises(RoleMissing):
                begin_draft(actor=user, definition=CORE)
        team.mei.memberships.all().delete()
        with pytest.raises(RoleMissing):
            change_draft(actor=team.mei, draft_id=draft.pk, change=lambda one: one)

    def test_a_stale_version_is_told(self, team: Team, draft: SchemaDraft) -> None:
        with pytest.raises(SchemaDraftStale):
            change_draft(actor=team.mei, draft_id=draft.pk, change=lambda one: one, version=7)

    def test_others_do_not_see_it(
        self, team: Team, draft: SchemaDraft, as_user: Callable[[User], Client]
    ) -> None:
        assert as_user(team.root).get(page("", draft)).status_code == 404
        assert as_user(team.ada).get(page("-json", draft)).status_code == 404


def sent(form: Any) -> dict[str, Any]:
    """What a browser sends of an untouched form."""
    body: dict[str, Any] = {}
    for field in form:
        value = field.value()
        if value is True:
            body[field.html_name] = "on"
        elif value is not None and value is not False:
            body[field.html_name] = value
    return body


def sent_rows(formset: Any) -> dict[str, Any]:
    body = sent(formset.management_form)
    for form in formset:
        body |= {name: value for name, value in sent(form).items() if not name.endswith("-DELETE")}
    return body


def _long_one() -> str:
    """A class that can come after another one."""
    return next(one.id for one in CORE.classes if one.kind == Kind.SPAN)


def test_json_in_the_draft_and_out(team: Team, draft: SchemaDraft, mei: Client) -> None:
    changed = {**draft.definition, "title": "Other"}
    answer = mei.post(page("-json", draft), {"text": json.dumps(changed), "version": 1})
    assert answer.status_code == 302
    assert now(draft).title == "Other"
