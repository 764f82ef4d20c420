"""Gold with more than one right answer.

A gold version has one main answer, whole answers that count as right too, and optional labels of
weight 0. Who is measured is compared with each whole answer and keeps the best, by the share of
labels right over contacts, segments and the outcome together; of equals the first, the main answer
before the others. An optional label counts for nothing: marked by the annotator it is taken out on
both sides, not marked it is taken out of the gold. Only labels that stand alone can be optional
(instants, spans): without an instruction the boundaries of its neighbours would change, and
another outcome is another answer.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from review.measures.counts import POOLED, Measure, PairCounts, count_pair
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
    best, best_rate = PairCounts(), -1.0
    for one in gold.answers:
        ours, theirs = without_optional(one, answer, gold.optional, tolerances)
        counts = count_pair(ours, theirs, duration_ns=duration_ns, tolerances=tolerances, seed=seed)
        rate = labels_right(counts).f
        # Both empty: there is nothing to be wrong about.
        rate = 1.0 if rate is None else rate
        if rate > best_rate:
            best, best_rate = counts, rate
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
