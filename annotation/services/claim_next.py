"""Give a person the next episode of a project."""

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from annotation.errors import LeaseExpired, WorkWithheld
from annotation.models import (
    AnnotationSet,
    Assignment,
    LookAhead,
    Membership,
    Project,
    ProjectEpisode,
)
from annotation.roles import Role, require_role
from annotation.seeding import seeding
from annotation.selectors.ahead import Offer, next_offer
from annotation.selectors.questions import answered_assignments
from annotation.selectors.queue import (
    own_assignments,
    reclaimable_assignments,
    returned_assignments,
)
from annotation.services import audit
from annotation.services.guidelines import refuse_unread
from annotation.services.leases import has_free_slot, hold_slot, lease_end
from annotation.services.progress import lock_place, note_progress

State = Assignment.State
# What a person may go on with; mostly there is nothing, and one question says so.
_AT_HAND = (State.ACTIVE, State.RETURNED, State.WAITING, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class Claim:
    """``created`` is False when the person goes on with something they held before."""

    assignment: Assignment
    created: bool


class _SlotTaken(Exception):
    """Somebody else was quicker between choosing an episode and locking it."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


class _RowBusy(Exception):
    """All that is left is locked by others.

    Not waited for here: a row that turned out to be full stays locked until the transaction ends,
    and two people who hold one such row each and wait for the other's would wait for ever.
    """

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def claim_next(*, actor: User, project: Project) -> Claim | None:
    """Resume the live episode, else one whose question is answered, else returned work, else lapsed
    work, else a new episode.

    New work by standing: training, qualification or what counts; see ``selectors.offers`` for the
    order. None when nothing is left. Never hands out more than the project's overlap, and never a
    second assignment of one episode to one person. Raises WorkWithheld to who is paused or not
    qualified, GuidelineUnread to who has yet to acknowledge the guideline, NotFound, RoleMissing.
    """
    while True:
        try:
            # A transaction an attempt: a lost race gives its lock back before the next one, so
            # that nobody ever waits for a second episode while keeping a first.
            with transaction.atomic():
                return _attempt(actor, project)
        except LeaseExpired:
            continue
        except _RowBusy as busy:
            with transaction.atomic():
                lock_place(busy.place)
        except _SlotTaken as taken:
            # A lost race: by now the winner's note says so. Otherwise the note was wrong.
            with transaction.atomic():
                note_progress([taken.place])


def _attempt(actor: User, project: Project) -> Claim | None:
    # Two tabs of one person take turns: the second finds what the first one claimed.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    # Asked under that lock: who is being taken out of the project gets nothing any more.
    require_role(actor, project, Role.ANNOTATOR)
    now = timezone.now()
    at_hand = own_assignments([project], actor).filter(state__in=_AT_HAND)
    if at_hand.order_by().exists():
        resumed = _resumed(actor, project, at_hand, now)
        if resumed is not None:
            return resumed
    refuse_unread(actor, project)
    now = timezone.now()
    offer = next_offer(actor, project, now)
    if offer.withheld is not None:
        _refuse_withheld(project, *offer.withheld)
    episode = _free_episode(offer, now)
    if episode is None:
        return None
    return Claim(_assign(actor, project, episode, beyond=offer.beyond), created=True)


def _resumed(
    actor: User, project: Project, at_hand: QuerySet[Assignment], now: datetime
) -> Claim | None:
    """What the person goes on with, of what they have at hand."""
    live = at_hand.filter(state=State.ACTIVE, lease_expires_at__gt=now).first()
    if live is not None:
        return Claim(hold_slot(live, now), created=False)
    before = (
        answered_assignments([project], actor).first()
        or returned_assignments([project], actor).first()
        or reclaimable_assignments([project], actor, now).first()
    )
    if before is None:
        return None
    state = before.state
    held = hold_slot(before, now)
    audit.record(
        actor=actor, action="assignment.resumed", project=project, subject=held, before=state
    )
    return Claim(held, created=False)


def _refuse_withheld(project: Project, standing: str, reason: str) -> NoReturn:
    name = Membership.Standing(standing).label
    raise WorkWithheld(
        f"You get no new work in {project.name}: {name.lower()}. {reason}".strip(),
        remedy="Ask a manager of the project.",
        standing=standing,
    )


def _free_episode(offer: Offer, now: datetime) -> ProjectEpisode | None:
    """A locked episode with a free slot, None when there is none. Raises _SlotTaken.

    Rows that other claimers hold are skipped; when only such rows are left one is waited for,
    because one of their slots may still be free: raises _RowBusy. What was counted while choosing
    may be out of date once the row is locked, so it is counted again.
    """
    episode = None
    for some in offer.tries:
        episode = some.first_free()
        if episode is not None:
            break
    if episode is None:
        busy = next((one for some in offer.tries if (one := some.first()) is not None), None)
        if busy is None:
            return None
        raise _RowBusy(busy.pk)
    if offer.counted:
        # Both are asked of every episode: none is to be known by how long it takes.
        free, mixable = has_free_slot(episode, now), seeding().has_room(episode)
        if not (mixable if offer.beyond else free):
            raise _SlotTaken(episode.pk)
    return episode


def _assign(actor: User, project: Project, episode: ProjectEpisode, *, beyond: bool) -> Assignment:
    episode.project = project
    assignment = Assignment.objects.create(
        project_episode=episode,
        annotator=actor,
        lease_expires_at=lease_end(timezone.now()),
        beyond_overlap=beyond,
    )
    if episode.reserved_for_id == actor.pk:
        # From now on its other slots are anybody's.
        ProjectEpisode.objects.filter(pk=episode.pk).update(reserved_for=None, reserved_until=None)
    AnnotationSet.objects.create(
        project_episode=episode, assignment=assignment, schema_id=project.schema_id
    )
    LookAhead.objects.filter(annotator=actor, project=project).delete()
    note_progress([episode.pk])
    audit.record(
        actor=actor,
        action="assignment.claimed",
        project=project,
        subject=assignment,
        episode=str(episode.episode_id),
    )
    return assignment
