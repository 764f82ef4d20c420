"""Where work waits: by stage, by task, since when; who holds what; when it is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Greatest
from django.utils import timezone

from annotation.models import Assignment, Project, ProjectEpisode
from annotation.selectors.queue_counts import by_progress, queue_counts
from episodes.models import Episode, Task
from review.measures.forecast import Forecast, forecast
from review.selectors.daily import Daily, Wanted
from review.selectors.dashboard import day_rows
from review.selectors.day_counts import day_span

_PROGRESS = ProjectEpisode.Progress
OPEN_STAGES = tuple(one.value for one in _PROGRESS if one != _PROGRESS.APPROVED)
# A median of so many tells what it is today; more only take longer to look up.
LATEST = 1000
_HELD = (Assignment.State.ACTIVE, Assignment.State.RETURNED, Assignment.State.WAITING)

# Since when each place is where it is, from its records; a place of an early version's queue does
# not know when it came in. Kept once: each figure would look the times up again. Batches are few
# and joined, what hangs on a place is looked up for those stages alone that ask for it: only what
# is in review is in a batch.
_AGES = """
WITH places AS MATERIALIZED (
  SELECT pe.progress, pe.id, pe.added_at, CASE WHEN pe.progress = 'in_review'
    THEN (SELECT i.batch_id FROM review_batchitem i WHERE i.project_episode_id = pe.id) END AS batch
  FROM annotation_projectepisode pe
  WHERE pe.project_id = %(project)s AND pe.progress = ANY(%(stages)s) {of_task}
), here AS MATERIALIZED (
  SELECT place.progress, CASE place.progress
    WHEN 'waiting' THEN place.added_at
    WHEN 'labelling' THEN (SELECT min(a.claimed_at) FROM annotation_assignment a
      WHERE a.project_episode_id = place.id AND NOT a.beyond_overlap
        AND a.state IN ('active', 'returned', 'submitted', 'waiting'))
    WHEN 'returned' THEN (SELECT min(s.created_at) FROM annotation_annotationset s
      WHERE s.project_episode_id = place.id AND s.round > 1 AND s.state = 'draft')
    ELSE greatest(b.created_at, (SELECT max(a.submitted_at) FROM annotation_assignment a
      WHERE a.project_episode_id = place.id AND NOT a.beyond_overlap)) END AS since
  FROM places place LEFT JOIN review_batch b ON b.id = place.batch
)
SELECT progress, count(*), count(since),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM %(now)s - since)),
       max(extract(epoch FROM %(now)s - since))
FROM here GROUP BY progress
"""
_OF_TASK = "AND (SELECT e.task_id FROM episodes_episode e WHERE e.id = pe.episode_id) = %(task)s"
# How long those that left a stage in the chosen days were in it: the newest so many.
_LEFT = """
SELECT 'labelling', count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY took) FROM (
  SELECT extract(epoch FROM s.submitted_at - s.created_at) AS took
  FROM annotation_annotationset s JOIN annotation_projectepisode pe ON pe.id = s.project_episode_id
  WHERE pe.project_id = %(project)s AND s.state = 'submitted' AND s.kind = 'annotator'
    AND s.round = 1 AND s.submitted_at >= %(begin)s AND s.submitted_at < %(end)s
  ORDER BY s.submitted_at DESC LIMIT %(newest)s) one
UNION ALL
SELECT 'returned', count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY took) FROM (
  SELECT extract(epoch FROM s.submitted_at - s.created_at) AS took
  FROM annotation_annotationset s JOIN annotation_projectepisode pe ON pe.id = s.project_episode_id
  WHERE pe.project_id = %(project)s AND s.state = 'submitted' AND s.kind = 'annotator'
    AND s.round > 1 AND s.submitted_at >= %(begin)s AND s.submitted_at < %(end)s
  ORDER BY s.submitted_at DESC LIMIT %(newest)s) one
