"""What the pages of one project list: its queue, its tasks, its trail."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from annotation.history_words import ANYBODY, Change, changes, note, sentence
from annotation.models import AcceptancePolicy, AuditEntry, Project, ProjectEpisode, TaskPolicy
from annotation.selectors.known import known_progress, known_to_be, taken_for_undecided
from annotation.selectors.queue_counts import by_progress, queue_counts, queued_tasks
from episodes.access import Viewer
from episodes.models import Episode, Task
from episodes.selectors.episodes import selected_episodes
from episodes.selectors.filters import EpisodeFilter


def queue_rows(
    user: Viewer, project: Project, asked: Mapping[str, Any]
) -> QuerySet[ProjectEpisode]:
    """The queue in its order, as far as it fits ``asked`` (QueueFilterForm); to be paged. With
    ``known_progress``."""
    rows = ProjectEpisode.objects.filter(project=project)
    if "key" in asked:
        rows = rows.filter(episode__key__icontains=asked["key"])
    if "task" in asked:
        rows = rows.filter(episode__task=asked["task"])
    if "progress" in asked:
        rows = rows.filter(known_to_be(user, asked["progress"]))
    if "purpose" in asked:
        rows = rows.filter(purpose=asked["purpose"])
    if "reserved" in asked:
        rows = rows.filter(reserved_for__username=asked["reserved"])
    return rows.annotate(known_progress=known_progress(user)).order_by("position", "pk")


def queue_length(user: Viewer, project: Project, asked: Mapping[str, Any]) -> int:
    """How many ``queue_rows`` there are; what is kept by task and progress is not counted again."""
    if not asked.keys() <= {"task", "progress"} or taken_for_undecided(user):
        return queue_rows(user, project, asked).count()
    task = asked["task"].pk if "task" in asked else None
    found = by_progress(queue_counts([project.pk])[project.pk], task)
    return found[asked["progress"]] if "progress" in asked else found.total()


def tasks_of(project: Project) -> QuerySet[Task]:
    """Tasks of the project's episodes, and those that have a policy."""
    kept = TaskPolicy.objects.filter(project=project).order_by()
    return Task.objects.filter(
        Q(pk__in=queued_tasks(project.pk)) | Q(pk__in=kept.values("task"))
    ).order_by("text")


def listed_episodes(
    user: Viewer, wanted: EpisodeFilter, listed: Iterable[str]
) -> QuerySet[Episode]:
    """The visible episodes that fit the filter; of a list those whose key or id is in it."""
    found = selected_episodes(user, wanted, None)
    words = list(listed)
    if not words:
        return found
    ids = [UUID(word) for word in words if _is_uuid(word)]
    return found.filter(Q(pk__in=ids) | Q(key__in=words))


def unknown_of_list(user: Viewer, wanted: EpisodeFilter, listed: list[str]) -> list[str]:
    """Lines of the list that name no episode that fits."""
    found = listed_episodes(user, wanted, listed).order_by().values_list("pk", "key")
    known = {name for pk, key in found for name in (str(pk), key)}
    return [word for word in listed if word not in known and word.lower() not in known]


def task_policies(project: Project) -> QuerySet[TaskPolicy]:
    return TaskPolicy.objects.filter(project=project).select_related("task").order_by("task__text")


def acceptance_policies(project: Project) -> QuerySet[AcceptancePolicy]:
    """Most exact last, as they are read: what holds for all, then the exceptions."""
    rows = AcceptancePolicy.objects.filter(project=project).select_related("task")
    return rows.order_by("evaluation", "task__text", "label_type")


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """An entry of the trail in words."""

    entry: AuditEntry
    who: str
    said: str
    changes: tuple[Change, ...]
    note: str


def project_entries(project: Project, asked: Mapping[str, Any]) -> QuerySet[AuditEntry]:
    """The trail, newest first, as far as it fits ``asked`` (HistoryFilterForm)."""
    entries = AuditEntry.objects.filter(project=project).select_related("actor").order_by("-id")
    if "action" in asked:
        entries = entries.filter(action=asked["action"])
    if "who" in asked:
        entries = entries.filter(actor__username=asked["who"])
    if "since" in asked:
        begin = datetime.combine(asked["since"], time(), project.zone)
        entries = entries.filter(created_at__gte=begin)
    if "until" in asked:
        end = datetime.combine(asked["until"] + timedelta(days=1), time(), project.zone)
        entries = entries.filter(created_at__lt=end)
    return entries


def actions_of(project: Project) -> list[tuple[str, str]]:
    """What has happened in the project, as choices."""
    found = AuditEntry.objects.filter(project=project).order_by("action")
    actions = found.values_list("action", flat=True).distinct()
    return [(action, action.replace(".", ": ").replace("_", " ")) for action in actions]


def history_lines(entries: Iterable[AuditEntry]) -> list[HistoryLine]:
    """In words; one query for the people that things were done to."""
    entries = list(entries)
    ids = {pk for entry in entries if (pk := _person(entry)) is not None}
    people = {user.pk: person_name(user) for user in User.objects.filter(pk__in=ids)}
    return [
        HistoryLine(
            entry=entry,
            who=person_name(entry.actor) if entry.actor else ANYBODY,
            said=sentence(entry.action, entry.facts, person=people.get(_person(entry) or 0, "")),
            changes=changes(entry.facts),
            note=note(entry.facts),
        )
        for entry in entries
    ]


def person_name(user: User) -> str:
    return user.get_full_name() or user.username


def _person(entry: AuditEntry) -> int | None:
    kind, _, pk = entry.subject.partition(":")
    return int(pk) if kind == "user" and pk.isdecimal() else None


def _is_uuid(word: str) -> bool:
    try:
        UUID(word)
    except ValueError:
        return False
    return True
