"""The review page of one episode: everybody's labels, where they differ, what was decided."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.urls import reverse

from annotation.labels.records import Label
from annotation.labels.schema import LabelSchema
from annotation.models import AnnotationSet
from annotation.selectors import editor
from annotation.selectors.labels import labels_by_set, schema_of
from review.measures.counts import POOLED, Measure
from review.measures.differences import Difference, Side, differences
from review.models import BatchItem, Verdict
from review.selectors.batches import Standing, annotated_by, standing
from review.selectors.compare import LabelsBySet, compare
from review.selectors.rows import EpisodeFigure, episode_figure
from review.selectors.sets import EpisodeSets, name_of, sets_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sets side by side. ``chosen`` is the comparison whose differences the page lists."""

    first: AnnotationSet
    second: AnnotationSet
    events: EpisodeFigure | None
    segments: EpisodeFigure | None
    boundaries: EpisodeFigure | None
    outcome_equal: bool | None
    chosen: bool

    @property
    def name(self) -> str:
        return f"{name_of(self.first)} and {name_of(self.second)}"

    @property
    def address(self) -> str:
        return f"{self.first.pk}..{self.second.pk}"


@dataclass(frozen=True)
class EpisodeReview:
    """What the page shows. ``decidable`` says whether this person may give a verdict now."""

    item: BatchItem
    standing: Standing
    sets: EpisodeSets
    labels: dict[UUID, tuple[Label, ...]]
    comparisons: tuple[Comparison, ...]
    differences: tuple[Difference, ...]
    verdicts: tuple[Verdict, ...]
    own: bool

    @property
    def chosen(self) -> Comparison | None:
        return next((one for one in self.comparisons if one.chosen), None)

    @property
    def decidable(self) -> bool:
        return (
            not self.own
            and self.item.batch.state == "open"
            and self.standing.code != "in_rework"
            and bool(self.sets.annotators)
        )


def episode_review(item: BatchItem, user: User, *, compared: str = "") -> EpisodeReview:
    """Compare the episode's sets as they stand now.

    ``compared`` is the address of the comparison to list differences of; by default the first two
    annotators', or the only annotator's with gold.
    """
    episode = item.project_episode_id
    sets = sets_of([episode])[episode]
    everyone = [one for one in (*sets.annotators, sets.gold) if one is not None]
    labels = labels_by_set(everyone)
    duration_ns = item.project_episode.episode.duration_ns
    pairs = list(combinations(everyone, 2))
    addresses = [f"{first.pk}..{second.pk}" for first, second in pairs]
    chosen = compared if compared in addresses else (addresses or [""])[0]
    comparisons = tuple(
        _comparison(first, second, labels, duration_ns, chosen=address == chosen)
        for (first, second), address in zip(pairs, addresses, strict=True)
    )
    return EpisodeReview(
        item=item,
        standing=standing(item),
        sets=sets,
        labels=labels,
        comparisons=comparisons,
        differences=_differences(comparisons, labels),
        verdicts=_verdicts(item),
        own=annotated_by(user, [episode]),
    )


def review_payload(review: EpisodeReview, user: User) -> dict[str, Any]:
    """The editor's payload in review mode: everybody's lanes, none editable. Raises NotIndexed."""
    episode = review.item.project_episode.episode
    batch = reverse("batch-detail", args=[review.item.batch_id])
    everyone = [one for one in (*review.sets.annotators, review.sets.gold) if one is not None]
    return {
        "mode": "review",
        "project": editor.project_part(review.item.batch.project),
        "episode": editor.episode_part(episode),
        "progress": None,
        "streams": editor.streams_part(episode),
        "signals": editor.signals_part(episode),
        "schema": _schema_json(everyone, review.item),
        "sets": [
            editor.set_part(one, review.labels[one.pk], name=name_of(one), editable=False)
            for one in everyone
        ],
        "returned": None,
        "differences": [
            {
                "code": one.code,
                "at_ns": one.at_ns,
                "message": one.message,
                "label_ids": list(one.label_ids),
            }
            for one in review.differences
        ],
        "urls": {
            "save": "",
            "submit": "",
            "heartbeat": "",
            "release": "",
            "queue": batch,
            **editor.talk_urls(review.item.project_episode),
            "verdict": f"{reverse('review-episode', args=[review.item.pk])}#verdict",
        },
        "lease": None,
        "user": editor.user_part(user),
        "vocabulary": [],
    }


def _schema_json(everyone: list[AnnotationSet], item: BatchItem) -> Any:
    """The newest version among the sets: a version only ever adds classes."""
    newest = max(everyone, key=lambda one: one.schema.version, default=None)
    return (newest.schema if newest else item.batch.project.schema).definition


def _comparison(
    first: AnnotationSet,
    second: AnnotationSet,
    labels: LabelsBySet,
    duration_ns: int,
    *,
    chosen: bool,
) -> Comparison:
    counts, _ = compare(first, second, labels, duration_ns)
    outcome = counts[(Measure.OUTCOME, POOLED)].tally
    return Comparison(
        first=first,
        second=second,
        events=episode_figure(counts[(Measure.EVENT, POOLED)].tally),
        segments=episode_figure(counts[(Measure.SEGMENT_50, POOLED)].tally),
        boundaries=episode_figure(counts[(Measure.BOUNDARY, POOLED)].tally),
        outcome_equal=None if outcome.empty else outcome.exact,
        chosen=chosen,
    )


def _differences(
    comparisons: tuple[Comparison, ...], labels: LabelsBySet
) -> tuple[Difference, ...]:
    for one in comparisons:
        if one.chosen:
            sides = [Side(name_of(found), labels[found.pk]) for found in (one.first, one.second)]
            schemas: list[LabelSchema] = [schema_of(one.first), schema_of(one.second)]
            newer = max(schemas, key=lambda schema: schema.version)
            return tuple(differences(sides[0], sides[1], newer))
    return ()


def _verdicts(item: BatchItem) -> tuple[Verdict, ...]:
    found = item.verdicts.select_related("reviewer", "annotation_set__assignment__annotator")
    return tuple(found.order_by("-pk"))
