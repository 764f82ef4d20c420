"""Send handed-in work back to the person who did it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from annotation.errors import NotFound, NotReturnable
from annotation.models import AnnotationSet, Assignment, Label, Notification, ReworkPoint
from annotation.roles import Role, require_role
from annotation.selectors.editor import person_name
from annotation.services import audit
from annotation.services.notify import notify
from annotation.services.progress import lock_place, note_progress


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to look at again; see ReworkPoint."""

    text: str
    finding: str
    at_ns: int | None = None
    label_id: UUID | None = None
    comment: str = ""


@transaction.atomic
def return_for_rework(
    *, actor: User, annotation_set_id: UUID, comment: str, points: Sequence[Point] = ()
) -> AnnotationSet:
    """Open the next round, a draft copied from the submitted set, which stays as it is.

    The assignment keeps its slot and comes first in its annotator's queue, with the comment; its
    editor lists the ``points``. Raises NotReturnable, NotFound, RoleMissing.
    """
    frozen = (
        AnnotationSet.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project_episode__project")
        .filter(pk=annotation_set_id)
        .first()
    )
    if frozen is None:
        raise NotFound("There is no such annotation set.", remedy="Check the address.")
    require_role(actor, frozen.project_episode.project, Role.REVIEWER)
    assignment = _returnable(frozen, comment)
    draft = AnnotationSet.objects.create(
        project_episode=frozen.project_episode,
        assignment=assignment,
        round=frozen.round + 1,
        schema_id=frozen.schema_id,
    )
    _copy_labels(frozen, draft)
    ReworkPoint.objects.bulk_create(
        ReworkPoint(
            annotation_set=draft,
            position=position,
            label_id=one.label_id,
            at_ns=one.at_ns,
            finding=one.finding,
            text=one.text[:500],
            comment=one.comment,
        )
        for position, one in enumerate(points)
    )
    assignment.state = Assignment.State.RETURNED
    assignment.rework = True
    assignment.return_comment = comment
    assignment.returned_by = actor
    assignment.lease_expires_at = timezone.now()
    assignment.save()
    note_progress([frozen.project_episode_id])
    notify(
        [assignment.annotator_id],
        kind=Notification.Kind.RETURNED,
        project=frozen.project_episode.project,
        text=f"{person_name(actor)} sent your work back: {comment}",
        url=reverse("annotate", args=[assignment.pk]),
        besides=actor,
    )
    audit.record(
        actor=actor,
        action="annotation_set.returned",
        project=frozen.project_episode.project,
        subject=frozen,
        comment=comment,
        round=draft.round,
    )
    return draft


def _returnable(frozen: AnnotationSet, comment: str) -> Assignment:
    if not comment.strip():
        raise NotReturnable(
            "A return needs a comment.", remedy="Say what is to be done differently."
        )
    if frozen.kind != AnnotationSet.Kind.ANNOTATOR or frozen.assignment_id is None:
        raise NotReturnable(
            "Only an annotator's work is sent back.",
            remedy="Make a new version of the gold, or begin the consensus again.",
        )
    lock_place(frozen.project_episode_id)
    assignment = Assignment.objects.select_for_update(no_key=True).get(pk=frozen.assignment_id)
    newer = AnnotationSet.objects.filter(assignment=assignment, round__gt=frozen.round).exists()
    if newer or frozen.state != AnnotationSet.State.SUBMITTED:
        raise NotReturnable(
            "Only the last round of handed-in work can be sent back.",
            remedy="Open the episode again to see its present state.",
            round=frozen.round,
            state=frozen.state,
        )
    return assignment


def _copy_labels(source: AnnotationSet, target: AnnotationSet) -> None:
    """The labels keep their ids, so that a diff between rounds says what was done again."""
    rows = list(Label.objects.filter(annotation_set=source).order_by("pk_row"))
    for row in rows:
        row.pk = None
        row.annotation_set = target
    Label.objects.bulk_create(rows)
