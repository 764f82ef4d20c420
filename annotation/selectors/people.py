"""One person of a project, as those who oversee them see them."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db.models import Count, Min

from annotation.errors import NotFound
from annotation.models import Assignment, AuditEntry, Membership, Project, ProjectEpisode, Skip
from annotation.selectors.project_pages import HistoryLine, history_lines

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
    """Two queries."""
    own = Assignment.objects.filter(annotator=user, project_episode__project=project)
    counted = dict(own.order_by().values_list("state").annotate(Count("pk")))
    return Leaving(
        # A lapsed lease may still be taken up again; after leaving it may not.
        at_work=counted.get(_STATE.ACTIVE, 0) + counted.get(_STATE.EXPIRED, 0),
        sent_back=counted.get(_STATE.RETURNED, 0),
        waiting=counted.get(_STATE.WAITING, 0),
        reserved=ProjectEpisode.objects.filter(project=project, reserved_for=user).count(),
        handed_in=counted.get(_STATE.SUBMITTED, 0),
    )


def person_in_project(project: Project, username: str) -> PersonInProject:
    """Raises NotFound. A fixed number of queries."""
    member = member_of(project, username)
    user = member.user
    held = (
        Assignment.objects.filter(annotator=user, project_episode__project=project)
        .exclude(state__in=[_STATE.SUBMITTED, _STATE.RELEASED])
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
