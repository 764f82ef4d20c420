"""A reviewer's decision on an episode: a set stands, or goes back with a comment."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from annotation.errors import NotFound
from annotation.models import AnnotationSet, ProjectEpisode
from annotation.roles import Role, require_role
from annotation.services import audit
from annotation.services.progress import note_review
from annotation.services.return_for_rework import return_for_rework
from review.errors import BatchClosed, CommentMissing, NotReviewable, OwnWork, VerdictStale
from review.models import Batch, BatchItem, Verdict
from review.selectors.batches import annotated_by, in_rework
from review.selectors.sets import current_sets


@transaction.atomic
def approve_episode(
    *, actor: User, item_id: int, annotation_set_id: UUID, version: int, request_id: UUID
) -> BatchItem:
    """Let one annotator's last submitted set stand for the episode.

    ``version`` is the item's as the reviewer saw it; a repeated ``request_id`` has the first one's
    answer. Raises VerdictStale, NotReviewable, OwnWork, BatchClosed, NotFound, RoleMissing.
    """
    item = _locked(item_id, actor)
    if _repeated(item, actor, request_id):
        return item
    _refuse(item, actor, version)
    chosen = _current(item, [annotation_set_id])[0]
    item = _decide(item, actor, request_id, Verdict.Decision.APPROVED, [chosen], "")
    note_review([item.project_episode_id], ProjectEpisode.Review.APPROVED, chosen)
    return item


@transaction.atomic
def return_episode(
    *,
    actor: User,
    item_id: int,
    annotation_set_ids: Sequence[UUID],
    comment: str,
    version: int,
    request_id: UUID,
) -> BatchItem:
    """Send one or more annotators' sets back with a comment; each gets a next round.

    Raises CommentMissing, VerdictStale, NotReviewable, OwnWork, BatchClosed, NotFound,
    RoleMissing.
    """
    item = _locked(item_id, actor)
    if _repeated(item, actor, request_id):
        return item
    _refuse(item, actor, version)
    if not comment.strip():
        raise CommentMissing(
            "A return needs a comment.", remedy="Say what the annotator is to do differently."
        )
    chosen = _current(item, annotation_set_ids)
    item = _decide(item, actor, request_id, Verdict.Decision.RETURNED, chosen, comment.strip())
    for one in chosen:
        return_for_rework(actor=actor, annotation_set_id=one.pk, comment=comment.strip())
    note_review([item.project_episode_id], ProjectEpisode.Review.OPEN)
    return item


def _locked(item_id: int, actor: User) -> BatchItem:
    item = (
        BatchItem.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project_episode__episode")
        .filter(pk=item_id)
        .first()
    )
    if item is None:
        raise NotFound("There is no such episode under review.", remedy="Check the address.")
    # Read after the item's lock: approving the batch takes the same lock first.
    item.batch = Batch.objects.select_related("project").get(pk=item.batch_id)
    require_role(actor, item.batch.project, Role.REVIEWER)
    return item


def _repeated(item: BatchItem, actor: User, request_id: UUID) -> bool:
    return Verdict.objects.filter(item=item, reviewer=actor, request_id=request_id).exists()


def _refuse(item: BatchItem, actor: User, version: int) -> None:
    if annotated_by(actor, [item.project_episode_id]):
        raise OwnWork(
            "You annotated this episode yourself.", remedy="Another reviewer has to decide on it."
        )
    if item.batch.state != Batch.State.OPEN:
        raise BatchClosed(
            f"{item.batch.name} is approved, its verdicts stand.",
            remedy="Ask a manager to put the episode into a new project if it has to change.",
        )
    if item.version != version:
        last = item.verdicts.select_related("reviewer").order_by("-pk").first()
        by = f" by {last.reviewer.get_full_name() or last.reviewer.username}" if last else ""
        raise VerdictStale(
            f"This episode was {item.get_state_display().lower()}{by} meanwhile.",
            remedy="Open it again to see how it stands.",
            version=item.version,
        )
    if in_rework(item.project_episode_id):
        raise NotReviewable(
            "An annotator has this episode back and has not handed it in again.",
            remedy="Wait for the next round.",
        )


def _current(item: BatchItem, wanted: Sequence[UUID]) -> list[AnnotationSet]:
    chosen = [one for one in current_sets([item.project_episode_id]) if one.pk in set(wanted)]
    if not chosen or len(chosen) < len(set(wanted)):
        raise NotReviewable(
            "That is not the last round an annotator of this episode handed in.",
            remedy="Open the episode again and choose whose labels you mean.",
        )
    return chosen


def _decide(
    item: BatchItem,
    actor: User,
    request_id: UUID,
    decision: Verdict.Decision,
    sets: Sequence[AnnotationSet],
    comment: str,
) -> BatchItem:
    approved = decision == Verdict.Decision.APPROVED
    item.state = BatchItem.State.APPROVED if approved else BatchItem.State.RETURNED
    item.accepted_set = sets[0] if approved else None
    item.version += 1
    item.save(update_fields=["state", "accepted_set", "version"])
    Verdict.objects.bulk_create(
        Verdict(
            item=item,
            decision=decision,
            annotation_set=one,
            comment=comment,
            reviewer=actor,
            request_id=request_id,
        )
        for one in sets
    )
    audit.record(
        actor=actor,
        action=f"episode.{decision.value}",
        project=item.batch.project,
        subject=item,
        episode=item.project_episode.episode.key,
        sets=[str(one.pk) for one in sets],
        comment=comment,
    )
    return item
