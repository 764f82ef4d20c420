"""Keep an episode while its page is open."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotation.models import Assignment
from annotation.services.leases import hold_slot
from annotation.services.own import own_assignment


@transaction.atomic
def heartbeat(*, actor: User, assignment_id: UUID) -> Assignment:
    """Renew the lease; a lapsed one is taken again where its slot is still free.

    Raises NotFound, RoleMissing, LeaseExpired.
    """
    return hold_slot(own_assignment(actor, assignment_id), timezone.now())
