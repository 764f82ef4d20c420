"""Projects as their people see them."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from annotation.errors import NotFound
from annotation.models import Assignment, Membership, Project, ProjectEpisode
from annotation.roles import Role
from annotation.selectors.queue_counts import by_progress, queue_counts
from annotation.selectors.work_counts import NOTHING, work_by_person
from episodes.access import Viewer
from episodes.models import Episode

_STATE = Assignment.State
_PROGRESS = ProjectEpisode.Progress
_ALL = 2**31 - 1
# All their annotators have handed in.
FINISHED = (_PROGRESS.SUBMITTED, _PROGRESS.IN_REVIEW, _PROGRESS.APPROVED)


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A line of the project list. ``done`` counts episodes that all their annotators handed in."""

    project: Project
    role: Role
    episodes: int
    done: int
    people: int


@dataclass(frozen=True, slots=True)
class ProjectProgress:
    """Episodes of a project by how far they are, and sets by how they stand."""

    episodes: int
    done: int
    begun: int
    untouched: int
    at_work: int
    handed_in: int
    returned: int


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A person of a project and what they have done in it."""

    user: User
    role: Role
    standing: Membership.Standing
    standing_reason: str
    handed_in: int
    at_work: int
    returned: int


def project_for(user: Viewer, project_id: int) -> Project:
    """A project the person may know of. Raises NotFound.

    The definition of its schema, some ten thousand letters, is read where a page shows it.
    """
    seen = Project.objects.visible_to(user).select_related("schema").defer("schema__definition")
    project = seen.filter(pk=project_id).first()
    if project is None:
        raise NotFound(
            "There is no such project.",
            remedy="Check the address, or ask a manager to add you to the project.",
        )
    return project


def project_rows(user: User) -> list[ProjectRow]:
    """The projects the person sees, by name. Four queries, however many projects."""
    projects = list(Project.objects.visible_to(user).order_by("name"))
    counts = queue_counts([project.pk for project in projects])
    by = {pk: by_progress(found) for pk, found in counts.items()}
    people = _counts(Membership.objects.filter(project__in=projects))
    roles = dict(
        Membership.objects.filter(user=user, project__in=projects).values_list("project", "role")
    )
    return [
        ProjectRow(
            project=project,
            role=Role.MANAGER if user.is_superuser else Role(roles[project.pk]),
            episodes=by[project.pk].total(),
            done=sum(by[project.pk][one] for one in FINISHED),
            people=people.get(project.pk, 0),
        )
        for project in projects
    ]


def progress_of_project(project: Project) -> ProjectProgress:
    """Three queries, whatever the size of the queue."""
    by = by_progress(queue_counts([project.pk])[project.pk])
    work = work_by_person(project.pk).values()
    done = sum(by[one] for one in FINISHED)
    return ProjectProgress(
        episodes=by.total(),
        done=done,
        begun=by.total() - done - by[_PROGRESS.WAITING],
        untouched=by[_PROGRESS.WAITING],
        handed_in=sum(one.handed_in for one in work),
        **_at_hand(project).aggregate(**_open_work()),
    )


def member_rows(project: Project) -> list[MemberRow]:
    """The project's people, managers first. Three queries."""
    work = work_by_person(project.pk)
    own = _at_hand(project).order_by().values("annotator").annotate(**_open_work())
    at_hand: dict[int, list[int]] = {
        pk: counts for pk, *counts in own.values_list("annotator", *_open_work())
    }
    members = Membership.objects.filter(project=project).select_related("user")
    rows = []
    for member in members.order_by("user__username"):
        at_work, returned = at_hand.get(member.user_id, (0, 0))
        rows.append(
            MemberRow(
                user=member.user,
                role=Role(member.role),
                standing=Membership.Standing(member.standing),
                standing_reason=member.standing_reason,
                handed_in=work.get(member.user_id, NOTHING).handed_in,
                at_work=at_work,
                returned=returned,
            )
        )
    return sorted(rows, key=lambda row: -list(Role).index(row.role))


def _at_hand(project: Project) -> QuerySet[Assignment]:
    work = Assignment.objects.of_annotators().filter(state__in=[_STATE.ACTIVE, _STATE.RETURNED])
    return work.filter(project_episode__project=project)


def _open_work() -> dict[str, Count]:
    """At work under a lease, and sent back."""
    live = Q(state=_STATE.ACTIVE, lease_expires_at__gt=timezone.now())
    return {
        "at_work": Count("pk", filter=live),
        "returned": Count("pk", filter=Q(state=_STATE.RETURNED)),
    }


def managed_projects(user: Viewer) -> QuerySet[Project]:
    """Projects whose queue the person may fill, by name."""
    projects = Project.objects.visible_to(user).order_by("name")
    if user.is_authenticated and user.is_superuser:
        return projects
    managed = Membership.objects.filter(user=user.pk, role=Role.MANAGER)
    return projects.filter(pk__in=managed.values("project"))


def shareable_episodes(user: Viewer) -> QuerySet[Episode]:
    """Episodes the person may put before a project's people.

    Seeing is not enough: who annotates in one project must not carry its episodes into another.
    They come from datasets of one's own and from projects that one manages.
    """
    if user.is_authenticated and user.is_superuser:
        return Episode.objects.all()
    managed = Membership.objects.filter(user=user.pk, role=Role.MANAGER).values("project")
    # Looked up for each, here and below: the set of all queued episodes does not fit into memory
    # once they are many, and is then gone through for every episode that there is.
    here = ProjectEpisode.objects.filter(project__in=managed, episode=OuterRef("pk"))
    return Episode.objects.visible_to(user).filter(Q(dataset__owner=user.pk) | Exists(here))


def addable_episodes(user: Viewer, project: Project) -> QuerySet[Episode]:
    """Ready episodes that the person may add and the project does not have."""
    here = ProjectEpisode.objects.filter(project=project, episode=OuterRef("pk"))
    fresh = Episode.objects.filter(~Exists(here), state=Episode.State.READY).order_by()
    # Found in one pass before anything is asked of each episode: what is bounded, here above all
    # numbers, the planner does not take apart.
    return shareable_episodes(user).filter(pk__in=fresh.values("pk")[:_ALL])


def landing(user: User) -> str:
    """The name of the page where a person's work begins: the highest of their roles decides."""
    roles = set(Membership.objects.filter(user=user).values_list("role", flat=True))
    if user.is_superuser or Role.MANAGER in roles:
        return "project-list"
    return "review-home" if Role.REVIEWER in roles else "queue"


def _counts(rows: QuerySet[Any]) -> dict[int, int]:
    """Rows by project, in one query."""
    return dict(rows.order_by().values_list("project").annotate(Count("pk")))
