"""Keep the daily sums of a project's work: touched days are counted again from the records."""

from datetime import date, datetime, time, timedelta

from django.db import connection, transaction
from django.utils import timezone

from annotation.models import AuditEntry, Project
from review.models import DailyWork, DailyWorkMark

# A change that was made this long before it was committed is still found.
SLOWEST = timedelta(minutes=5)
BEGINNING = datetime(1970, 1, 1, tzinfo=timezone.get_fixed_timezone(0))

# The one definition of the sums, for a few days and for a rebuild.
_COUNTED = """
INSERT INTO review_dailywork
    (project_id, task_id, annotator_id, day, submitted, reworked, returned, accepted, labels,
     labels_accepted, held_ms, lasted_ms, accepted_ms)
SELECT %(project)s, e.task_id, a.annotator_id, (s.submitted_at AT TIME ZONE %(zone)s)::date,
       count(*) FILTER (WHERE s.round = 1),
       count(*) FILTER (WHERE s.round > 1),
       count(*) FILTER (WHERE EXISTS (
           SELECT 1 FROM annotation_annotationset later
           WHERE later.assignment_id = s.assignment_id AND later.round = s.round + 1)),
       count(*) FILTER (WHERE pe.accepted_set_id = s.id),
       coalesce(sum(l.n), 0),
       coalesce(sum(l.n) FILTER (WHERE pe.accepted_set_id = s.id), 0),
       coalesce(sum(greatest(0, extract(epoch FROM s.submitted_at - s.created_at) * 1000)::bigint)
           FILTER (WHERE s.round = 1), 0),
       coalesce(sum(e.duration_ns / 1000000) FILTER (WHERE s.round = 1), 0),
       coalesce(sum(e.duration_ns / 1000000) FILTER (WHERE pe.accepted_set_id = s.id), 0)
FROM annotation_annotationset s
JOIN annotation_projectepisode pe ON pe.id = s.project_episode_id
JOIN episodes_episode e ON e.id = pe.episode_id
JOIN annotation_assignment a ON a.id = s.assignment_id
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM annotation_label WHERE annotation_set_id = s.id) l
WHERE pe.project_id = %(project)s AND s.state = 'submitted' AND s.kind = 'annotator'
  AND s.submitted_at >= %(begin)s AND s.submitted_at < %(end)s
GROUP BY 2, 3, 4
"""
# Days of the sets that were handed in, sent back or decided on since.
_TOUCHED = """
SELECT DISTINCT (s.submitted_at AT TIME ZONE %(zone)s)::date
FROM annotation_annotationset s
JOIN annotation_projectepisode pe ON pe.id = s.project_episode_id
WHERE pe.project_id = %(project)s AND s.state = 'submitted' AND s.id IN (
    SELECT id FROM annotation_annotationset WHERE submitted_at >= %(since)s
    UNION ALL
    SELECT earlier.id FROM annotation_annotationset later
    JOIN annotation_annotationset earlier ON earlier.assignment_id = later.assignment_id
    WHERE later.created_at >= %(since)s AND later.round > 1
    UNION ALL
    SELECT other.id FROM review_verdict v
    JOIN review_batchitem i ON i.id = v.item_id
    JOIN annotation_annotationset other ON other.project_episode_id = i.project_episode_id
    WHERE v.created_at >= %(since)s)
"""


def keep_daily_work(project: Project) -> bool:
    """Count the days again that changed since they were counted; False when none did.

    Cheap when nothing happened in the project (two queries), so that pages ask before they read.
    Somebody else's counting is waited for.
    """
    newest = AuditEntry.objects.filter(project=project).order_by("-id").first()
    mark = DailyWorkMark.objects.filter(project=project).first()
    if mark is not None and (newest is None or _known(mark, newest)):
        return False
    with transaction.atomic():
        return _catch_up(project)


@transaction.atomic
def rebuild_daily_work(project: Project) -> int:
    """Write all days anew from the records; returns how many rows there are."""
    mark = _locked(project)
    _note(mark)
    DailyWork.objects.filter(project=project).delete()
    _count(project, BEGINNING, timezone.now() + timedelta(days=36500))
    return DailyWork.objects.filter(project=project).count()


def _known(mark: DailyWorkMark, newest: AuditEntry) -> bool:
    return newest.pk <= mark.audit_id and mark.looked_at > newest.created_at + SLOWEST


def _catch_up(project: Project) -> bool:
    mark = _locked(project)
    since = mark.looked_at - SLOWEST
    _note(mark)
    days = _touched(project, since) if since > BEGINNING else None
    if days is None:
        DailyWork.objects.filter(project=project).delete()
        _count(project, BEGINNING, timezone.now() + timedelta(days=36500))
        return True
    DailyWork.objects.filter(project=project, day__in=days).delete()
    for day in days:
        begin = timezone.make_aware(datetime.combine(day, time()))
        end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
        _count(project, begin, end)
    return bool(days)


def _locked(project: Project) -> DailyWorkMark:
    DailyWorkMark.objects.get_or_create(project=project, defaults={"looked_at": BEGINNING})
    return DailyWorkMark.objects.select_for_update().get(project=project)


def _note(mark: DailyWorkMark) -> None:
    """Before the records are read: what is written meanwhile is found next time."""
    newest = AuditEntry.objects.filter(project=mark.project_id).order_by("-id").first()
    mark.audit_id = newest.pk if newest else 0
    mark.looked_at = timezone.now()
    mark.save(update_fields=["audit_id", "looked_at"])


def _touched(project: Project, since: datetime) -> list[date]:
    given: dict[str, int | str | datetime] = {
        "project": project.pk,
        "since": since,
        "zone": timezone.get_current_timezone_name(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, given)
        return [row[0] for row in cursor.fetchall()]


def _count(project: Project, begin: datetime, end: datetime) -> None:
    given: dict[str, int | str | datetime] = {
        "project": project.pk,
        "begin": begin,
        "end": end,
        "zone": timezone.get_current_timezone_name(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, given)
