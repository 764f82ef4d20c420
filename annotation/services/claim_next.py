"""Give a person the next episode of a project."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotation.errors import LeaseExpired
from annotation.models import AnnotationSet, Assignment, LookAhead, Project, ProjectEpisode
from annotation.roles import Role, require_role
from annotation.selectors.ahead import by_preference, looks_at
from annotation.selectors.questions import answered_assignments
from annotation.selectors.queue import (
    claimable_episodes,
    own_assignments,
    reclaimable_assignments,
    returned_assignments,
)
from annotation.services import audit
from annotation.services.guidelines import refuse_unread
from annotation.services.leases import has_free_slot, hold_slot, lease_end
from annotation.services.progress import note_progress

State = Assignment.State


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


def claim_next(*, actor: User, project: Project) -> Claim | None:
    """Resume the live episode, else one whose question is answered, else returned work, else lapsed
    work, else a new episode.

    None when nothing is left. Never hands out more than the project's overlap, and never a second
    assignment of one episode to one person. Who has yet to acknowledge the guideline gets nothing
    new. Raises GuidelineUnread, NotFound, RoleMissing.
    """
    require_role(actor, project, Role.ANNOTATOR)
    while True:
        try:
            # A transaction an attempt: a lost race gives its lock back before the next one, so
            # that nobody ever waits for a second episode while keeping a first.
            with transaction.atomic():
                return _attempt(actor, project)
        except LeaseExpired:
            continue
        except _SlotTaken as taken:
            # A lost race: by now the winner's note says so. Otherwise the note was wrong.
            with transaction.atomic():
                note_progress([taken.place])


def _attempt(actor: User, project: Project) -> Claim | None:
    # Two tabs of one person take turns: the second finds what the first one claimed.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    now = timezone.now()
    own = own_assignments([project], actor)
    live = own.filter(state=State.ACTIVE, lease_expires_at__gt=now).first()
    if live is not None:
        return Claim(hold_slot(live, now), created=False)
    before = (
        answered_assignments([project], actor).first()
        or returned_assignments([project], actor).first()
        or reclaimable_assignments([project], actor, now).first()
    )
    if before is not None:
        state = before.state
        held = hold_slot(before, now)
        audit.record(
            actor=actor, action="assignment.resumed", project=project, subject=held, before=state
        )
        return Claim(held, created=False)
    refuse_unread(actor, project)
    episode = _free_episode(actor, project)
    return None if episode is None else Claim(_assign(actor, project, episode), created=True)


def _free_episode(actor: User, project: Project) -> ProjectEpisode | None:
    """A locked episode with a free slot, None when there is none. Raises _SlotTaken.

    What the person's editor has fetched ahead comes first, what others' have fetched last. Rows
    that other claimers hold are skipped; when only such rows are left they are waited for, because
    one of their slots may still be free. What was counted while choosing may be out of date once
    the row is locked, so it is counted again.
    """
    now = timezone.now()
    candidates = claimable_episodes([project], actor, now)
    episode = None
    for some in by_preference(candidates, looks_at(actor, project, now)):
        episode = some.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
        if episode is not None:
            break
    if episode is None:
        episode = candidates.select_for_update(no_key=True, of=("self",)).first()
    if episode is not None and not has_free_slot(episode, now):
        raise _SlotTaken(episode.pk)
    return episode


def _assign(actor: User, project: Project, episode: ProjectEpisode) -> Assignment:
    assignment = Assignment.objects.create(
        project_episode=episode, annotator=actor, lease_expires_at=lease_end(timezone.now())
    )
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
