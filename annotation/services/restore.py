"""Bring back what a set held: as a new revision, so that nothing of its history is lost."""

from uuid import UUID, uuid5

from django.contrib.auth.models import User
from django.db import transaction

from annotation.labels.diff import diff_between
from annotation.selectors.labels import labels_of
from annotation.selectors.revisions import labels_at_revision
from annotation.services import audit
from annotation.services.own import own_set
from annotation.services.save_labels import Saved, save_labels

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
