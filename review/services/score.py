"""Count how far label sets agree: a sweep that finds what is missing, and a direct call."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from annotation.labels.records import Label
from annotation.models import AnnotationSet, ProjectEpisode
from annotation.selectors.labels import labels_by_set
from review.measures.counts import Measure
from review.measures.records import Tolerances
from review.models import PairCounts as PairCountsRow
from review.selectors.compare import Rules, compare, rules_of
from review.selectors.scores import unscored_episodes
from review.selectors.sets import EpisodeSets, sets_of


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
    scored = set(
        PairCountsRow.objects.filter(
            project_episode__in=wanted, measure=Measure.EVENT, label_class=""
        ).values_list("first", "second")
    )
    fresh = [pair for pair in pairs if (pair[0].pk, pair[1].pk) not in scored]
    labels = labels_by_set({one.pk: one for pair in fresh for one in pair}.values())
    durations = dict(
        ProjectEpisode.objects.filter(pk__in=wanted).values_list("pk", "episode__duration_ns")
    )
    rules = rules_of({first.project_episode_id for first, _ in fresh})
    rows = [
        row
        for first, second in fresh
        for row in _rows(first, second, labels, durations[first.project_episode_id], rules)
    ]
    PairCountsRow.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def _pairs(sets: EpisodeSets) -> Iterator[tuple[AnnotationSet, AnnotationSet]]:
    # Annotators come in the order of their ids, gold always first.
    yield from combinations(sets.annotators, 2)
    if sets.gold is not None:
        yield from ((sets.gold, one) for one in sets.annotators)


def _retire(wanted: list[int], sets: Iterable[EpisodeSets]) -> None:
    """Counts of an earlier round, or of gold that was corrected, no longer speak for anybody."""
    standing = {one.pk for found in sets for one in (*found.annotators, found.gold) if one}
    PairCountsRow.objects.filter(project_episode__in=wanted, current=True).exclude(
        Q(first__in=standing) & Q(second__in=standing)
    ).update(current=False)


def _rows(
    first: AnnotationSet,
    second: AnnotationSet,
    labels: dict[UUID, tuple[Label, ...]],
    duration_ns: int,
    rules: Rules,
) -> Iterator[PairCountsRow]:
    counts, tolerances = compare(first, second, labels, duration_ns, rules)
    for (measure, label_class), count in counts.rows.items():
        yield PairCountsRow(
            project_episode_id=first.project_episode_id,
            first=first,
            second=second,
            against_gold=first.kind == AnnotationSet.Kind.GOLD,
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
    if measure is Measure.EVENT and label_class:
        return tolerances.of(label_class)
    return 0
