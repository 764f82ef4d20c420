"""The rows of an imported episode: what the database knows of it, and what a re-import corrects."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import Value

from episodes.models import Dataset, Episode, FoundLabel, Signal, Stream, Task
from episodes.records import EpisodeRecord, SignalRecord
from episodes.services.imports_placing import RECIPE, PlacedStream
from episodes.services.media import hold_assets

TASK_LENGTH = 500
FACT_LENGTH = 120
THING_LENGTH = 80
# No language's rules: instructions come in many, and keys and names are none.
SEARCH_LANGUAGE = "simple"


def stream_row(position: int, placed: PlacedStream, asset_id: int) -> Stream:
    """The camera's row, not saved yet."""
    stream, part = placed.stream, placed.part
    return Stream(
        asset_id=asset_id,
        camera=stream.camera,
        source_key=stream.source_key,
        assembled=placed.assembled,
        paced=stream.paced,
        clock_offset_ns=stream.starts_ns,
        position=position,
        start_frame=part.start_frame,
        frames=part.frames,
        byte_start=part.byte_start,
        byte_end=part.byte_end,
        **_said_of_camera(placed),
    )


@transaction.atomic
def write_rows(
    *,
    dataset: Dataset,
    episode: EpisodeRecord,
    content: str,
    streams: Sequence[Stream],
    files: Sequence[str],
) -> Episode:
    """Everything of a new episode at once. Raises AssetsGone when a video was removed meanwhile."""
    hold_assets(stream.asset_id for stream in streams)
    said = _said_of_episode(episode)
    row = Episode(
        dataset=dataset,
        key=episode.key,
        index=episode.index,
        state=Episode.State.READY,
        duration_ns=episode.duration_ns,
        rows=episode.frames,
        rate_num=episode.rate.num,
        rate_den=episode.rate.den,
        content_sha256=content,
        content_recipe=RECIPE,
        **said,
    )
    row.search = _searchable(row)
    row.save(force_insert=True)
    for stream in streams:
        stream.episode = row
    Stream.objects.bulk_create(streams)
    Signal.objects.bulk_create(
        Signal(
            episode=row,
            name=signal.name,
            kind=signal.kind.value,
            dimensions=_dimensions(signal),
            samples=len(signal.t_ns),
            start_ns=int(signal.t_ns[0]) if len(signal.t_ns) else 0,
            end_ns=int(signal.t_ns[-1]) if len(signal.t_ns) else 0,
            path=path,
        )
        for signal, path in zip(episode.signals, files, strict=True)
    )
    _write_labels(row, episode)
    return row


@transaction.atomic
def correct_rows(
    *, known: Episode, episode: EpisodeRecord, placed: Sequence[PlacedStream]
) -> list[str]:
    """Bring what is said of an episode up to date; its pictures and samples are the same.

    What people answered for the dataset may have changed since. Says what was changed; facts that
    the source leaves open stay as they are, since people may have filled them in.
    """
    changed = []
    said = {key: value for key, value in _said_of_episode(episode).items() if value}
    if _update(known, said):
        changed.append("facts of the episode")
        index_search(episodes=[known.pk])
    streams = {stream.source_key: stream for stream in known.streams.all()}
    for one in placed:
        stream = streams.get(one.stream.source_key)
        if stream is not None and _update(stream, _said_of_camera(one)):
            changed.append(f"camera “{stream.camera}”")
    signals = {signal.name: signal for signal in known.signals.all()}
    for record in episode.signals:
        signal = signals.get(record.name)
        said = {"kind": record.kind.value, "dimensions": _dimensions(record)}
        if signal is not None and _update(signal, said):
            changed.append(f"signal “{signal.name}”")
    if _labels_differ(known, episode):
        known.found_labels.all().delete()
        _write_labels(known, episode)
        changed.append("labels found in the source")
    return changed


def _update(row: Episode | Stream | Signal, said: dict[str, Any]) -> bool:
    different = [name for name, value in said.items() if getattr(row, name) != value]
    for name in different:
        setattr(row, name, said[name])
    if different:
        row.save(update_fields=different)
    return bool(different)


def _said_of_camera(placed: PlacedStream) -> dict[str, Any]:
    stream = placed.stream
    return {
        "role": stream.role.value,
        "modality": stream.modality.value,
        "depth_unit_m": stream.depth_unit_m,
    }


def _said_of_episode(episode: EpisodeRecord) -> dict[str, Any]:
    text = episode.task[:TASK_LENGTH]
    facts = episode.facts
    return {
        "task": Task.objects.get_or_create(text=text)[0] if text else None,
        "scene": facts.scene[:FACT_LENGTH],
        "things": [thing[:THING_LENGTH] for thing in facts.objects],
        "operator": facts.operator[:FACT_LENGTH],
        "session": facts.session[:FACT_LENGTH],
    }


def _dimensions(signal: SignalRecord) -> list[dict[str, str]]:
    """Name, unit and group of each; what it measures and which way, where that is known."""
    return [
        {"name": d.name, "unit": d.unit, "group": d.group}
        | ({"quantity": d.quantity} if d.quantity else {})
        | ({"positive": d.positive} if d.positive else {})
        for d in signal.dimensions
    ]


def _label_rows(row: Episode, episode: EpisodeRecord) -> list[FoundLabel]:
    return [
        FoundLabel(
            episode=row,
            position=position,
            kind=label.kind,
            label_class=label.label_class[:80],
            origin=label.origin[:120],
            start_ns=label.start_ns,
            end_ns=label.end_ns,
            text=label.text[:TASK_LENGTH],
            effector=label.effector[:THING_LENGTH],
            attributes=dict(label.attributes),
            uncertainty_ns=label.uncertainty_ns,
        )
        for position, label in enumerate(episode.labels)
    ]


def _write_labels(row: Episode, episode: EpisodeRecord) -> None:
    FoundLabel.objects.bulk_create(_label_rows(row, episode), batch_size=1000)


def _labels_differ(known: Episode, episode: EpisodeRecord) -> bool:
    names = (
        "kind", "label_class", "origin", "start_ns", "end_ns", "text", "effector", "attributes",
        "uncertainty_ns",
    )  # fmt: skip
    stored = [tuple(getattr(row, name) for name in names) for row in known.found_labels.all()]
    read = [tuple(getattr(row, name) for name in names) for row in _label_rows(known, episode)]
    return stored != read


def index_search(*, episodes: Sequence[UUID]) -> None:
    """Write down the words by which the episodes are found: instruction, key and facts."""
    for row in Episode.objects.select_related("task").filter(pk__in=episodes):
        Episode.objects.filter(pk=row.pk).update(search=_searchable(row))


def _searchable(row: Episode) -> SearchVector:
    words = [row.key, row.scene, row.operator, row.session, *row.things, *row.tags]
    text = " ".join(filter(None, [row.task.text if row.task else "", *words]))
    return SearchVector(Value(text), config=SEARCH_LANGUAGE)
