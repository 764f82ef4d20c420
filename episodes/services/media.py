"""Media kept and derived: each step can be repeated, and repeated it changes nothing."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from episodes.errors import ImportRefused, TouchlineError
from episodes.media_errors import AssetsGone, MediaChanged, PackProfileUnknown
from episodes.models import FrameIndex, MediaAsset, Stream
from episodes.selectors import data_files
from episodes.selectors.media import stream_part
from episodes.selectors.media_files import asset_file, in_import_root, media_bucket
from episodes.services.exclusive import asset_lock, only_one
from episodes.video import FrameIndexRecord, build_index
from episodes.video.copying import copy_hashed
from episodes.video.errors import VideoMissing
from episodes.video.files import whole_file, write_whole
from episodes.video.images import poster, sprite
from episodes.video.packs import PROFILES, PackProfile, write_packs

if TYPE_CHECKING:
    from episodes.object_storage import MediaBucket

FAILURE_NAME = "failure.json"


def store_asset(*, source: Path) -> MediaAsset:
    """Keep a video under its sha256; the file appears whole or not at all.

    Raises VideoMissing, StorageUnavailable. A video that is stored already is not stored again;
    one that was only referred to is kept from now on.
    """
    try:
        size = source.stat().st_size
        bucket = media_bucket()
        if bucket is not None or MediaAsset.objects.filter(size=size).exists():
            sha256 = file_sha256(source)
            with asset_lock(sha256):
                _keep(source, sha256, bucket)
                return _asset_row(sha256, size)
        return _copied(source, size)
    except FileNotFoundError:
        if source.exists():  # it is our own draft that went
            raise
        raise VideoMissing(
            source, "there is no such file", remedy="Put the file in place and import again."
        ) from None


def _copied(source: Path, size: int) -> MediaAsset:
    """Copy and hash in one reading: what the target is called is known at its end."""
    with scratch_file() as draft:
        sha256 = copy_hashed(source, draft)
        with asset_lock(sha256):
            target = data_files.data_path(data_files.asset_name(sha256))
            target.parent.mkdir(parents=True, exist_ok=True)
            draft.replace(target)
            return _asset_row(sha256, size)


@contextmanager
def scratch_file() -> Iterator[Path]:
    """A file on the data folder's own disk, gone at the end unless it was moved."""
    path = data_files.data_path(f"work/{uuid.uuid4().hex}.mp4")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _keep(source: Path, sha256: str, bucket: "MediaBucket | None") -> None:
    name = data_files.asset_name(sha256)
    target = data_files.data_path(name)
    size = source.stat().st_size
    if target.is_file() and target.stat().st_size == size:
        return
    if bucket is None:
        with whole_file(target) as draft:
            copy_hashed(source, draft)
    elif bucket.object_size(name) != size:
        bucket.put(source, name, "video/mp4")


def _asset_row(sha256: str, size: int) -> MediaAsset:
    """The row of a video that lies in the storage now, young again for the garbage collection."""
    stored = {
        "path": data_files.asset_name(sha256),
        "size": size,
        "place": MediaAsset.Place.STORED,
        "modified_ns": None,
        "created_at": timezone.now(),
    }
    return MediaAsset.objects.update_or_create(sha256=sha256, defaults=stored)[0]


def refer_to_asset(*, source: Path) -> MediaAsset:
    """Leave a video where it is and remember its sha256, size and time of change.

    A video that is stored already stays stored. Raises VideoMissing, and ImportRefused for a file
    in no import root.
    """
    path = source.resolve()
    if not in_import_root(path):
        raise ImportRefused(
            f"“{path}” is in no import root, so that it cannot be left where it is.",
            remedy="Copy the videos instead, or ask the operator to add the import root.",
        )
    try:
        stat = path.stat()
        sha256 = file_sha256(path)
    except FileNotFoundError:
        raise VideoMissing(
            path, "there is no such file", remedy="Put the file in place and import again."
        ) from None
    facts = {
        "path": str(path),
        "size": stat.st_size,
        "place": MediaAsset.Place.REFERENCE,
        "modified_ns": stat.st_mtime_ns,
        "created_at": timezone.now(),
    }
    with asset_lock(sha256):
        known = MediaAsset.objects.filter(sha256=sha256, place=MediaAsset.Place.STORED)
        if known.update(created_at=timezone.now()):
            return MediaAsset.objects.get(sha256=sha256)
        return MediaAsset.objects.update_or_create(sha256=sha256, defaults=facts)[0]


