"""Keep the daily sums of projects' work: what was touched is counted again from the records."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

from annotation.models import AuditEntry, Project
from episodes.models import ImportRun
from review.models import CountedSet, DailyLabels, DailyWorkMark, PersonDay, TaskDay
from review.selectors.daily import (
    LABELS,
    LABELS_OF,
    SLOWEST,
    SUMMED,
    WORK,
    is_counted,
    is_known,
)
from review.selectors.day_counts import BEGINNING, counting, touched, under_other_tasks

_STORED = (CountedSet, PersonDay, TaskDay, DailyLabels)
# An import that ends says so in a short transaction; what it changed was committed before.
_IMPORT_ENDS = timedelta(minutes=1)


def sweep_daily_work() -> int:
    """Every project's sums brought up to its records; how many projects had something new.

    Idempotent. A project that another worker counts at this moment is left to it.
    """
    return sum(keep_daily_work(project) for project in Project.objects.order_by("pk"))


def keep_daily_work(project: Project) -> bool:
    """Count the sets again that changed since they were counted; False when none did.

    Cheap when nothing happened in the project: three queries.
    """
    mark = DailyWorkMark.objects.filter(project=project).first()
    if is_known(mark, _newest(project), project.zone) and not (mark and _imported(mark)):
        return False
    with transaction.atomic():
        return _catch_up(project)


@transaction.atomic
def rebuild_daily_work(project: Project) -> int:
    """Write everything anew from the records; returns how many sets there are."""
    mark = _locked(project, wait=True)
    assert mark is not None
    _note(mark, project)
    _store(project, None)
    return CountedSet.objects.filter(project=project).count()


def _catch_up(project: Project) -> bool:
    mark = _locked(project, wait=False)
    if mark is None:
        return False
    since, anew = mark.looked_at - SLOWEST, not is_counted(mark, project.zone)
    imported = _imported(mark)
    _note(mark, project)
    sets = None if anew else touched(project, since)
    if sets is not None and imported:
        sets = sorted({*sets, *under_other_tasks(project, imported)})
    if sets == []:
        return False
    _store(project, sets)
    return True


def _imported(mark: DailyWorkMark) -> list[int]:
    """Datasets brought in again since: only an import changes an episode's task, and it leaves no
    trail in the projects."""
    runs = ImportRun.objects.filter(
        finished_at__gte=mark.looked_at - _IMPORT_ENDS, dataset__isnull=False
    )
    return list(runs.order_by().values_list("dataset", flat=True).distinct())


def _locked(project: Project, *, wait: bool) -> DailyWorkMark | None:
    DailyWorkMark.objects.get_or_create(project=project, defaults={"looked_at": BEGINNING})
    rows = DailyWorkMark.objects.select_for_update(skip_locked=not wait)
    return rows.filter(project=project).first()


def _newest(project: Project) -> AuditEntry | None:
    return AuditEntry.objects.filter(project=project).order_by("-id").first()


def _note(mark: DailyWorkMark, project: Project) -> None:
    """Before the records are read: what is written meanwhile is found next time."""
    newest = _newest(project)
    mark.audit_id = newest.pk if newest else 0
    mark.looked_at = timezone.now()
    mark.zone = project.zone.key
    mark.save(update_fields=["audit_id", "looked_at", "zone"])


def _store(project: Project, sets: list[UUID] | None) -> None:
    """Sets, and the sums of their days; ``sets`` None is all of them."""
    counted = CountedSet.objects.filter(project=project)
    if sets is not None:
        counted = counted.filter(pk__in=sets)
    before = set(counted.order_by().values_list("day", flat=True).distinct())
    counted.delete()
    _insert(CountedSet, WORK, *counting(project, project.zone, sets))
    now = set(counted.order_by().values_list("day", flat=True).distinct())
    _sum_up(project, None if sets is None else sorted(before | now))
    if sets is None:
        # Plans of the pages follow from what is known of the tables, and all of that is old.
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(one._meta.db_table for one in _STORED)}")


def _sum_up(project: Project, days: list[date] | None) -> None:
    some = "" if days is None else "AND day = ANY(%(days)s)"
    given = {"project": project.pk, "days": days}
    for model in (PersonDay, TaskDay, DailyLabels):
        rows = model._default_manager.filter(project=project)
        (rows if days is None else rows.filter(day__in=days)).delete()
    for model, who in ((PersonDay, "annotator_id"), (TaskDay, "task_id")):
        listed = ", ".join(f"sum({name}::float8)::bigint" for name in SUMMED)
        summed = f"""SELECT project_id, day, {who}, {listed} FROM review_countedset
            WHERE project_id = %(project)s {some} GROUP BY 1, 2, 3"""
        _insert(model, ("project_id", "day", who, *SUMMED), summed, given)
    listed = f"{', '.join(LABELS[:4])}, count(*), sum(returned), sum(accepted)"
    labels = LABELS_OF.format(listed=listed, counted="review_countedset")
    summed = f"{labels} WHERE project_id = %(project)s {some} GROUP BY 1, 2, 3, 4"
    _insert(DailyLabels, LABELS, summed, given)


def _insert(
    model: type[models.Model], names: Sequence[str], statement: str, given: dict[str, Any]
) -> None:
    with connection.cursor() as cursor:
        into = f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) {statement}"
        cursor.execute(into, given)
