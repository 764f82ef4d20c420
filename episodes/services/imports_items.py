"""One episode of an import: brought in once, whole, or kept out with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from episodes.errors import DatasetBroken, EpisodeBroken, FormatUnknown, TouchlineError
from episodes.formats import DatasetReader, open_dataset
from episodes.models import (
    Dataset,
    Episode,
    ImportItem,
    ImportRun,
    MediaAsset,
    Signal,
    Stream,
    Task,
)
from episodes.records import BrokenEpisode, EpisodeRecord, Notice, Reason
from episodes.selectors.media import asset_index
from episodes.services.exclusive import only_one
from episodes.services.imports_placing import PlacedStream, content_sha256, place
from episodes.services.imports_storing import episode_folder, write_episode
from episodes.services.media import index_asset, store_asset
from episodes.video import FrameIndexRecord

# Beyond this an episode that kills its worker every time is set aside.
MAX_ATTEMPTS = 5
# An item that did not move for so long is handed out once more; who still works on it holds a lock.
WAITING = timedelta(minutes=10)
RUNNING = timedelta(minutes=2)
SWEEP_SIZE = 500
OPEN = [ImportItem.State.PENDING, ImportItem.State.RUNNING]
TASK_LENGTH = 500


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What becomes of an import item."""

    state: ImportItem.State
    code: str = ""
    reason: str = ""
    remedy: str = ""
    episode: Episode | None = None


def import_item(*, item_id: int) -> ImportItem:
    """Bring one episode in. Run twice, or by two workers at once, it does its work once.

    Ends in done, skipped or quarantined. An OSError (a full disk, a lost mount) leaves the item
    waiting and is raised. The lock is on the dataset's key, so that two runs never write the same
    episode's files.
    """
    item = ImportItem.objects.select_related("run__dataset").get(pk=item_id)
    with only_one(f"import {item.run.dataset_id} {item.key}") as mine:
        claimed = mine and ImportItem.objects.filter(pk=item_id, state__in=OPEN).update(
            state=ImportItem.State.RUNNING, attempts=F("attempts") + 1, updated_at=timezone.now()
        )
        item.refresh_from_db(fields=["state", "attempts"])
        if not claimed:
            return item
        ImportRun.objects.filter(pk=item.run_id, state=ImportRun.State.PLANNED).update(
            state=ImportRun.State.RUNNING
        )
        try:
            outcome = _outcome(item)
        except OSError as error:
            ImportItem.objects.filter(pk=item_id).update(
                state=ImportItem.State.PENDING, reason=f"Tried, to be tried again: {error}"
            )
            raise
        _settle(item, outcome)
    finish_run(run_id=item.run_id)
    return item


def _outcome(item: ImportItem) -> ItemOutcome:
    if item.attempts > MAX_ATTEMPTS:
        return _quarantined(
            "import_failed",
            f"The import of this episode was cut off {MAX_ATTEMPTS} times.",
            "Read the worker's log; when the cause is gone, start the import again.",
        )
    try:
        return _bring_in(item)
    except EpisodeBroken as broken:
        return _quarantined(broken.reason, str(broken), broken.remedy)
    except (FormatUnknown, DatasetBroken) as gone:
        return _quarantined(gone.code, str(gone), gone.remedy)


def _quarantined(code: str, reason: str, remedy: str) -> ItemOutcome:
    return ItemOutcome(ImportItem.State.QUARANTINED, code, reason, remedy)


def _settle(item: ImportItem, outcome: ItemOutcome) -> None:
    item.state = outcome.state
    item.reason_code, item.reason, item.remedy = outcome.code, outcome.reason, outcome.remedy
    item.episode = outcome.episode
    item.save(update_fields=["state", "reason_code", "reason", "remedy", "episode", "updated_at"])


def _bring_in(item: ImportItem) -> ItemOutcome:
    dataset = item.run.dataset
    if dataset is None:
        return _quarantined(
            "dataset_deleted", "The dataset was deleted meanwhile.", "Start the import again."
        )
    reader = opened(Path(item.run.source_path))
    episode = reader.episode(item.key)
    if isinstance(episode, BrokenEpisode):
        return _quarantined(episode.code, episode.message, episode.remedy)
    placed, notices = [], list(episode.notices)
    for stream in episode.streams:
        one, said = place(stream)
        placed.append(one)
        notices += said
    content = content_sha256(episode, placed)
    known = Episode.objects.filter(dataset=dataset, key=episode.key).first()
    if known is not None:
        return _already_there(known, content)
    return _stored(dataset, episode, placed, content, reader, notices)


def _already_there(known: Episode, content: str) -> ItemOutcome:
    if known.content_sha256 == content:
        return ItemOutcome(ImportItem.State.SKIPPED, episode=known)
    return _quarantined(
        Reason.CONTENT_CHANGED,
        f"{known.key} was imported before with other contents; what is stored stays as it is.",
        "If the new recording is meant, import the dataset under another name.",
    )


