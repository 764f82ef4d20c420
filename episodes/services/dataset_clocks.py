"""One correction for a camera of every episode of a dataset, and taking it back."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Func, OuterRef, QuerySet, Subquery, Value

from episodes.access import episode_access
from episodes.errors import ChangeNotAllowed
from episodes.models import ClockMap, Dataset, Episode, Stream
from episodes.selectors.episodes import changeable
from episodes.services.change_episodes import MAX_TAGS, require_may_change
from episodes.services.clocks import BY_HAND, CLOCK_CHANGED, UNDONE, said_reason
from episodes.services.search import index_search
from episodes.sync_errors import CameraUnknown, NothingToCorrect
from episodes.timebase import ClockMap as Clock

BATCH = 1000


@dataclass(frozen=True, slots=True)
class DatasetCorrection:
    """What was done: under which id, to how many episodes, and how many stayed as they were."""

    together: uuid.UUID
    episodes: int
    left_alone: int = 0


@transaction.atomic
def set_dataset_clock(
    *, actor: User, dataset_id: int, camera: str, offset_ns: int, drift_ppm: float, reason: str
) -> DatasetCorrection:
    """Set the whole correction of a camera in every episode that has it; 0 and 0 is as imported.

    Raises ChangeNotAllowed, CameraUnknown, ReasonMissing.
    """
    dataset, mine = _locked(actor, dataset_id)
    reason = said_reason(reason)
    streams = list(Stream.objects.filter(episode__in=mine, camera=camera).order_by("pk"))
    if not streams:
        raise CameraUnknown(
            f"No episode of {dataset.name} has a camera “{camera}”.",
            remedy="Choose one from the dataset's page of clocks.",
        )
    clock = Clock(offset_ns, drift_ppm, BY_HAND, None)
    together = _write(actor, [(stream, clock) for stream in streams], reason)
    facts = {"camera": camera, "offset_ns": offset_ns, "drift_ppm": drift_ppm}
    return _noted(actor, dataset, together, len(streams), 0, facts | {"reason": reason})


@transaction.atomic
def undo_dataset_clock(
    *, actor: User, dataset_id: int, together: uuid.UUID, reason: str
) -> DatasetCorrection:
    """Go back to what held before, by new rows; cameras corrected since are left alone.

    Raises ChangeNotAllowed, NothingToCorrect, ReasonMissing.
    """
    dataset, mine = _locked(actor, dataset_id)
    reason = said_reason(reason)
    newest = ClockMap.objects.filter(stream=OuterRef("pk")).order_by("-created_at", "-pk")
    touched = Stream.objects.filter(episode__in=mine, clock_maps__together=together)
    streams = touched.annotate(newest=Subquery(newest.values("together")[:1]))
    found = list(streams.prefetch_related("clock_maps").order_by("pk"))
    back = [(stream, _before(stream)) for stream in found if stream.newest == together]
    if not back:
        raise NothingToCorrect(
            "No camera of this dataset still has that correction.",
            remedy="It was taken back, or corrected again, meanwhile.",
        )
    written = _write(actor, back, reason)
    facts = {"camera": back[0][0].camera, "taken_back": str(together), "reason": reason}
    return _noted(actor, dataset, written, len(back), len(found) - len(back), facts)


def _before(stream: Stream) -> Clock:
    """The correction under the newest one; that of the import where there is none."""
    earlier = list(stream.clock_maps.all())[1:2]
    for row in earlier:
        return Clock(row.offset_ns, row.drift_ppm, UNDONE, row.confidence)
    return Clock(method=UNDONE)


def _locked(actor: User, dataset_id: int) -> tuple[Dataset, QuerySet[Episode]]:
    """The dataset, and the episodes of it that are the actor's to change, locked."""
    require_may_change(actor)
    dataset = Dataset.objects.filter(pk=dataset_id).first()
    mine = changeable(actor, Episode.objects.filter(dataset=dataset_id))
    locked = mine.select_for_update(no_key=True, of=("self",)).order_by("pk")
    if dataset is None or not len(locked.values_list("pk")):
        raise ChangeNotAllowed(
            "The clocks of this dataset are not yours to decide about.",
            remedy="Ask the dataset's owner, or a manager of a project its episodes are in.",
        )
    return dataset, mine.order_by()


def _write(actor: User, clocks: Iterable[tuple[Stream, Clock]], reason: str) -> uuid.UUID:
    """A row a camera, and its episode waiting for a new measurement, tagged to be found."""
    together = uuid.uuid4()
    ClockMap.objects.bulk_create(
        (
            ClockMap(
                stream=stream,
                offset_ns=clock.offset_ns,
                drift_ppm=clock.drift_ppm,
                method=clock.method,
                confidence=clock.confidence,
                created_by=actor,
                reason=reason,
                together=together,
            )
            for stream, clock in clocks
        ),
        batch_size=BATCH,
    )
    streams = Stream.objects.filter(clock_maps__together=together).order_by()
    episodes = Episode.objects.filter(pk__in=streams.values("episode"))
    untagged = episodes.exclude(tags__contains=[CLOCK_CHANGED]).filter(tags__len__lt=MAX_TAGS)
    fresh = list(untagged.values_list("pk", flat=True))
    episodes.update(sync=Episode.Sync.UNMEASURED)
    untagged.update(tags=Func(F("tags"), Value(CLOCK_CHANGED), function="array_append"))
    index_search(episodes=fresh)
    return together


def _noted(
    actor: User,
    dataset: Dataset,
    together: uuid.UUID,
    episodes: int,
    left_alone: int,
    facts: Mapping[str, object],
) -> DatasetCorrection:
    said = {**facts, "episodes": episodes, "left_alone": left_alone, "together": str(together)}
    episode_access().record(
        actor=actor, action="dataset.clock_corrected", subjects=[dataset], facts=said
    )
    return DatasetCorrection(together, episodes, left_alone)
