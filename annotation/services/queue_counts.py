"""Keep the counts of queues: what changed is counted over, part by part."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.lookups import IsNull
from django.utils import timezone

from annotation.models import Project, ProjectEpisode, QueueCount
from annotation.models.projects import to_be_counted_as
from episodes.models import ImportRun

AT_ONCE = 5000
# Imports that ended so long ago were looked at by an earlier sweep.
LATELY = timedelta(minutes=10)

# The rows are locked by whoever runs these: places first, then counts.
_CHANGED = """
SELECT project_id, task, progress, sum(n)::bigint FROM (
    SELECT pe.project_id, pe.counted_task AS task, pe.counted_as AS progress, -1 AS n
    FROM annotation_projectepisode pe WHERE pe.id = ANY(%(ids)s) AND pe.counted_as <> ''
  UNION ALL
    SELECT pe.project_id, e.task_id, pe.progress, %(now)s
    FROM annotation_projectepisode pe JOIN episodes_episode e ON e.id = pe.episode_id
    WHERE pe.id = ANY(%(ids)s) AND %(now)s > 0
) one GROUP BY 1, 2, 3 HAVING sum(n) <> 0 ORDER BY 1, 2, 3
"""
_ADD = """
INSERT INTO annotation_queuecount AS had (project_id, task_id, progress, episodes)
VALUES (%s, %s, %s, greatest(%s, 0))
ON CONFLICT (project_id, task_id, progress) DO UPDATE SET episodes = had.episodes + %s
"""
_REMEMBER = """
UPDATE annotation_projectepisode pe SET counted_as = pe.progress, counted_task = e.task_id
FROM episodes_episode e WHERE e.id = pe.episode_id AND pe.id = ANY(%s)
"""


def sweep_queue_counts() -> int:
    """Count over what changed; how many places. Idempotent: places that somebody has locked, or
    another worker counts, are left for the next run."""
    changed = ProjectEpisode.objects.filter(IsNull(to_be_counted_as(), False))
    counted = _count_over(changed) + _count_over(_with_other_tasks(timezone.now() - LATELY))
    if counted >= AT_ONCE:
        _analyse()
    return counted


def _count_over(places: QuerySet[ProjectEpisode]) -> int:
    counted = 0
    while True:
        with transaction.atomic():
            rows = places.select_for_update(no_key=True, skip_locked=True, of=("self",))
            ids = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
            if not ids:
                return counted
            _move(ids, now=1)
            with connection.cursor() as cursor:
                cursor.execute(_REMEMBER, [ids])
        counted += len(ids)


def _with_other_tasks(since: datetime) -> QuerySet[ProjectEpisode]:
    """Only an import changes an episode's task."""
    runs = ImportRun.objects.filter(finished_at__gte=since, dataset__isnull=False)
    found = ProjectEpisode.objects.filter(
        episode__dataset__in=list(runs.values_list("dataset", flat=True))
    )
    same = Q(counted_task=F("episode__task")) | Q(counted_task=None, episode__task=None)
    return found.exclude(same)


@transaction.atomic
def rebuild_queue_counts(project: Project) -> int:
    """All counts of a project anew from its places; how many places there are."""
    list(
        ProjectEpisode.objects.filter(project=project)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk")
    )
    QueueCount.objects.filter(project=project).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE annotation_projectepisode pe
            SET counted_as = pe.progress, counted_task = e.task_id
            FROM episodes_episode e
            WHERE e.id = pe.episode_id AND pe.project_id = %(project)s
              AND (pe.counted_as, pe.counted_task) IS DISTINCT FROM (pe.progress, e.task_id)""",
            {"project": project.pk},
        )
        cursor.execute(
            """
            INSERT INTO annotation_queuecount (project_id, task_id, progress, episodes)
            SELECT project_id, counted_task, counted_as, count(*)
            FROM annotation_projectepisode WHERE project_id = %(project)s GROUP BY 1, 2, 3""",
            {"project": project.pk},
        )
    _analyse()
    return ProjectEpisode.objects.filter(project=project).count()


def _analyse() -> None:
    """What the planner knows of the queue is of before: that nothing was counted, and it would
    look for what is not by reading all."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {ProjectEpisode._meta.db_table}, {QueueCount._meta.db_table}")


def uncount(places: Collection[int]) -> None:
    """Places that are about to leave their queue, locked by the caller."""
    _move(list(places), now=0)


def _move(ids: list[int], *, now: int) -> None:
    """From what the places were counted as to what they are; ``now`` 0 is to nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"ids": ids, "now": now})
        for project, task, progress, n in cursor.fetchall():
            cursor.execute(_ADD, [project, task, progress, n, n])
