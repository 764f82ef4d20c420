"""What people were given and have handed in, by project, without counting it."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

# What is counted, and what has changed since it was: one statement, so that all of it is of one
# moment.
_COUNTS = """
SELECT project_id, annotator_id, sum(given)::bigint, sum(handed_in)::bigint FROM (
    SELECT project_id, annotator_id, given, handed_in
    FROM annotation_workcount WHERE project_id = ANY(%(projects)s) {of_person}
  UNION ALL
    SELECT pe.project_id, a.annotator_id,
           (a.counted_handed_in IS NULL AND pe.purpose IN ('production', 'evaluation'))::int,
           (a.state = 'submitted')::int - coalesce(a.counted_handed_in, FALSE)::int
    FROM annotation_assignment a JOIN annotation_projectepisode pe ON pe.id = a.project_episode_id
    WHERE NULLIF(a.state = 'submitted', a.counted_handed_in) IS NOT NULL AND NOT a.expert
      AND pe.project_id = ANY(%(projects)s) {of_person}
) one GROUP BY 1, 2
"""
_OF_PERSON = "AND annotator_id = %(person)s"


@dataclass(frozen=True, slots=True)
class Work:
    """Assignments that were ever given of episodes whose labels count; all that are handed in."""

    given: int = 0
    handed_in: int = 0


NOTHING = Work()


def work_by_person(project: int) -> dict[int, Work]:
    """Of everybody who ever worked there. One query, however much it was."""
    return {person: work for _, person, work in _rows("", [project])}


def work_by_project(projects: Collection[int], person: int) -> dict[int, Work]:
    """One person's, in one query; projects where they had nothing are left out."""
    return {project: work for project, _, work in _rows(_OF_PERSON, projects, person)}


def _rows(
    of_person: str, projects: Collection[int], person: int | None = None
) -> list[tuple[int, int, Work]]:
    with connection.cursor() as cursor:
        given = {"projects": list(projects), "person": person}
        cursor.execute(_COUNTS.format(of_person=of_person), given)
        return [(project, who, Work(*work)) for project, who, *work in cursor.fetchall()]
