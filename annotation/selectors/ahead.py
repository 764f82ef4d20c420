"""What would come next, before anybody claims it.

The answers follow the same questions as ``claim_next`` and nothing else, so that an episode with
gold labels is fetched ahead exactly like any other.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import BooleanField, Exists, ExpressionWrapper, Q, QuerySet

from annotation.models import Assignment, LookAhead, Project, ProjectEpisode
from annotation.seeding import seeding
from annotation.selectors.offers import in_order, sorted_by_standing
from annotation.selectors.questions import answered_assignments
from annotation.selectors.queue import (
    claimable_episodes,
    claimable_freed,
    own_assignments,
    reclaimable_assignments,
    returned_assignments,
)
from annotation.selectors.work_counts import NOTHING, work_by_project

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
    kinds: Sequence[QuerySet[ProjectEpisode]], user: User, looks: Looks, *, reserved: bool = False
) -> list[QuerySet[ProjectEpisode]]:
    """The same candidates in the order of trying: what is reserved for one, what one has fetched
    already, what nobody else has, then all of them. Nobody goes without because somebody looked
    ahead. ``kinds`` of candidates take turns in each."""
    order: list[QuerySet[ProjectEpisode]] = []
    if reserved:
        order += [one.filter(reserved_for=user) for one in kinds]
    if looks.own is not None:
        order += [one.filter(pk=looks.own) for one in kinds]
    if looks.spoken_for:
        order += [one.exclude(pk__in=looks.spoken_for) for one in kinds]
    return [*order, *kinds]


def _in_turn(
    project: Project, slots: QuerySet[ProjectEpisode], freed: QuerySet[ProjectEpisode] | None
) -> list[QuerySet[ProjectEpisode]]:
    """Those with a slot and those that a lapsed lease frees, whose first comes sooner first."""
    if freed is None:
        return [slots]
    heads = [one.values_list("pk", flat=True).first() for one in (slots, freed)]
    found = [pk for pk in heads if pk is not None]
    both = in_order(ProjectEpisode.objects.filter(pk__in=found), [project])
    sooner = both.values_list("pk", flat=True).first()
    return [freed, slots] if sooner is not None and sooner == heads[1] else [slots, freed]


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
    slots = in_order(claimable_episodes([project], user, found), [project])
    if project.pk not in found.counted:
        return Offer(by_preference([slots], user, looks), beyond=True)
    freed = claimable_freed([project], user, now, found)
    kinds = _in_turn(project, slots, None if freed is None else in_order(freed, [project]))
    pool = seeding().pool([project], user)
    own = [Exists(one.order_by().filter(reserved_for=user)) for one in kinds]
    left = [Exists(one.order_by()) for one in kinds]
    before = work_by_project([project.pk], user.pk).get(project.pk, NOTHING)
    pooled, reserved, any_left = (
        Project.objects.filter(pk=project.pk)
        .order_by()
        .values_list(
            Exists(pool.order_by()),
            ExpressionWrapper(reduce(or_, map(Q, own)), BooleanField()),
            ExpressionWrapper(reduce(or_, map(Q, left)), BooleanField()),
        )
        .get()
    )
    beyond = pooled and any_left and seeding().due(project, user, before.given)
    tries = by_preference(
        [pool] if beyond else kinds, user, looks, reserved=reserved and not beyond
    )
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
