"""The Celery application: one broker, tasks found in each app's ``tasks`` module."""

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import beat_embedded_init, worker_init, worker_process_init

from config.embedded import processes

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("touchline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="tasks_media")
app.autodiscover_tasks(related_name="tasks_sync")
app.autodiscover_tasks(related_name="tasks_operation")


# The worker's main process, known before it forks its pool and its clock.
_worker = 0


@worker_init.connect
def note_worker(**_: Any) -> None:
    global _worker
    _worker = os.getpid()


@worker_process_init.connect
@beat_embedded_init.connect
def follow_worker(**_: Any) -> None:
    """No pool process and no clock outlives a killed worker; the broker keeps its tasks.

    Not even one that was still starting when the worker was killed, and has another parent now.
    """
    processes.follow_parent(signal.SIGKILL, _worker)()
