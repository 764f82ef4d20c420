"""The clock in force for a stream: what the import read, and the newest correction on top."""

from collections.abc import Iterable
from uuid import UUID

from episodes.models import Episode, Stream
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
