"""Steering an import that is under way: pause, resume, try what stayed out again."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from episodes.errors import ImportNotRunning
from episodes.models import ImportItem, ImportRun
from episodes.selectors.imports import visible_run
from episodes.services.imports import require_may_import

UNDER_WAY = (ImportRun.State.PLANNED, ImportRun.State.RUNNING)


def _locked(actor: User, run_id: UUID) -> ImportRun:
    """Raises ImportNotAllowed, ImportUnknown."""
    require_may_import(actor)
    run = visible_run(actor, run_id)
    return ImportRun.objects.select_for_update(no_key=True).get(pk=run.pk)


@transaction.atomic
def pause_run(*, actor: User, run_id: UUID) -> ImportRun:
    """Begin nothing more; what a worker is at is finished. Pausing twice is pausing once.

    Raises ImportNotAllowed, ImportUnknown, ImportNotRunning for one that is over.
    """
    run = _locked(actor, run_id)
    if run.state in UNDER_WAY:
        run.state = ImportRun.State.PAUSED
        run.save(update_fields=["state"])
    elif run.state != ImportRun.State.PAUSED:
        raise ImportNotRunning("The import is over.", remedy="There is nothing to pause.")
    return run


@transaction.atomic
def resume_run(*, actor: User, run_id: UUID) -> ImportRun:
    """Go on with a paused import; the caller hands its items out. Resuming twice is once.

    Raises ImportNotAllowed, ImportUnknown, ImportNotRunning for one that is over.
    """
    run = _locked(actor, run_id)
    if run.state == ImportRun.State.PAUSED:
        run.state = ImportRun.State.RUNNING
        run.save(update_fields=["state"])
    elif run.state not in UNDER_WAY:
        raise ImportNotRunning(
            "The import is over.", remedy="Import the dataset again to add what is new."
        )
    return run


@transaction.atomic
def retry_items(*, actor: User, run_id: UUID, item_id: int | None = None) -> ImportRun:
    """Put quarantined episodes, or one of them, back in the queue.

    The run opens again; a paused one stays paused. Raises ImportNotAllowed, ImportUnknown.
    """
    run = _locked(actor, run_id)
    items = run.items.filter(state=ImportItem.State.QUARANTINED)
    if item_id is not None:
        items = items.filter(pk=item_id)
    count = items.update(
        state=ImportItem.State.PENDING,
        attempts=0,
        not_before=None,
        reason_code="",
        reason="",
        remedy="",
        updated_at=timezone.now(),
    )
    if count and run.state in (ImportRun.State.DONE, ImportRun.State.FAILED):
        run.state, run.finished_at = ImportRun.State.RUNNING, None
        run.save(update_fields=["state", "finished_at"])
    return run
