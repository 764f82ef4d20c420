"""Extraction on the workers. Every task can run twice: the second run finds its work done."""

from contextlib import suppress
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

from episodes.media_errors import StorageUnavailable
from episodes.models import Stream
from episodes.services.media import make_packs, make_sprite
from episodes.services.proxies import assets_to_proxy, forget_lost_proxies, make_proxy

# A full disk, a lost mount, a storage that restarts.
PASSING = (OSError, StorageUnavailable)
# What a browser decodes itself needs no packs ahead of time.
WITHOUT_BROWSER_DECODER = ("hvc1", "hev1")
# About what a worker gets through between two sweeps; more would only queue the same ones twice.
SWEEP_SIZE = 40


@shared_task(
    name="episodes.prepare_stream", autoretry_for=PASSING, retry_backoff=True, max_retries=3
)
def prepare_stream(stream_id: str) -> None:
    """The filmstrip of a stream, and its fallback packs where browsers cannot decode the video.

    Raises what the services raise: the worker's log names the file, the stream keeps the reason.
    """
    stream = Stream.objects.select_related("asset__frame_index").filter(pk=stream_id).first()
    if stream is None:
        return  # deleted since it was queued
    make_sprite(stream_id=stream.pk)
    if stream.asset.frame_index.codec.startswith(WITHOUT_BROWSER_DECODER):
        make_packs(stream_id=stream.pk)
    elif assets_to_proxy().filter(pk=stream.asset_id).exists():
        with suppress(OperationalError):  # the sweep finds it too
            make_proxy_task.delay(stream.asset_id)


@shared_task(name="episodes.make_packs", autoretry_for=PASSING, retry_backoff=True, max_retries=3)
def make_packs_task(stream_id: str, profile: str) -> None:
    """Fallback packs that a client asked for."""
    if Stream.objects.filter(pk=stream_id).exists():
        make_packs(stream_id=UUID(stream_id), profile_name=profile)


@shared_task(name="episodes.make_proxy", autoretry_for=PASSING, retry_backoff=True, max_retries=3)
def make_proxy_task(asset_id: int) -> None:
    """The stand-in of a video with far-apart key frames; the editor shows it from then on."""
    make_proxy(asset_id=asset_id)


@shared_task(name="episodes.make_waiting_proxies")
def make_waiting_proxies() -> None:
    """Periodic: queue the proxies that got lost, and those whose file is gone."""
    forget_lost_proxies()
    for asset_id in assets_to_proxy().values_list("pk", flat=True)[:SWEEP_SIZE]:
        make_proxy_task.delay(asset_id)


@shared_task(name="episodes.prepare_waiting_streams")
def prepare_waiting_streams() -> None:
    """Periodic: queue streams whose preparation got lost; those that failed stay as they are."""
    waiting = Stream.objects.filter(sprite_path="", sprite={}, asset__frame_index__isnull=False)
    for stream_id in waiting.values_list("pk", flat=True)[:SWEEP_SIZE]:
        prepare_stream.delay(str(stream_id))
