"""Reading one episode from its source and storing it: videos, signals, rows."""

import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from episodes.errors import EpisodeBroken
from episodes.formats import DatasetReader, open_dataset
from episodes.formats.questions import with_gripper
from episodes.media_errors import AssetsGone, MediaChanged, MediaMissing
from episodes.models import (
    Dataset,
    Episode,
    FrameIndex,
    ImportItem,
    ImportRun,
    MediaAsset,
)
from episodes.records import BrokenEpisode, EpisodeRecord, Notice, PictureStreamRecord, Reason
from episodes.selectors.data_files import data_path
from episodes.selectors.media_files import referenced_file
from episodes.services.imports_outcome import ItemOutcome, quarantined
from episodes.services.imports_placing import (
    PlacedStream,
    content_sha256,
    place,
    same_content,
    source_index,
)
from episodes.services.imports_rows import correct_rows, stream_row, write_rows
from episodes.services.imports_storing import episode_folder, write_episode
from episodes.services.media import index_asset, refer_to_asset, store_asset
from episodes.services.statistics import value_notices
from episodes.video.assemble import assemble_stream


def bring_in(item: ImportItem) -> ItemOutcome:
    """Raises EpisodeBroken, FormatUnknown, DatasetBroken, AnswersNeeded, AnswerInvalid,
    EpisodeUnknown, OSError, StorageUnavailable.
    """
    dataset = item.run.dataset
    if dataset is None:
        return quarantined(
            "dataset_deleted", "The dataset was deleted meanwhile.", "Start the import again."
        )
    reader = opened(Path(item.run.source_path), item.run.answers)
    episode = reader.episode(item.key)
    if isinstance(episode, BrokenEpisode):
        return quarantined(episode.code, episode.message, episode.remedy)
    signals = (with_gripper(signal, item.run.answers) for signal in episode.signals)
    episode = replace(episode, signals=tuple(signals))
    with _workspace() as folder:
        placed, notices = _placed_streams(episode, folder)
        same = Episode.objects.filter(dataset=dataset, key=episode.key)
        known = same.first() if same.exists() else None
        if known is not None:
            return _already_there(item.run, known, episode, placed)
        content = content_sha256(episode, placed)
        return _stored(item.run, dataset, episode, placed, content, reader, notices)


@contextmanager
def _workspace() -> Iterator[Path]:
    """A folder for videos that are made of single pictures, on the data folder's own disk.

    Whoever makes one makes the folder: most episodes bring their videos along.
    """
    folder = data_path(f"work/{uuid.uuid4().hex}")
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
            folder.mkdir(parents=True, exist_ok=True)
            stream = assemble_stream(stream, folder / f"{position}.mp4")
        one, said = place(stream, assembled=made)
        placed.append(one)
        notices += said
    return placed, notices


def _already_there(
    run: ImportRun,
    known: Episode,
    episode: EpisodeRecord,
    placed: Sequence[PlacedStream],
) -> ItemOutcome:
    if not same_content(known.content_sha256, known.content_recipe, episode, placed):
        return quarantined(
            Reason.CONTENT_CHANGED,
            f"{known.key} was imported before with other contents; what is stored stays as it is.",
            "If the new recording is meant, import the dataset under another name.",
        )
    changed = correct_rows(known=known, episode=episode, placed=placed)
    changed += _restored_references(run, known, placed)
    reason = f"Corrected: {', '.join(changed)}." if changed else ""
    return ItemOutcome(ImportItem.State.SKIPPED, reason=reason, episode=known)


def _restored_references(
    run: ImportRun, known: Episode, placed: Sequence[PlacedStream]
) -> list[str]:
    """Find moved or touched originals again: the pictures were just read and are the same."""
    found = {one.stream.source_key: one for one in placed}
    restored = []
    for stream in known.streams.select_related("asset"):
        one = found.get(stream.source_key)
        if one is None or stream.asset.place != MediaAsset.Place.REFERENCE:
            continue
        if run.mode == ImportRun.Mode.REFERENCE and _is_intact(stream.asset):
            continue
        asset_id = _kept(run, one)
        if asset_id != stream.asset_id:
            # The same frames in a file with other bytes, e.g. one that later episodes joined.
            fresh = stream_row(stream.position, one, asset_id)
            for name in ("asset_id", "start_frame", "byte_start", "byte_end"):
                setattr(stream, name, getattr(fresh, name))
            stream.save(update_fields=["asset", "start_frame", "byte_start", "byte_end"])
        restored.append(f"the video of camera “{stream.camera}”")
    return restored


def _is_intact(asset: MediaAsset) -> bool:
    try:
        referenced_file(asset)
    except (MediaMissing, MediaChanged):
        return False
    return True


def _stored(
    run: ImportRun,
    dataset: Dataset,
    episode: EpisodeRecord,
    placed: Sequence[PlacedStream],
    content: str,
    reader: DatasetReader,
    notices: Sequence[Notice],
) -> ItemOutcome:
    notices = [*notices, *value_notices(dataset, episode)]
    try:
        row = _written(run, dataset, episode, placed, content, reader)
    except AssetsGone:  # deleted since this worker kept them
        _kept_id.cache_clear()
        row = _written(run, dataset, episode, placed, content, reader)
    return ItemOutcome(
        ImportItem.State.DONE,
        code=notices[0].code if notices else "",
        reason="\n".join(notice.message for notice in notices),
        episode=row,
    )


def _written(
    run: ImportRun,
    dataset: Dataset,
    episode: EpisodeRecord,
    placed: Sequence[PlacedStream],
    content: str,
    reader: DatasetReader,
) -> Episode:
    """Videos, then files, then the rows that name them. Raises AssetsGone."""
    streams = [stream_row(position, one, _kept(run, one)) for position, one in enumerate(placed)]
    files = write_episode(episode_folder(dataset.pk, episode.key), episode, reader)
    return write_rows(
        dataset=dataset, episode=episode, content=content, streams=streams, files=files
    )


def _kept(run: ImportRun, placed: PlacedStream) -> int:
    """The id of the asset of a stream's video: in the storage or referred to, and indexed.

    Raises EpisodeBroken when the file is no longer the one that the stream was placed in.
    """
    refer = run.mode == ImportRun.Mode.REFERENCE and not placed.assembled
    path = placed.stream.path
    before = path.stat()
    asset_id = _kept_id(path, before.st_size, before.st_mtime_ns, refer)
    after = path.stat()
    same = (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    if not same or before.st_size != placed.part.source.file_size:
        raise EpisodeBroken(
            Reason.MEDIA_UNREADABLE,
            f"The video {placed.stream.media} changed while it was imported.",
            remedy="Wait until nothing writes to the dataset, then start the import again.",
        )
    return asset_id


@lru_cache(maxsize=64)
def _kept_id(path: Path, size: int, _changed_ns: int, refer: bool) -> int:
    """A file that many episodes share is read once a worker."""
    asset = refer_to_asset(source=path) if refer else store_asset(source=path)
    index = source_index(path)
    if asset.size == size == index.file_size and not _is_indexed(asset):
        index_asset(asset=asset, again=True, made=index)
    return asset.pk


def _is_indexed(asset: MediaAsset) -> bool:
    """Whether the index is known and its file there."""
    index = FrameIndex.objects.filter(asset=asset).first()
    return index is not None and data_path(index.path).is_file()


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