UNION ALL
SELECT 'in_review', count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY took) FROM (
  SELECT extract(epoch FROM v.created_at - s.submitted_at) AS took
  FROM review_verdict v JOIN review_batchitem i ON i.id = v.item_id
  JOIN review_batch b ON b.id = i.batch_id
  JOIN annotation_annotationset s ON s.id = v.annotation_set_id
  WHERE b.project_id = %(project)s AND v.created_at >= %(begin)s AND v.created_at < %(end)s
  ORDER BY v.created_at DESC LIMIT %(newest)s) one
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the work: how many episodes are in it, how long they have been (of ``dated`` of
    them it is known), and how long those took that left it in the chosen days. Seconds."""

    name: str
    progress: str
    episodes: int
    dated: int = 0
    median_s: float | None = None
    oldest_s: float | None = None
    left: int = 0
    left_median_s: float | None = None


@dataclass(frozen=True, slots=True)
class TaskBacklog:
    """Episodes of a task that are not approved, by stage in the order of OPEN_STAGES."""

    task: Task | None
    by_stage: tuple[tuple[str, int], ...]

    @property
    def episodes(self) -> int:
        return sum(count for _, count in self.by_stage)


def stage_counts(project: Project, task: int | None = None) -> list[Stage]:
    """Episodes by how far they are, in the order of the work. One query."""
    found = by_progress(queue_counts([project.pk])[project.pk], task)
    return [Stage(str(one.label), one.value, found[one.value]) for one in _PROGRESS]


def stages(daily: Daily, wanted: Wanted) -> list[Stage]:
    """Those before approval, with their waits. Two queries."""
    given: dict[str, Any] = {
        "project": daily.project.pk,
        "task": wanted.task,
        "stages": list(OPEN_STAGES),
        "now": timezone.now(),
        "begin": day_span(wanted.first, daily.zone)[0],
        "end": day_span(wanted.last, daily.zone)[1],
        "newest": LATEST,
    }
    ages = _AGES.replace("{of_task}", "" if wanted.task is None else _OF_TASK)
    here = {row[0]: row[1:] for row in _rows(ages, given)}
    left = {row[0]: row[1:] for row in _rows(_LEFT, given)}
    return [
        Stage(
            str(_PROGRESS(one).label),
            one,
            *_plain(here.get(one, (0, 0, None, None))),
            *_plain(left.get(one, (0, None))),
        )
        for one in OPEN_STAGES
    ]


def bottleneck(found: list[Stage]) -> Stage | None:
    """The stage in which what is there now has waited longest, all of it together."""
    waits = [one for one in found if one.episodes and one.median_s is not None]
    return max(waits, key=lambda one: one.episodes * (one.median_s or 0), default=None)


def task_backlogs(project: Project) -> list[TaskBacklog]:
    """By task, the largest first. Two queries."""
    found: dict[int | None, dict[str, int]] = {}
    for (task, progress), count in queue_counts([project.pk])[project.pk].items():
        if progress in OPEN_STAGES:
            found.setdefault(task, {})[progress] = count
    tasks = Task.objects.in_bulk([pk for pk in found if pk is not None])
    made = [
        TaskBacklog(
            tasks.get(pk) if pk is not None else None,
            tuple((one, counts.get(one, 0)) for one in OPEN_STAGES),
        )
        for pk, counts in found.items()
    ]
    return sorted(made, key=lambda one: -one.episodes)


def sets_left(project: Project, task: int | None = None) -> int:
    """First rounds that are still to be handed in: free slots, and slots of those at work."""
    places = _places(project, task)
    free = places.filter(has_slot=True).aggregate(
        total=Sum(Greatest(F("overlap") - F("slots_taken"), 0))
    )["total"]
    at_work = Assignment.objects.of_annotators().filter(
        project_episode__project=project, state=Assignment.State.ACTIVE, rework=False
    )
    if task is not None:
        at_work = at_work.filter(project_episode__episode__task=task)
    return (free or 0) + at_work.count()


def backlog_forecast(daily: Daily, task: int | None = None) -> tuple[int, Forecast | None]:
    """What is left, and when it is done if the next weeks go like the last four."""
    today = timezone.localdate(timezone=daily.zone)
    seen = Wanted(today - timedelta(days=28), today, task=task)
    done = {day: one.submitted for day, one in day_rows(daily, seen)}
    left = sets_left(daily.project, task)
    return left, forecast(left, done, today)


def held_work(project: Project) -> QuerySet[Assignment]:
    """Who has what at hand, the longest first: at work, sent back, waiting for an answer."""
    rows = Assignment.objects.filter(project_episode__project=project, state__in=_HELD)
    return rows.select_related("annotator", "project_episode__episode").order_by("claimed_at", "pk")


@dataclass(frozen=True, slots=True)
class Aging:
    """Episodes at hand by how long: up to ``days``, None is longer than all."""

    days: int | None
    count: int


def aging(project: Project) -> list[Aging]:
    """One query."""
    now = timezone.now()
    edges = (1, 3, 7, 14)
    since = [now - timedelta(days=edge) for edge in edges]
    counted = {
        f"d{edge}": Count("pk", filter=Q(claimed_at__gt=at))
        for edge, at in zip(edges, since, strict=True)
    }
    found: Mapping[str, int] = (
        Assignment.objects.filter(project_episode__project=project, state__in=_HELD)
        .order_by()
        .aggregate(every=Count("pk"), **counted)
    )
    rows, before = [], 0
    for edge in edges:
        rows.append(Aging(edge, found[f"d{edge}"] - before))
        before = found[f"d{edge}"]
    return [*rows, Aging(None, found["every"] - before)]


def _places(project: Project, task: int | None) -> QuerySet[ProjectEpisode]:
    """Of a task it is looked up for each place: a join would read every episode that there is."""
    places = ProjectEpisode.objects.filter(project=project)
    if task is None:
        return places
    task_of = Episode.objects.filter(pk=OuterRef("episode")).order_by().values("task")
    return places.alias(of_task=Subquery(task_of)).filter(of_task=task)


def _rows(statement: str, given: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())


def _plain(values: tuple[Any, ...]) -> list[Any]:
    """The database's decimals as floats."""
    return [value if value is None or isinstance(value, int) else float(value) for value in values]
