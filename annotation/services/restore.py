"""Bring back what a set held: as a new revision, so that nothing of its history is lost."""

from uuid import UUID, uuid5

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse

from annotation.errors import NotReturnable
from annotation.labels.diff import diff_between
from annotation.labels.records import parse_labels
from annotation.models import AnnotationSet, Assignment, Notification
from annotation.roles import Role, require_role
from annotation.selectors.editor import person_name
from annotation.selectors.labels import labels_of, schema_of
from annotation.selectors.revisions import history_set, labels_at_revision
from annotation.services import audit
from annotation.services.notify import notify
from annotation.services.own import own_set
from annotation.services.save_labels import (
    Saved,
    SaveRules,
    refuse_stale,
    save_labels,
    take_diff,
)

_RESTORED = UUID("5a2c7c1e-0d55-4f0e-9d3b-6a3f0c3a9b11")


@transaction.atomic
def restore_revision(
    *, actor: User, annotation_set_id: UUID, number: int, base_revision: int
) -> Saved:
    """The labels of revision ``number`` again, in one's own draft.

    Clicked twice it is done once. Raises NotFound, RoleMissing, StaleRevision, SetFrozen,
    LeaseExpired, LabelsInvalid.
    """
    annotation_set = own_set(actor, annotation_set_id, lock=True)
    request_id = uuid5(_RESTORED, f"{annotation_set.pk}:{base_revision}:{number}")
    done = annotation_set.revisions.filter(request_id=request_id).first()
    if done is not None:
        return Saved(done.number, done.created_at)
    wanted = labels_at_revision(annotation_set, number)
    diff = diff_between(labels_of(annotation_set), wanted).to_json()
    saved = save_labels(
        actor=actor,
        annotation_set_id=annotation_set.pk,
        base_revision=base_revision,
        request_id=request_id,
        client_id="restore",
        **diff,
    )
    audit.record(
        actor=actor,
        action="annotation_set.restored",
        project=annotation_set.project_episode.project,
        subject=annotation_set,
        restored=number,
        revision=saved.revision,
    )
    return saved


@transaction.atomic
def restore_for_rework(
    *, actor: User, annotation_set_id: UUID, number: int, base_revision: int
) -> Saved:
    """By a reviewer, into the draft of work that was sent back and that nobody is at: the labels of
    revision ``number`` of any of its rounds. ``base_revision`` is that of the draft.

    Clicked twice it is done once; the annotator is told. Raises NotReturnable where there is no
    such draft, StaleRevision, LabelsInvalid where the draft's schema has no place for a label,
    NotFound, RoleMissing.
    """
    source = history_set(actor, annotation_set_id)
    project = source.project_episode.project
    require_role(actor, project, Role.REVIEWER)
    draft = _draft_sent_back(source)
    request_id = uuid5(_RESTORED, f"{draft.pk}:{base_revision}:{source.pk}:{number}")
    done = draft.revisions.filter(request_id=request_id).first()
    if done is not None:
        return Saved(done.number, done.created_at)
    refuse_stale(draft, base_revision)
    before = labels_of(draft)
    diff = diff_between(before, labels_at_revision(source, number))
    saved = take_diff(
        draft,
        parse_labels([one.to_json() for one in diff.put], where="put"),
        diff.remove,
        rules=SaveRules(
            schema=schema_of(draft),
            duration_ns=source.project_episode.episode.duration_ns,
            labels=len(before),
        ),
        author=actor,
        request_id=request_id,
        client_id="restore",
    )
    audit.record(
        actor=actor,
        action="annotation_set.restored",
        project=project,
        subject=draft,
        restored=number,
        of=str(source.pk),
        revision=saved.revision,
    )
    assert draft.assignment is not None
    notify(
        [draft.assignment.annotator_id],
        kind=Notification.Kind.RETURNED,
        project=project,
        text=f"{person_name(actor)} brought labels of round {source.round} back into your rework.",
        url=reverse("annotate", args=[draft.assignment_id]),
        besides=actor,
    )
    return saved


def draft_sent_back(annotation_set: AnnotationSet) -> AnnotationSet | None:
    """The draft of the same work, while it is sent back and nobody is at it."""
    found = AnnotationSet.objects.filter(
        assignment=annotation_set.assignment_id,
        assignment__state=Assignment.State.RETURNED,
        state=AnnotationSet.State.DRAFT,
    )
    return found.select_related("assignment", "schema").first()


def _draft_sent_back(source: AnnotationSet) -> AnnotationSet:
    """Locked, the set before the assignment as everybody locks them."""
    found = draft_sent_back(source)
    if found is not None and found.assignment_id is not None:
        AnnotationSet.objects.select_for_update(no_key=True).get(pk=found.pk)
        Assignment.objects.select_for_update(no_key=True).get(pk=found.assignment_id)
        found = draft_sent_back(source)
    if found is None:
        raise NotReturnable(
            "This work is not sent back, or its annotator is at it.",
            remedy="Send it back first; its annotator can restore a revision too.",
        )
    return found