def file_sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def index_asset(
    *, asset: MediaAsset, again: bool = False, made: FrameIndexRecord | None = None
) -> FrameIndexRecord:
    """Make the frame index of a video, or read the one that is there.

    ``made`` is the index of the very file that the asset was stored from. Raises a VideoError for
    a file that cannot be indexed, MediaChanged for one whose size is not that of the import,
    MediaMissing, StorageUnavailable.
    """
    name = data_files.index_name(asset.sha256)
    stored = data_files.data_path(name)
    known = FrameIndex.objects.filter(asset=asset).exists()
    if known and stored.is_file() and not again:
        return FrameIndexRecord.from_bytes(stored.read_bytes())
    record = made or build_index(asset_file(asset))
    if record.file_size != asset.size:
        raise MediaChanged(
            f"the stored video {asset} has {record.file_size:,} bytes, not {asset.size:,}",
            remedy="Restore it from a backup, or import the dataset again.",
        )
    with transaction.atomic():
        hold_assets([asset.pk])
        write_whole(stored, record.to_bytes())
        FrameIndex.objects.update_or_create(asset=asset, defaults=_index_fields(record, name))
    return record


def hold_assets(wanted: Iterable[int]) -> None:
    """Keep the garbage collection from videos until the transaction is through.

    Raises AssetsGone when one was removed meanwhile: whoever stored it stores it again.
    """
    ids = set(wanted)
    held = MediaAsset.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    if len(held.values_list("pk")) != len(ids):
        raise AssetsGone("a video was tidied away while it was imported")


def _index_fields(record: FrameIndexRecord, name: str) -> dict[str, object]:
    num, den = record.time_base
    return {
        "schema_version": 1,
        "path": name,
        "codec": record.codec,
        "width": record.width,
        "height": record.height,
        "rotation": record.rotation,
        "frames": record.frames,
        "max_gop": record.max_gop,
        "time_base_num": num,
        "time_base_den": den,
    }


def make_sprite(*, stream_id: UUID, again: bool = False) -> None:
    """Filmstrip and poster of a stream. A video that cannot be decoded is noted on the stream."""
    stream = Stream.objects.select_related("asset", "asset__frame_index").get(pk=stream_id)
    made = stream.sprite_path and data_files.data_path(stream.sprite_path).is_file()
    if made and not again:
        return
    part = stream_part(stream)
    source = asset_file(stream.asset)
    place = (stream.asset.sha256, stream.start_frame, stream.frames)
    name = data_files.sprite_name(*place)
    try:
        strip, layout = sprite(source, part)
        write_whole(data_files.data_path(data_files.poster_name(*place)), poster(source, part))
    except TouchlineError as error:
        failed = {"error": error.code, "message": str(error)}
        Stream.objects.filter(pk=stream_id).update(sprite_path="", sprite=failed)
        raise
    write_whole(data_files.data_path(name), strip)
    Stream.objects.filter(pk=stream_id).update(sprite_path=name, sprite=layout.to_json())


def pack_profile(name: str) -> PackProfile:
    """Raises PackProfileUnknown."""
    profile = PROFILES.get(name)
    if profile is None:
        raise PackProfileUnknown(
            f"there is no fallback profile {name!r}", remedy=f"Profiles: {', '.join(PROFILES)}."
        )
    return profile


def packs_folder(stream: Stream, profile: PackProfile) -> Path:
    """Where a stream's fallback packs lie; streams that show the same frames share them."""
    place = (stream.asset.sha256, stream.start_frame, stream.frames)
    return data_files.data_path(data_files.packs_name(*place, profile.name))


def make_packs(*, stream_id: UUID, profile_name: str = "jpeg640") -> int:
    """Write the fallback packs that are missing; how many were written.

    While another worker makes the same packs this does nothing. A video that cannot be decoded
    leaves a note beside the packs, which is what the client is told.
    """
    profile = pack_profile(profile_name)
    stream = Stream.objects.select_related("asset", "asset__frame_index").get(pk=stream_id)
    folder = packs_folder(stream, profile)
    with only_one(str(folder)) as mine:
        if not mine:
            return 0
        source = asset_file(stream.asset)
        try:
            written = write_packs(source, stream_part(stream), profile, folder)
        except TouchlineError as error:
            note = {"message": str(error), "remedy": error.remedy}
            write_whole(folder / FAILURE_NAME, json.dumps(note).encode())
            raise
        (folder / FAILURE_NAME).unlink(missing_ok=True)
        return written
