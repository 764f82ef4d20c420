"""Sending a stored file: by nginx where it stands in front, by Django otherwise.

RFC 9110 single ranges: 206, 416, If-Range, suffix ranges; a body of any size passes in pieces.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags

from episodes.byte_ranges import ByteRange, parse_range
from episodes.media_errors import OutsideEpisode
from episodes.selectors.data_files import existing_file

PIECE = 256 * 1024
IMMUTABLE = {"private": True, "max_age": 31_536_000, "immutable": True}


@dataclass(frozen=True, slots=True)
class Sendable:
    """A file of the data folder: relative ``name``, type, entity tag (unquoted).

    ``window`` bounds the bytes that may go out; None means all of them.
    """

    name: str
    content_type: str
    etag: str
    window: ByteRange | None = None


def send(request: HttpRequest, file: Sendable) -> HttpResponseBase:
    """Answer GET or HEAD for ``file``. Raises MediaMissing, RangeNotSatisfiable, OutsideEpisode."""
    path = existing_file(file.name)
    tag = f'"{file.etag}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if tag in known or "*" in known:
        return _with_headers(HttpResponse(status=304), tag)
    size = path.stat().st_size
    wanted = _wanted(request, tag, size)
    part = wanted or ByteRange(0, size)
    if file.window is not None and not part.within(file.window):
        raise OutsideEpisode(
            "these bytes belong to other episodes in the same file",
            remedy=f"Ask for a range within bytes {file.window.start}-{file.window.end - 1}.",
            start=file.window.start,
            end=file.window.end,
        )
    # nginx knows its own entity tag only and would answer a foreign If-Range with the whole file.
    if settings.MEDIA_ACCEL_PREFIX and "If-Range" not in request.headers:
        return _by_nginx(file, tag)
    return _by_django(request, path, file.content_type, tag, part, size, partial=wanted is not None)


def _wanted(request: HttpRequest, tag: str, size: int) -> ByteRange | None:
    header = request.headers.get("Range")
    if header is None or request.headers.get("If-Range", tag) != tag:
        return None
    return parse_range(header, size)


def _by_nginx(file: Sendable, tag: str) -> HttpResponse:
    response = HttpResponse(content_type=file.content_type)
    response["X-Accel-Redirect"] = f"{settings.MEDIA_ACCEL_PREFIX.rstrip('/')}/{file.name}"
    _with_headers(response, tag)
    return response


def _by_django(
    request: HttpRequest,
    path: Path,
    content_type: str,
    tag: str,
    part: ByteRange,
    size: int,
    *,
    partial: bool,
) -> HttpResponseBase:
    body = _pieces(path, part) if request.method == "GET" else iter(())
    status = 206 if partial else 200
    response = StreamingHttpResponse(body, status=status, content_type=content_type)
    response["Content-Length"] = str(len(part))
    response["Accept-Ranges"] = "bytes"
    if partial:
        response["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{size}"
    return _with_headers(response, tag)


def _with_headers(response: HttpResponseBase, tag: str) -> HttpResponseBase:
    response["ETag"] = tag
    patch_cache_control(response, **IMMUTABLE)
    return response


def _pieces(path: Path, part: ByteRange) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(part.start)
        left = len(part)
        while left and (piece := file.read(min(left, PIECE))):
            left -= len(piece)
            yield piece
