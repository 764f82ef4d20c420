"""A reviewer's word on one label of an annotator's set. It is added, never changed."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from annotation.errors import RequestReused
from annotation.models import AnnotationSet, Label
from review.errors import NotReviewable, VerdictRefused, VerdictStale
from review.models import BatchItem, LabelVerdict, ReviewRepeat
from review.selectors.lanes import stored_id
from review.selectors.marks import last_mark
from review.selectors.repeats import open_repeat
from review.selectors.sets import sets_of
from review.services.verdicts import locked_item, refuse_closed

Word = LabelVerdict.Word


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict as it comes in: ``label_id`` is the lane's, ``supersedes`` the word it replaces."""

    annotation_set_id: UUID
    verdict: LabelVerdict.Word
    label_id: UUID | None = None
    at_ns: int | None = None
    comment: str = ""
    supersedes: int | None = None


@transaction.atomic
def give_label_verdict(*, actor: User, item_id: int, said: Said, request_id: UUID) -> LabelVerdict:
    """Say what is right or wrong about a label; ``missing`` names a label of another's set, or a
    time where nobody marked anything.

    A repeated ``request_id`` has the first one's answer. Raises VerdictStale when another word was
    given meanwhile, VerdictRefused, NotReviewable, OwnWork, BatchClosed, RequestReused, NotFound,
    RoleMissing.
    """
    item = locked_item(item_id, actor)
    before = LabelVerdict.objects.filter(request_id=request_id).first()
    if before is not None:
        return _again(before, item, actor, said)
    repeat = open_repeat(item, actor)
    refuse_closed(item, actor, repeat)
    sets = sets_of([item.project_episode_id])[item.project_episode_id]
    judged = next((one for one in sets.annotators if one.pk == said.annotation_set_id), None)
    if judged is None:
        raise NotReviewable(
            "These labels were handed in again meanwhile, or belong to another episode.",
            remedy="Open the episode again and look at the present ones.",
        )
    beside = [one for one in (*sets.annotators, sets.gold) if one is not None]
    label_id, at_ns = _where(judged, beside, said)
    if said.verdict == Word.WRONG_TIME and at_ns is None:
        raise VerdictRefused(
            "This label is about the whole episode and has no time.",
            remedy="Say that its class is wrong, or that it is extra.",
        )
    return _add(item, repeat, judged, label_id, at_ns, said, actor, request_id)


def _add(
    item: BatchItem,
    repeat: ReviewRepeat | None,
    judged: AnnotationSet,
    label_id: UUID | None,
    at_ns: int | None,
    said: Said,
    actor: User,
    request_id: UUID,
) -> LabelVerdict:
    present = last_mark(item, repeat, judged.pk, label_id, at_ns)
    if (present.pk if present else None) != said.supersedes:
        _refuse_stale(present)
    return LabelVerdict.objects.create(
        item=item,
        annotation_set=judged,
        label_id=label_id,
        at_ns=at_ns,
        verdict=said.verdict,
        comment=said.comment.strip(),
        reviewer=actor,
        repeat=repeat,
        request_id=request_id,
        supersedes=present,
    )


def _refuse_stale(present: LabelVerdict | None) -> None:
    if present is None:
        raise VerdictStale(
            "There is no such earlier verdict on this label.",
            remedy="Open the episode again to see how it stands.",
            current=None,
        )
    by = present.reviewer.get_full_name() or present.reviewer.username
    raise VerdictStale(
        f"{by} gave this label another verdict meanwhile: {present.get_verdict_display().lower()}.",
        remedy="Look at it, then give yours again.",
        current=present.pk,
        verdict=present.verdict,
        comment=present.comment,
        by=by,
    )


def _again(before: LabelVerdict, item: BatchItem, actor: User, said: Said) -> LabelVerdict:
    same = (
        before.item_id == item.pk
        and before.reviewer_id == actor.pk
        and before.annotation_set_id == said.annotation_set_id
        and before.verdict == said.verdict
    )
    if not same:
        raise RequestReused(
            "This request id was used for another verdict.",
            remedy="Give each verdict a request id of its own.",
        )
    return before


def _where(
    judged: AnnotationSet, sets: list[AnnotationSet], said: Said
) -> tuple[UUID | None, int | None]:
    """The stored id of the label that is meant, and its time."""
    missing = said.verdict == Word.MISSING
    if said.label_id is None:
        if said.verdict not in (Word.MISSING, Word.WITHDRAWN) or said.at_ns is None:
            raise VerdictRefused(
                "This verdict names no label.",
                remedy="Choose a label; only what is missing may name a time instead.",
            )
        duration_ns = judged.project_episode.episode.duration_ns
        if not 0 <= said.at_ns < duration_ns:
            raise VerdictRefused(
                f"{said.at_ns / 1e9:.3f} s lies outside of the episode.",
                remedy=f"Name a time from 0 to {duration_ns / 1e9:.3f} s.",
            )
        return None, said.at_ns
    if said.verdict == Word.WITHDRAWN:
        wanted = [judged, *(one for one in sets if one.pk != judged.pk)]
    else:
        wanted = [one for one in sets if (one.pk == judged.pk) != missing]
    for one in wanted:
        rows = dict(
            Label.objects.filter(annotation_set=one).order_by().values_list("id", "start_ns")
        )
        stored = stored_id(one.pk, map(str, rows), str(said.label_id))
        if stored is not None:
            return UUID(stored), rows[UUID(stored)]
    raise VerdictRefused(
        "The label that is missing is one of somebody else's."
        if missing
        else "This set has no such label.",
        remedy="Choose a label of the other annotator." if missing else "Choose one of its labels.",
    )
