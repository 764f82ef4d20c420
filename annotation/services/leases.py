"""Holding an episode's slot. The one place that decides whether a slot is free.

Locks are always taken in this order, so that no two requests wait for each other:
person, annotation set, project episode, assignments of that episode.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from annotation.errors import LeaseExpired
from annotation.models import Assignment, ProjectEpisode
from annotation.selectors.questions import is_blocked
from annotation.services.progress import note_progress

State = Assignment.State


def lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.LEASE_SECONDS)


def has_free_slot(episode: ProjectEpisode, now: datetime, *, besides: int | None = None) -> bool:
    """Whether one more person may work on ``episode``, whose row the caller has locked.

    Locks the assignments too: a lease that is being renewed at this moment is waited for and then
    read as renewed. ``besides`` is the person whose own assignment does not count.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A slot can be judged in a transaction only.")
    held = Assignment.objects.select_for_update(no_key=True).filter(project_episode=episode)
    holding = [
        one
        for one in held.order_by("pk")
        if one.annotator_id != besides and not one.beyond_overlap and _holds(one, now)
    ]
    return len(holding) < episode.overlap


def hold_slot(assignment: Assignment, now: datetime) -> Assignment:
    """Make the assignment active with a fresh lease, taking its slot again where that is free.

    Raises LeaseExpired when somebody else has the slot, or when it was given back or handed in.
    """
    episode = (
        ProjectEpisode.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project")
        .get(pk=assignment.project_episode_id)
    )
    free = has_free_slot(episode, now, besides=assignment.annotator_id)
    assignment.refresh_from_db()
    free = free or assignment.beyond_overlap
    assignment.project_episode = episode
    if assignment.state == State.RELEASED:
        raise LeaseExpired(
            "You gave this episode back.",
            remedy="Take the next episode from the queue.",
        )
    if assignment.state == State.SUBMITTED:
        raise LeaseExpired(
            "This episode is handed in already.",
            remedy="Take the next episode from the queue.",
        )
    if assignment.state == State.WAITING and is_blocked(episode):
        raise LeaseExpired(
            "Your question about this episode waits for its answer.",
            remedy="The episode comes back to you first once it is answered.",
        )
    if not _holds(assignment, now) and not free:
        raise LeaseExpired(
            "The lease on this episode ran out and it went to another annotator.",
            remedy="Your edits stay in this browser. Take the next episode from the queue.",
        )
    before, assignment.state = assignment.state, State.ACTIVE
    assignment.lease_expires_at = lease_end(now)
    assignment.save(update_fields=["state", "lease_expires_at"])
    if before != State.ACTIVE:
        note_progress([episode.pk])
    return assignment


def keep_slot(assignment: Assignment, now: datetime) -> None:
    """Make sure that a save comes from the slot's holder; renew the lease when half of it is gone.

    The common case reads and locks nothing. Raises LeaseExpired as ``hold_slot`` does.
    """
    half = timedelta(seconds=settings.LEASE_SECONDS / 2)
    if assignment.state != State.ACTIVE or assignment.lease_expires_at <= now:
        hold_slot(assignment, now)
    elif assignment.lease_expires_at - now < half:
        renewed = Assignment.objects.filter(
            pk=assignment.pk, state=State.ACTIVE, lease_expires_at__gt=now
        ).update(lease_expires_at=lease_end(now))
        if not renewed:
            hold_slot(assignment, now)


def _holds(assignment: Assignment, now: datetime) -> bool:
    """AssignmentQuerySet.holding_a_slot for one row in hand, whether or not it takes a slot."""
    if assignment.state in (State.SUBMITTED, State.RETURNED, State.WAITING):
        return True
    return assignment.state == State.ACTIVE and (
        assignment.rework or assignment.lease_expires_at > now
    )
