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
from episodes.selectors.data_files import data_path, existing_file
from episodes.selectors.media_files import media_bucket
from episodes.video import EpisodeIndex, FrameIndexRecord, slice_index

# The video with its index, and the proxy that may stand for it.
WITH_PICTURES = ("asset__frame_index", "asset__proxy__asset__frame_index")


def visible_streams(user: Viewer) -> QuerySet[Stream]:
    """Streams of the episodes that ``user`` may see, asset and frame index joined."""
    seen = Episode.objects.visible_to(user).values("pk")
    streams = Stream.objects.filter(episode__in=seen)
    return streams.select_related(*WITH_PICTURES)


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
    part = shown_part(stream, stream.asset)
    return replace(part, times_ns=clock_of(stream).times_to_episode_ns(part.times_ns))


def shown_asset(stream: Stream) -> MediaAsset:
    """The video that the editor decodes: a proxy with the same positions and PTS, or the source.

    Labels, pictures and releases are of the source in either case.
    """
    proxy = getattr(stream.asset, "proxy", None)
    if proxy is None or proxy.asset is None or not hasattr(proxy.asset, "frame_index"):
        return stream.asset
    shown: MediaAsset = proxy.asset
    there = data_path(shown.frame_index.path).is_file() and (
        media_bucket() is not None or data_path(shown.path).is_file()
    )
    return shown if there else stream.asset


def shown_part(stream: Stream, asset: MediaAsset) -> EpisodeIndex:
    """The stream's slice of the video that is shown for it, times on the stream's own clock."""
    index = asset_index(asset)
    return slice_index(index, stream.start_frame, stream.frames, stream.clock_offset_ns)


def stream_index_json(stream: Stream) -> dict[str, Any]:
    """The body of GET /api/v1/streams/<id>/index.

    Times follow from ``pts`` and ``offset_ns``; with a drift they are given one by one. A depth
    camera has its near and far value as soon as its filmstrip is made, and the metres of a unit
    where the recording says.
    """
    clock = clock_of(stream)
    asset = shown_asset(stream)
    part = shown_part(stream, asset)
    is_depth = stream.modality == Stream.Modality.DEPTH
    depth = (
        {"depth_range": stream.sprite.get("depth_range"), "depth_unit_m": stream.depth_unit_m}
        if is_depth
        else {}
    )
    times_ns = clock.times_to_episode_ns(part.times_ns)
    drifting = {"times_ns": times_ns.tolist()} if clock.drift_ppm else {}
    return {
        **part.to_json(),
        **drifting,
        **depth,
        "stream_id": str(stream.pk),
        "camera": stream.camera,
        "sha256": asset.sha256,
        "offset_ns": stream.clock_offset_ns + clock.offset_ns,
        "url": reverse("stream-bytes", args=[stream.pk, asset.sha256]),
    }


def sprite_json(stream: Stream) -> dict[str, Any] | None:
    """The filmstrip's address and layout as the editor's payload carries it; None until made."""
    if not stream.sprite_path:
        return None
    return {"url": reverse("stream-sprite", args=[stream.pk]), **stream.sprite}
