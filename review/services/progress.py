"""Write the stored progress of queued episodes anew, from the records that it follows from."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from annotation.models import Project, ProjectEpisode
from annotation.selectors.progress import computed
from annotation.services.progress import note_progress
from annotation.services.queue_counts import rebuild_queue_counts
from annotation.services.work_counts import rebuild_work_counts
from review.models import BatchItem

AT_ONCE = 2000
# NULL equals nothing; this equals itself.
NOBODYS = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many places were looked at, and how many said something else than their records."""

    looked_at: int
    differed: int


def rebuild_progress(*, dry_run: bool = False) -> Rebuilt:
    """Bring every place up to its records; with ``dry_run`` only count those that differ.

    Part by part, each in a transaction of its own that holds its rows: work goes on meanwhile.
    """
    looked_at = differed = 0
    for first, last in _parts():
        with transaction.atomic():
            part = ProjectEpisode.objects.filter(pk__gte=first, pk__lte=last)
            rows = part.order_by("pk")
            if not dry_run:
                rows = rows.select_for_update(no_key=True)
            looked_at += len(rows.values_list("pk", flat=True))
            wrong = list(differing(part).values_list("pk", flat=True))
            differed += len(wrong)
            if wrong and not dry_run:
                places = ProjectEpisode.objects.filter(pk__in=wrong)
                places.update(review=_review(), accepted_set=_accepted("pk"))
                note_progress(wrong)
    if not dry_run:
        for project in Project.objects.order_by("pk"):
            rebuild_queue_counts(project)
            rebuild_work_counts(project)
    return Rebuilt(looked_at, differed)


def differing(places: QuerySet[ProjectEpisode]) -> QuerySet[ProjectEpisode]:
    """Those whose stored progress is not what their records say."""
    review, accepted = _review(), _accepted("annotation_set__project_episode")
    right = {"review": review, **computed(review, accepted)}
    accepted_set = Coalesce("accepted_set", Value(NOBODYS))
    right_set = Coalesce(_accepted("pk"), Value(NOBODYS))
    found = places.order_by().alias(**{f"right_{name}": value for name, value in right.items()})
    same = Q(Exact(accepted_set, right_set), **{name: F(f"right_{name}") for name in right})
    return found.exclude(same)


def _accepted(place: str) -> Subquery:
    """The set that was accepted for the outer query's project episode."""
    items = BatchItem.objects.filter(project_episode=OuterRef(place))
    return Subquery(items.filter(state=BatchItem.State.APPROVED).values("accepted_set"))


def _review() -> Case:
    stage = ProjectEpisode.Review
    items = BatchItem.objects.filter(project_episode=OuterRef("pk"))
    approved = items.filter(state=BatchItem.State.APPROVED)
    return Case(
        When(Exists(approved), then=Value(stage.APPROVED.value)),
        When(Exists(items), then=Value(stage.OPEN.value)),
        default=Value(stage.NONE.value),
        output_field=CharField(),
    )


def _parts() -> Iterator[tuple[int, int]]:
    """First and last id of every AT_ONCE places."""
    after = 0
    while True:
        ids = ProjectEpisode.objects.filter(pk__gt=after).order_by("pk")
        part = list(ids.values_list("pk", flat=True)[:AT_ONCE])
        if not part:
            return
        yield part[0], part[-1]
        after = part[-1]
