"""Store a new version of a label schema, delete one that nobody uses, move a project to one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation.errors import (
    NotFound,
    RoleMissing,
    SchemaInUse,
    SchemaVersionTaken,
    StaleProject,
)
from annotation.labels.diff import diff_between
from annotation.labels.palette import schema_findings
from annotation.labels.reading import SchemaMalformed
from annotation.labels.schema import LabelSchema as Definition
from annotation.labels.schema_diff import migrated, unmapped
from annotation.labels.validation import validate_save
from annotation.models import (
    AnnotationSet,
    Assignment,
    Label,
    LabelSchema,
    Project,
    SetRevision,
)
from annotation.roles import Role, may_create_projects, require_role
from annotation.selectors.labels import labels_of
from annotation.selectors.schemas import definition_of, next_version, projects_under
from annotation.services import audit
from annotation.services.save_labels import write_diff


@dataclass(frozen=True, slots=True)
class Moved:
    """How many drafts went along, and how many stay under the version they were made in."""

    drafts: int
    kept: int


@transaction.atomic
def store_schema(*, actor: User, definition: Definition) -> LabelSchema:
    """A version of its own; stored ones never change. Managers of any project only.

    Raises SchemaVersionTaken, SchemaMalformed for keys, colours or shapes that cannot be, and
    RoleMissing.
    """
    require_may_edit(actor)
    wrong = [finding for finding in schema_findings(definition) if finding.severe]
    if wrong:
        raise SchemaMalformed(
            " ".join(finding.says for finding in wrong),
            remedy="Correct it and store the version again.",
            field=f"schema.{wrong[0].field}",
        )
    try:
        with transaction.atomic():
            stored = LabelSchema.objects.create(
                name=definition.name, version=definition.version, definition=definition.to_json()
            )
    except IntegrityError as error:
        free = next_version(definition.name)
        raise SchemaVersionTaken(
            f"{definition.name} has a version {definition.version} already; a version is never "
            "changed.",
            remedy=f"Store it as version {free}.",
            version=free,
        ) from error
    audit.record(
        actor=actor, action="schema.stored", project=None, subject=stored, name=str(stored)
    )
    return stored


@transaction.atomic
def delete_schema(*, actor: User, schema_id: int) -> None:
    """Raises SchemaInUse naming the projects, NotFound, RoleMissing."""
    require_may_edit(actor)
    stored = LabelSchema.objects.select_for_update().filter(pk=schema_id).first()
    if stored is None:
        raise NotFound("There is no such label schema.", remedy="Choose one of the list.")
    used = projects_under(stored)
    if used.exists():
        seen = list(
            used.filter(pk__in=Project.objects.visible_to(actor).values("pk")).values_list(
                "name", flat=True
            )
        )
        others = used.count() - len(seen)
        names = [*seen, *([f"{others} that you are not in"] if others else [])]
        raise SchemaInUse(
            f"{stored} is in use by {', '.join(names)}; it is never changed or deleted.",
            remedy="Store a new version and move the projects to it.",
            projects=seen,
        )
    audit.record(
        actor=actor, action="schema.deleted", project=None, subject=stored, name=str(stored)
    )
    stored.delete()


@transaction.atomic
def move_project(
    *,
    actor: User,
    project: Project,
    schema: LabelSchema,
    mapping: Mapping[str, str],
    version: int | None = None,
) -> Moved:
    """New work is labelled under ``schema``; drafts go along by ``mapping``, submitted sets stay.

    ``mapping`` says of a class what its labels become, "" that drafts with it stay. A draft stays
    also while somebody is at work on it, and where the new version has no place for something in
    it: nothing is lost. Managers only. Raises StaleProject, SchemaMalformed for a used class that
    is not decided on, NotFound, RoleMissing.
    """
    require_role(actor, project, Role.MANAGER)
    stored = (
        Project.objects.select_for_update(no_key=True).select_related("schema").get(pk=project.pk)
    )
    if version is not None and version != stored.version:
        raise StaleProject(
            f"{stored.name} was changed while you were looking.",
            remedy="Look at what would change now and decide again.",
            version=stored.version,
        )
    old, new = stored.schema, definition_of(schema)
    drafts = _drafts(stored, schema)
    _refuse_undecided(drafts, definition_of(old), new, mapping)
    moved = sum(_carried(actor, draft, schema, new, mapping) for draft in drafts)
    stored.schema, stored.version = schema, stored.version + 1
    stored.save(update_fields=["schema", "version"])
    audit.record(
        actor=actor,
        action="project.schema_changed",
        project=stored,
        subject=stored,
        before=str(old),
        after=str(schema),
        mapping=dict(mapping),
        drafts=moved,
        kept=len(drafts) - moved,
    )
    return Moved(moved, len(drafts) - moved)


def require_may_edit(actor: User) -> None:
    """Raises RoleMissing."""
    if not may_create_projects(actor):
        raise RoleMissing(
            "Label schemas are the work of managers and administrators.",
            remedy="Ask a manager of a project.",
        )


def as_next_version(definition: Definition) -> Definition:
    """The same under the next free number of its name."""
    return replace(definition, version=next_version(definition.name))


def _drafts(project: Project, schema: LabelSchema) -> list[AnnotationSet]:
    """Locked in the order in which saves lock them: the assignment's set, one at a time."""
    drafts = AnnotationSet.objects.filter(
        project_episode__project=project, state=AnnotationSet.State.DRAFT
    ).exclude(schema=schema)
    locked = drafts.select_for_update(no_key=True, of=("self",)).order_by("pk")
    return list(locked.select_related("assignment", "project_episode__episode", "schema"))


