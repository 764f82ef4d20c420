"""Mark lapsed leases. Who may claim is decided from the times; this keeps lists honest."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from annotation.models import Assignment, ProjectEpisode
from annotation.services.progress import note_progress

State = Assignment.State


@dataclass(frozen=True, slots=True)
class Swept:
    expired: int
    returned: int


@transaction.atomic
def expire_leases() -> Swept:
    """Active work whose lease ran out becomes expired; rework goes back among the returned.

    Rows that somebody has locked are left for the next run: the sweep waits for nobody.
    """
    lapsed = Assignment.objects.filter(state=State.ACTIVE, lease_expires_at__lte=timezone.now())
    # The place before its assignments, as everybody locks them.
    queued = ProjectEpisode.objects.filter(pk__in=lapsed.values("project_episode")).order_by("pk")
    places = queued.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
    here = lapsed.filter(project_episode__in=list(places)).order_by("pk")
    locked = here.select_for_update(skip_locked=True, no_key=True)
    found = list(locked.values_list("pk", "rework", "project_episode"))
    fresh = [pk for pk, rework, _place in found if not rework]
    rework = [pk for pk, rework, _place in found if rework]
    swept = Swept(
        expired=Assignment.objects.filter(pk__in=fresh).update(state=State.EXPIRED),
        returned=Assignment.objects.filter(pk__in=rework).update(state=State.RETURNED),
    )
    note_progress([place for _pk, _rework, place in found])
    return swept
