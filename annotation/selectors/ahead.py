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
from django.db.models import Exists, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotation.models import Assignment, LookAhead, Project, ProjectEpisode
from annotation.seeding import seeding
from annotation.selectors.offers import in_order, sorted_by_standing
from annotation.selectors.questions import answered_assignments
from annotation.selectors.queue import (
    claimable_episodes,
    given,
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
    candidates: QuerySet[ProjectEpisode], user: User, looks: Looks, *, reserved: bool = False
) -> list[QuerySet[ProjectEpisode]]:
    """The same candidates in the order of trying: what is reserved for one, what one has fetched
    already, what nobody else has, then all of them. Nobody goes without because somebody looked
    ahead."""
    order = [candidates.filter(reserved_for=user)] if reserved else []
    if looks.own is not None:
        order.append(candidates.filter(pk=looks.own))
    if looks.spoken_for:
        order.append(candidates.exclude(pk__in=looks.spoken_for))
    return [*order, candidates]


@dataclass(frozen=True, slots=True)
class Offer:
    """What the next episode is taken from: ``tries`` in turn, the last of them all there is.

    ``beyond`` of the overlap: whoever else had it. ``counted``: its labels will count.
    ``withheld``: the standing that gives the person nothing, and its reason.
    """

    tries: list[QuerySet[ProjectEpisode]]
    beyond: bool = False
    counted: bool = False
    withheld: tuple[str, str] | None = None


def next_offer(user: User, project: Project, now: datetime) -> Offer:
    """Claiming and looking ahead both ask here, so that they agree.

    Whether something is mixed in or not, the same statements are asked: what is in the pool and
    whether anything else is left, due or not.
    """
    found = sorted_by_standing([project], user)
    if project.pk in found.withheld:
        return Offer([], withheld=found.withheld[project.pk])
    looks = looks_at(user, project, now)
    candidates = in_order(claimable_episodes([project], user, now, found), [project])
    if project.pk not in found.counted:
        return Offer(by_preference(candidates, user, looks), beyond=True)
    pool = seeding().pool([project], user)
    before, pooled, reserved, any_left = (
        Project.objects.filter(pk=project.pk)
        .order_by()
        .values_list(
            Coalesce(Subquery(given([project], user).values("total")), 0),
            Exists(pool.order_by()),
            Exists(candidates.order_by().filter(reserved_for=user)),
            Exists(candidates.order_by()),
        )
        .get()
    )
    beyond = pooled and any_left and seeding().due(project, user, before)
    chosen = pool if beyond else candidates
    tries = by_preference(chosen, user, looks, reserved=reserved and not beyond)
    return Offer(tries, beyond, counted=True)


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
    for some in next_offer(user, project, now).tries:
        found = some.first()
        if found is not None:
            return found
    return None
