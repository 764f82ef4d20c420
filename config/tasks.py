"""The one periodic task that belongs to no app."""

from celery import shared_task

from config.health import HEARTBEAT_SECONDS, record_heartbeat


# A beat that waited behind long tasks says nothing any more.
@shared_task(name="config.heartbeat", expires=HEARTBEAT_SECONDS)
def heartbeat() -> None:
    """Shows in /healthz that the queue is being worked on."""
    record_heartbeat()
