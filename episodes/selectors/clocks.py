"""The clock in force for a stream: what the import read, and the newest correction on top."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, QuerySet

from episodes.models import ClockMap as ClockRow
from episodes.models import Dataset, Episode, Stream
from episodes.timebase import ClockMap


def clock_of(stream: Stream) -> ClockMap:
    """The newest correction; one that changes nothing where there is none.

    Takes what was prefetched as ``clock_maps``; otherwise it is one query.
    """
    newest = stream.clock_maps.all()[:1]
    for row in newest:
        return ClockMap(row.offset_ns, row.drift_ppm, row.method, row.confidence)
    return ClockMap(method="imported")


def clock_state(episode: Episode) -> dict[UUID, int]:
    """The newest correction's id by stream: differs as soon as a clock was corrected."""
    rows: Iterable[tuple[UUID, int]] = (
        Stream.objects.filter(episode=episode, clock_maps__isnull=False)
        .order_by("pk", "clock_maps__created_at", "clock_maps__pk")
        .values_list("pk", "clock_maps__pk")
    )
    return dict(rows)


def clocks_changed_at(episodes: Iterable[UUID]) -> dict[UUID, datetime]:
    """When the newest correction of any camera was made, for the episodes that have one. One query.

    Labels handed in before then were marked on other frames.
    """
    newest = ClockRow.objects.filter(stream__episode__in=list(episodes)).order_by()
    rows = newest.values_list("stream__episode").annotate(Max("created_at"))
    return dict(rows)


@dataclass(frozen=True, slots=True)
class TogetherLine:
    """One correction of a whole dataset. It can be taken back while cameras still have it."""

    together: UUID
    camera: str
    offset_ns: int
    drift_ppm: float
    method: str
    reason: str
    person: str
    at: datetime
    episodes: int
    in_force: bool


def corrections_together(dataset: Dataset, most: int = 10) -> list[TogetherLine]:
    """The newest of those made for the dataset as a whole; each camera's last one is in force."""
    mine: QuerySet[Any] = ClockRow.objects.filter(
        stream__episode__dataset=dataset, together__isnull=False
    )
    names = ("together", "stream__camera", "reason", "created_by__username")
    grouped = mine.order_by().values(*names)
    rows = grouped.annotate(
        at=Max("created_at"),
        episodes=Count("pk"),
        offset=Max("offset_ns"),
        drift=Max("drift_ppm"),
        by=Max("method"),
    ).order_by("-at")[:most]
    seen: set[str] = set()
    lines = []
    for row in rows:
        camera = row["stream__camera"]
        lines.append(
            TogetherLine(
                together=row["together"],
                camera=camera,
                offset_ns=row["offset"],
                drift_ppm=row["drift"],
                method=row["by"],
                reason=row["reason"],
                person=row["created_by__username"] or "",
                at=row["at"],
                episodes=row["episodes"],
                in_force=camera not in seen,
            )
        )
        seen.add(camera)
    return lines


def dataset_cameras(dataset: Dataset) -> list[str]:
    names = Stream.objects.filter(episode__dataset=dataset).order_by("camera")
    return list(names.values_list("camera", flat=True).distinct())
