"""What goes into a release: approved labels with where they come from, read at one moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils.text import slugify

from annotation.labels.records import labels_to_json
from annotation.models import AnnotationSet
from annotation.selectors.labels import labels_by_set
from episodes.export_records import LabelledEpisode, ReleaseRecord
from episodes.models import Dataset
from review.measures.tally import Tally
from review.models import Adjudication, Batch, BatchItem, LabelSource, Release, Verdict
from review.selectors.rows import tallies


@dataclass(frozen=True, slots=True)
class DatasetContent:
    """The approved episodes of one dataset, in its order, and the folder they are written to."""

    dataset: Dataset
    folder: str
    episodes: tuple[LabelledEpisode, ...]


@dataclass(frozen=True, slots=True)
class ReleaseContent:
    """Nothing in here depends on when or how often the release is built."""

    record: ReleaseRecord
    datasets: tuple[DatasetContent, ...]

    @property
    def episodes(self) -> int:
        return sum(len(one.episodes) for one in self.datasets)


@contextmanager
def one_moment() -> Iterator[None]:
    """A read-only transaction in which every query sees the same state of the database."""
    if connection.in_atomic_block:
        raise RuntimeError("A release is read in a transaction of its own.")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def release_content(release: Release) -> ReleaseContent:
    """Collect a release's approved batches. Call it inside ``one_moment``."""
    batches = list(
        release.batches.filter(state=Batch.State.APPROVED)
        .select_related("approved_by", "project")
        .order_by("approved_at", "pk")
    )
    items = list(_items(batches))
    labelled = _labelled(items)
    datasets: dict[int, tuple[Dataset, list[LabelledEpisode]]] = {}
    for item in items:
        dataset = item.project_episode.episode.dataset
        datasets.setdefault(dataset.pk, (dataset, []))[1].append(labelled[item.pk])
    return ReleaseContent(
        record=_record(release, batches, items),
        datasets=tuple(
            DatasetContent(dataset, folder, tuple(episodes))
            for folder, (dataset, episodes) in zip(
                _folders([dataset for dataset, _ in datasets.values()]),
                datasets.values(),
                strict=True,
            )
        ),
    )


def _items(batches: list[Batch]) -> QuerySet[BatchItem]:
    return (
        BatchItem.objects.filter(batch__in=batches, state=BatchItem.State.APPROVED)
        .select_related(
            "batch",
            "project_episode__episode__dataset",
            "accepted_set__schema",
            "accepted_set__assignment__annotator",
        )
        .order_by(
            "project_episode__episode__dataset__name",
            "project_episode__episode__dataset_id",
            "project_episode__episode__index",
            "project_episode_id",
        )
    )


def _labelled(items: list[BatchItem]) -> dict[int, LabelledEpisode]:
    labels = labels_by_set(item.accepted_set for item in items if item.accepted_set)
    approvals = {
        verdict.item_id: verdict
        for verdict in Verdict.objects.filter(item__in=items, decision=Verdict.Decision.APPROVED)
        .select_related("reviewer")
        .order_by("pk")
    }
    episodes = [item.project_episode_id for item in items]
    between = tallies(episodes, against_gold=False)
    gold = tallies(episodes, against_gold=True)
    consensus = _consensus(items)
    found = {}
    for item in items:
        accepted = item.accepted_set
        if accepted is None:
            raise TypeError("An approved item has a set that stands.")
        # None where a sample spoke for the episode: then its batch's sign-off is all there is.
        verdict = approvals.get(item.pk)
        found[item.pk] = LabelledEpisode(
            key=item.project_episode.episode.key,
            labels=tuple(labels_to_json(labels[accepted.pk])),
            provenance={
                "annotation_set": str(accepted.pk),
                **_made_by(accepted, consensus.get(accepted.pk)),
                "round": accepted.round,
                "revision": accepted.revision,
                "submitted_at": _time(accepted.submitted_at),
                "label_schema": _schema(accepted.schema.definition),
                "reviewer": _person(verdict.reviewer if verdict else None),
                "reviewed_at": _time(verdict.created_at if verdict else None),
                "judged": "reviewed" if verdict else "by a sample of its batch",
                "batch": item.batch.name,
                "agreement": {
                    "between_annotators": _counts(between[item.project_episode_id]),
                    "against_gold": _counts(gold[item.project_episode_id]),
                },
            },
        )
    return found


