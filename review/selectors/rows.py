"""A batch's episodes with what a reviewer wants to know about each before opening it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet, Sum

from annotation.models import ProjectEpisode
from review.measures.bounds import Estimate, estimate, wilson
from review.measures.counts import POOLED, Measure
from review.measures.tally import Tally
from review.models import Batch, BatchItem, PairCounts
from review.selectors.batches import (
    Standing,
    own_episodes,
    own_work,
    repeated_items,
    standing,
    with_rework,
    with_standing,
)
from review.selectors.policies import review_policy
from review.selectors.sets import names_of

_IN_ORDER = ("project_episode__position", "project_episode_id")
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
    names: list[str]
    between: dict[Measure, Tally]
    gold: dict[Measure, Tally]
    own: bool
    blind: bool
    scored: bool

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
class BatchFacts:
    """A batch as a whole, as far as the person knows: how many episodes it has, how many are
    approved or with their annotators again, its figures pooled over them.

    ``following`` is the first that the person can decide, ``back`` the first of those that came
    back to them.
    """

    open: bool
    episodes: int
    approved: int
    in_rework: int
    following: BatchItem | None
    back: BatchItem | None
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


def batch_facts(batch: Batch, user: User) -> BatchFacts:
    """A fixed number of queries, of which none reads the episodes one by one but their tallies."""
    hidden = repeated_items(user, batch)
    known = ~Q(pk__in=hidden)
    approved = known & Q(state=BatchItem.State.APPROVED)
    away = known & ~Q(state=BatchItem.State.APPROVED) & Q(in_rework=True)
    items = batch.items.order_by()
    counted = items.aggregate(episodes=Count("pk"), approved=Count("pk", filter=approved))
    # Those that the person can decide: not theirs to label, and here.
    undecided = with_rework(batch.items.all()).exclude(approved).exclude(away)
    mine = undecided.exclude(project_episode__in=own_work(user).values("project_episode"))
    places = ProjectEpisode.objects.filter(batch_item__batch=batch)
    return BatchFacts(
        open=batch.state == Batch.State.OPEN or bool(hidden),
        in_rework=with_rework(items).filter(away).count(),
        following=_first(mine),
        back=_first(mine.filter(known, state=BatchItem.State.RETURNED)),
        pooled=_pooled(tallies(places, against_gold=False).values()),
        **counted,
    )


def _first(items: QuerySet[BatchItem]) -> BatchItem | None:
    """What a page says of it is read of this one alone: of thousands they would be sorted."""
    found = items.order_by(*_IN_ORDER).values_list("pk", flat=True).first()
    return _shown([found])[0] if found is not None else None


def _shown(items: Collection[int]) -> list[BatchItem]:
    """In queue order, each with its standing. The definition of a schema is some ten thousand
    letters, which would be read for each."""
    rows = with_standing(BatchItem.objects.filter(pk__in=items)).order_by(*_IN_ORDER)
    return list(rows.defer("batch__project__schema__definition"))


def item_ids(batch: Batch) -> QuerySet[BatchItem, int]:
    """In queue order; to be paged."""
    return batch.items.order_by(*_IN_ORDER).values_list("pk", flat=True)


def item_rows(batch: Batch, ids: Iterable[int], user: User) -> list[ItemRow]:
    """Those of ``item_ids``. A fixed number of queries."""
    items = _shown(list(ids))
    episodes = [item.project_episode_id for item in items]
    between, gold = tallies(episodes, against_gold=False), tallies(episodes, against_gold=True)
    names, own = names_of(episodes), own_episodes(user, episodes)
    hidden, blind = repeated_items(user, batch), review_policy(batch.project).blind
    return [
        ItemRow(
            item=item,
            standing=standing(item, hidden),
            names=names[item.project_episode_id],
            between=between[item.project_episode_id],
            gold=gold[item.project_episode_id],
            own=item.project_episode_id in own,
            blind=blind and standing(item, hidden).waits,
            scored=Measure.EVENT in between[item.project_episode_id],
        )
        for item in items
    ]


def tallies(
    project_episodes: Collection[int] | QuerySet[ProjectEpisode], *, against_gold: bool
) -> dict[int, dict[Measure, Tally]]:
    """Pooled tallies by episode and measure, summed over its current pairs."""
    found: dict[int, dict[Measure, Tally]] = defaultdict(dict)
    summed = (
        PairCounts.objects.filter(
            project_episode__in=project_episodes,
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


def _pooled(between: Collection[Mapping[Measure, Tally]]) -> dict[Measure, Estimate]:
    return {one: estimate(own.get(one, Tally()) for own in between) for one in SHOWN}