def _refuse_undecided(
    drafts: list[AnnotationSet], old: Definition, new: Definition, mapping: Mapping[str, str]
) -> None:
    used = Label.objects.filter(annotation_set__in=drafts).order_by()
    names = used.values_list("label_class", flat=True).distinct()
    open_ones = unmapped(names, old, new, mapping)
    if open_ones:
        raise SchemaMalformed(
            f"Drafts have labels of {', '.join(open_ones)}, which {new.name} version "
            f"{new.version} does not have.",
            remedy="Say of each what it becomes, or that such drafts stay as they are.",
            field="mapping",
        )
    for name, target in mapping.items():
        before, after = old.class_by_id.get(name), new.class_by_id.get(target)
        if target and (after is None or (before is not None and before.kind != after.kind)):
            raise SchemaMalformed(
                f"{name} cannot become {target}: the new version has no such class of its kind.",
                remedy="Choose a class of the same kind.",
                field=f"mapping.{name}",
            )


def _carried(
    actor: User,
    draft: AnnotationSet,
    schema: LabelSchema,
    new: Definition,
    mapping: Mapping[str, str],
) -> bool:
    """Whether the draft is under the new version now; its next revision says by whom."""
    if draft.assignment is not None and _at_work(draft.assignment):
        return False
    before = labels_of(draft)
    after = migrated(before, new, mapping)
    duration_ns = draft.project_episode.episode.duration_ns
    if after is None or validate_save(after, new, duration_ns):
        return False
    AnnotationSet.objects.filter(pk=draft.pk).update(schema=schema)
    diff = diff_between(before, after)
    if diff:
        put = {label.id for label in diff.put}
        write_diff(draft, diff, touched=[])
        SetRevision.objects.create(
            annotation_set=draft,
            number=draft.revision,
            request_id=uuid4(),
            author=actor,
            before=[label.to_json() for label in before if label.id in put],
            **diff.to_json(),
        )
    return True


def _at_work(assignment: Assignment) -> bool:
    live = assignment.lease_expires_at > timezone.now()
    return assignment.state == Assignment.State.ACTIVE and live
