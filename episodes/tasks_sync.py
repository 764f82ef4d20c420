"""Clocks and values measured on the workers; settings give them the queue's last place."""

from uuid import UUID

from celery import shared_task

from episodes.models import Dataset, Episode
from episodes.selectors.embodiments import datasets_to_measure
from episodes.selectors.sync import unmeasured_episodes
from episodes.services.statistics import measure_values
from episodes.services.sync import measure_sync

# About what a worker measures between two sweeps; more would only queue the same ones twice.
SWEEP_SIZE = 20


@shared_task(name="episodes.measure_sync")
def measure_sync_task(episode_id: str) -> None:
    """Measure one episode's clocks. Twice is once.

    Raises what the measurement raises: the report says unknown and why, the log has the rest.
    """
    measure_sync(episode_id=UUID(episode_id))


@shared_task(name="episodes.measure_values")
def measure_values_task(dataset_id: int) -> None:
    """A dataset's values against its embodiment. Twice is once."""
    if Dataset.objects.filter(pk=dataset_id).exists():
        measure_values(dataset_id=dataset_id)


@shared_task(name="episodes.measure_waiting")
def measure_waiting() -> None:
    """Periodic: queue what was never measured, or not since it changed."""
    waiting = unmeasured_episodes(Episode.objects.all())
    for episode_id in waiting.values_list("pk", flat=True)[:SWEEP_SIZE]:
        measure_sync_task.delay(str(episode_id))
    for dataset_id in datasets_to_measure():
        measure_values_task.delay(dataset_id)