def _stored(
    dataset: Dataset,
    episode: EpisodeRecord,
    placed: Sequence[PlacedStream],
    content: str,
    reader: DatasetReader,
    notices: Sequence[Notice],
) -> ItemOutcome:
    streams = [_stored_stream(position, one) for position, one in enumerate(placed)]
    files = write_episode(episode_folder(dataset.pk, episode.key), episode, reader)
    with transaction.atomic():
        row = _episode_rows(dataset, episode, content, streams, files)
    return ItemOutcome(
        ImportItem.State.DONE,
        code=notices[0].code if notices else "",
        reason="\n".join(notice.message for notice in notices),
        episode=row,
    )


def _stored_stream(position: int, placed: PlacedStream) -> Stream:
    stream, part = placed.stream, placed.part
    asset = _stored_asset(stream.path)
    index = _stored_index(asset)
    if index.file_size != part.source.file_size or index.frames != part.source.frames:
        raise EpisodeBroken(
            Reason.MEDIA_UNREADABLE,
            f"The video {stream.media} changed while it was imported.",
            remedy="Wait until nothing writes to the dataset, then start the import again.",
        )
    return Stream(
        asset=asset,
        camera=stream.camera,
        source_key=stream.source_key,
        role=stream.role.value,
        position=position,
        start_frame=part.start_frame,
        frames=part.frames,
        byte_start=part.byte_start,
        byte_end=part.byte_end,
    )


def _stored_asset(path: Path) -> MediaAsset:
    """The file in the media store; one that many episodes share is read once a worker."""
    stat = path.stat()
    known = _asset_id(path, stat.st_size, stat.st_mtime_ns)
    return MediaAsset.objects.filter(pk=known).first() or store_asset(source=path)


@lru_cache(maxsize=64)
def _asset_id(path: Path, _size: int, _changed_ns: int) -> int:
    return store_asset(source=path).pk


def _stored_index(asset: MediaAsset) -> FrameIndexRecord:
    try:
        return asset_index(asset)
    except TouchlineError:  # not made yet, or lost
        return index_asset(asset=asset, again=True)


def _episode_rows(
    dataset: Dataset,
    episode: EpisodeRecord,
    content: str,
    streams: Sequence[Stream],
    files: Sequence[str],
) -> Episode:
    text = episode.task[:TASK_LENGTH]
    row = Episode.objects.create(
        dataset=dataset,
        key=episode.key,
        index=episode.index,
        task=Task.objects.get_or_create(text=text)[0] if text else None,
        state=Episode.State.READY,
        duration_ns=episode.duration_ns,
        rows=episode.frames,
        rate_num=episode.rate.num,
        rate_den=episode.rate.den,
        content_sha256=content,
    )
    for stream in streams:
        stream.episode = row
    Stream.objects.bulk_create(streams)
    Signal.objects.bulk_create(
        Signal(
            episode=row,
            name=signal.name,
            kind=signal.kind.value,
            dimensions=[
                {"name": d.name, "unit": d.unit, "group": d.group} for d in signal.dimensions
            ],
            samples=len(signal.t_ns),
            path=path,
        )
        for signal, path in zip(episode.signals, files, strict=True)
    )
    return row


def opened(path: Path) -> DatasetReader:
    """The dataset, kept open from episode to episode while its metadata stay as they are."""
    stamps = [
        (file.name, file.stat().st_mtime_ns, file.stat().st_size)
        for file in sorted((path / "meta").rglob("*"))
        if file.is_file()
    ]
    return _opened(path, tuple(stamps))


@lru_cache(maxsize=1)
def _opened(path: Path, _stamps: tuple[Any, ...]) -> DatasetReader:
    return open_dataset(path)


def finish_run(*, run_id: UUID) -> None:
    """Close the run when none of its items is open. Idempotent."""
    run = ImportRun.objects.filter(pk=run_id).exclude(state=ImportRun.State.DONE)
    if not ImportItem.objects.filter(run=run_id, state__in=OPEN).exists():
        run.update(state=ImportRun.State.DONE, finished_at=timezone.now())


def stranded_items(*, now: datetime | None = None) -> list[int]:
    """Items that nobody moved for a while, for the sweep to hand out once more.

    They are marked as looked at, so that a long queue does not fill up with repetitions.
    """
    now = now or timezone.now()
    stale = Q(state=ImportItem.State.PENDING, updated_at__lt=now - WAITING) | Q(
        state=ImportItem.State.RUNNING, updated_at__lt=now - RUNNING
    )
    with transaction.atomic():
        found = list(
            ImportItem.objects.select_for_update(skip_locked=True)
            .filter(stale)
            .order_by("pk")
            .values_list("pk", flat=True)[:SWEEP_SIZE]
        )
        ImportItem.objects.filter(pk__in=found).update(updated_at=now)
    return found
