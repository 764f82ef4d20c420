"""Sending a stored file: by nginx where it stands in front, else by Django, or by a signed link.

RFC 9110 single ranges: 206, 416, If-Range, suffix ranges; a body of any size passes in pieces.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial as partial_of
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags

from episodes.byte_ranges import ByteRange, parse_range
from episodes.media_errors import OutsideEpisode
from episodes.models import MediaAsset
from episodes.selectors.data_files import existing_file
from episodes.selectors.media_files import media_bucket, on_this_disk

PIECE = 256 * 1024
IMMUTABLE = {"private": True, "max_age": 31_536_000, "immutable": True}
ASKED_FOR = {"private": True, "no_cache": True}


@dataclass(frozen=True, slots=True)
class Sendable:
    """A file to send: type, entity tag (unquoted), and its relative ``name`` in the data folder.

    A video is given as its ``asset``, since it may lie elsewhere. ``window`` bounds the bytes that
    may go out; None means all of them. What is ``lasting`` never changes under its address; else a
    browser may keep it and must ask whether it is still that.
    """

    name: str
    content_type: str
    etag: str
    window: ByteRange | None = None
    asset: MediaAsset | None = None
    lasting: bool = True


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the bytes come from: how many there are, and those of a part of them."""

    size: int
    pieces: Callable[[ByteRange], Iterator[bytes]]
    behind_nginx: bool = False
    link: Callable[[], str] | None = None


def send(request: HttpRequest, file: Sendable) -> HttpResponseBase:
    """Answer GET or HEAD for ``file``.

    Raises MediaMissing, MediaChanged, StorageUnavailable, RangeNotSatisfiable, OutsideEpisode.
    """
    source = _source(file)
    tag = f'"{file.etag}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if tag in known or "*" in known:
        return _with_headers(HttpResponse(status=304), file)
    wanted = _wanted(request, tag, source.size)
    part = wanted or ByteRange(0, source.size)
    if file.window is not None and not part.within(file.window):
        raise OutsideEpisode(
            "these bytes belong to other episodes in the same file",
            remedy=f"Ask for a range within bytes {file.window.start}-{file.window.end - 1}.",
            start=file.window.start,
            end=file.window.end,
        )
    # A link opens the whole object: a file shared by episodes goes through the check above.
    if source.link is not None and file.window is None:
        return _by_link(source.link())
    # nginx knows its own entity tag only and would answer a foreign If-Range with the whole file.
    if source.behind_nginx and "If-Range" not in request.headers:
        return _by_nginx(file)
    return _by_django(request, source, file, part, partial=wanted is not None)


def _source(file: Sendable) -> _Source:
    asset, bucket = file.asset, media_bucket()
    path = existing_file(file.name) if asset is None else on_this_disk(asset)
    if path is not None:
        # nginx reaches the data folder only; an original elsewhere is Django's to send.
        ours = asset is None or asset.place == MediaAsset.Place.STORED
        behind_nginx = ours and bool(settings.MEDIA_ACCEL_PREFIX)
        return _Source(path.stat().st_size, partial_of(_pieces, path), behind_nginx)
    assert asset is not None
    assert bucket is not None
    seconds = settings.TOUCHLINE_STORAGE_PRESIGNED_SECONDS
    link = partial_of(bucket.link, asset.path, seconds=seconds)
    presigned = settings.TOUCHLINE_STORAGE_PRESIGNED
    pieces = partial_of(bucket.pieces, asset.path)
    return _Source(asset.size, pieces, link=link if presigned else None)


def _by_link(address: str) -> HttpResponseBase:
    response = HttpResponseRedirect(address)
    # The link outlives the browser's memory of it, so that no expired one is followed.
    keep_s = settings.TOUCHLINE_STORAGE_PRESIGNED_SECONDS // 2
    patch_cache_control(response, private=True, max_age=keep_s)
    return response


def _wanted(request: HttpRequest, tag: str, size: int) -> ByteRange | None:
    header = request.headers.get("Range")
    if header is None or request.headers.get("If-Range", tag) != tag:
        return None
    return parse_range(header, size)


def _by_nginx(file: Sendable) -> HttpResponse:
    name = file.asset.path if file.asset is not None else file.name
    response = HttpResponse(content_type=file.content_type)
    response["X-Accel-Redirect"] = f"{settings.MEDIA_ACCEL_PREFIX.rstrip('/')}/{name}"
    _with_headers(response, file)
    return response


def _by_django(
    request: HttpRequest,
    source: _Source,
    file: Sendable,
    part: ByteRange,
    *,
    partial: bool,
) -> HttpResponseBase:
    body = source.pieces(part) if request.method == "GET" else iter(())
    status = 206 if partial else 200
    response = StreamingHttpResponse(body, status=status, content_type=file.content_type)
    response["Content-Length"] = str(len(part))
    response["Accept-Ranges"] = "bytes"
    if partial:
        response["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{source.size}"
    return _with_headers(response, file)


def _with_headers(response: HttpResponseBase, file: Sendable) -> HttpResponseBase:
    response["ETag"] = f'"{file.etag}"'
    patch_cache_control(response, **(IMMUTABLE if file.lasting else ASKED_FOR))
    return response


def _pieces(path: Path, part: ByteRange) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(part.start)
        left = len(part)
        while left and (piece := file.read(min(left, PIECE))):
            left -= len(piece)
            yield piece