def _made_by(accepted: AnnotationSet, consensus: Adjudication | None) -> dict[str, Any]:
    """Whose labels they are: an annotator's, or a consensus with what each label came from."""
    if consensus is None:
        assignment = accepted.assignment
        return {"annotator": _person(assignment.annotator if assignment else None)}
    return {
        "annotator": None,
        "consensus": {
            "method": consensus.method,
            "quorum_percent": consensus.quorum_percent,
            "adjudicator": _person(consensus.reviewer),
            "annotators": [
                _person(one.assignment.annotator)
                for one in consensus.sources.all()
                if one.assignment
            ],
            "labels": [
                {
                    "label": str(label_id),
                    "from": [
                        {
                            "annotation_set": str(one.source_set_id),
                            "label": str(one.source_label_id),
                            "how": one.how,
                        }
                        for one in rows
                    ],
                }
                for label_id, rows in groupby(
                    accepted.label_sources.all(), key=attrgetter("label_id")
                )
            ],
        },
    }


def _consensus(items: list[BatchItem]) -> dict[UUID, Adjudication]:
    """By accepted set. Sources in an order of their own, so that a release is the same twice."""
    accepted = [item.accepted_set for item in items if item.accepted_set]
    rows = LabelSource.objects.order_by("label_id", "source_set", "source_label_id")
    prefetch_related_objects(accepted, Prefetch("label_sources", rows))
    found = (
        Adjudication.objects.filter(annotation_set__in=accepted)
        .select_related("reviewer")
        .prefetch_related(
            Prefetch(
                "sources",
                AnnotationSet.objects.select_related("assignment__annotator").order_by("pk"),
            )
        )
    )
    return {one.annotation_set_id: one for one in found}


def _record(release: Release, batches: list[Batch], items: list[BatchItem]) -> ReleaseRecord:
    """``created_at`` is the last approval: a second release of the same labels is the same."""
    sets = [item.accepted_set for item in items if item.accepted_set]
    newest = max((one.schema for one in sets), key=lambda schema: schema.version, default=None)
    last = max((batch.approved_at for batch in batches if batch.approved_at), default=None)
    return ReleaseRecord(
        name=release.project.name,
        created_at=_time(last),
        schema=newest.definition if newest else release.project.schema.definition,
        provenance={
            "project": release.project.name,
            "overlap": release.project.overlap,
            "batches": [
                {
                    "name": batch.name,
                    "approved_by": _person(batch.approved_by),
                    "approved_at": _time(batch.approved_at),
                    "episodes": sum(item.batch_id == batch.pk for item in items),
                }
                for batch in batches
            ],
        },
    )


def _folders(datasets: list[Dataset]) -> list[str]:
    """A folder name each, readable and never twice the same."""
    names: list[str] = []
    for dataset in datasets:
        name = slugify(dataset.name) or "dataset"
        names.append(name if name not in names else f"{name}-{dataset.pk}")
    return names


def _counts(found: dict[Any, Tally]) -> dict[str, Any]:
    return {
        measure.value: {"matched": tally.matched, "n_a": tally.n_a, "n_b": tally.n_b}
        for measure, tally in sorted(found.items())
    }


def _schema(definition: dict[str, Any]) -> dict[str, Any]:
    return {"name": definition["name"], "version": definition["version"]}


def _person(user: User | None) -> dict[str, Any] | None:
    return {"id": user.pk, "username": user.username} if user else None


def _time(moment: datetime | None) -> str:
    return moment.isoformat(timespec="milliseconds") if moment else ""
