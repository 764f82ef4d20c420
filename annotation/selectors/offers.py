"""What a person may be offered, and in which order.

The order: the person's own reservations; the episode's priority; its task's priority; the task's
deadline, else the project's; the place in the queue. Places are given when episodes are added, by
turns over tasks and operators (``annotation.spread``), so that balance costs nothing here: the
partial index of episodes with a slot is read from its beginning.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db.models import (
    Case,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from annotation.models import Membership, Project, ProjectEpisode, TaskPolicy

_PURPOSE, _STANDING = ProjectEpisode.Purpose, Membership.Standing
# Work whose labels count, handed out up to the overlap.
COUNTED = (_PURPOSE.PRODUCTION, _PURPOSE.EVALUATION)
# Learning and testing: everybody gets all of it, whatever the overlap.
_LEARNING = {
    _STANDING.TRAINING: _PURPOSE.TRAINING,
    _STANDING.QUALIFYING: _PURPOSE.QUALIFICATION,
}


@dataclass(frozen=True, slots=True)
class Sorted:
    """Projects by what the person gets in them; paused and archived ones are nowhere here.

    ``learning`` holds pairs of project and purpose, ``withheld`` standing and reason by project.
    """

    counted: tuple[int, ...]
    learning: tuple[tuple[int, str], ...]
    withheld: dict[int, tuple[str, str]]


def sorted_by_standing(projects: Collection[Project], user: User) -> Sorted:
    """In one query. Nothing new comes of paused and archived projects, nor while one is paused."""
    own = Membership.objects.filter(project=OuterRef("pk"), user=user).order_by()
    rows = (
        Project.objects.filter(
            pk__in=[project.pk for project in projects], state=Project.State.ACTIVE
        )
        .order_by()
        .values_list(
            "pk", Subquery(own.values("standing")[:1]), Subquery(own.values("standing_reason")[:1])
        )
    )
    counted, learning, withheld = [], [], {}
    for pk, standing, reason in rows:
        # An administrator who is no member works like anybody qualified.
        if standing in (None, _STANDING.QUALIFIED):
            counted.append(pk)
        elif standing in _LEARNING:
            learning.append((pk, _LEARNING[_STANDING(standing)].value))
        else:
            withheld[pk] = (standing, reason)
    return Sorted(tuple(counted), tuple(learning), withheld)


def not_for_others(user: User) -> Q:
    """The condition on ProjectEpisode: reserved for nobody else."""
    return Q(reserved_for=None) | Q(reserved_for=user)


# Ranks with their tasks; 0, of tasks without a policy, is left out. Lower comes first.
Ranks = tuple[tuple[int, tuple[int, ...]], ...]


def in_order(candidates: QuerySet[ProjectEpisode], ranks: Ranks) -> QuerySet[ProjectEpisode]:
    """By urgency. Tasks take part in the order only where a policy sets one apart."""
    if not ranks:
        return candidates.order_by("-priority", "position", "pk")
    whens = [When(episode__task__in=tasks, then=Value(rank)) for rank, tasks in ranks]
    rank = Case(*whens, default=Value(0), output_field=IntegerField())
    return candidates.alias(task_rank=rank).order_by("-priority", "task_rank", "position", "pk")


def task_ranks(project: Project) -> Ranks:
    """Of the project's tasks, by their policies. One query."""
    policies = TaskPolicy.objects.filter(project=project).order_by("task")
    last = project.deadline or date.max
    keys = {
        task: (-priority, deadline or last)
        for task, priority, deadline in policies.values_list("task", "priority", "deadline")
    }
    usual = (0, last)
    order = sorted({usual, *keys.values()})
    found: dict[int, list[int]] = defaultdict(list)
    for task, key in keys.items():
        if key != usual:
            found[order.index(key) - order.index(usual)].append(task)
    return tuple((rank, tuple(tasks)) for rank, tasks in found.items())
