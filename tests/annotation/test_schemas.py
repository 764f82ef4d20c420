"""Label schemas: versions that never change in use, and projects that move to one explicitly."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.errors import (
    NotFound,
    RoleMissing,
    SchemaInUse,
    SchemaVersionTaken,
    StaleProject,
)
from annotation.labels.reading import SchemaMalformed
from annotation.labels.schema import LabelSchema as Definition
from annotation.labels.schema import core_schema
from annotation.models import (
    AnnotationSet,
    Assignment,
    AuditEntry,
    LabelSchema,
    SchemaDraft,
    SetRevision,
)
from annotation.selectors.labels import labels_of
from annotation.services.schema_drafts import begin_draft
from annotation.services.schemas import delete_schema, move_project, store_schema
from tests.annotation.pages import queries, text
from tests.annotation.scene import Team, claimed, draft_of, grasp, label, save

CORE = core_schema()
Page = Callable[..., Any]


def without(*ids: str, version: int = 3) -> Definition:
    kept = tuple(one for one in CORE.classes if one.id not in ids)
    kept = tuple(
        replace(one, next="" if one.next in ids else one.next,
                follows="" if one.follows in ids else one.follows)
        for one in kept
    )  # fmt: skip
    return replace(CORE, version=version, classes=kept)


def slip() -> dict[str, object]:
    return label("instant", "slip", start_ns=1_000_000_000, effector="right")


def lapsed_draft(team: Team, user: User, *labels: dict[str, Any]) -> AnnotationSet:
    """A draft that nobody is at work on now."""
    assignment = claimed(user, team.project)
    draft = draft_of(assignment)
    save(user, draft, list(labels))
    gone = timezone.now() - timedelta(hours=1)
    Assignment.objects.filter(pk=assignment.pk).update(lease_expires_at=gone)
    draft.refresh_from_db()
    return draft


def classes_in(draft: AnnotationSet) -> list[str]:
    return sorted(one.label_class for one in labels_of(draft))


class TestVersions:
    def test_a_version_is_stored_once(self, team: Team) -> None:
        stored = store_schema(actor=team.mei, definition=without("slip"))
        assert str(stored) == "core v3"
        with pytest.raises(SchemaVersionTaken) as taken:
            store_schema(actor=team.mei, definition=without("impact"))
        assert taken.value.remedy == "Store it as version 4."
        stored.refresh_from_db()
        assert Definition.from_json(stored.definition) == without("slip")

    def test_keys_in_each_others_way_are_refused(self, team: Team) -> None:
        same = replace(
            CORE, version=3, classes=tuple(replace(one, key="1") for one in CORE.classes[:2])
        )
        with pytest.raises(SchemaMalformed, match="have the same key, 1"):
            store_schema(actor=team.mei, definition=same)

    def test_a_version_in_use_is_not_deleted(self, team: Team) -> None:
        with pytest.raises(SchemaInUse, match="in use by Blocks"):
            delete_schema(actor=team.mei, schema_id=team.project.schema_id)
        unused = store_schema(actor=team.mei, definition=without("slip"))
        delete_schema(actor=team.mei, schema_id=unused.pk)
        assert not LabelSchema.objects.filter(pk=unused.pk).exists()
        with pytest.raises(NotFound):
            delete_schema(actor=team.mei, schema_id=unused.pk)

    def test_nor_one_that_labels_were_made_under(self, team: Team) -> None:
        old = team.project.schema
        lapsed_draft(team, team.ada, slip())
        new = store_schema(actor=team.mei, definition=without("slip"))
        move_project(actor=team.mei, project=team.project, schema=new, mapping={"slip": ""})
        with pytest.raises(SchemaInUse, match="in use by Blocks"):
            delete_schema(actor=team.mei, schema_id=old.pk)

    def test_names_of_foreign_projects_are_kept_quiet(
        self, team: Team, person: Callable[..., User]
    ) -> None:
        nora = person("nora")
        other = type(team.project).objects.create(
            name="Elsewhere", schema=store_schema(actor=team.mei, definition=without("slip"))
        )
        other.memberships.create(user=nora, role="manager")
        with pytest.raises(SchemaInUse, match="in use by 1 that you are not in") as refused:
            delete_schema(actor=nora, schema_id=team.project.schema_id)
        assert refused.value.fields["projects"] == []

    def test_managers_only(self, team: Team) -> None:
        for user in (team.ada, team.ravi, team.otto):
            with pytest.raises(RoleMissing):
                store_schema(actor=user, definition=without("slip"))
            with pytest.raises(RoleMissing):
                delete_schema(actor=user, schema_id=team.project.schema_id)


class TestMoves:
    def test_drafts_go_along_as_decided(self, team: Team) -> None:
        draft = lapsed_draft(team, team.ada, slip(), grasp())
        new = store_schema(actor=team.mei, definition=without("slip"))
        with pytest.raises(SchemaMalformed, match="Drafts have labels of slip"):
            move_project(actor=team.mei, project=team.project, schema=new, mapping={})
        moved = move_project(
            actor=team.mei, project=team.project, schema=new, mapping={"slip": "impact"}
        )
        draft.refresh_from_db()
        assert (moved.drafts, moved.kept, draft.schema, draft.revision) == (1, 0, new, 2)
        assert classes_in(draft) == ["grasp_closed", "impact"]
        revision = SetRevision.objects.get(annotation_set=draft, number=2)
        assert revision.author == team.mei
        assert [one["label_class"] for one in revision.before] == ["slip"]
        facts = AuditEntry.objects.get(action="project.schema_changed").facts
        assert (facts["before"], facts["after"]) == ("core v2", "core v3")

    def test_or_stay_under_their_version(self, team: Team) -> None:
        draft = lapsed_draft(team, team.ada, slip())
        other = lapsed_draft(team, team.abe, grasp())
        old, new = team.project.schema, store_schema(actor=team.mei, definition=without("slip"))
        moved = move_project(actor=team.mei, project=team.project, schema=new, mapping={"slip": ""})
        draft.refresh_from_db()
        other.refresh_from_db()
        assert (moved.drafts, moved.kept) == (1, 1)
        assert (draft.schema, draft.revision, other.schema) == (old, 1, new)
        assert classes_in(draft) == ["slip"]

    def test_who_is_at_work_is_not_disturbed(self, team: Team) -> None:
        draft = draft_of(claimed(team.ada, team.project))
        save(team.ada, draft, [grasp()])
        old, new = team.project.schema, store_schema(actor=team.mei, definition=without("slip"))
        moved = move_project(actor=team.mei, project=team.project, schema=new, mapping={})
        draft.refresh_from_db()
        assert (moved.kept, draft.schema) == (1, old)
        team.project.refresh_from_db()
        assert draft_of(claimed(team.abe, team.project)).schema == new

    def test_submitted_sets_stay_what_they_are(self, team: Team) -> None:
        draft = lapsed_draft(team, team.ada, slip())
        AnnotationSet.objects.filter(pk=draft.pk).update(
            state="submitted", submitted_at=timezone.now()
        )
        old, new = team.project.schema, store_schema(actor=team.mei, definition=without("slip"))
        move_project(actor=team.mei, project=team.project, schema=new, mapping={})
        draft.refresh_from_db()
        assert (draft.schema, classes_in(draft)) == (old, ["slip"])

    @pytest.mark.parametrize("target", ["failure", "nothing"])
    def test_a_class_becomes_one_of_its_kind(self, team: Team, target: str) -> None:
        lapsed_draft(team, team.ada, slip())
        new = store_schema(actor=team.mei, definition=without("slip"))
        with pytest.raises(SchemaMalformed, match=f"slip cannot become {target}"):
            move_project(actor=team.mei, project=team.project, schema=new, mapping={"slip": target})

    def test_a_change_since_is_told(self, team: Team) -> None:
        new = store_schema(actor=team.mei, definition=without("slip"))
        with pytest.raises(StaleProject):
            move_project(actor=team.mei, project=team.project, schema=new, mapping={}, version=99)

    def test_managers_of_the_project_only(self, team: Team) -> None:
        new = store_schema(actor=team.mei, definition=without("slip"))
        for user, error in (
            (team.ada, RoleMissing), (team.ravi, RoleMissing), (team.otto, NotFound)
        ):  # fmt: skip
            with pytest.raises(error):
                move_project(actor=user, project=team.project, schema=new, mapping={})


class TestPages:
    def test_what_would_change_is_shown_before(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        lapsed_draft(team, team.ada, slip())
        new = store_schema(actor=team.mei, definition=without("slip"))
        mei = as_user(team.mei)
        url = reverse("project-schema-move", args=[team.project.pk, new.pk])
        page = text(mei.get(url))
        for part in (
            "From core v2 to core v3",
            "<dt>Classes removed</dt><dd>Slip</dd>",
            "0 submitted label sets stay valid",
            "1 draft goes along",
            "To be decided",
            "Slip becomes",
        ):
            assert part in page
        team.project.refresh_from_db()
        assert team.project.schema != new
        body = {"version": team.project.version, "class_slip": "impact"}
        said = text(mei.post(url, body, follow=True))
        assert "New work is labelled under core v3. Drafts that went along: 1." in said
        answer = mei.post(url, {**body, "version": 1})
        assert answer.status_code == 400
        assert "was changed while you were looking" in text(answer)

    def test_members_see_the_palette(self, team: Team, as_user: Callable[[User], Client]) -> None:
        page = text(as_user(team.ada).get(reverse("project-schema", args=[team.project.pk])))
        assert 'fill="#00735a"' in page
        assert 'fill="#2cc69b"' in page
        assert "Move to another version" not in page

    def test_an_export_comes_back_by_import(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        mei = as_user(team.mei)
        file = mei.get(reverse("schema-export", args=[team.project.schema_id])).content
        assert Definition.from_json(json.loads(file)) == CORE
        upload = {"file": SimpleUploadedFile("s.json", file)}
        assert "Store as core v3" in text(mei.post(reverse("schema-import"), upload, follow=True))
        assert LabelSchema.objects.count() == 1
        draft = SchemaDraft.objects.get()
        assert Definition.from_json(draft.definition) == CORE
        mei.post(reverse("schema-draft-store", args=[draft.pk]))
        stored = LabelSchema.objects.get(name="core", version=3)
        assert Definition.from_json(stored.definition) == replace(CORE, version=3)

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            ("{", "This is no JSON: Expecting property name"),
            ("[]", "schema must be an object."),
            ('{"name": "a", "version": "x"}', "schema.version must be a whole number"),
            ("[" * 5000, "This is"),
        ],
    )
    def test_what_is_wrong_names_the_field(
        self, team: Team, as_user: Callable[[User], Client], words: str, message: str
    ) -> None:
        mei = as_user(team.mei)
        assert message in text(mei.post(reverse("schema-preview"), {"text": words}))
        draft = begin_draft(actor=team.mei, definition=CORE)
        answer = mei.post(reverse("schema-draft-json", args=[draft.pk]), {"text": words})
        assert answer.status_code == 400
        assert message in text(answer)
        file = SimpleUploadedFile("s.json", words.encode())
        assert message in text(mei.post(reverse("schema-import"), {"file": file}))

    def test_the_preview_is_live_and_stores_nothing(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        pale = replace(
            CORE, version=3, classes=(replace(CORE.classes[0], color="#ffff00", next=""),)
        )
        body = {"text": json.dumps(pale.to_json())}
        page = text(as_user(team.mei).post(reverse("schema-preview"), body))
        assert 'fill="#ffff00"' in page
        assert "has a contrast of 1.1 on light; a mark needs 3." in page
        assert LabelSchema.objects.count() == 1

    def test_the_edit_page_begins_with_the_next_version(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        mei = as_user(team.mei)
        mei.post(reverse("schema-edit", args=[team.project.schema_id]))
        draft = SchemaDraft.objects.get(owner=team.mei, based_on=team.project.schema)
        page = text(mei.get(reverse("schema-draft-json", args=[draft.pk])))
        assert "&quot;version&quot;: 3," in page

    def test_the_list_asks_a_fixed_number_of_times(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        mei, url = as_user(team.mei), reverse("schema-list")
        mei.get(url)
        with queries() as few:
            mei.get(url)
        for version in range(3, 8):
            store_schema(actor=team.mei, definition=without("slip", version=version))
        with queries() as many:
            mei.get(url)
        assert len(many) == len(few) <= 10
