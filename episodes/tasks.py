"""Imports on the workers: a task an episode, and a sweep for what got lost on the way."""

from collections.abc import Callable
from uuid import UUID

from celery import Task, shared_task
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from episodes.models import ImportItem, ImportRun, Upload
from episodes.selectors.imports import open_items
from episodes.services.imports_items import (
    MAX_ATTEMPTS,
    PASSING,
    import_item,
    stranded_items,
)
from episodes.services.uploads import discard_uploads, stuck_uploads, unpack_upload
from episodes.tasks_media import prepare_stream
from episodes.tasks_sync import measure_sync_task, measure_values_task


def handed_over(send: Callable[[], object]) -> bool:
    """Send a task when the transaction is through; False while the broker does not answer.

    Nothing is lost then: the sweep finds in the database what is to be done.
    """
    try:
        transaction.on_commit(send)
    except OperationalError:
        return False
    return True


@shared_task(name="episodes.start_import")
def start_import(run_id: str) -> None:
    """Hand out every episode of an import that is due; of a paused one none."""
    run = ImportRun.objects.filter(pk=UUID(run_id)).first()
    if run is None or run.state == ImportRun.State.PAUSED:
        return  # deleted or paused since it was queued
    for item_id in open_items(run):
        import_item_task.delay(item_id)


@shared_task(name="episodes.import_item", bind=True, max_retries=MAX_ATTEMPTS)
def import_item_task(self: Task[[int], None], item_id: int) -> None:
    """Bring one episode in, then prepare its cameras. Twice is once."""
    if not ImportItem.objects.filter(pk=item_id).exists():
        return
    try:
        item = import_item(item_id=item_id)
    except PASSING as error:
        # The sweep would find it too, up to a minute later.
        raise self.retry(exc=error, countdown=_seconds_until_due(item_id)) from error
    if item.state == ImportItem.State.DONE and item.episode is not None:
        for stream_id in item.episode.streams.values_list("pk", flat=True):
            prepare_stream.delay(str(stream_id))
        measure_sync_task.delay(str(item.episode.pk))
        if ImportRun.objects.filter(pk=item.run_id, state=ImportRun.State.DONE).exists():
            measure_values_task.delay(item.episode.dataset_id)


def _seconds_until_due(item_id: int) -> float:
    due = ImportItem.objects.values_list("not_before", flat=True).get(pk=item_id)
    return max(0.0, (due - timezone.now()).total_seconds()) if due else 0.0


@shared_task(name="episodes.unpack_upload", autoretry_for=PASSING, retry_backoff=10, max_retries=3)
def unpack_upload_task(upload_id: str) -> None:
    """Check and unpack a closed upload, then import what is in it."""
    if not Upload.objects.filter(pk=UUID(upload_id)).exists():
        return
    run = unpack_upload(upload_id=UUID(upload_id))
    if run is not None:
        start_import.delay(str(run.pk))


@shared_task(name="episodes.sweep_imports")
def sweep_imports() -> None:
    """Periodic: hand out again what a dead worker or a lost message left behind; tidy up."""
    for item_id in stranded_items():
        import_item_task.delay(item_id)
    for upload_id in stuck_uploads():
        unpack_upload_task.delay(str(upload_id))
    discard_uploads()
