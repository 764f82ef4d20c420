"""Periodic work of the annotation app."""

from celery import shared_task

from annotation.services.expire_leases import expire_leases
from annotation.services.idempotency import forget_answers
from annotation.services.queue_counts import sweep_queue_counts
from annotation.services.reserve import end_reservations
from annotation.services.send_digests import send_digests
from annotation.services.webhook_sending import make_deliveries, send_due, webhooks_with_work
from annotation.services.work_counts import sweep_work_counts


@shared_task(name="annotation.expire_leases")
def expire_leases_task() -> None:
    """Idempotent; a missed run costs nothing but a stale state in lists."""
    expire_leases()
    end_reservations()


@shared_task(name="annotation.forget_answers")
def forget_answers_task() -> None:
    """Drops answers to requests with an Idempotency-Key after a day."""
    forget_answers()


@shared_task(name="annotation.sweep_queue_counts", expires=60)
def sweep_queue_counts_task() -> None:
    """Idempotent; who reads the counts adds what it has not come to."""
    sweep_queue_counts()
    sweep_work_counts()


@shared_task(name="annotation.send_digests", expires=300, soft_time_limit=1800)
def send_digests_task() -> None:
    """Idempotent; two at once send nothing twice."""
    send_digests()


@shared_task(name="annotation.sweep_webhooks", expires=60)
def sweep_webhooks_task() -> None:
    """Idempotent; sends nothing itself, so that a target that hangs cannot hold it up."""
    make_deliveries()
    for webhook_id in webhooks_with_work():
        send_webhook_task.delay(webhook_id)


@shared_task(name="annotation.send_webhook", soft_time_limit=120)
def send_webhook_task(webhook_id: int) -> None:
    """One worker a webhook at a time; twice at once the second finds nothing to do."""
    send_due(webhook_id)
