"""Where a video's bytes are: in the data folder, in object storage, or where it was recorded."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.core.files.storage import storages

from episodes.media_errors import MediaChanged, MediaMissing
from episodes.models import MediaAsset
from episodes.selectors.data_files import cache_name, data_path, existing_file
from episodes.video.files import whole_file

if TYPE_CHECKING:
    from episodes.object_storage import MediaBucket

# Whoever asked for a cached file has opened it by then.
JUST_USED_S = 600


def media_bucket() -> "MediaBucket | None":
    """The object storage that is set up; None where videos lie in the data folder."""
    return cast("MediaBucket", storages["media"]) if "media" in settings.STORAGES else None


def in_import_root(path: Path) -> bool:
    """Whether a path, its links resolved, lies in an import root."""
    resolved = path.resolve()
    roots = (Path(root).resolve() for root in settings.TOUCHLINE_IMPORT_ROOTS)
    return any(resolved.is_relative_to(root) for root in roots)


def on_this_disk(asset: MediaAsset) -> Path | None:
    """The video's file where it lies on this machine; None when it is in the object storage.

    Videos stored before there was a bucket stay where they are. Raises MediaMissing, MediaChanged.
    """
    if asset.place == MediaAsset.Place.REFERENCE:
        return referenced_file(asset)
    if media_bucket() is not None and not data_path(asset.path).is_file():
        return None
    return existing_file(asset.path)


def referenced_file(asset: MediaAsset) -> Path:
    """The original, unchanged since it was hashed. Raises MediaMissing, MediaChanged.

    Size and time of change stand for the hash: reading a whole video for every range is out.
    """
    path = Path(asset.path)
    remedy = (
        f"Put the original back at {path}, or import the dataset again: copied, it no longer"
        " depends on its source."
    )
    if not in_import_root(path):
        raise MediaMissing(
            f"the referenced video {path.name} is in no import root any more",
            remedy=f"Add its folder to TOUCHLINE_IMPORT_ROOTS again. Or: {remedy}",
        )
    try:
        stat = path.stat()
    except OSError as error:
        raise MediaMissing(
            f"the referenced video {path.name} is not where it was imported from"
            f" ({error.strerror})",
            remedy=remedy,
        ) from error
    if (stat.st_size, stat.st_mtime_ns) != (asset.size, asset.modified_ns):
        raise MediaChanged(
            f"the referenced video {path.name} was changed after its import", remedy=remedy
        )
    return path


def asset_file(asset: MediaAsset) -> Path:
    """A file of this machine that holds the video, fetched from the object storage if need be.

    Raises MediaMissing, MediaChanged, StorageUnavailable.
    """
    return on_this_disk(asset) or _cached(asset)


def _cached(asset: MediaAsset) -> Path:
    """A copy kept by its sha256, which is checked: a damaged object is never decoded."""
    bucket = media_bucket()
    if bucket is None:
        raise TypeError("A video of the object storage was asked for without one.")
    path = data_path(cache_name(asset.sha256))
    if path.is_file() and path.stat().st_size == asset.size:
        os.utime(path)
        return path
    with whole_file(path) as draft:
        if bucket.fetch(asset.path, draft) != asset.sha256:
            raise MediaChanged(
                f"the object of the video {asset} holds other bytes than were stored",
                remedy="Restore it from a backup of the bucket, or import the dataset again.",
            )
    shrink_cache(most_bytes=settings.TOUCHLINE_CACHE_BYTES)
    return path


def shrink_cache(*, most_bytes: int) -> int:
    """Remove the copies used longest ago until the rest fits; the bytes that were freed."""
    found = []
    for path in data_path("cache/media").glob("*.mp4"):
        try:
            stat = path.stat()
        except FileNotFoundError:  # another worker was quicker
            continue
        found.append((stat.st_mtime, stat.st_size, path))
    total, freed = sum(size for _, size, _ in found), 0
    for used, size, path in sorted(found):
        if total - freed <= most_bytes or used > time.time() - JUST_USED_S:
            break
        path.unlink(missing_ok=True)
        freed += size
    return freed
