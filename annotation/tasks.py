"""Periodic work of the annotation app."""

from celery import shared_task

from annotation.services.expire_leases import expire_leases


@shared_task(name="annotation.expire_leases")
def expire_leases_task() -> None:
    """Idempotent; a missed run costs nothing but a stale state in lists."""
    expire_leases()
