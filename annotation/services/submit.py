"""Hand a set in: check it whole, tie it to frames, freeze it."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotation.errors import NotSubmittable
from annotation.labels.findings import errors
from annotation.labels.validation import validate_submit
from annotation.models import AnnotationSet, Assignment, Label, LabelFrame
from annotation.selectors.frames import CameraFrames, camera_frames
from annotation.selectors.labels import labels_of, schema_of
from annotation.selectors.phrases import task_facts
from annotation.services import audit
from annotation.services.leases import hold_slot
from annotation.services.own import own_set
from annotation.services.progress import note_progress
from annotation.services.save_labels import refuse_frozen, refuse_stale


def submit(
    *, actor: User, annotation_set_id: UUID, base_revision: int, request_id: UUID
) -> AnnotationSet:
    """The set, submitted. Of two submits at once one wins; sent again under the same
    ``request_id`` it has the same answer.

    Raises NotSubmittable (field ``findings``), StaleRevision, SetFrozen, LeaseExpired, NotFound,
    RoleMissing, and what ``camera_frames`` raises.
    """
    annotation_set = own_set(actor, annotation_set_id)
    if annotation_set.submit_request_id == request_id:
        return annotation_set
    # Read before the locks are taken: an index is a file, and files are slow.
    cameras = camera_frames(annotation_set.project_episode.episode)
    with transaction.atomic():
        annotation_set = _locked(actor, annotation_set)
        if annotation_set.submit_request_id == request_id:
            return annotation_set
        refuse_frozen(annotation_set)
        refuse_stale(annotation_set, base_revision)
        now = timezone.now()
        assignment = hold_slot(_assignment(annotation_set), now)
        _refuse_incomplete(annotation_set)
        stamp_frames(annotation_set, cameras)
        _freeze(annotation_set, assignment, request_id, now)
        note_progress([annotation_set.project_episode_id])
        audit.record(
            actor=actor,
            action="annotation_set.submitted",
            project=annotation_set.project_episode.project,
            subject=annotation_set,
            revision=annotation_set.revision,
            schema=str(annotation_set.schema),
            round=annotation_set.round,
        )
        return annotation_set


def _locked(actor: User, found: AnnotationSet) -> AnnotationSet:
    """The set as it is once its row is locked; what hangs on it was read a moment before, and is
    read again only where the draft went to another version of its schema meanwhile."""
    rows = AnnotationSet.objects.select_for_update(no_key=True).filter(pk=found.pk).order_by()
    now = rows.values_list(
        "schema", "state", "revision", "submitted_at", "submit_request_id"
    ).first()
    if now is None or now[0] != found.schema_id:
        return own_set(actor, found.pk, lock=True)
    _, found.state, found.revision, found.submitted_at, found.submit_request_id = now
    return found


def stamp_frames(annotation_set: AnnotationSet, cameras: list[CameraFrames]) -> None:
    """Write frame position and PTS of each label's edges in each camera."""
    labels = list(Label.objects.filter(annotation_set=annotation_set))
    edges = [
        (label, edge, time_ns)
        for label in labels
        for edge, time_ns in (
            (LabelFrame.Edge.START, label.start_ns),
            (LabelFrame.Edge.END, label.end_ns),
        )
        if time_ns is not None
    ]
    rows = []
    for camera in cameras:
        for label, edge, time_ns in edges:
            frame, pts = camera.at(time_ns)
            rows.append(
                LabelFrame(label=label, stream=camera.stream, edge=edge, frame=frame, pts=pts)
            )
    # By key: a join over the set is planned as a scan of every frame while statistics are young.
    LabelFrame.objects.filter(label__in=labels).delete()
    LabelFrame.objects.bulk_create(rows)


def _assignment(annotation_set: AnnotationSet) -> Assignment:
    if annotation_set.assignment is None:
        raise TypeError("A gold set is not handed in.")
    return annotation_set.assignment


def _refuse_incomplete(annotation_set: AnnotationSet) -> None:
    episode = annotation_set.project_episode.episode
    findings = validate_submit(
        labels_of(annotation_set),
        schema_of(annotation_set),
        episode.duration_ns,
        task=task_facts(episode),
    )
    left = errors(findings)
    if left:
        raise NotSubmittable(
            f"{len(left)} left to do before these labels can be handed in. {left[0].message}",
            remedy="Correct what the findings name and submit again.",
            findings=[finding.to_json() for finding in findings],
        )


def _freeze(
    annotation_set: AnnotationSet, assignment: Assignment, request_id: UUID, now: datetime
) -> None:
    annotation_set.state = AnnotationSet.State.SUBMITTED
    annotation_set.submitted_at = now
    annotation_set.submit_request_id = request_id
    annotation_set.save(update_fields=["state", "submitted_at", "submit_request_id"])
    assignment.state = Assignment.State.SUBMITTED
    assignment.submitted_at = now
    assignment.save(update_fields=["state", "submitted_at"])
