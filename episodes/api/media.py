"""Bytes of videos, filmstrips, posters, fallback packs and spectrograms, for who may see them."""

import json
import time
from functools import partial
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from episodes.api.sending import Sendable, send
from episodes.api.signed_in import signed_in
from episodes.byte_ranges import ByteRange
from episodes.media_errors import MediaMissing, PacksFailed, QueueUnavailable, StreamUnknown
from episodes.models import Stream
from episodes.selectors import data_files
from episodes.selectors.media import frame_index_of, shown_asset, shown_part, visible_stream
from episodes.selectors.samples import visible_signal
from episodes.selectors.spectrograms import stored_tile
from episodes.services.media import FAILURE_NAME, pack_profile, packs_folder
from episodes.tasks_media import make_packs_task
from episodes.video.files import write_whole
from episodes.video.packs import LAYOUT_NAME, pack_name

JPEG = "image/jpeg"
PNG = "image/png"
REQUEST_NAME = ".requested"
# Clients poll every second; one task an interval is enough, a lost one is asked for again.
REQUEST_INTERVAL_S = 20
FAILURE_STANDS_S = 3600


@require_safe
@signed_in
def stream_bytes(request: HttpRequest, stream_id: UUID, sha256: str) -> HttpResponseBase:
    """The video or its proxy, as far as it belongs to the stream's episode."""
    stream = visible_stream(request.user, stream_id)
    if stream.asset.sha256 == sha256:
        asset, window = stream.asset, ByteRange(stream.byte_start, stream.byte_end)
    else:
        asset = shown_asset(stream)
        if asset.sha256 != sha256:
            raise StreamUnknown("the stream shows another video", remedy="Load the episode again.")
        part = shown_part(stream, asset)
        window = ByteRange(part.byte_start, part.byte_end)
    whole = stream.frames == frame_index_of(asset).frames
    return send(request, Sendable("", "video/mp4", sha256, None if whole else window, asset))


@require_safe
@signed_in
def stream_sprite(request: HttpRequest, stream_id: UUID) -> HttpResponseBase:
    """The filmstrip; its layout is in the editor's payload."""
    stream = visible_stream(request.user, stream_id)
    if not stream.sprite_path:
        raise MediaMissing("the filmstrip is not made yet", remedy="Try again in a minute.")
    return send(request, Sendable(stream.sprite_path, JPEG, f"{_slice_tag(stream)}-s"))


@require_safe
@signed_in
def stream_poster(request: HttpRequest, stream_id: UUID) -> HttpResponseBase:
    """One picture of the stream, for lists."""
    stream = visible_stream(request.user, stream_id)
    name = data_files.poster_name(stream.asset.sha256, stream.start_frame, stream.frames)
    return send(request, Sendable(name, JPEG, f"{_slice_tag(stream)}-p"))


@require_safe
@signed_in
def spectrogram_tile(request: HttpRequest, signal_id: UUID, number: int) -> HttpResponseBase:
    """One picture of a sound's spectrogram."""
    name = stored_tile(visible_signal(request.user, signal_id), number)
    # It can be made anew: its time and size tell which one this is, and the browser has to ask.
    made = data_files.existing_file(name).stat()
    tag = f"{signal_id}-g{number}-{made.st_mtime_ns:x}-{made.st_size:x}"
    return send(request, Sendable(name, PNG, tag, lasting=False))


@require_safe
@signed_in
def pack_layout(request: HttpRequest, stream_id: UUID, profile: str) -> HttpResponseBase:
    """How the fallback packs are cut; 202 until a worker has begun on them."""
    stream = visible_stream(request.user, stream_id)
    return _pack_file(request, stream, profile, LAYOUT_NAME, "application/json")


@require_safe
@signed_in
def pack(request: HttpRequest, stream_id: UUID, profile: str, number: int) -> HttpResponseBase:
    """One fallback pack; 202 until it is made."""
    stream = visible_stream(request.user, stream_id)
    per_pack = pack_profile(profile).frames_per_pack
    if number * per_pack >= stream.frames:
        raise MediaMissing(
            f"the stream has no pack {number}", remedy="See index.json for the number of packs."
        )
    return _pack_file(request, stream, profile, pack_name(number), "application/octet-stream")


def _slice_tag(stream: Stream) -> str:
    return f"{stream.asset.sha256}-{stream.start_frame}-{stream.frames}"


def _pack_file(
    request: HttpRequest, stream: Stream, profile: str, name: str, content_type: str
) -> HttpResponseBase:
    folder = packs_folder(stream, pack_profile(profile))
    if not (folder / name).is_file():
        return _ask_for_packs(stream, profile)
    place = (stream.asset.sha256, stream.start_frame, stream.frames, profile)
    file_name = f"{data_files.packs_name(*place)}/{name}"
    tag = f"{_slice_tag(stream)}-{profile}-{name}"
    return send(request, Sendable(file_name, content_type, tag))


def _ask_for_packs(stream: Stream, profile: str) -> HttpResponseBase:
    """202 with Retry-After, and a task unless one was queued a moment ago; PacksFailed."""
    folder = packs_folder(stream, pack_profile(profile))
    now = time.time()
    failure, asked = folder / FAILURE_NAME, folder / REQUEST_NAME
    if failure.is_file() and now - failure.stat().st_mtime < FAILURE_STANDS_S:
        note = json.loads(failure.read_text())
        raise PacksFailed(note["message"], remedy=note["remedy"])
    if not asked.is_file() or now - asked.stat().st_mtime > REQUEST_INTERVAL_S:
        try:
            transaction.on_commit(partial(make_packs_task.delay, str(stream.pk), profile))
        except OperationalError as error:
            raise QueueUnavailable(
                "the task queue does not answer", remedy="Start the broker and the worker."
            ) from error
        write_whole(asked, b"")
    return JsonResponse({"state": "making"}, status=202, headers={"Retry-After": "1"})
