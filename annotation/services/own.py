"""Finding the actor's own work, or saying why it is not theirs to touch."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Count, Exists, F, OuterRef, Subquery, TextField
from django.db.models.functions import Cast, Coalesce

from annotation.errors import NotFound, RoleMissing
from annotation.labels.schema import LabelSchema
from annotation.models import AnnotationSet, Assignment, Label, Membership, SetRevision
from annotation.roles import Role, require_role
from annotation.selectors.labels import schema_from_text

_GONE = {"remedy": "Check the address, or take an episode from the queue."}


def own_assignment(actor: User, assignment_id: UUID) -> Assignment:
    """Raises NotFound to outsiders and RoleMissing to other members of the project."""
    assignment = (
        Assignment.objects.select_related("project_episode__project")
        .filter(pk=assignment_id)
        .first()
    )
    if assignment is None:
        raise NotFound("There is no such assignment.", **_GONE)
    _check_owner(actor, assignment)
    return assignment


def own_set(actor: User, annotation_set_id: UUID, *, lock: bool = False) -> AnnotationSet:
    """The set with its schema, assignment and episode; raises as ``own_assignment``.

    A gold set has no annotator and is found by nobody here.
    """
    sets = AnnotationSet.objects.select_related(
        "schema", "assignment", "project_episode__project", "project_episode__episode__task"
    )
    if lock:
        sets = sets.select_for_update(no_key=True, of=("self",))
    found = sets.filter(pk=annotation_set_id, assignment__isnull=False).first()
    if found is None or found.assignment is None:
        raise NotFound("There is no such annotation set.", **_GONE)
    found.assignment.project_episode = found.project_episode
    _check_owner(actor, found.assignment)
    return found


@dataclass(frozen=True, slots=True)
class LockedSet:
    """A set whose row is locked, with what a save asks about. ``labels`` and ``request_seen`` are
    as of just before the lock: true whenever ``revision`` is the one the save was made on, since
    every change of a set raises it."""

    annotation_set: AnnotationSet
    assignment: Assignment
    schema: LabelSchema
    duration_ns: int
    labels: int
    request_seen: bool


def lock_set(actor: User, annotation_set_id: UUID, request_id: UUID) -> LockedSet:
    """One statement for what a save needs: it is asked every second by everybody at work.

    Raises as ``own_set``, which is asked only when something is wrong.
    """
    role = Membership.objects.filter(user=actor, project=OuterRef("project_episode__project"))
    seen = SetRevision.objects.filter(annotation_set=OuterRef("pk"), request_id=request_id)
    counted = (
        Label.objects.filter(annotation_set=OuterRef("pk"))
        .order_by()
        .values("annotation_set")
        .annotate(total=Count("pk"))
        .values("total")
    )
    found = (
        AnnotationSet.objects.select_for_update(no_key=True, of=("self",))
        .select_related("assignment")
        .filter(pk=annotation_set_id, assignment__annotator=actor)
        .annotate(
            role=Subquery(role.order_by().values("role")[:1]),
            duration_ns=F("project_episode__episode__duration_ns"),
            definition=Cast("schema__definition", TextField()),
            labels_now=Coalesce(Subquery(counted), 0),
            request_seen=Exists(seen),
        )
        .order_by()
        .first()
    )
    allowed = found is not None and (found.role is not None or actor.is_superuser)
    if found is None or found.assignment is None or not allowed or not actor.is_active:
        own_set(actor, annotation_set_id)
        raise NotFound("There is no such annotation set.", **_GONE)
    return LockedSet(
        annotation_set=found,
        assignment=found.assignment,
        schema=schema_from_text(found.definition),
        duration_ns=found.duration_ns,
        labels=found.labels_now,
        request_seen=found.request_seen,
    )


def _check_owner(actor: User, assignment: Assignment) -> None:
    project = assignment.project_episode.project
    require_role(actor, project, Role.ANNOTATOR)
    if assignment.annotator_id != actor.pk:
        raise RoleMissing(
            "This episode is assigned to somebody else.",
            remedy="Take an episode from your own queue; reviewers open it from the review page.",
        )
