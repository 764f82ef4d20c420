"""Labels that were handed in before a camera's clock was corrected: their frames have moved."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from annotation.models import AnnotationSet
from episodes.models import ClockMap


def sets_before_clock_change(episodes: Iterable[UUID]) -> QuerySet[Any]:
    """Handed-in sets of the episodes whose clocks were corrected since, oldest change first.

    ``clock_changed_at`` is when the newest correction of any camera of the episode was made.
    """
    newest = ClockMap.objects.filter(stream__episode=OuterRef("project_episode__episode")).order_by(
        "-created_at", "-pk"
    )
    return (
        AnnotationSet.objects.filter(
            project_episode__episode__in=list(episodes), state=AnnotationSet.State.SUBMITTED
        )
        .annotate(clock_changed_at=Subquery(newest.values("created_at")[:1]))
        .filter(clock_changed_at__gt=F("submitted_at"))
        .select_related("project_episode")
        .order_by("clock_changed_at", "pk")
    )
