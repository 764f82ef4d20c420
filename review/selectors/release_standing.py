"""What a release stands on: agreement, gold, batches, clocks, licences, as they are now."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from annotation.models import AnnotationSet, ProjectEpisode
from episodes.models import Dataset, Episode, SyncReport
from review.measures.bounds import Estimate, Moments, estimate_of
from review.measures.counts import POOLED, Measure
from review.measures.gates import Checked, Standing
from review.models import Batch, GoldDispute, GoldItem, PairCounts, Release
from review.selectors.dataset_checks import in_parts, release_field, release_sets
from review.selectors.scoring import Couple, consensus_with_gold, counted

# An action label is a typed event or a labelled segment (agreement.md, section 2).
ACTION_LABELS = (Measure.EVENT, Measure.SEGMENT_50)
NAMES: Mapping[Measure, str] = {
    Measure.EVENT: "Contacts, F",
    Measure.SEGMENT_50: "Segments, F1@0.5",
    Measure.BOUNDARY: "Instruction boundaries, F",
    Measure.TEXT: "Instruction text, equal",
    Measure.OUTCOME: "Outcome",
}


# Measure, place, matched labels, labels of both sides.
_Row = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class Rates:
    """Action labels pooled, and each measure by itself."""

    pooled: Estimate
    by_measure: Mapping[Measure, Estimate]


def between_annotators(release: Release) -> Rates:
    """All current pairs on the release's episodes."""
    places = release_sets(release).values("project_episode")
    return _rates(Q(project_episode__in=places, against_gold=False))


def against_gold(release: Release) -> Rates:
    """The labels that went into the release against gold of the same episodes.

    Gold in dispute measures nobody, nor does any gold those whose labels it was made of. A
    consensus is compared here: nobody's work, it is in no stored comparison.
    """
    sets, field = release_sets(release), release_field(release)
    makers = GoldItem.sources.through.objects.filter(
        golditem__annotation_set=OuterRef("first"),
        annotationset__assignment__annotator=OuterRef("second__assignment__annotator"),
    )
    disputes = GoldDispute.objects.filter(item__annotation_set=OuterRef("first"), decision="")
    wanted = Q(~Exists(makers), ~Exists(disputes), second__in=sets.values(field), against_gold=True)
    consensus = sets.filter(**{f"{field}__kind": AnnotationSet.Kind.CONSENSUS})
    couples = consensus_with_gold(list(consensus.values_list(field, flat=True)))
    return _rates(wanted, _consensus_rows(couples))


def _consensus_rows(couples: Sequence[Couple]) -> Iterator[_Row]:
    for part in in_parts(couples, 500):
        for one in counted(part):
            for measure in NAMES:
                found = one.counts[measure, POOLED].tally
                yield measure, one.couple[0].place, found.matched, found.n_a + found.n_b


def _rates(wanted: Q, more: Iterable[_Row] = ()) -> Rates:
    rows = (
        PairCounts.objects.filter(wanted, current=True, label_class=POOLED, measure__in=NAMES)
        .order_by()
        .values_list("measure", "project_episode")
        .annotate(x=Sum("matched"), n=Sum(F("n_first") + F("n_second")))
    )
    by_measure: dict[Measure, dict[int, tuple[int, int]]] = defaultdict(dict)
    pooled: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for measure, place, x, n in chain(rows.iterator(), more):
        by_measure[Measure(measure)][place] = (x, n)
        if measure in ACTION_LABELS:
            before = pooled[place]
            pooled[place] = (before[0] + x, before[1] + n)
    return Rates(
        _estimate(pooled.values()),
        {one: _estimate(by_measure.get(one, {}).values()) for one in NAMES},
    )


def _estimate(rows: Iterable[tuple[int, int]]) -> Estimate:
    listed = [(x, n) for x, n in rows if n]
    return estimate_of(
        Moments(
            episodes=len(listed),
            x=sum(x for x, _ in listed),
            n=sum(n for _, n in listed),
            xx=sum(x * x for x, _ in listed),
            xn=sum(x * n for x, n in listed),
            nn=sum(n * n for _, n in listed),
            imperfect=sum(2 * x < n for x, n in listed),
        )
    )


@dataclass(frozen=True, slots=True)
class Clocks:
    """Episodes by the verdict on their clocks; ``released`` of the red ones by a manager."""

    by_verdict: Mapping[str, int]
    released: int

    @property
    def red(self) -> int:
        return self.by_verdict.get(Episode.Sync.RED, 0) - self.released

    @property
    def untold(self) -> int:
        return self.by_verdict.get(Episode.Sync.UNMEASURED, 0) + self.by_verdict.get(
            Episode.Sync.UNKNOWN, 0
        )

    @property
    def episodes(self) -> int:
        return sum(self.by_verdict.values())


def clocks_of(release: Release) -> Clocks:
    places = ProjectEpisode.objects.filter(pk__in=release_sets(release).values("project_episode"))
    rows = places.order_by().values_list("episode__sync").annotate(n=Count("pk"))
    released = places.filter(
        episode__sync=Episode.Sync.RED,
        episode__sync_report__decision=SyncReport.Decision.RELEASED,
    ).count()
    return Clocks(dict(rows), released)


def datasets_of(release: Release) -> list[tuple[Dataset, int]]:
    """The datasets whose episodes it holds, each with how many, by name."""
    places = ProjectEpisode.objects.filter(pk__in=release_sets(release).values("project_episode"))
    counts = dict(places.order_by().values_list("episode__dataset").annotate(n=Count("pk")))
    rows = Dataset.objects.filter(pk__in=counts).select_related("embodiment").order_by("name")
    return [(one, counts[one.pk]) for one in rows]


def standing_of(release: Release, checks: Mapping[str, Checked], *, required_tags: int) -> Standing:
    """What the gates look at, as it is now; ``checks`` are those of a run."""
    clocks, datasets = clocks_of(release), [one for one, _ in datasets_of(release)]
    batches = list(release.batches.order_by("pk"))
    agreed = (Dataset.Consent.GIVEN, Dataset.Consent.NOT_NEEDED)
    return Standing(
        accuracy=against_gold(release).pooled,
        pairwise=between_annotators(release).pooled,
        checks=checks,
        batches=len(batches),
        open_batches=[one.name for one in batches if one.state != Batch.State.APPROVED],
        red=clocks.red,
        unmeasured_sync=clocks.untold,
        episodes=clocks.episodes,
        silent=[one.name for one in datasets if not one.licence.strip()],
        unsure=[one.name for one in datasets if one.consent not in agreed],
        required_tags=required_tags,
    )
