"""Count how far label sets agree: a sweep that finds what is missing, and a direct call."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import combinations
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from annotation.models import AnnotationSet, ProjectEpisode
from annotation.selectors.labels import labels_by_set, schema_of
from review.measures.accepted import without_optional
from review.measures.counts import Measure, PairCounts
from review.measures.phases import phase_tallies
from review.measures.records import Answer, Tolerances, answer_of
from review.models import PairCounts as PairCountsRow
from review.models import ScoredPair
from review.selectors.compare import compare, rules_of
from review.selectors.scores import unscored_episodes
from review.selectors.sets import EpisodeSets, sets_of

_SPACE = uuid.UUID("6f0f3f0e-2f6c-5f0e-9a9f-5d1b3c7a4e21")


def score_pending(*, limit: int = 200) -> int:
    """Score up to ``limit`` episodes that have a comparison without counts.

    Idempotent, and safe beside another sweep: counts of a pair are the same whoever computes them.
    Returns how many episodes were scored.
    """
    waiting = unscored_episodes(limit)
    score_episodes(waiting)
    return len(waiting)


@transaction.atomic
def score_episodes(project_episodes: Iterable[int]) -> None:
    """Compare every two annotators, and each with the gold, of each episode."""
    wanted = list(project_episodes)
    by_episode = sets_of(wanted)
    _retire(wanted, by_episode.values())
    pairs = [pair for sets in by_episode.values() for pair in _pairs(sets)]
    fresh = _without_counts(wanted, pairs)
    if not fresh:
        return
    _forget(fresh)
    scored, rows = _counted(fresh)
    ScoredPair.objects.bulk_create(scored, batch_size=500, ignore_conflicts=True)
    PairCountsRow.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)


Pair = tuple[AnnotationSet, AnnotationSet]


def _counted(fresh: list[Pair]) -> tuple[list[ScoredPair], list[PairCountsRow]]:
    """Unsaved rows of pairs; gold's phases are those of its main answer."""
    labels = labels_by_set({one.pk: one for pair in fresh for one in pair}.values())
    places = {first.project_episode_id for first, _ in fresh}
    durations = dict(
        ProjectEpisode.objects.filter(pk__in=places).values_list("pk", "episode__duration_ns")
    )
    rules = rules_of(places)
    scored: list[ScoredPair] = []
    rows: list[PairCountsRow] = []
    for first, second in fresh:
        duration_ns = durations[first.project_episode_id]
        counts, tolerances = compare(first, second, labels, duration_ns, rules)
        a, b = (answer_of(labels[one.pk], schema_of(one)) for one in (first, second))
        also = rules.also.get(first.pk)
        if also is not None:
            a, b = without_optional(a, b, also.optional, tolerances)
        pair = _pair(first, second, counts)
        pair.first_outcome, pair.second_outcome = a.outcome or "", b.outcome or ""
        pair.phases = _phases(a, b, duration_ns, tolerances)
        scored.append(pair)
        rows += _rows(pair, counts, tolerances)
    return scored, rows


def _pairs(sets: EpisodeSets) -> Iterator[Pair]:
    # Annotators come in the order of their ids, gold always first.
    yield from combinations(sets.annotators, 2)
    if sets.gold is not None:
        yield from ((sets.gold, one) for one in sets.annotators)


def _without_counts(wanted: list[int], pairs: list[Pair]) -> list[Pair]:
    """Counts from before pairs were recorded are no counts: they lack what a pair holds."""
    scored = set(
        PairCountsRow.objects.filter(
            project_episode__in=wanted,
            measure=Measure.EVENT,
            label_class="",
            pair__isnull=False,
        ).values_list("first", "second")
    )
    return [pair for pair in pairs if (pair[0].pk, pair[1].pk) not in scored]


def _forget(fresh: list[Pair]) -> None:
    """What is counted anew takes the place of what was counted before."""
    keys = [pair_id(first.pk, second.pk) for first, second in fresh]
    PairCountsRow.objects.filter(
        pair=None,
        first__in={first.pk for first, _ in fresh},
        second__in={second.pk for _, second in fresh},
    ).delete()
    ScoredPair.objects.filter(pk__in=keys).delete()


def pair_id(first: UUID, second: UUID) -> UUID:
    return uuid.uuid5(_SPACE, f"{first} {second}")


def _retire(wanted: list[int], sets: Iterable[EpisodeSets]) -> None:
    """Counts of an earlier round, or of gold that was corrected, no longer speak for anybody."""
    standing = {one.pk for found in sets for one in (*found.annotators, found.gold) if one}
    both = Q(first__in=standing) & Q(second__in=standing)
    gone = PairCountsRow.objects.filter(project_episode__in=wanted, current=True).exclude(both)
    if gone.update(current=False):
        pairs = ScoredPair.objects.filter(project_episode__in=wanted, retired="").exclude(both)
        now, why = timezone.now(), ScoredPair.Retired
        corrected = pairs.filter(against_gold=True).exclude(first__in=standing)
        corrected.filter(second__in=standing).update(retired=why.GOLD, retired_at=now)
        pairs.update(retired=why.ROUND, retired_at=now)


def _pair(first: AnnotationSet, second: AnnotationSet, counts: PairCounts) -> ScoredPair:
    gold = first.kind == AnnotationSet.Kind.GOLD
    sides = (second,) if gold else (first, second)
    assert second.assignment is not None, "gold comes first"
    return ScoredPair(
        id=pair_id(first.pk, second.pk),
        project_episode_id=first.project_episode_id,
        first=first,
        second=second,
        first_annotator_id=_annotator(first),
        second_annotator_id=second.assignment.annotator_id,
        against_gold=gold,
        handed_in_at=max(_submitted(one) for one in sides),
        schema=max((first.schema, second.schema), key=lambda one: one.version),
        two_schemas=first.schema_id != second.schema_id,
        durations=[[one.layer, one.a, one.b, ns] for one, ns in counts.durations.items()],
    )


def _annotator(one: AnnotationSet) -> int | None:
    return one.assignment.annotator_id if one.assignment else None


def _submitted(one: AnnotationSet) -> datetime:
    assert one.submitted_at is not None, "only what was handed in is compared"
    return one.submitted_at


def _phases(
    a: Answer, b: Answer, duration_ns: int, tolerances: Tolerances
) -> Mapping[str, list[Any]]:
    found = phase_tallies(a, b, duration_ns=duration_ns, tolerances=tolerances)
    return {
        kind: [[one.matched, one.n_a, one.n_b] for one in tallies]
        for kind, tallies in found.items()
    }


def _rows(pair: ScoredPair, counts: PairCounts, tolerances: Tolerances) -> Iterator[PairCountsRow]:
    for (measure, label_class), count in counts.rows.items():
        yield PairCountsRow(
            pair=pair,
            project_episode_id=pair.project_episode_id,
            first_id=pair.first_id,
            second_id=pair.second_id,
            against_gold=pair.against_gold,
            measure=measure.value,
            label_class=label_class,
            tolerance_ns=_tolerance(measure, label_class, tolerances),
            matched=count.tally.matched,
            n_first=count.tally.n_a,
            n_second=count.tally.n_b,
            offsets_ns=list(count.offsets_ns),
            similarity_ppm=count.similarity_ppm,
        )


def _tolerance(measure: Measure, label_class: str, tolerances: Tolerances) -> int:
    if measure is Measure.BOUNDARY:
        return tolerances.boundary_ns
    if measure in (Measure.EVENT, Measure.ONSET) and label_class:
        return tolerances.of(label_class)
    return 0
