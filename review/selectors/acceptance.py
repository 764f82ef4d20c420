"""How a batch's sample stands: derived from what reviewers decided, never kept twice.

A sampled episode *conforms* when the labels that would have been delivered without a review, its
proposed set, turn out to be right: the first decision on it that is not taken back is an approval;
no label of the proposed set was marked as wrong, extra or missing; and if other labels stand now,
they equal the proposed ones within the tolerances (F = 1 of contacts, starts, segments and
boundaries, equal words, the same outcome). What goes back, or is put right by more than the
tolerance, does not conform.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from annotation.models import AnnotationSet
from annotation.selectors.labels import labels_by_set
from review.measures.acceptance.plans import Plan
from review.measures.acceptance.progress import Lot, Progress, progress
from review.measures.counts import POOLED, Measure, PairCounts
from review.models import Batch, BatchItem, LabelVerdict, Sample, SampleItem, Verdict
from review.models import PairCounts as PairCountsRow
from review.selectors.batches import (
    Standing,
    own_episodes,
    repeated_items,
    standing,
    with_standing,
)
from review.selectors.compare import compare, rules_of
from review.selectors.policies import review_policy
from review.selectors.sets import current_sets

# What has to agree wholly for two sets to be the same within the tolerances.
_WHOLE = (
    Measure.EVENT,
    Measure.ONSET,
    Measure.SEGMENT_50,
    Measure.BOUNDARY,
    Measure.TEXT,
    Measure.OUTCOME,
)
_Word = LabelVerdict.Word
_WRONG = (_Word.WRONG_TIME, _Word.WRONG_CLASS, _Word.MISSING, _Word.EXTRA)


@dataclass(frozen=True)
class SampledRow:
    """A sampled episode. ``conforms`` is None until it is decided; ``why`` says why it does not.

    ``blind``: nobody's name is to be shown yet.
    """

    sampled: SampleItem
    item: BatchItem
    standing: Standing
    conforms: bool | None
    why: str
    own: bool
    blind: bool


@dataclass(frozen=True)
class SampleStanding:
    """A sample as it stands now; closed ones as they stood when they were closed."""

    sample: Sample
    rows: tuple[SampledRow, ...]

    @cached_property
    def progress(self) -> Progress:
        """Rejected at the first error too many; what is looked at after it changes nothing."""
        looked_at = sum(row.conforms is not None for row in self.rows)
        bad = sum(row.conforms is False for row in self.rows)
        if self.sample.state != Sample.State.OPEN:
            looked_at, bad = self.sample.looked_at, self.sample.errors
        return progress(plan_of(self.sample), looked_at=looked_at, bad=bad)

    @property
    def open(self) -> bool:
        return self.sample.state == Sample.State.OPEN

    @property
    def rejected(self) -> bool:
        return self.progress.state is Lot.REJECTED

    @property
    def accepted(self) -> bool:
        return self.progress.state is Lot.ACCEPTED

    @property
    def sure_to_pass(self) -> bool:
        """Even if every episode left did not conform it would pass: only known before the end."""
        found = self.progress
        return found.state is Lot.OPEN and found.more <= found.spare

    @property
    def undecided(self) -> bool:
        """It failed, and nobody has said yet how the batch goes on."""
        return self.rejected and not self.sample.follow_up

    @property
    def unapproved(self) -> int:
        """Sampled episodes that no reviewer has approved, sent back ones included."""
        return sum(row.item.state != BatchItem.State.APPROVED for row in self.rows)


def plan_of(sample: Sample) -> Plan:
    """The frozen plan; a binomial one takes its lot as endless."""
    endless = sample.plan == Sample.Plan.BINOMIAL and sample.n < sample.lot
    return Plan(sample.n, sample.c, None if endless else sample.lot)


def samples_of(batch: Batch) -> QuerySet[Sample]:
    return batch.samples.select_related("drawn_by", "decided_by").order_by("number")


def last_sample(batch: Batch) -> Sample | None:
    return samples_of(batch).last()


def sample_standing(sample: Sample, user: User | None = None) -> SampleStanding:
    """The sample's episodes in the order of the draw; for a ``user``, as far as they may know:
    what they are to decide again looks undecided. A fixed number of queries."""
    drawn = list(
        sample.items.select_related(
            "proposed_set__assignment__annotator", "proposed_set__schema"
        ).order_by("order")
    )
    items = {one.pk: one for one in with_standing(BatchItem.objects.filter(sampled__sample=sample))}
    places = [item.project_episode_id for item in items.values()]
    own = own_episodes(user, places) if user is not None else set()
    hidden = repeated_items(user, sample.batch) if user is not None else set()
    blind = user is not None and review_policy(sample.batch.project).blind
    verdicts = _verdicts(drawn)
    wrong = _marked_wrong(drawn)
    differing = _differing(drawn, verdicts)
    rows = []
    for one in drawn:
        item = items[one.item_id]
        verdict = None if item.pk in hidden else verdicts.get(item.pk)
        conforms, why = _judged(verdict, one, wrong, differing)
        mine, stands = item.project_episode_id in own, standing(item, hidden)
        rows.append(SampledRow(one, item, stands, conforms, why, mine, blind and stands.waits))
    return SampleStanding(sample, tuple(rows))


def _verdicts(drawn: Collection[SampleItem]) -> dict[int, Verdict]:
    """The first decision of each item since the draw that was not taken back."""
    after = {one.item_id: one.after_verdict for one in drawn}
    found: dict[int, Verdict] = {}
    rows = Verdict.objects.filter(item__in=after).select_related(
        "annotation_set__schema", "annotation_set__assignment"
    )
    for one in rows.order_by("pk"):
        if one.pk <= after[one.item_id]:
            continue
        if one.decision == Verdict.Decision.UNDONE:
            found.pop(one.item_id, None)
        else:
            found.setdefault(one.item_id, one)
    return found


def _marked_wrong(drawn: Collection[SampleItem]) -> set[UUID]:
    """Proposed sets of which a reviewer said that a label is wrong, as it stands now."""
    marked = LabelVerdict.objects.filter(
        annotation_set__in=[one.proposed_set_id for one in drawn],
        verdict__in=_WRONG,
        superseded_by=None,
        repeat=None,
    )
    return set(marked.values_list("annotation_set", flat=True))


def _differing(drawn: Collection[SampleItem], verdicts: dict[int, Verdict]) -> set[int]:
    """Items for which other labels were approved that are not the proposed ones."""
    others = {
        one.item_id: (one.proposed_set, verdicts[one.item_id].annotation_set)
        for one in drawn
        if one.item_id in verdicts
        and verdicts[one.item_id].decision == Verdict.Decision.APPROVED
        and verdicts[one.item_id].annotation_set_id != one.proposed_set_id
    }
    if not others:
        return set()
    labels = labels_by_set({one.pk: one for pair in others.values() for one in pair}.values())
    rules = rules_of({pair[0].project_episode_id for pair in others.values()})
    durations = dict(
        BatchItem.objects.filter(pk__in=others).values_list(
            "pk", "project_episode__episode__duration_ns"
        )
    )
    return {
        item
        for item, (proposed, stands) in others.items()
        if not same(compare(proposed, stands, labels, durations[item], rules)[0])
    }


def same(counts: PairCounts) -> bool:
    """Both sides say the same of everything, within the tolerances."""
    return all(counts[measure, POOLED].tally.exact for measure in _WHOLE)


def _judged(
    verdict: Verdict | None, one: SampleItem, wrong: set[UUID], differing: set[int]
) -> tuple[bool | None, str]:
    if verdict is None:
        return None, ""
    if verdict.decision != Verdict.Decision.APPROVED:
        return False, "sent back"
    if one.proposed_set_id in wrong:
        return False, "labels marked as wrong"
    if one.item_id in differing:
        return False, "other labels stand"
    return True, ""


def sent_back_since(sample: Sample) -> QuerySet[Verdict]:
    """Returns of the batch's episodes since the sample was drawn, as decisions."""
    return Verdict.objects.filter(
        item__batch=sample.batch_id,
        decision=Verdict.Decision.RETURNED,
        created_at__gt=sample.drawn_at,
    )


