"""What would come next, before anybody claims it.

The answers follow the same questions as ``claim_next`` and nothing else, so that an episode with
gold labels is fetched ahead exactly like any other.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache, partial, reduce
from operator import or_
from typing import Any, Literal
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import BooleanField, Exists, ExpressionWrapper, Q, QuerySet
from django.db.models.expressions import RawSQL

from annotation.models import Assignment, LookAhead, Project, ProjectEpisode
from annotation.seeding import seeding
from annotation.selectors.offers import Ranks, Sorted, in_order, sorted_by_standing, task_ranks
from annotation.selectors.prepared import PERSON, PROJECT, Statement
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


_COUNTED = Sorted((PROJECT.pk,), (), {})
# Stand-ins for the look-aheads of whoever asks.
_OWN, _SPOKEN_FOR = -1_000_000_021, (-1_000_000_033,)
# What is reserved for one, what one has fetched already, what nobody else has, then all of them.
# Nobody goes without because somebody looked ahead.
_Preference = Literal["reserved", "fetched", "others", "all"]
# One kind of candidates as it is tried at each preference.
Kind = Callable[[_Preference], Statement]


def _preferred(
    candidates: QuerySet[ProjectEpisode], preference: _Preference
) -> QuerySet[ProjectEpisode]:
    match preference:
        case "reserved":
            return candidates.filter(reserved_for=PERSON)
        case "fetched":
            return candidates.filter(pk=_OWN)
        case "others":
            nobodys = f"{ProjectEpisode._meta.db_table}.id <> ALL(%s)"
            return candidates.filter(RawSQL(nobodys, [_SPOKEN_FOR], BooleanField()))
        case _:
            return candidates


@lru_cache(maxsize=64)
def _slots(learned: str, ranks: Ranks, preference: _Preference) -> Statement:
    """Episodes of the purpose that is learned by; where it is empty, those that count."""
    found = Sorted((), ((PROJECT.pk, learned),), {}) if learned else _COUNTED
    candidates = claimable_episodes([PROJECT], PERSON, found)
    return Statement.of(_preferred(in_order(candidates, ranks), preference))


@lru_cache(maxsize=16)
def _pooled(preference: _Preference) -> Statement:
    return Statement.of(_preferred(seeding().pool([PROJECT], PERSON), preference))


def _freed(
    candidates: QuerySet[ProjectEpisode], ranks: Ranks, preference: _Preference
) -> Statement:
    return Statement.of(_preferred(in_order(candidates, ranks), preference))


def _what_there_is(freed: QuerySet[ProjectEpisode] | None) -> Statement:
    """Whether something is in the pool, whether something is reserved for the person, and whether
    anything else is left."""
    slots = claimable_episodes([PROJECT], PERSON, _COUNTED)
    kinds = [slots] if freed is None else [slots, freed]
    own = [Exists(one.order_by().filter(reserved_for=PERSON)) for one in kinds]
    left = [Exists(one.order_by()) for one in kinds]
    project = Project.objects.filter(pk=PROJECT.pk).order_by()
    return Statement.of(
        project.values_list(
            Exists(seeding().pool([PROJECT], PERSON).order_by()),
            ExpressionWrapper(reduce(or_, map(Q, own)), BooleanField()),
            ExpressionWrapper(reduce(or_, map(Q, left)), BooleanField()),
        )
    )


_what_there_mostly_is = cache(partial(_what_there_is, None))


def _in_turn(ranks: Ranks, kinds: list[Kind], really: Mapping[Hashable, Any]) -> list[Kind]:
    """Those with a slot and those that a lapsed lease frees, whose first comes sooner first."""
    heads = [one("all").put(really).first() for one in kinds]
    places = ProjectEpisode.objects.filter(pk__in=[one.pk for one in heads if one is not None])
    sooner = in_order(places, ranks).first()
    return kinds[::-1] if sooner is not None and sooner == heads[1] else kinds


@dataclass(frozen=True, slots=True)
class Offer:
    """What the next episode is taken from: ``tries`` in turn, the last of them all there is.

    ``beyond`` of the overlap: whoever else had it. ``counted``: its labels will count.
    ``withheld``: the standing that gives the person nothing, and its reason.
    """

    tries: list[Statement]
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
    looks, ranks = looks_at(user, project, now), task_ranks(project)
    really = {
        PERSON.pk: user.pk,
        PROJECT.pk: project.pk,
        _OWN: looks.own,
        _SPOKEN_FOR: list(looks.spoken_for),
    }
    if project.pk not in found.counted:
        learned = [partial(_slots, purpose, ranks) for _, purpose in found.learning]
        return Offer(_tries(learned, looks, really), beyond=True)
    kinds: list[Kind] = [partial(_slots, "", ranks)]
    freed = claimable_freed([project], user, now, found)
    if freed is not None:
        kinds = _in_turn(ranks, [*kinds, partial(_freed, freed, ranks)], really)
    before = work_by_project([project.pk], user.pk).get(project.pk, NOTHING)
    there_is = _what_there_mostly_is() if freed is None else _what_there_is(freed)
    pooled, reserved, any_left = there_is.put(really).row() or (False, False, False)
    if pooled and any_left and seeding().due(project, user, before.given):
        return Offer(_tries([_pooled], looks, really), beyond=True, counted=True)
    return Offer(_tries(kinds, looks, really, reserved=reserved), counted=True)


def _tries(
    kinds: Sequence[Kind],
    looks: Looks,
    really: Mapping[Hashable, Any],
    *,
    reserved: bool = False,
) -> list[Statement]:
    """``kinds`` take turns in each preference."""
    order: list[_Preference] = []
    if reserved:
        order.append("reserved")
    if looks.own is not None:
        order.append("fetched")
    if looks.spoken_for:
        order.append("others")
    return [kind(one).put(really) for one in (*order, "all") for kind in kinds]


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
