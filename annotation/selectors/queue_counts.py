"""Episodes of queues by project, task and progress, without counting them."""

from collections import Counter
from collections.abc import Collection

from django.db import connection

# What is counted, less what has changed since it was, plus what that is now: one statement, so
# that all of it is of one moment.
_COUNTS = """
SELECT project_id, task_id, progress, sum(n)::bigint FROM (
    SELECT project_id, task_id, progress, episodes AS n
    FROM annotation_queuecount WHERE project_id = ANY(%(projects)s)
  UNION ALL
    SELECT project_id, counted_task, counted_as, -1
    FROM annotation_projectepisode
    WHERE project_id = ANY(%(projects)s) AND NULLIF(progress, counted_as) IS NOT NULL
      AND counted_as <> ''
  UNION ALL
    SELECT project_id,
           (SELECT e.task_id FROM episodes_episode e WHERE e.id = episode_id), progress, 1
    FROM annotation_projectepisode
    WHERE project_id = ANY(%(projects)s) AND NULLIF(progress, counted_as) IS NOT NULL
) one GROUP BY 1, 2, 3 HAVING sum(n) <> 0
"""
# By project: episodes by task and progress.
Counts = dict[int, Counter[tuple[int | None, str]]]


def queue_counts(projects: Collection[int]) -> Counts:
    """One query, whatever the size of the queues."""
    found: Counts = {pk: Counter() for pk in projects}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"projects": list(projects)})
        for project, task, progress, total in cursor.fetchall():
            found[project][task, progress] = total
    return found


def queued_tasks(project: int) -> set[int]:
    """Tasks that the project has episodes of."""
    counts = queue_counts([project])[project]
    return {task for (task, _), total in counts.items() if task is not None and total > 0}


def by_progress(counts: Counter[tuple[int | None, str]], task: int | None = None) -> Counter[str]:
    """Of one task, or of all together."""
    found: Counter[str] = Counter()
    for (of, progress), total in counts.items():
        if task is None or of == task:
            found[progress] += total
    return found
