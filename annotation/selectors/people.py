"""One person of a project, as those who oversee them see them."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db.models import Count, Min, QuerySet

from annotation.errors import NotFound
from annotation.models import Assignment, AuditEntry, Membership, Project, ProjectEpisode, Skip
from annotation.selectors.project_pages import HistoryLine, history_lines
from annotation.selectors.work_counts import NOTHING, work_by_project

_STATE = Assignment.State
_STANDING_CHANGES = ("membership.changed", "membership.standing_changed")
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Leaving:
    """What happens to a person's work when they are taken out: all but ``handed_in`` comes back."""

    at_work: int
    sent_back: int
    waiting: int
    reserved: int
    handed_in: int

    @property
    def returns(self) -> int:
        return self.at_work + self.sent_back + self.waiting


@dataclass(frozen=True, slots=True)
class PersonInProject:
    """``held`` is the work that the person has at hand, the oldest first."""

    membership: Membership
    leaving: Leaving
    held: tuple[Assignment, ...]
    reserved: tuple[ProjectEpisode, ...]
    reserved_until: date | None
    skips: tuple[Skip, ...]
    changes: list[HistoryLine]


def member_of(project: Project, username: str) -> Membership:
    """Raises NotFound."""
    members = Membership.objects.filter(project=project).select_related("user", "project")
    found = members.filter(user__username=username).first()
    if found is None:
        raise NotFound(
            f"{username} is not in {project.name}.", remedy="Choose somebody of its people."
        )
    return found


def leaving(project: Project, user: User) -> Leaving:
    """Four queries."""
    open_work = _open_work(project, user).order_by()
    counted = dict(open_work.values_list("state").annotate(Count("pk")))
    work = work_by_project([project.pk], user.pk).get(project.pk, NOTHING)
    answers = Assignment.objects.filter(
        annotator=user, expert=True, state=_STATE.SUBMITTED, project_episode__project=project
    )
    return Leaving(
        # A lapsed lease may still be taken up again; after leaving it may not.
        at_work=counted.get(_STATE.ACTIVE, 0) + counted.get(_STATE.EXPIRED, 0),
        sent_back=counted.get(_STATE.RETURNED, 0),
        waiting=counted.get(_STATE.WAITING, 0),
        reserved=ProjectEpisode.objects.filter(project=project, reserved_for=user).count(),
        handed_in=work.handed_in + answers.count(),
    )


def _open_work(project: Project, user: User) -> QuerySet[Assignment]:
    """Named by state, so that thousands that are handed in are not gone through."""
    states = [_STATE.ACTIVE, _STATE.EXPIRED, _STATE.RETURNED, _STATE.WAITING]
    own = Assignment.objects.filter(annotator=user, state__in=states)
    return own.filter(project_episode__project=project)


def person_in_project(project: Project, username: str) -> PersonInProject:
    """Raises NotFound. A fixed number of queries."""
    member = member_of(project, username)
    user = member.user
    held = (
        _open_work(project, user)
        .select_related("project_episode__episode__task")
        .order_by("claimed_at")
    )
    reserved = ProjectEpisode.objects.filter(project=project, reserved_for=user)
    skips = Skip.objects.filter(project_episode__project=project, annotator=user)
    entries = AuditEntry.objects.filter(
        project=project, subject=f"user:{user.pk}", action__in=_STANDING_CHANGES
    )
    return PersonInProject(
        membership=member,
        leaving=leaving(project, user),
        held=tuple(held[:MOST_SHOWN]),
        reserved=tuple(
            reserved.select_related("episode__task").order_by("position", "pk")[:MOST_SHOWN]
        ),
        reserved_until=reserved.aggregate(first=Min("reserved_until"))["first"],
        skips=tuple(skips.select_related("project_episode__episode")[:MOST_SHOWN]),
        changes=history_lines(entries.select_related("actor").order_by("-id")[:MOST_SHOWN]),
    )
