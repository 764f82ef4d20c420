"""Change what is in a project's queue: purpose, priority, or take it out."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import ngettext

from annotation.models import AnnotationSet, Assignment, Project, ProjectEpisode
from annotation.roles import Role, require_role
from annotation.services import audit
from annotation.services.queue_counts import uncount
from episodes.services.change_episodes import MOST_AT_ONCE, refuse_too_many

_PURPOSE = ProjectEpisode.Purpose
# Work whose labels are released; the other purposes are for learning and testing people.
_COUNTS = frozenset({_PURPOSE.PRODUCTION, _PURPOSE.EVALUATION})


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """How many of the chosen episodes were changed, and how many could not be."""

    changed: int
    refused: int = 0


@transaction.atomic
def set_purpose(
    *, actor: User, project: Project, chosen: QuerySet[ProjectEpisode], purpose: str
) -> QueueChanged:
    """What the episodes are for. Managers only.

    Into training or qualification, and out of them, only where nobody has begun: it decides who
    gets an episode and whether its labels count. Raises TooManyEpisodes, NotFound, RoleMissing.
    """
    other = [row for row in _locked(actor, project, chosen) if row.purpose != purpose]
    apart = [row for row in other if not _COUNTS.issuperset((row.purpose, purpose))]
    begun = _begun(apart)
    free = [row for row in other if row.pk not in begun]
    before = sorted({row.purpose for row in free})
    ProjectEpisode.objects.filter(pk__in=[row.pk for row in free]).update(purpose=purpose)
    _note(actor, project, free, "project.purpose_changed", before=before, after=purpose)
    return QueueChanged(len(free), len(other) - len(free))


@transaction.atomic
def set_priority(
    *, actor: User, project: Project, chosen: QuerySet[ProjectEpisode], priority: int
) -> QueueChanged:
    """Higher comes first. Managers only. Raises TooManyEpisodes, NotFound, RoleMissing."""
    rows = [row for row in _locked(actor, project, chosen) if row.priority != priority]
    before = sorted({row.priority for row in rows})
    ProjectEpisode.objects.filter(pk__in=[row.pk for row in rows]).update(priority=priority)
    _note(actor, project, rows, "project.priority_changed", before=before, after=priority)
    return QueueChanged(len(rows))


@transaction.atomic
def remove_episodes(
    *, actor: User, project: Project, chosen: QuerySet[ProjectEpisode]
) -> QueueChanged:
    """Take episodes out of the queue; those that somebody has begun, ever, stay with their work.

    Managers only. Raises TooManyEpisodes, NotFound, RoleMissing.
    """
    rows = _locked(actor, project, chosen)
    kept = _begun(rows) | _labelled(rows)
    free = [row for row in rows if row.pk not in kept and not row.review]
    _note(actor, project, free, "project.episodes_removed")
    uncount([row.pk for row in free])
    ProjectEpisode.objects.filter(pk__in=[row.pk for row in free]).delete()
    return QueueChanged(len(free), len(rows) - len(free))


def said(changed: QueueChanged, what: str) -> str:
    """``what`` completes "3 episodes are"."""
    are = ngettext("episode is", "episodes are", changed.changed)
    words = f"{changed.changed:,} {are} {what}."
    if changed.refused:
        stay = ngettext("stays as it was", "stay as they were", changed.refused)
        words += f" {changed.refused:,} {stay}: work on such episodes has begun."
    return words


def _locked(
    actor: User, project: Project, chosen: QuerySet[ProjectEpisode]
) -> list[ProjectEpisode]:
    require_role(actor, project, Role.MANAGER)
    # Claims lock the episode before they look: what is untouched under this lock stays so.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    ids = list(chosen.order_by().values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    refuse_too_many(len(ids))
    rows = ProjectEpisode.objects.filter(project=project, pk__in=ids).order_by("pk")
    return list(rows.select_for_update(of=("self",)).select_related("episode"))


def _begun(rows: list[ProjectEpisode]) -> set[int]:
    """Those with an assignment, even one that was given back."""
    ids = [row.pk for row in rows]
    found = Assignment.objects.filter(project_episode__in=ids).order_by()
    return set(found.values_list("project_episode", flat=True))


def _labelled(rows: list[ProjectEpisode]) -> set[int]:
    ids = [row.pk for row in rows]
    found = AnnotationSet.objects.filter(project_episode__in=ids).order_by()
    return set(found.values_list("project_episode", flat=True))


def _note(
    actor: User, project: Project, rows: list[ProjectEpisode], action: str, **facts: object
) -> None:
    """One entry for all of them, with the keys of the first hundred."""
    if rows:
        audit.record(
            actor=actor,
            action=action,
            project=project,
            subject=project,
            episodes=len(rows),
            keys=[row.episode.key for row in rows[:100]],
            **facts,
        )
