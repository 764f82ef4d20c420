"""What there is to do, for whom."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from annotation.models import (
    Assignment,
    AssignmentQuerySet,
    Membership,
    Project,
    ProjectEpisode,
)
from annotation.seeding import seeding
from annotation.selectors.offers import COUNTED, Sorted, not_for_others, sorted_by_standing
from annotation.selectors.questions import answered_assignments, not_blocked
from annotation.selectors.queue_counts import queue_counts
from annotation.selectors.work_counts import NOTHING, Work, work_by_project
from episodes.models import Episode

_STATE = Assignment.State
_STANDING = Membership.Standing


def freed_episodes(projects: Collection[Project], now: datetime) -> list[int]:
    """Full episodes in which a lease ran out that the sweep has not come to yet."""
    gone = Assignment.objects.filter(state=_STATE.ACTIVE, rework=False, lease_expires_at__lte=now)
    # Mostly none did, anywhere: that is asked first.
    if not gone.order_by().exists():
        return []
    full = ProjectEpisode.objects.filter(
        project__in=projects, has_slot=False, pk__in=gone.values("project_episode")
    )
    held = full.alias(held=_holding(OuterRef("pk"), now)).filter(held__lt=F("overlap"))
    return list(held.order_by().values_list("pk", flat=True))


def _holding(place: OuterRef, now: datetime) -> Coalesce:
    """How many people hold a slot of it at this moment."""
    held = Assignment.objects.holding_a_slot(now).filter(project_episode=place).order_by()
    counted = held.values("project_episode").annotate(total=Count("pk"))
    return Coalesce(Subquery(counted.values("total")), 0)


def claimable_episodes(
    projects: Collection[Project], user: User, found: Sorted | None = None
) -> QuerySet[ProjectEpisode]:
    """What the person's standing gives them and they never held, in the order of the queue.

    Work that counts while it has a slot by ``has_slot``; training or qualification whoever else had
    it. What leases freed that the sweep has not come to is ``claimable_freed``: asked for in one
    question with the others it would have all of them read.
    """
    found = found or sorted_by_standing(projects, user)
    fits = [Q(project=project, purpose=purpose) for project, purpose in found.learning]
    if found.counted:
        fits.append(Q(has_slot=True) & _counts_for(user, found))
    return _never_held(user, reduce(or_, fits, Q()) if fits else Q(pk__in=[]))


def claimable_freed(
    projects: Collection[Project], user: User, now: datetime, found: Sorted
) -> QuerySet[ProjectEpisode] | None:
    """The same of full episodes in which a lease ran out; mostly there is none, which is None."""
    counted = [project for project in projects if project.pk in found.counted]
    freed = freed_episodes(counted, now) if counted else []
    return _never_held(user, Q(pk__in=freed) & _counts_for(user, found)) if freed else None


def _counts_for(user: User, found: Sorted) -> Q:
    return not_for_others(user) & Q(project__in=found.counted, purpose__in=COUNTED)


def _never_held(user: User, condition: Q) -> QuerySet[ProjectEpisode]:
    # Asked of one place after the other: who has handed in thousands has them all read otherwise,
    # and so has who counts what is left of a long queue all recordings that there are.
    held = Assignment.objects.filter(annotator=user, project_episode=OuterRef("pk"))
    ready = Episode.objects.to_hand_out().filter(pk=OuterRef("episode")).order_by()
    rows = ProjectEpisode.objects.alias(ready=Subquery(ready.values(one=Value(1))[:1]))
    rows = rows.filter(~Exists(held), not_blocked(), condition, ready=1)
    return rows.order_by("position", "pk")


def own_assignments(projects: Collection[Project], user: User) -> AssignmentQuerySet:
    """The person's assignments in the order of the queue."""
    own = Assignment.objects.filter(annotator=user, project_episode__project__in=projects)
    return own.order_by("project_episode__position", "project_episode")


def returned_assignments(projects: Collection[Project], user: User) -> QuerySet[Assignment]:
    """The person's work that was sent back and that no open question blocks."""
    own = own_assignments(projects, user)
    return own.filter(not_blocked("project_episode"), state=_STATE.RETURNED)


def lapsed(now: datetime) -> Q:
    """The condition on assignments whose lease ran out, swept or not."""
    ran_out = Q(state=_STATE.ACTIVE, lease_expires_at__lte=now) | Q(state=_STATE.EXPIRED)
    # Said of both, so that they are found by the index of a person's states.
    return Q(state__in=[_STATE.ACTIVE, _STATE.EXPIRED]) & ran_out


def reclaimable_assignments(
    projects: Collection[Project], user: User, now: datetime
) -> QuerySet[Assignment]:
    """The person's lapsed work whose slot nobody else took."""
    own = own_assignments(projects, user).filter(lapsed(now), not_blocked("project_episode"))
    # Asked of each of the person's few: as a set it would be all that is open.
    ready = Episode.objects.to_hand_out().filter(pk=OuterRef("project_episode__episode"))
    counted = own.alias(held=_holding(OuterRef("project_episode"), now), ready=Exists(ready))
    free = Q(beyond_overlap=True) | Q(held__lt=F("project_episode__overlap"))
    return counted.filter(Q(rework=True) | Q(ready=True) & free)


