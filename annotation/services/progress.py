"""Write down how far queued episodes are, in the transaction of what changed them.

Locks project episodes, after a person and a set and before assignments: see services.leases.
"""

from collections.abc import Collection
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models.sql import UpdateQuery

from annotation.models import AnnotationSet, ProjectEpisode
from annotation.selectors.progress import computed

# Rows of one statement: what an update of a whole project works through at a time.
AT_ONCE = 1000


def note_progress(project_episodes: Collection[int]) -> None:
    """Bring what ``computed`` says of them up to the records."""
    for some in _locked(project_episodes):
        _write(some)


def note_review(
    project_episodes: Collection[int],
    review: ProjectEpisode.Review,
    accepted_set: AnnotationSet | None = None,
) -> None:
    """Write what the review says of the episodes, and what follows from it."""
    for some in _locked(project_episodes):
        rows = ProjectEpisode.objects.filter(pk__in=some)
        rows.update(review=review, accepted_set=accepted_set)
        _write(some)


def _write(ids: list[int]) -> None:
    statement, given = _update()
    with connection.cursor() as cursor:
        cursor.execute(
            f"{statement} WHERE {ProjectEpisode._meta.db_table}.id = ANY(%s)", [*given, ids]
        )


@cache
def _update() -> tuple[str, tuple[Any, ...]]:
    """``computed`` of all places, as QuerySet.update would have it: it goes with every claim and
    every set handed in, and to put it together takes longer than to carry it out."""
    query: Any = ProjectEpisode.objects.order_by().query.chain(UpdateQuery)
    query.add_update_values(computed())
    statement, given = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    return statement, tuple(given)


def lock_place(project_episode: int) -> None:
    """Take the lock that claiming takes, before any assignment of the episode is locked."""
    list(_locked([project_episode]))


def _locked(project_episodes: Collection[int]) -> list[list[int]]:
    """Ids in parts, their rows locked.

    Locked by a statement of its own: an update that waited for a row would still count the
    assignments as they were before it waited.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("Progress is written in the transaction of its cause.")
    rows = ProjectEpisode.objects.filter(pk__in=list(project_episodes)).order_by("pk")
    ids = list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    return [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
