"""What each handed-in set counts for on its day, from the records.

``COUNT`` is the one definition: the sweep stores what it says of all sets, and a page asks it
itself for those that changed since, so that it is right at once.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from annotation.models import Project
from review.selectors.credited import CREDITED

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

_COUNT = f"""
SELECT s.id AS annotation_set_id, pe.project_id, e.task_id, a.annotator_id,
       (s.submitted_at AT TIME ZONE %(zone)s)::date AS day,
       (s.round = 1)::int AS submitted,
       (s.round > 1)::int AS reworked,
       (again.yes IS TRUE)::int AS returned,
       (credited.yes IS TRUE)::int AS accepted,
       l.n AS labels,
       CASE WHEN credited.yes THEN l.n ELSE 0 END AS labels_accepted,
       CASE WHEN s.round = 1 THEN h.ms ELSE 0 END AS held_ms,
       (s.round = 1 AND t.ms IS NOT NULL)::int AS timed,
       CASE WHEN s.round = 1 THEN coalesce(t.ms, h.ms) ELSE 0 END AS worked_ms,
       CASE WHEN s.round > 1 THEN coalesce(t.ms, 0) ELSE 0 END AS rework_ms,
       CASE WHEN s.round = 1 THEN e.duration_ns / 1000000 ELSE 0 END AS lasted_ms,
       CASE WHEN credited.yes THEN e.duration_ns / 1000000 ELSE 0 END AS accepted_ms
FROM annotation_annotationset s
JOIN annotation_projectepisode pe ON pe.id = s.project_episode_id
JOIN episodes_episode e ON e.id = pe.episode_id
JOIN annotation_assignment a ON a.id = s.assignment_id
LEFT JOIN LATERAL (SELECT TRUE AS yes FROM annotation_annotationset later
  WHERE later.assignment_id = s.assignment_id AND later.round = s.round + 1 LIMIT 1) again ON TRUE
{CREDITED}
CROSS JOIN LATERAL (SELECT greatest(0, extract(epoch FROM s.submitted_at - s.created_at) * 1000)
                      ::bigint AS ms) h
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM annotation_label WHERE annotation_set_id = s.id) l
CROSS JOIN LATERAL (
    SELECT (sum(extract(epoch FROM upper(part) - lower(part))) * 1000)::bigint AS ms FROM (
        SELECT unnest(range_agg(tstzrange(x.started_at, x.ended_at))) AS part
        FROM annotation_activityspan x
        WHERE x.assignment_id = s.assignment_id
          AND x.started_at >= s.created_at AND x.started_at < s.submitted_at) parts) t
WHERE pe.project_id = %(project)s AND s.state = 'submitted' AND s.kind = 'annotator'
"""
# Handed in, sent back or decided on since: each is looked for by its own index.
_TOUCHED = """
WITH since AS MATERIALIZED (
    SELECT id FROM annotation_annotationset
    WHERE state = 'submitted' AND submitted_at >= %(since)s
  UNION
    SELECT earlier.id FROM annotation_annotationset later
    JOIN annotation_annotationset earlier ON earlier.assignment_id = later.assignment_id
    WHERE later.created_at >= %(since)s AND later.round > 1
  UNION
    SELECT other.id FROM review_verdict v
    JOIN review_batchitem i ON i.id = v.item_id
    JOIN annotation_annotationset other ON other.project_episode_id = i.project_episode_id
    WHERE v.created_at >= %(since)s
)
SELECT s.id FROM since
JOIN annotation_annotationset s ON s.id = since.id
JOIN annotation_projectepisode pe ON pe.id = s.project_episode_id
WHERE pe.project_id = %(project)s AND s.state = 'submitted' AND s.kind = 'annotator'
"""

_UNDER_OTHER_TASKS = """
SELECT c.annotation_set_id FROM review_countedset c
JOIN annotation_annotationset s ON s.id = c.annotation_set_id
JOIN annotation_projectepisode pe ON pe.id = s.project_episode_id
JOIN episodes_episode e ON e.id = pe.episode_id
WHERE c.project_id = %(project)s AND e.dataset_id = ANY(%(datasets)s)
  AND c.task_id IS DISTINCT FROM e.task_id
"""


def counting(
    project: Project, zone: ZoneInfo, sets: Sequence[UUID] | None
) -> tuple[str, dict[str, Any]]:
    """A statement and its parameters: a row a set; ``sets`` None is all that were handed in."""
    given: dict[str, Any] = {"project": project.pk, "zone": zone.key}
    if sets is None:
        return _COUNT, given
    return f"{_COUNT} AND s.id = ANY(%(sets)s)", {**given, "sets": list(sets)}


def touched(project: Project, since: datetime) -> list[UUID]:
    """The sets whose counts may have changed since."""
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, {"project": project.pk, "since": since})
        return [row[0] for row in cursor.fetchall()]


def under_other_tasks(project: Project, datasets: Sequence[int]) -> list[UUID]:
    """Sets of these datasets that are counted under another task than their episodes have now."""
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"project": project.pk, "datasets": list(datasets)}
        cursor.execute(_UNDER_OTHER_TASKS, given)
        return [row[0] for row in cursor.fetchall()]


def day_span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Half-open."""
    return (
        datetime.combine(day, time(), zone),
        datetime.combine(day + timedelta(days=1), time(), zone),
    )
