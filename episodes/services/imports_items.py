"""One episode of an import: brought in once, whole, or kept out with a reason."""

import random
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from episodes.errors import EpisodeBroken, TouchlineError
from episodes.media_errors import StorageUnavailable
from episodes.models import ImportItem, ImportRun
from episodes.services.exclusive import only_one
from episodes.services.imports_bringing import bring_in
from episodes.services.imports_outcome import ItemOutcome, quarantined

# Beyond this an episode that fails or kills its worker every time is set aside.
MAX_ATTEMPTS = 5
# Waits of 10 s, 40 s, 160 s and 640 s: a storage that restarts is back by then.
FIRST_WAIT_S, WAIT_FACTOR = 10, 4
# An item that did not move for so long is handed out once more; who still works on it holds a lock.
WAITING = timedelta(minutes=10)
RUNNING = timedelta(minutes=2)
SWEEP_SIZE = 500
OPEN = [ImportItem.State.PENDING, ImportItem.State.RUNNING]
# What passes by itself: a full disk, a lost mount, a storage that restarts.
PASSING = (OSError, StorageUnavailable)


def import_item(*, item_id: int) -> ImportItem:
    """Bring one episode in. Run twice, or by two workers at once, it does its work once.

    Ends in done, skipped or quarantined; of a paused run nothing is begun. What passes (a full
    disk, a lost mount, a storage that is away) leaves the item waiting until ``not_before`` and is
    raised, after ``MAX_ATTEMPTS`` it is quarantined. The lock is on the dataset's key, so that
    two runs never write the same episode's files.
    """
    item = _with_run().get(pk=item_id)
    with only_one(f"import {item.run.dataset_id} {item.key}") as mine:
        if not mine or not _claim(item):
            item.refresh_from_db(fields=["state", "attempts"])
            return item
        try:
            outcome = _outcome(item)
        except PASSING as error:
            if item.attempts < MAX_ATTEMPTS:
                _put_back(item, error)
                raise
            outcome = quarantined(
                "import_failed",
                f"The import of this episode failed {MAX_ATTEMPTS} times, last: {error}",
                "When the cause is gone, try it again.",
            )
        _settle(item, outcome)
    finish_run(run_id=item.run_id)
    return item


def _with_run() -> QuerySet[ImportItem]:
    """With what an import looks at; the source's own description may be long."""
    run = ("dataset_id", "source_path", "answers", "mode", "state")
    return ImportItem.objects.select_related("run__dataset").only(
        *(field.name for field in ImportItem._meta.concrete_fields),
        *(f"run__{name}" for name in run),
        "run__dataset__embodiment_id",
    )


def _claim(item: ImportItem) -> bool:
    """Compare and set: open, of no paused run, and tried by nobody since it was read."""
    run = ImportRun.objects.filter(pk=item.run_id)
    taken = ImportItem.objects.filter(
        pk=item.pk,
        state__in=OPEN,
        attempts=item.attempts,
        run__in=run.exclude(state=ImportRun.State.PAUSED),
    ).update(state=ImportItem.State.RUNNING, attempts=item.attempts + 1, updated_at=timezone.now())
    if not taken:
        return False
    item.state, item.attempts = ImportItem.State.RUNNING, item.attempts + 1
    if item.run.state == ImportRun.State.PLANNED:
        run.filter(state=ImportRun.State.PLANNED).update(state=ImportRun.State.RUNNING)
    return True


def _put_back(item: ImportItem, error: Exception) -> None:
    item.not_before = timezone.now() + wait_after(item.attempts)
    ImportItem.objects.filter(pk=item.pk).update(
        state=ImportItem.State.PENDING,
        reason=f"Tried, to be tried again: {error}",
        not_before=item.not_before,
        updated_at=timezone.now(),
    )


def wait_after(attempts: int) -> timedelta:
    """How long a failed item waits; a little more for each, so that not all come back at once."""
    seconds = FIRST_WAIT_S * WAIT_FACTOR ** (attempts - 1)
    return timedelta(seconds=seconds * random.uniform(1, 1.2))


def _outcome(item: ImportItem) -> ItemOutcome:
    if item.attempts > MAX_ATTEMPTS:
        return quarantined(
            "import_failed",
            f"The import of this episode was cut off {MAX_ATTEMPTS} times.",
            "Read the worker's log; when the cause is gone, try it again.",
        )
    try:
        return bring_in(item)
    except EpisodeBroken as broken:
        return quarantined(broken.reason, str(broken), broken.remedy)
    except StorageUnavailable:
        raise  # it passes
    except TouchlineError as gone:
        return quarantined(gone.code, str(gone), gone.remedy)


def _settle(item: ImportItem, outcome: ItemOutcome) -> None:
    item.state = outcome.state
    item.reason_code, item.reason, item.remedy = outcome.code, outcome.reason, outcome.remedy
    item.episode, item.not_before = outcome.episode, None
    item.save(
        update_fields=[
            "state", "reason_code", "reason", "remedy", "episode", "not_before", "updated_at"
        ]
    )  # fmt: skip


def finish_run(*, run_id: UUID) -> None:
    """Close the run when none of its items is open. Idempotent."""
    run = ImportRun.objects.filter(pk=run_id).exclude(state=ImportRun.State.DONE)
    if not ImportItem.objects.filter(run=run_id, state__in=OPEN).exists():
        run.update(state=ImportRun.State.DONE, finished_at=timezone.now())


def stranded_items(*, now: datetime | None = None) -> list[int]:
    """Items that nobody moved for a while, for the sweep to hand out once more.

    They are marked as looked at, so that a long queue does not fill up with repetitions. Those of
    a paused run, and those whose time to be tried again has not come, stay where they are.
    """
    now = now or timezone.now()
    pending = Q(state=ImportItem.State.PENDING)
    due = pending & Q(not_before__lte=now)
    stale = pending & Q(not_before=None, updated_at__lt=now - WAITING)
    running = Q(state=ImportItem.State.RUNNING, updated_at__lt=now - RUNNING)
    with transaction.atomic():
        found = list(
            ImportItem.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(due | stale | running)
            .exclude(run__state=ImportRun.State.PAUSED)
            .order_by("pk")
            .values_list("pk", flat=True)[:SWEEP_SIZE]
        )
        ImportItem.objects.filter(pk__in=found).update(updated_at=now, not_before=None)
    return found