def waiting_after_return(sample: Sample) -> int:
    """Episodes that a reviewer sent back since the draw and nobody has approved since."""
    gone = sent_back_since(sample).values("item")
    items = sample.batch.items.filter(pk__in=gone)
    return items.exclude(state=BatchItem.State.APPROVED).count()


def to_send_back(sample: Sample) -> list[BatchItem]:
    """Episodes of a rejected batch that have not gone back since their sample was drawn."""
    items = with_standing(
        sample.batch.items.exclude(state=BatchItem.State.APPROVED).exclude(
            pk__in=sent_back_since(sample).values("item")
        )
    )
    return [one for one in items.order_by("pk") if not getattr(one, "in_rework", False)]


def delivered_sets(project_episodes: Iterable[int]) -> dict[int, AnnotationSet]:
    """The set that stands for an episode where nobody reviews it, by project episode.

    Of several annotators' last rounds the one that agrees best with the others, contacts, segments
    and outcome together; of equals the one handed in first. What was done beyond the overlap is
    taken only where there is nothing else.
    """
    wanted = list(project_episodes)
    sets = defaultdict(list)
    for one in current_sets(wanted):
        sets[one.project_episode_id].append(one)
    agreed = _agreed(wanted)
    return {
        place: max(
            own,
            key=lambda one: (
                not (one.assignment and one.assignment.beyond_overlap),
                agreed.get(one.pk, 0.0),
                -(one.submitted_at.timestamp() if one.submitted_at else 0.0),
            ),
        )
        for place, own in sets.items()
    }


def _agreed(project_episodes: list[int]) -> dict[UUID, float]:
    """F of each set with all others of its episode."""
    rows = PairCountsRow.objects.filter(
        project_episode__in=project_episodes,
        current=True,
        against_gold=False,
        label_class=POOLED,
        measure__in=[Measure.EVENT, Measure.SEGMENT_50, Measure.OUTCOME],
    )
    sums: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    for first, second, matched, a, b in rows.order_by().values_list(
        "first", "second", "matched", "n_first", "n_second"
    ):
        for one in (first, second):
            sums[one][0] += 2 * matched
            sums[one][1] += a + b
    return {one: x / n for one, (x, n) in sums.items() if n}
