"""Frame indexes, signal samples, and what their spectrograms show."""

import gzip
import hashlib
import json
from uuid import UUID

from django.http import HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from episodes.api.signed_in import check_signed_in
from episodes.selectors import samples
from episodes.selectors.media import stream_index_json, visible_stream
from episodes.selectors.spectrograms import spectrogram_layout


@extend_schema(responses=OpenApiTypes.OBJECT, summary="Per-frame byte index of a stream")
@api_view(["GET"])
@permission_classes([AllowAny])
def stream_index(request: Request, stream_id: UUID) -> HttpResponse:
    """Where each coded picture of the stream lies, and which position shows it."""
    check_signed_in(request.user)
    stream = visible_stream(request.user, stream_id)
    text = json.dumps(stream_index_json(stream), separators=(",", ":")).encode()
    return _revalidated(request, text, "application/json")


@extend_schema(responses=OpenApiTypes.OBJECT, summary="Levels and tiles of a signal")
@api_view(["GET"])
@permission_classes([AllowAny])
def signal_layout(request: Request, signal_id: UUID) -> HttpResponse:
    """How many rows each level has, and when each of its tiles begins, ns."""
    check_signed_in(request.user)
    layout = samples.signal_layout(samples.visible_signal(request.user, signal_id))
    text = json.dumps(layout, separators=(",", ":")).encode()
    return _revalidated(request, text, "application/json")


@extend_schema(responses=OpenApiTypes.BINARY, summary="A tile of a signal's samples")
@api_view(["GET"])
@permission_classes([AllowAny])
def signal_tile(request: Request, signal_id: UUID, level: int, number: int) -> HttpResponse:
    """Time stamps in ns and float32 columns, in the layout of `docs/formats/README.md`."""
    check_signed_in(request.user)
    signal = samples.visible_signal(request.user, signal_id)
    body = samples.tile_bytes(signal, level, number)
    return _revalidated(request, body, "application/octet-stream")


@extend_schema(responses=OpenApiTypes.OBJECT, summary="Columns, bands and tiles of a spectrogram")
@api_view(["GET"])
@permission_classes([AllowAny])
def signal_spectrogram(request: Request, signal_id: UUID) -> HttpResponse:
    """What the pictures of a sound show, in the layout of `docs/formats/README.md`."""
    check_signed_in(request.user)
    layout = spectrogram_layout(samples.visible_signal(request.user, signal_id))
    text = json.dumps(layout, separators=(",", ":")).encode()
    return _revalidated(request, text, "application/json")


def _revalidated(request: Request, body: bytes, content_type: str) -> HttpResponse:
    """A private answer that a browser may keep and must ask about; gzipped where it understands."""
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    tag = f'"{hashlib.sha256(body).hexdigest()}{"-gz" if zipped else ""}"'
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponse(status=304)
    else:
        content = gzip.compress(body, compresslevel=5, mtime=0) if zipped else body
        response = HttpResponse(content, content_type=content_type)
        if zipped:
            response["Content-Encoding"] = "gzip"
    response["ETag"] = tag
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
    return response
