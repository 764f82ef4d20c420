"""Keep the daily sums of projects' work: touched days are counted again from the records."""

from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from annotation.models import AuditEntry, Project
from review.models import DailyLabels, DailyWork, DailyWorkMark
from review.selectors.daily import (
    BEGINNING,
    COUNT_LABELS,
    COUNT_WORK,
    LABELS,
    SLOWEST,
    WORK,
    counting,
    days_of,
    is_counted,
    is_known,
    touched,
)


def sweep_daily_work() -> int:
    """Every project's sums brought up to its records; how many projects had something new.

    Idempotent. A project that another worker counts at this moment is left to it.
    """
    return sum(keep_daily_work(project) for project in Project.objects.order_by("pk"))


def keep_daily_work(project: Project) -> bool:
    """Count the days again that changed since they were counted; False when none did.

    Cheap when nothing happened in the project: two queries.
    """
    newest = _newest(project)
    if is_known(DailyWorkMark.objects.filter(project=project).first(), newest, project.zone):
        return False
    with transaction.atomic():
        return _catch_up(project)


@transaction.atomic
def rebuild_daily_work(project: Project) -> int:
    """Write all days anew from the records; returns how many rows of work there are."""
    mark = _locked(project, wait=True)
    assert mark is not None
    _note(mark, project)
    _store(project, None)
    return DailyWork.objects.filter(project=project).count()


def _catch_up(project: Project) -> bool:
    mark = _locked(project, wait=False)
    if mark is None:
        return False
    since, anew = mark.looked_at - SLOWEST, not is_counted(mark, project.zone)
    _note(mark, project)
    days = None if anew else days_of(touched(project, since, project.zone))
    if days == []:
        return False
    _store(project, days)
    return True


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


def _store(project: Project, days: list[date] | None) -> None:
    """``days`` None is all of them."""
    for model in (DailyWork, DailyLabels):
        rows = model._default_manager.filter(project=project)
        (rows if days is None else rows.filter(day__in=days)).delete()
    with connection.cursor() as cursor:
        for model, names, statement in (
            (DailyWork, WORK, COUNT_WORK),
            (DailyLabels, LABELS, COUNT_LABELS),
        ):
            counted, given = counting(statement, project, project.zone, days)
            into = f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) {counted}"
            cursor.execute(into, given)
