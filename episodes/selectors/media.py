"""What a client needs to show an episode's cameras."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from episodes.access import Viewer
from episodes.media_errors import NotIndexed, StreamUnknown
from episodes.models import Episode, FrameIndex, MediaAsset, Stream
from episodes.selectors.clocks import clock_of
from episodes.selectors.data_files import existing_file
from episodes.timebase import ClockMap
from episodes.video import EpisodeIndex, FrameIndexRecord, slice_index


def visible_streams(user: Viewer) -> QuerySet[Stream]:
    """Streams of the episodes that ``user`` may see, asset and frame index joined."""
    seen = Episode.objects.visible_to(user).values("pk")
    streams = Stream.objects.filter(episode__in=seen)
    return streams.select_related("asset", "asset__frame_index")


def visible_stream(user: Viewer, stream_id: UUID) -> Stream:
    """Raises StreamUnknown also where the stream is there but not for ``user``."""
    stream = visible_streams(user).filter(pk=stream_id).first()
    if stream is None:
        raise StreamUnknown("there is no such stream", remedy="Open it from your project's queue.")
    return stream


def frame_index_of(asset: MediaAsset) -> FrameIndex:
    """Raises NotIndexed."""
    try:
        return asset.frame_index
    except FrameIndex.DoesNotExist:
        raise NotIndexed(
            f"the video {asset} has no frame index yet",
            remedy="Wait for the worker, or run: manage.py index_media",
        ) from None


def asset_index(asset: MediaAsset) -> FrameIndexRecord:
    """The stored frame index; raises NotIndexed, MediaMissing or IndexUnreadable."""
    path = existing_file(frame_index_of(asset).path)
    return _read_index(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _read_index(path: Path, _written_at_ns: int) -> FrameIndexRecord:
    """A shared v3 file is read for each of its episodes: keep the last few."""
    return FrameIndexRecord.from_bytes(path.read_bytes())


def stream_part(stream: Stream) -> EpisodeIndex:
    """The stream's slice of its asset, times on the episode clock as it is corrected now."""
    return _part(stream, clock_of(stream))


def _part(stream: Stream, clock: ClockMap) -> EpisodeIndex:
    index = asset_index(stream.asset)
    part = slice_index(index, stream.start_frame, stream.frames, stream.clock_offset_ns)
    return replace(part, times_ns=clock.times_to_episode_ns(part.times_ns))


def stream_index_json(stream: Stream) -> dict[str, Any]:
    """The body of GET /api/v1/streams/<id>/index.

    Times follow from ``pts`` and ``offset_ns``; with a drift they are given one by one. A depth
    camera has its near and far value as soon as its filmstrip is made, and the metres of a unit
    where the recording says.
    """
    clock = clock_of(stream)
    part = _part(stream, clock)
    is_depth = stream.modality == Stream.Modality.DEPTH
    depth = (
        {"depth_range": stream.sprite.get("depth_range"), "depth_unit_m": stream.depth_unit_m}
        if is_depth
        else {}
    )
    drifting = {"times_ns": part.times_ns.tolist()} if clock.drift_ppm else {}
    return {
        **part.to_json(),
        **drifting,
        **depth,
        "stream_id": str(stream.pk),
        "camera": stream.camera,
        "sha256": stream.asset.sha256,
        "offset_ns": stream.clock_offset_ns + clock.offset_ns,
        "url": reverse("stream-bytes", args=[stream.pk, stream.asset.sha256]),
    }


def sprite_json(stream: Stream) -> dict[str, Any] | None:
    """The filmstrip's address and layout as the editor's payload carries it; None until made."""
    if not stream.sprite_path:
        return None
    return {"url": reverse("stream-sprite", args=[stream.pk]), **stream.sprite}
