"""One episode of an import: brought in once, whole, or kept out with a reason."""

import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import F, Q, Value
from django.utils import timezone

from episodes.errors import (
    AnswerInvalid,
    AnswersNeeded,
    DatasetBroken,
    EpisodeBroken,
    FormatUnknown,
    TouchlineError,
)
from episodes.formats import DatasetReader, open_dataset
from episodes.models import (
    Dataset,
    Episode,
    FoundLabel,
    ImportItem,
    ImportRun,
    MediaAsset,
    Signal,
    Stream,
    Task,
)
from episodes.records import BrokenEpisode, EpisodeRecord, Notice, PictureStreamRecord, Reason
from episodes.selectors.data_files import data_path
from episodes.selectors.media import asset_index
from episodes.services.exclusive import only_one
from episodes.services.imports_placing import PlacedStream, content_sha256, place
from episodes.services.imports_storing import episode_folder, write_episode
from episodes.services.media import index_asset, store_asset
from episodes.video import FrameIndexRecord
from episodes.video.assemble import assemble_stream

# Beyond this an episode that kills its worker every time is set aside.
MAX_ATTEMPTS = 5
# An item that did not move for so long is handed out once more; who still works on it holds a lock.
WAITING = timedelta(minutes=10)
RUNNING = timedelta(minutes=2)
SWEEP_SIZE = 500
OPEN = [ImportItem.State.PENDING, ImportItem.State.RUNNING]
TASK_LENGTH = 500
# No language's rules: instructions come in many, and keys and names are none.
SEARCH_LANGUAGE = "simple"
FACT_LENGTH = 120
THING_LENGTH = 80


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
    except (FormatUnknown, DatasetBroken, AnswersNeeded, AnswerInvalid) as gone:
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
    reader = opened(Path(item.run.source_path), item.run.answers)
    episode = reader.episode(item.key)
    if isinstance(episode, BrokenEpisode):
        return _quarantined(episode.code, episode.message, episode.remedy)
    with _workspace() as folder:
        placed, notices = _placed_streams(episode, folder)
        content = content_sha256(episode, placed)
        known = Episode.objects.filter(dataset=dataset, key=episode.key).first()
        if known is not None:
            return _already_there(known, content)
        return _stored(dataset, episode, placed, content, reader, notices)


@contextmanager
def _workspace() -> Iterator[Path]:
    """A folder for videos that are made of single pictures, on the data folder's own disk."""
    folder = data_path(f"work/{uuid.uuid4().hex}")
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _placed_streams(
    episode: EpisodeRecord, folder: Path
) -> tuple[list[PlacedStream], list[Notice]]:
    placed, notices = [], list(episode.notices)
    for position, stream in enumerate(episode.streams):
        made = isinstance(stream, PictureStreamRecord)
        if isinstance(stream, PictureStreamRecord):
            stream = assemble_stream(stream, folder / f"{position}.mp4")
        one, said = place(stream, assembled=made)
        placed.append(one)
        notices += said
    return placed, notices


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
        modality=stream.modality.value,
        depth_unit_m=stream.depth_unit_m,
        assembled=placed.assembled,
        paced=stream.paced,
        clock_offset_ns=stream.starts_ns,
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
        scene=episode.facts.scene[:FACT_LENGTH],
        things=[thing[:THING_LENGTH] for thing in episode.facts.objects],
        operator=episode.facts.operator[:FACT_LENGTH],
        session=episode.facts.session[:FACT_LENGTH],
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
            start_ns=int(signal.t_ns[0]) if len(signal.t_ns) else 0,
            end_ns=int(signal.t_ns[-1]) if len(signal.t_ns) else 0,
            path=path,
        )
        for signal, path in zip(episode.signals, files, strict=True)
    )
    FoundLabel.objects.bulk_create(
        FoundLabel(
            episode=row,
            position=position,
            kind=label.kind,
            label_class=label.label_class[:80],
            origin=label.origin[:120],
            start_ns=label.start_ns,
            end_ns=label.end_ns,
            text=label.text[:TASK_LENGTH],
        )
        for position, label in enumerate(episode.labels)
    )
    index_search(episodes=[row.pk])
    return row


def index_search(*, episodes: Sequence[UUID]) -> None:
    """Write down the words by which the episodes are found: instruction, key and facts."""
    for pk in episodes:
        row = Episode.objects.select_related("task").get(pk=pk)
        words = [row.key, row.scene, row.operator, row.session, *row.things, *row.tags]
        text = " ".join(filter(None, [row.task.text if row.task else "", *words]))
        Episode.objects.filter(pk=pk).update(
            search=SearchVector(Value(text), config=SEARCH_LANGUAGE)
        )


def opened(path: Path, answers: Mapping[str, str]) -> DatasetReader:
    """The dataset, kept open from episode to episode while its metadata stay as they are."""
    global _open
    key = (path, tuple(sorted(answers.items())))
    if _open is None or _open[0] != key or _open[2] != _stamps(_open[1]):
        reader = open_dataset(path, answers)
        _open = (key, reader, _stamps(reader))
    return _open[1]


_open: tuple[tuple[Path, Any], DatasetReader, tuple[Any, ...]] | None = None


def _stamps(reader: DatasetReader) -> tuple[Any, ...]:
    found = []
    for file in reader.dataset.metadata_files:
        try:
            stat = file.stat()
        except FileNotFoundError:
            found.append((file, 0, 0))
        else:
            found.append((file, stat.st_mtime_ns, stat.st_size))
    return tuple(found)


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
