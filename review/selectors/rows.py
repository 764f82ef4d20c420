"""A batch's episodes with what a reviewer wants to know about each before opening it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db.models import Sum

from annotation.models import AnnotationSet
from review.measures.bounds import Estimate, estimate, wilson
from review.measures.counts import POOLED, Measure
from review.measures.tally import Tally
from review.models import Batch, BatchItem, PairCounts
from review.selectors.batches import (
    Standing,
    own_episodes,
    repeated_items,
    standing,
    with_standing,
)
from review.selectors.policies import review_policy
from review.selectors.sets import EpisodeSets, name_of, sets_of

SHOWN = (Measure.EVENT, Measure.SEGMENT_50, Measure.OUTCOME)


@dataclass(frozen=True, slots=True)
class EpisodeFigure:
    """Agreement on one episode: ``matched`` of ``trials``, with Wilson's interval.

    One episode says nothing about how its labels go together, so the interval takes them as
    independent; pooled figures do not.
    """

    rate: float
    trials: float
    low: float
    high: float


def episode_figure(tally: Tally) -> EpisodeFigure | None:
    if tally.f is None:
        return None
    trials = (tally.n_a + tally.n_b) / 2
    low, high = wilson(min(tally.matched, trials), trials)
    return EpisodeFigure(tally.f, trials, low, high)


@dataclass(frozen=True)
class ItemRow:
    """One episode of a batch. ``own`` is set when the person who looks annotated it, ``blind``
    while nobody's name is to be shown."""

    item: BatchItem
    standing: Standing
    sets: EpisodeSets
    between: dict[Measure, Tally]
    gold: dict[Measure, Tally]
    own: bool
    blind: bool
    scored: bool

    @property
    def names(self) -> list[str]:
        return [name_of(one) for one in self.sets.annotators]

    @property
    def events(self) -> EpisodeFigure | None:
        return episode_figure(self.between.get(Measure.EVENT, Tally()))

    @property
    def segments(self) -> EpisodeFigure | None:
        return episode_figure(self.between.get(Measure.SEGMENT_50, Tally()))

    @property
    def outcome(self) -> Tally:
        return self.between.get(Measure.OUTCOME, Tally())

    @property
    def gold_events(self) -> EpisodeFigure | None:
        return episode_figure(self.gold.get(Measure.EVENT, Tally()))


@dataclass(frozen=True, slots=True)
class BatchRows:
    """The rows, and the batch's figures pooled over them; ``open`` as far as the person knows."""

    rows: tuple[ItemRow, ...]
    open: bool
    pooled: dict[Measure, Estimate] = field(default_factory=dict)

    @property
    def events(self) -> Estimate:
        return self.pooled[Measure.EVENT]

    @property
    def segments(self) -> Estimate:
        return self.pooled[Measure.SEGMENT_50]

    @property
    def outcome(self) -> Estimate:
        return self.pooled[Measure.OUTCOME]

    @property
    def approved(self) -> int:
        return sum(row.standing.code == "approved" for row in self.rows)


def batch_rows(batch: Batch, user: User) -> BatchRows:
    """The batch's episodes in queue order. A fixed number of queries."""
    items = list(with_standing(batch.items.all()))
    episodes = [item.project_episode_id for item in items]
    between, gold = tallies(episodes, against_gold=False), tallies(episodes, against_gold=True)
    sets, own = sets_of(episodes), own_episodes(user, episodes)
    hidden, blind = repeated_items(user, batch), review_policy(batch.project).blind
    rows = tuple(
        ItemRow(
            item=item,
            standing=standing(item, hidden),
            sets=sets[item.project_episode_id],
            between=between[item.project_episode_id],
            gold=gold[item.project_episode_id],
            own=item.project_episode_id in own,
            blind=blind and standing(item, hidden).waits,
            scored=Measure.EVENT in between[item.project_episode_id],
        )
        for item in items
    )
    return BatchRows(
        rows,
        open=batch.state == Batch.State.OPEN or bool(hidden),
        pooled={one: estimate(_column(rows, one)) for one in SHOWN},
    )


def tallies(
    project_episodes: Iterable[int], *, against_gold: bool
) -> dict[int, dict[Measure, Tally]]:
    """Pooled tallies by episode and measure, summed over its current pairs."""
    found: dict[int, dict[Measure, Tally]] = defaultdict(dict)
    summed = (
        PairCounts.objects.filter(
            project_episode__in=list(project_episodes),
            current=True,
            against_gold=against_gold,
            label_class=POOLED,
            measure__in=SHOWN,
        )
        .order_by()
        .values("project_episode", "measure")
        .annotate(x=Sum("matched"), a=Sum("n_first"), b=Sum("n_second"))
    )
    for episode, measure, x, a, b in summed.values_list(
        "project_episode", "measure", "x", "a", "b"
    ):
        found[episode][Measure(measure)] = Tally(x, a, b)
    return found


def _column(rows: Iterable[ItemRow], measure: Measure) -> list[Tally]:
    return [row.between.get(measure, Tally()) for row in rows]


def accepted_annotator(item: BatchItem) -> str:
    """Whose labels stand, or nothing."""
    accepted: AnnotationSet | None = item.accepted_set
    return name_of(accepted) if accepted else ""
