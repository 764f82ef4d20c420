"""Media kept and derived: each step can be repeated, and repeated it changes nothing."""

import hashlib
import json
from pathlib import Path
from uuid import UUID

from episodes.errors import TouchlineError
from episodes.media_errors import MediaChanged, PackProfileUnknown
from episodes.models import FrameIndex, MediaAsset, Stream
from episodes.selectors import data_files
from episodes.selectors.media import stream_part
from episodes.services.exclusive import only_one
from episodes.video import FrameIndexRecord, build_index
from episodes.video.errors import VideoMissing
from episodes.video.files import copy_whole, write_whole
from episodes.video.images import poster, sprite
from episodes.video.packs import PROFILES, PackProfile, write_packs

FAILURE_NAME = "failure.json"
HASH_CHUNK = 4 * 2**20


def store_asset(*, source: Path) -> MediaAsset:
    """Keep a video under its sha256; the file appears whole or not at all.

    Raises VideoMissing. A video that is stored already is not copied again.
    """
    try:
        sha256 = file_sha256(source)
        name = data_files.asset_name(sha256)
        target = data_files.data_path(name)
        if not target.is_file() or target.stat().st_size != source.stat().st_size:
            copy_whole(source, target)
    except FileNotFoundError:
        raise VideoMissing(
            source, "there is no such file", remedy="Put the file in place and import again."
        ) from None
    asset, _ = MediaAsset.objects.get_or_create(
        sha256=sha256, defaults={"path": name, "size": target.stat().st_size}
    )
    return asset


def file_sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(HASH_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def index_asset(*, asset: MediaAsset, again: bool = False) -> FrameIndexRecord:
    """Make the frame index of a stored video, or read the one that is there.

    Raises a VideoError for a file that cannot be indexed, MediaChanged for one whose size is not
    that of the import, MediaMissing.
    """
    name = data_files.index_name(asset.sha256)
    stored = data_files.data_path(name)
    known = FrameIndex.objects.filter(asset=asset).exists()
    if known and stored.is_file() and not again:
        return FrameIndexRecord.from_bytes(stored.read_bytes())
    record = build_index(data_files.existing_file(asset.path))
    if record.file_size != asset.size:
        raise MediaChanged(
            f"the stored video {asset} has {record.file_size:,} bytes, not {asset.size:,}",
            remedy="Restore it from a backup, or import the dataset again.",
        )
    write_whole(stored, record.to_bytes())
    FrameIndex.objects.update_or_create(asset=asset, defaults=_index_fields(record, name))
    return record


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
    source = data_files.existing_file(stream.asset.path)
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
        source = data_files.existing_file(stream.asset.path)
        try:
            written = write_packs(source, stream_part(stream), profile, folder)
        except TouchlineError as error:
            note = {"message": str(error), "remedy": error.remedy}
            write_whole(folder / FAILURE_NAME, json.dumps(note).encode())
            raise
        (folder / FAILURE_NAME).unlink(missing_ok=True)
        return written
