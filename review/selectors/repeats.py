"""Episodes that a reviewer decides twice without being told, and how far both times agree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import QuerySet

from annotation.models import AnnotationSet, Project
from annotation.selectors.labels import labels_by_set
from episodes.access import Viewer
from review.measures.bounds import Estimate, estimate
from review.measures.counts import POOLED, Measure
from review.measures.tally import Tally
from review.models import BatchItem, LabelVerdict, ReviewRepeat
from review.selectors.batches import next_to_review, with_standing
from review.selectors.compare import compare

_CONSENSUS = AnnotationSet.Kind.CONSENSUS
_EXACT = (Measure.EVENT, Measure.SEGMENT_50, Measure.OUTCOME)


def open_repeat(item: BatchItem, user: User) -> ReviewRepeat | None:
    """The one in which this person is to decide the episode again, if there is."""
    return (
        ReviewRepeat.objects.filter(item=item, reviewer=user, state=ReviewRepeat.State.OPEN)
        .select_related("first")
        .first()
    )


def next_for(item: BatchItem, user: User) -> BatchItem | None:
    """What comes after this episode: one to be decided again, or the next that waits."""
    again = ReviewRepeat.objects.filter(
        reviewer=user,
        state=ReviewRepeat.State.OPEN,
        item__batch__project=item.batch.project_id,
    ).exclude(item=item)
    first = again.order_by("pk").values_list("item", flat=True).first()
    if first is not None:
        return with_standing(BatchItem.objects.filter(pk=first)).first()
    return next_to_review(item, user)


@dataclass(frozen=True)
class Consistency:
    """One reviewer against themself. ``decisions`` counts episodes, ``labels`` verdicts on labels.

    An episode agrees when the same labels stand both times, or two consensus sets that match
    within the tolerances.
    """

    reviewer: User
    decisions: Estimate
    labels: Estimate
    open: int

    @property
    def name(self) -> str:
        return self.reviewer.get_full_name() or self.reviewer.username


def consistency(
    project: Project, viewer: Viewer, reviewers: Iterable[User] | None = None
) -> list[Consistency]:
    """Of everybody who was asked twice, by name; or of the ``reviewers`` alone. Nobody learns that
    something of their own is open."""
    repeats = (
        ReviewRepeat.objects.filter(item__batch__project=project)
        .exclude(state=ReviewRepeat.State.VOID)
        .exclude(state=ReviewRepeat.State.OPEN, reviewer=viewer.pk)
        .select_related(
            "reviewer",
            "first__annotation_set__schema",
            "chosen_set__schema",
            "item__project_episode__episode",
        )
        .order_by("reviewer__username", "pk")
    )
    if reviewers is not None:
        repeats = repeats.filter(reviewer__in=list(reviewers))
    rows = list(repeats)
    equal = _equal_decisions(rows)
    twice = _label_tallies(rows)
    found: dict[int, list[ReviewRepeat]] = {}
    for row in rows:
        found.setdefault(row.reviewer_id, []).append(row)
    return [
        Consistency(
            reviewer=own[0].reviewer,
            decisions=estimate(Tally(int(equal[one.pk]), 1, 1) for one in own if one.pk in equal),
            labels=estimate(twice[one.pk] for one in own if one.pk in twice),
            open=sum(one.state == ReviewRepeat.State.OPEN for one in own),
        )
        for own in found.values()
    ]


def _equal_decisions(rows: Sequence[ReviewRepeat]) -> dict[int, bool]:
    decided = [row for row in rows if row.state == ReviewRepeat.State.DECIDED]
    pairs = {row.pk: _both_consensus(row) for row in decided}
    sets = [one for pair in pairs.values() if pair for one in pair]
    labels = labels_by_set(sets)
    equal = {}
    for row in decided:
        pair = pairs[row.pk]
        same = (
            row.decision == row.first.decision and row.chosen_set_id == row.first.annotation_set_id
        )
        if pair and not same:
            counts, _ = compare(*pair, labels, row.item.project_episode.episode.duration_ns)
            same = all(counts[(measure, POOLED)].tally.exact for measure in _EXACT)
        equal[row.pk] = same
    return equal


def _both_consensus(row: ReviewRepeat) -> tuple[AnnotationSet, AnnotationSet] | None:
    first, second = row.first.annotation_set, row.chosen_set
    if second is None or first.kind != _CONSENSUS or second.kind != _CONSENSUS:
        return None
    return first, second


def _label_tallies(rows: Sequence[ReviewRepeat]) -> dict[int, Tally]:
    """By repeat: of the labels that got a word both times, those that got the same one."""
    stands = LabelVerdict.objects.filter(superseded_by=None).exclude(
        verdict=LabelVerdict.Word.WITHDRAWN
    )
    second: QuerySet[LabelVerdict] = stands.filter(repeat__in=rows)
    said = {(one.repeat_id, one.annotation_set_id, one.label_id): one.verdict for one in second}
    of_item: dict[tuple[int, int], list[int]] = {}
    for row in rows:
        of_item.setdefault((row.item_id, row.reviewer_id), []).append(row.pk)
    found: dict[int, list[bool]] = {}
    for one in stands.filter(item__in={row.item_id for row in rows}, repeat=None):
        for pk in of_item.get((one.item_id, one.reviewer_id), ()):
            again = said.get((pk, one.annotation_set_id, one.label_id))
            if again is not None:
                found.setdefault(pk, []).append(again == one.verdict)
    return {pk: Tally(sum(same), len(same), len(same)) for pk, same in found.items()}
