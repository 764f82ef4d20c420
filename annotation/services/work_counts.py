"""Keep the counts of what people were given and have handed in, as those of queues are kept."""

from uuid import UUID

from django.db import connection, transaction
from django.db.models.lookups import IsNull

from annotation.models import Assignment, Project, WorkCount
from annotation.models.work import handed_in_uncounted

AT_ONCE = 5000

# The assignments are locked before, the counts after them and in their order.
_CHANGED = """
SELECT pe.project_id, a.annotator_id,
       sum((a.counted_handed_in IS NULL AND pe.purpose IN ('production', 'evaluation'))::int),
       sum((a.state = 'submitted')::int - coalesce(a.counted_handed_in, FALSE)::int)
FROM annotation_assignment a JOIN annotation_projectepisode pe ON pe.id = a.project_episode_id
WHERE a.id = ANY(%s) GROUP BY 1, 2 ORDER BY 1, 2
"""
_ADD = """
INSERT INTO annotation_workcount AS had (project_id, annotator_id, given, handed_in)
VALUES (%(project)s, %(person)s, %(given)s, greatest(%(handed_in)s, 0))
ON CONFLICT (project_id, annotator_id) DO UPDATE
SET given = had.given + %(given)s, handed_in = had.handed_in + %(handed_in)s
"""
_REMEMBER = """
UPDATE annotation_assignment SET counted_handed_in = (state = 'submitted') WHERE id = ANY(%s)
"""
_REMEMBER_ALL = """
UPDATE annotation_assignment a SET counted_handed_in = (a.state = 'submitted')
FROM annotation_projectepisode pe
WHERE pe.id = a.project_episode_id AND pe.project_id = %s
  AND NULLIF(a.state = 'submitted', a.counted_handed_in) IS NOT NULL AND NOT a.expert
"""
# Of what is remembered: what changed since is for whoever reads, and for the next sweep.
_COUNT_ALL = """
INSERT INTO annotation_workcount (project_id, annotator_id, given, handed_in)
SELECT pe.project_id, a.annotator_id,
       count(*) FILTER (WHERE pe.purpose IN ('production', 'evaluation')),
       count(*) FILTER (WHERE a.counted_handed_in)
FROM annotation_assignment a JOIN annotation_projectepisode pe ON pe.id = a.project_episode_id
WHERE pe.project_id = %s AND a.counted_handed_in IS NOT NULL AND NOT a.expert GROUP BY 1, 2
"""


def sweep_work_counts() -> int:
    """Count over what changed; how many assignments. Idempotent: what somebody has locked, or
    another worker counts, is left for the next run."""
    counted = 0
    changed = Assignment.objects.of_annotators().filter(IsNull(handed_in_uncounted(), False))
    while True:
        with transaction.atomic():
            rows = changed.select_for_update(no_key=True, skip_locked=True).order_by()
            ids = list(rows.values_list("pk", flat=True)[:AT_ONCE])
            if ids:
                _count_over(ids)
        counted += len(ids)
        if len(ids) < AT_ONCE:
            break
    if counted >= AT_ONCE:
        _analyse()
    return counted


def _count_over(ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, [ids])
        for row in cursor.fetchall():
            names = ("project", "person", "given", "handed_in")
            cursor.execute(_ADD, dict(zip(names, row, strict=True)))
        cursor.execute(_REMEMBER, [ids])


@transaction.atomic
def rebuild_work_counts(project: Project) -> int:
    """All counts of a project anew from its assignments; how many people there are."""
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER_ALL, [project.pk])
        # From here on no sweep adds to them.
        cursor.execute(f"LOCK TABLE {WorkCount._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        WorkCount.objects.filter(project=project).delete()
        cursor.execute(_COUNT_ALL, [project.pk])
    _analyse()
    return WorkCount.objects.filter(project=project).count()


def _analyse() -> None:
    """As for queues: what the planner knows is of before, when nothing was counted."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Assignment._meta.db_table}, {WorkCount._meta.db_table}")
