"""Gold with more than one right answer.

A gold version has one main answer, whole answers that count as right too, and optional labels of
weight 0. Who is measured is compared with each whole answer and keeps the best, by the share of
labels right over contacts, segments and the outcome together; of equals the first, the main answer
before the others. An optional label counts for nothing: marked by the annotator it is taken out on
both sides, not marked it is taken out of the gold. Only labels that stand alone can be optional
(instants, spans): without an instruction the boundaries of its neighbours would change, and
another outcome is another answer.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from review.measures.batch import count_pairs
from review.measures.columns import Comparison
from review.measures.counts import POOLED, Measure, PairCounts
from review.measures.events import compare_events
from review.measures.records import Answer, Tolerances
from review.measures.refused import InputRefused
from review.measures.segments import compare_intervals
from review.measures.tally import Tally

# One label each: a contact, a segment, how it went. Boundaries are in the segments already.
LABELS = (Measure.EVENT, Measure.SEGMENT_50, Measure.OUTCOME)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Whole answers that are right, the main one first; ``optional`` are label ids."""

    answers: tuple[Answer, ...]
    optional: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.answers:
            raise InputRefused("impossible_count", "Gold has at least one right answer.")


def labels_right(counts: PairCounts) -> Tally:
    """Contacts, segments and the outcome together."""
    return sum((counts[one, POOLED].tally for one in LABELS), Tally())


def count_against(
    gold: Accepted, answer: Answer, *, duration_ns: int, tolerances: Tolerances, seed: int = 0
) -> PairCounts:
    """The comparison of ``answer`` with the accepted one that it is closest to."""
    asked = Comparison(gold.answers[0], answer, duration_ns, tolerances, seed)
    return count_all_against([(gold, asked)])[0]


def count_all_against(asked: Iterable[tuple[Accepted, Comparison]]) -> list[PairCounts]:
    """The same of many at once: one result each. Side a of a comparison is left to the gold."""
    owner: list[int] = []
    comparisons: list[Comparison] = []
    for number, (gold, one) in enumerate(asked):
        for answer in gold.answers:
            ours, theirs = without_optional(answer, one.b, gold.optional, one.tolerances)
            comparisons.append(replace(one, a=ours, b=theirs))
            owner.append(number)
    best: list[PairCounts] = []
    best_rate = -1.0
    for number, counts in zip(owner, count_pairs(comparisons).pairs(), strict=True):
        rate = labels_right(counts).f
        # Both empty: there is nothing to be wrong about.
        rate = 1.0 if rate is None else rate
        if number == len(best):
            best.append(counts)
            best_rate = rate
        elif rate > best_rate:
            best[number], best_rate = counts, rate
    return best


def without_optional(
    gold: Answer, answer: Answer, optional: Collection[str], tolerances: Tolerances
) -> tuple[Answer, Answer]:
    """Both answers without the optional labels of gold and what was marked for them."""
    if not optional:
        return gold, answer
    gone = {one.id for one in gold.instants if one.id in optional}
    gone |= {one.id for one in gold.intervals if one.id in optional and not one.exclusive}
    events = compare_events(gold.instants, answer.instants, tolerances)
    spans = compare_intervals(gold.intervals, answer.intervals)
    instants_met = {id(pair.b) for pair in events.matched if pair.a.id in gone}
    spans_met = {id(pair.b) for pair in spans.matched if pair.a.id in gone}
    return (
        replace(
            gold,
            instants=tuple(one for one in gold.instants if one.id not in gone),
            intervals=tuple(one for one in gold.intervals if one.id not in gone),
        ),
        replace(
            answer,
            instants=tuple(one for one in answer.instants if id(one) not in instants_met),
            intervals=tuple(one for one in answer.intervals if id(one) not in spans_met),
        ),
    )
