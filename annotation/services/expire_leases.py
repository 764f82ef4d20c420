"""Mark lapsed leases. Who may claim is decided from the times; this keeps lists honest."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from annotation.models import Assignment

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
    locked = lapsed.select_for_update(skip_locked=True, no_key=True).order_by("pk")
    found = list(locked.values_list("pk", "rework"))
    fresh = [pk for pk, rework in found if not rework]
    rework = [pk for pk, rework in found if rework]
    return Swept(
        expired=Assignment.objects.filter(pk__in=fresh).update(state=State.EXPIRED),
        returned=Assignment.objects.filter(pk__in=rework).update(state=State.RETURNED),
    )
