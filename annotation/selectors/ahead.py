"""What would come next, before anybody claims it.

The answers follow the same questions as ``claim_next`` and nothing else, so that an episode with
gold labels is fetched ahead exactly like any other.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from annotation.models import Assignment, LookAhead, Project, ProjectEpisode
from annotation.selectors.questions import answered_assignments
from annotation.selectors.queue import (
    claimable_episodes,
    own_assignments,
    reclaimable_assignments,
    returned_assignments,
)

State = Assignment.State


@dataclass(frozen=True, slots=True)
class Looks:
    """Look-aheads of a project that count now: the person's own, and what others have filled."""

    own: int | None
    spoken_for: Collection[int]


def looks_at(user: User, project: Project, now: datetime) -> Looks:
    """In one query, whatever the size of the queue: there is at most one look-ahead a person."""
    rows = LookAhead.objects.filter(project=project, expires_at__gt=now).values_list(
        "annotator", "project_episode", "project_episode__overlap", "project_episode__slots_taken"
    )
    own: int | None = None
    others: Counter[int] = Counter()
    room: dict[int, int] = {}
    for annotator, episode, overlap, taken in rows:
        if annotator == user.pk:
            own = episode
        else:
            others[episode] += 1
            room[episode] = overlap - taken
    return Looks(own, [episode for episode, count in others.items() if count >= room[episode]])


def by_preference(
    candidates: QuerySet[ProjectEpisode], looks: Looks
) -> list[QuerySet[ProjectEpisode]]:
    """The same candidates in the order of trying: what one has fetched already, then what nobody
    else has, then all of them. Nobody goes without because somebody looked ahead."""
    order = []
    if looks.own is not None:
        order.append(candidates.filter(pk=looks.own))
    if looks.spoken_for:
        order.append(candidates.exclude(pk__in=looks.spoken_for))
    return [*order, candidates]


def expected_next(
    user: User, project: Project, now: datetime, *, besides: UUID
) -> ProjectEpisode | None:
    """What ``claim_next`` would give once the assignment ``besides`` is handed in."""
    own = own_assignments([project], user).exclude(pk=besides).select_related("project_episode")
    at_hand = (
        own.filter(state=State.ACTIVE, lease_expires_at__gt=now).first()
        or answered_assignments([project], user).exclude(pk=besides).first()
        or returned_assignments([project], user).exclude(pk=besides).first()
        or reclaimable_assignments([project], user, now).exclude(pk=besides).first()
    )
    if at_hand is not None:
        return at_hand.project_episode
    candidates = claimable_episodes([project], user, now)
    for some in by_preference(candidates, looks_at(user, project, now)):
        found = some.first()
        if found is not None:
            return found
    return None
