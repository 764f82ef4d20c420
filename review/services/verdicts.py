"""A reviewer's decision on an episode: a set stands, or goes back with what is to be done again."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotation.errors import NotFound
from annotation.models import AnnotationSet, ProjectEpisode
from annotation.roles import Role, require_role
from annotation.selectors.labels import labels_by_set, schema_of
from annotation.services import audit
from annotation.services.progress import note_review
from annotation.services.return_for_rework import Point, return_for_rework
from review.errors import BatchClosed, CommentMissing, NotReviewable, OwnWork, VerdictStale
from review.models import Adjudication, Batch, BatchItem, ReviewRepeat, Verdict
from review.selectors.batches import annotated_by, in_rework
from review.selectors.marks import marks_of, points_of, words_of
from review.selectors.repeats import open_repeat
from review.selectors.sets import current_sets, sets_of
from review.services.repeats import decide_repeat, draw_repeat

Decision = Verdict.Decision


@transaction.atomic
def approve_episode(
    *, actor: User, item_id: int, annotation_set_id: UUID, version: int, request_id: UUID
) -> BatchItem:
    """Let one annotator's last submitted set stand for the episode.

    ``version`` is the item's as the reviewer saw it; a repeated ``request_id`` has the first one's
    answer. Raises VerdictStale, NotReviewable, OwnWork, BatchClosed, NotFound, RoleMissing.
    """
    item = locked_item(item_id, actor)
    if repeated(item, actor, request_id):
        return item
    repeat = open_repeat(item, actor)
    refuse_undecidable(item, actor, version, repeat)
    chosen = _current(item, [annotation_set_id])[0]
    if repeat is not None:
        decide_repeat(repeat, Decision.APPROVED, chosen, request_id)
        return item
    item = decide(item, actor, request_id, Decision.APPROVED, [chosen], "")
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
    """Send one or more annotators' sets back; each gets a next round.

    What was said of single labels goes along as a list; a comment is needed where there is none.
    Raises CommentMissing, VerdictStale, NotReviewable, OwnWork, BatchClosed, NotFound,
    RoleMissing.
    """
    item = locked_item(item_id, actor)
    if repeated(item, actor, request_id):
        return item
    repeat = open_repeat(item, actor)
    refuse_undecidable(item, actor, version, repeat)
    chosen = _current(item, annotation_set_ids)
    points = _points(item, repeat, chosen)
    silent = [one for one in chosen if not points[one.pk]]
    if not comment.strip() and silent:
        raise CommentMissing(
            "A return needs a comment.",
            remedy="Say what the annotator is to do differently, or give verdicts on labels.",
        )
    if repeat is not None:
        decide_repeat(repeat, Decision.RETURNED, None, request_id)
        return item
    said = {one.pk: comment.strip() or words_of(points[one.pk]) for one in chosen}
    # One comment a verdict: where it was left empty, each set has the list of its own.
    item = decide(item, actor, request_id, Decision.RETURNED, chosen, said)
    for one in chosen:
        return_for_rework(
            actor=actor, annotation_set_id=one.pk, comment=said[one.pk], points=points[one.pk]
        )
    note_review([item.project_episode_id], ProjectEpisode.Review.OPEN)
    return item


def _points(
    item: BatchItem, repeat: ReviewRepeat | None, chosen: Sequence[AnnotationSet]
) -> dict[UUID, list[Point]]:
    """What was said of each set's labels."""
    marks = list(marks_of(item, repeat))
    sets = sets_of([item.project_episode_id])[item.project_episode_id]
    everyone = [one for one in (*sets.annotators, sets.gold) if one is not None]
    labels = [label for own in labels_by_set(everyone).values() for label in own] if marks else []
    return {
        one.pk: points_of(
            (mark for mark in marks if mark.annotation_set_id == one.pk), labels, schema_of(one)
        )
        for one in chosen
    }


def locked_item(item_id: int, actor: User) -> BatchItem:
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


def repeated(item: BatchItem, actor: User, request_id: UUID) -> bool:
    again = {"item": item, "reviewer": actor, "request_id": request_id}
    return Verdict.objects.filter(**again).exists() or ReviewRepeat.objects.filter(**again).exists()


def refuse_closed(item: BatchItem, actor: User, repeat: ReviewRepeat | None) -> None:
    """What keeps this person from saying anything of the episode now."""
    _refuse_for_good(item, actor, repeat)
    _refuse_in_rework(item)


def refuse_undecidable(
    item: BatchItem, actor: User, version: int, repeat: ReviewRepeat | None = None
) -> None:
    """What keeps this person from deciding the episode as they saw it."""
    _refuse_for_good(item, actor, repeat)
    # Any decision would have ended the repeat: what its reviewer sees is not an older state.
    if repeat is None and item.version != version:
        last = item.verdicts.select_related("reviewer").order_by("-pk").first()
        by = f" by {last.reviewer.get_full_name() or last.reviewer.username}" if last else ""
        undone = last is not None and last.decision == Decision.UNDONE
        state = "opened again" if undone else item.get_state_display().lower()
        raise VerdictStale(
            f"This episode was {state}{by} meanwhile.",
            remedy="Open it again to see how it stands.",
            version=item.version,
        )
    _refuse_in_rework(item)


def _refuse_for_good(item: BatchItem, actor: User, repeat: ReviewRepeat | None) -> None:
    if annotated_by(actor, [item.project_episode_id]):
        raise OwnWork(
            "You annotated this episode yourself.", remedy="Another reviewer has to decide on it."
        )
    # Deciding an episode a second time changes nothing, also in a batch that is closed.
    if item.batch.state != Batch.State.OPEN and repeat is None:
        raise BatchClosed(
            f"{item.batch.name} is approved, its verdicts stand.",
            remedy="Ask a manager to put the episode into a new project if it has to change.",
        )


def _refuse_in_rework(item: BatchItem) -> None:
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


def decide(
    item: BatchItem,
    actor: User,
    request_id: UUID,
    decision: Verdict.Decision,
    sets: Sequence[AnnotationSet],
    comment: str | dict[UUID, str],
) -> BatchItem:
    """Write the decision down and what it makes of the item; ``comment`` may be one a set.

    A consensus that stood and does not any more is taken back with it.
    """
    states = {
        Decision.APPROVED: BatchItem.State.APPROVED,
        Decision.RETURNED: BatchItem.State.RETURNED,
        Decision.UNDONE: BatchItem.State.OPEN,
    }
    said = comment if isinstance(comment, dict) else {one.pk: comment for one in sets}
    _end_consensus(item, actor, sets if decision == Decision.APPROVED else [])
    ReviewRepeat.objects.filter(item=item, state=ReviewRepeat.State.OPEN).update(
        state=ReviewRepeat.State.VOID
    )
    item.state = states[decision]
    item.accepted_set = sets[0] if decision == Decision.APPROVED else None
    item.version += 1
    item.save(update_fields=["state", "accepted_set", "version"])
    Verdict.objects.bulk_create(
        Verdict(
            item=item,
            decision=decision,
            annotation_set=one,
            comment=said[one.pk],
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
        comment="\n".join(dict.fromkeys(filter(None, said.values()))),
    )
    draw_repeat(item, actor)
    return item


def _end_consensus(item: BatchItem, actor: User, stays: Sequence[AnnotationSet]) -> None:
    standing = Adjudication.objects.filter(
        item=item, state=Adjudication.State.ACCEPTED, repeat=None
    ).exclude(annotation_set__in=stays)
    standing.update(
        state=Adjudication.State.UNDONE,
        ended_by=actor,
        ended_at=timezone.now(),
        reason="Another decision took its place.",
    )
