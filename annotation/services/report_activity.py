"""Keep when somebody was at work, as their editor reports it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotation.activity_time import Stretch, placed
from annotation.models import ActivitySpan
from annotation.services.own import own_assignment

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Report:
    """A stretch that began ``ago_ms`` before the report and lasted ``length_ms``."""

    id: UUID
    ago_ms: int
    length_ms: int
    keystrokes: int = 0
    undos: int = 0
    labels: int = 0


@transaction.atomic
def report_activity(*, actor: User, assignment_id: UUID, spans: Sequence[Report]) -> int:
    """How many were new. The same report again adds nothing; what lies outside of the assignment's
    life on the server's clock is cut off. Raises NotFound, RoleMissing.
    """
    assignment = own_assignment(actor, assignment_id)
    received, earliest = _ms(timezone.now()), _ms(assignment.claimed_at)
    rows = [
        _row(assignment.pk, report, where)
        for report in spans
        if (where := placed(received, report.ago_ms, report.length_ms, earliest)) is not None
    ]
    before = ActivitySpan.objects.filter(pk__in=[row.pk for row in rows]).count()
    ActivitySpan.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows) - before


def _row(assignment_id: UUID, report: Report, where: Stretch) -> ActivitySpan:
    return ActivitySpan(
        id=report.id,
        assignment_id=assignment_id,
        started_at=_EPOCH + where.start_ms * _MS,
        ended_at=_EPOCH + where.end_ms * _MS,
        active_ms=where.end_ms - where.start_ms,
        keystrokes=report.keystrokes,
        undos=report.undos,
        labels=report.labels,
    )


def _ms(at: datetime) -> int:
    return (at - _EPOCH) // _MS
