"""Tidying the storage: what no record names, and has named for no while, goes.

An import stores files before the rows that name them. So nothing younger than the grace period is
touched, and a video goes under the lock under which imports store it, after another look.
"""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.deletion import ProtectedError
from django.utils import timezone

from episodes.models import Episode, MediaAsset, Proxy, Stream, Upload
from episodes.selectors import data_files
from episodes.selectors.data_files import data_path
from episodes.selectors.media_files import media_bucket
from episodes.services.exclusive import asset_lock
from episodes.services.imports_storing import episode_folder

GRACE = timedelta(hours=24)
DERIVED = ("sprites", "posters", "packs", "stills")
# Names that begin so are drafts of files and folders that never became whole.
DRAFT = "."


@dataclass
class Garbage:
    """What was found: files and bytes by kind; ``dry_run`` says that it is all still there."""

    dry_run: bool
    before: datetime
    files: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    names: list[str] = field(default_factory=list)

    def is_old(self, path: Path) -> bool:
        """By its newest change: a folder in use is young through what is written in it."""
        try:
            newest = max(found.lstat().st_mtime for found in (path, *path.rglob("*")))
        except FileNotFoundError:  # its owner moved it meanwhile
            return False
        return newest < self.before.timestamp()

    def take(self, kind: str, path: Path) -> None:
        """Count a file or folder, and remove it unless this is a dry run."""
        try:
            within = path.rglob("*") if path.is_dir() else [path]
            files = [found for found in within if found.is_file() or found == path]
            size = sum(found.lstat().st_size for found in files)
        except FileNotFoundError:  # its owner moved it meanwhile
            return
        self.note(kind, str(path.relative_to(data_path("x").parent)), size, len(files))
        if self.dry_run:
            return
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def note(self, kind: str, name: str, size: int, files: int = 1) -> None:
        self.files[kind] += files
        self.bytes[kind] += size
        self.names.append(name)


def collect_garbage(*, dry_run: bool = False, grace: timedelta = GRACE) -> Garbage:
    """Remove what no record names and nobody touched for ``grace``.

    Originals that are only referred to are never touched, nor are releases. Raises
    StorageUnavailable when the object storage is away; what was done until then is done.
    """
    found = Garbage(dry_run, timezone.now() - grace)
    _unused_assets(found)
    _unnamed_media(found)
    _unnamed_objects(found)
    _indexes(found)
    _derived(found)
    _episode_folders(found)
    _uploads(found)
    for path in _entries("work"):
        if found.is_old(path):
            found.take("work", path)
    return found


def _entries(folder: str) -> list[Path]:
    root = data_path(folder)
    return sorted(root.iterdir()) if root.is_dir() else []


def _below(folder: str) -> Iterator[Path]:
    """Entries of the two-letter folders that names are spread over."""
    for shard in _entries(folder):
        yield from sorted(shard.iterdir())


def _unused_assets(found: Garbage) -> None:
    """Videos that no stream shows any more, and the proxies that stood for them."""
    needed = Proxy.objects.filter(asset=OuterRef("pk"), source__streams__isnull=False)
    young = MediaAsset.objects.filter(streams__isnull=True, created_at__lt=found.before)
    unused = young.filter(~Exists(needed))
    for asset in unused.order_by("pk").iterator():
        if found.dry_run:
            _asset_files(asset, found)
            continue
        with asset_lock(asset.sha256), transaction.atomic():
            still = MediaAsset.objects.select_for_update().filter(pk=asset.pk)
            again = still.filter(created_at__lt=found.before).first()
            if again is None or _is_needed(again):
                continue
            try:
                again.delete()
            except ProtectedError:  # a stream came between the look and the deletion
                continue
            _asset_files(again, found)


def _is_needed(asset: MediaAsset) -> bool:
    shown = Stream.objects.filter(Q(asset=asset) | Q(asset__proxy__asset=asset))
    return shown.exists()


def _asset_files(asset: MediaAsset, found: Garbage) -> None:
    """The video, where it is ours, with its index. Pictures made of it are left to ``_derived``."""
    index = data_path(data_files.index_name(asset.sha256))
    if index.is_file():
        found.take("indexes", index)
    if asset.place == MediaAsset.Place.REFERENCE:
        return
    path = data_path(asset.path)
    if path.is_file():
        found.take("videos", path)
    bucket = media_bucket()
    if bucket is not None and (size := bucket.object_size(asset.path)) is not None:
        found.note("objects", asset.path, size)
        if not found.dry_run:
            bucket.remove(asset.path)


def _stored_names(names: Iterable[str]) -> set[str]:
    stored = MediaAsset.objects.filter(place=MediaAsset.Place.STORED, path__in=list(names))
    return set(stored.values_list("path", flat=True))


def _unnamed_media(found: Garbage) -> None:
    """Files of the media folder without a row: an import that was killed, a deleted dataset."""
    paths = [path for path in _below("media") if found.is_old(path)]
    names = {f"media/{path.parent.name}/{path.name}": path for path in paths}
    for name in sorted(names.keys() - _stored_names(names)):
        path = names[name]
        with asset_lock(path.stem):
            if not _stored_names([name]) and found.is_old(path):
                found.take("videos" if path.name[0] != DRAFT else "drafts", path)


def _unnamed_objects(found: Garbage) -> None:
    bucket = media_bucket()
    if bucket is None:
        return
    sizes = {name: size for name, size, at in bucket.listed("media/") if at < found.before}
    for name in sorted(sizes.keys() - _stored_names(sizes)):
        with asset_lock(Path(name).stem):
            if not _stored_names([name]):
                found.note("objects", name, sizes[name])
                if not found.dry_run:
                    bucket.remove(name)


def _indexes(found: Garbage) -> None:
    known = set(MediaAsset.objects.values_list("sha256", flat=True))
    for path in _below("index"):
        if path.name.split(".")[0] not in known and path.is_file() and found.is_old(path):
            found.take("indexes", path)


def _derived(found: Garbage) -> None:
    """Filmstrips, posters and packs of frames that no stream shows."""
    shown = {
        (sha256, f"{start}-{frames}")
        for sha256, start, frames in Stream.objects.values_list(
            "asset__sha256", "start_frame", "frames"
        ).iterator()
    }
    for kind in DERIVED:
        for folder in _below(kind):
            for path in sorted(folder.iterdir()) if folder.is_dir() else []:
                if (folder.name, path.name.split(".")[0]) not in shown and found.is_old(path):
                    found.take(kind, path)


def _episode_folders(found: Garbage) -> None:
    for dataset in _entries("episodes"):
        if not dataset.name.isdecimal():
            continue
        keys = Episode.objects.filter(dataset=int(dataset.name)).values_list("key", flat=True)
        named = {Path(episode_folder(int(dataset.name), key)).name for key in keys}
        for path in sorted(dataset.iterdir()):
            if path.name not in named and found.is_old(path):
                found.take("episodes", path)


def _uploads(found: Garbage) -> None:
    """Files of uploads that are forgotten; those of a waiting one are its own sweep's."""
    known = {str(pk) for pk in Upload.objects.values_list("pk", flat=True)}
    for path in _entries("uploads"):
        if path.name not in known and found.is_old(path):
            found.take("uploads", path)