@dataclass(frozen=True, slots=True)
class ProjectWork:
    """One project as the annotator sees it on the queue page. Counts are of episodes."""

    project: Project
    membership: Membership
    active: Assignment | None
    returned: tuple[Assignment, ...]
    asked: tuple[Assignment, ...]
    done: int
    waiting: int
    episodes: int
    reserved: int = 0
    reserved_until: date | None = None

    @property
    def withheld(self) -> bool:
        """Whether the person gets nothing new here for their own part."""
        return self.membership.standing in (_STANDING.PAUSED, _STANDING.FAILED)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an episode stands in a person's work on a project; ``position`` counts from 1."""

    position: int
    total: int


def work_of(user: User) -> list[ProjectWork]:
    """The person's own projects with what waits in each. A fixed number of queries."""
    now = timezone.now()
    memberships = list(
        Membership.objects.filter(user=user).select_related("project").order_by("project__name")
    )
    projects = [one.project for one in memberships]
    queued = queue_counts([project.pk for project in projects])
    reserved = _reserved(projects, user)
    done = work_by_project([project.pk for project in projects], user.pk)
    at_hand = list(
        Assignment.objects.filter(
            annotator=user, state__in=[_STATE.ACTIVE, _STATE.RETURNED, _STATE.WAITING]
        )
        .select_related("project_episode__episode__task", "returned_by")
        .order_by("project_episode__position", "project_episode")
    )
    waiting = waiting_in(projects, user, now, done)
    work = []
    for member in memberships:
        project = member.project
        here = [one for one in at_hand if one.project_episode.project_id == project.pk]
        live = [one for one in here if one.state == _STATE.ACTIVE and one.lease_expires_at > now]
        work.append(
            ProjectWork(
                project=project,
                membership=member,
                active=live[0] if live else None,
                returned=tuple(one for one in here if one.state == _STATE.RETURNED),
                asked=tuple(one for one in here if one.state == _STATE.WAITING),
                done=done.get(project.pk, NOTHING).handed_in,
                waiting=waiting[project.pk],
                episodes=queued[project.pk].total(),
                **reserved.get(project.pk, {}),
            )
        )
    return work


def _reserved(projects: Collection[Project], user: User) -> dict[int, dict[str, Any]]:
    """By project: episodes reserved for the person, and the first day on which one ends."""
    own = ProjectEpisode.objects.filter(project__in=projects, reserved_for=user)
    counted = own.order_by().values_list("project").annotate(Count("pk"), Min("reserved_until"))
    return {pk: {"reserved": total, "reserved_until": until} for pk, total, until in counted}


def _counts(rows: QuerySet[Any], group: str) -> dict[int, int]:
    """Rows by the value of ``group``, in one query."""
    return dict(rows.order_by().values_list(group).annotate(Count("pk")))


def waiting_in(
    projects: Collection[Project],
    user: User,
    now: datetime,
    before: Mapping[int, Work] | None = None,
) -> Counter[int]:
    """Episodes by project that "next" could still bring: new ones, and lapsed ones of one's own.

    What is mixed in is counted ahead, so that an episode that is and one that is not both bring the
    count down by one. ``before`` is the person's work, where it is known already.
    """
    if before is None:
        before = work_by_project([project.pk for project in projects], user.pk)
    found = sorted_by_standing(projects, user)
    fresh = Counter(_counts(claimable_episodes(projects, user, found), "project"))
    freed = claimable_freed(projects, user, now, found)
    if freed is not None:
        fresh += Counter(_counts(freed, "project"))
    again = reclaimable_assignments(projects, user, now)
    counted = [project for project in projects if project.pk in found.counted]
    mixed = _mixed_in(counted, user, fresh, before)
    return fresh + mixed + Counter(_counts(again, "project_episode__project"))


def _mixed_in(
    projects: Collection[Project], user: User, fresh: Counter[int], before: Mapping[int, Work]
) -> Counter[int]:
    pooled = _counts(seeding().pool(projects, user), "project")
    return Counter(
        {
            project.pk: seeding().among(
                project,
                user,
                given=before.get(project.pk, NOTHING).given,
                ordinary=fresh.get(project.pk, 0),
                pooled=pooled.get(project.pk, 0),
            )
            for project in projects
        }
    )


def anything_left(project: Project, user: User, now: datetime) -> bool:
    """Whether "next" would bring something."""
    live = Q(state=_STATE.ACTIVE, lease_expires_at__gt=now)
    found = sorted_by_standing([project], user)
    # Mostly there is something new: that is asked first.
    if (
        claimable_episodes([project], user, found).exists()
        or own_assignments([project], user).filter(live).exists()
        or answered_assignments([project], user).exists()
        or returned_assignments([project], user).exists()
        or reclaimable_assignments([project], user, now).exists()
    ):
        return True
    freed = claimable_freed([project], user, now, found)
    return freed is not None and freed.exists()


def progress_of(assignment: Assignment) -> Progress:
    """How far the person is: what they handed in, this one, and what they could still get."""
    project, user = assignment.project_episode.project, assignment.annotator
    before = work_by_project([project.pk], user.pk)
    done = before.get(project.pk, NOTHING).handed_in
    if assignment.state == _STATE.SUBMITTED and not assignment.expert:
        done -= 1
    returned = own_assignments([project], user).filter(state=_STATE.RETURNED)
    waiting = waiting_in([project], user, timezone.now(), before)[project.pk]
    position = done + 1
    total = position + returned.exclude(pk=assignment.pk).order_by().count() + waiting
    return Progress(position=position, total=total)
