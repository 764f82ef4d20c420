"""The consensus of whole label sets: instants, segments and spans, the outcome, tags.

What a quorum of ``q`` of the annotators says is agreed. Times are medians, put on the nearest time
that one of them marked, so that they lie on a frame. Of what is said beside the time, each value
goes by majority among those who made the label, a tie by the label nearest the median.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from annotation.labels.records import AttributeValue, Kind, Label, Source, ordered
from annotation.labels.schema import LabelSchema
from review.measures.consensus.events import Unresolved, event_consensus, median_ns
from review.measures.consensus.segments import segment_consensus
from review.measures.consensus.votes import majority, quorum_of
from review.measures.records import Answer, Instant, Interval, Tolerances, answer_of
from review.measures.refused import InputRefused

Answers = Mapping[str, Sequence[Label]]


@dataclass(frozen=True, slots=True)
class Agreed:
    """A label of the consensus; it has no id yet. ``sources`` are ids of the labels it came from.

    ``sure`` is False for what misses the quorum and is only suggested.
    """

    label: Label
    sources: tuple[str, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class SetConsensus:
    """``agreed`` in time order; ``left`` are the ids of labels that no label of it came from."""

    agreed: tuple[Agreed, ...]
    left: tuple[str, ...]


def set_consensus(
    answers: Answers,
    schema: LabelSchema,
    tolerances: Tolerances,
    *,
    quorum: float,
    suggest: bool = False,
    outcomes: Mapping[str, float] | None = None,
) -> SetConsensus:
    """Join the sets of all annotators, empty ones included; fewer than two have no consensus.

    With ``suggest`` what misses the quorum comes too, not ``sure``: instants of the type most often
    named, single segments, the outcome most named, or the likelier of ``outcomes`` where a model
    has weighed them. Raises InputRefused: out_of_range.
    """
    if len(answers) < 2:
        raise InputRefused("out_of_range", "A consensus needs the labels of two annotators.")
    join = _Join(answers, schema, tolerances, quorum)
    found = [*join.instants(suggest), *join.intervals(suggest), *join.outcome(suggest, outcomes)]
    found += join.tags(suggest)
    used = {source for one in found for source in one.sources}
    everything = [label.id for labels in answers.values() for label in ordered(labels)]
    return SetConsensus(
        tuple(sorted(found, key=_when)), tuple(key for key in everything if key not in used)
    )


class _Join:
    def __init__(
        self, answers: Answers, schema: LabelSchema, tolerances: Tolerances, quorum: float
    ) -> None:
        self.answers, self.tolerances, self.quorum = answers, tolerances, quorum
        self.by_id = {label.id: label for labels in answers.values() for label in labels}
        self.reduced: dict[str, Answer] = {
            who: answer_of(labels, schema) for who, labels in answers.items()
        }

    def instants(self, suggest: bool) -> list[Agreed]:
        marks: dict[str, Sequence[Instant]] = {
            who: one.instants for who, one in self.reduced.items()
        }
        found = event_consensus(marks, self.tolerances, self.quorum)
        agreed = [self._instant(one.sources, sure=True) for one in found.agreed]
        if suggest:
            agreed += [self._likeliest(one) for one in found.unresolved]
        return agreed

    def _likeliest(self, one: Unresolved) -> Agreed:
        """The type most named there; of a tie the first by name."""
        best = min(one.votes, key=lambda name: (-one.votes[name], name))
        sources = [key for key in one.sources if self.by_id[key].label_class == best]
        return self._instant(sources, sure=False)

    def _instant(self, sources: Iterable[str], *, sure: bool) -> Agreed:
        labels = [self.by_id[key] for key in sources]
        at_ns = on_a_mark([one.start_ns or 0 for one in labels])
        chosen = min(labels, key=lambda one: (abs((one.start_ns or 0) - at_ns), one.id))
        return self._made(replace(chosen, start_ns=at_ns), labels, sure)

    def intervals(self, suggest: bool) -> list[Agreed]:
        marks: dict[str, Sequence[Interval]] = {
            who: one.intervals for who, one in self.reduced.items()
        }
        found = segment_consensus(marks, self.quorum)
        agreed = []
        for one in found.agreed:
            labels = [self.by_id[key] for key in one.sources]
            start_ns = self._edge(one.interval.start_ns, [each.start_ns or 0 for each in labels])
            end_ns = self._edge(one.interval.end_ns, [each.end_ns or 0 for each in labels])
            chosen = replace(
                self.by_id[one.text_from],
                start_ns=start_ns,
                end_ns=max(end_ns, start_ns + 1),
                text=one.interval.text,
            )
            agreed.append(self._made(chosen, labels, sure=True))
        if suggest:
            taken: list[Label] = [one.label for one in agreed]
            for _, mark in found.unresolved:
                label = self.by_id[mark.id]
                if mark.exclusive and any(_overlap(label, other) for other in taken):
                    continue
                taken.append(label)
                agreed.append(self._made(label, [label], sure=False))
        return agreed

    @staticmethod
    def _edge(wanted_ns: int, times: Sequence[int]) -> int:
        """The nearest marked time, unless two segments were parted in the middle of an overlap."""
        return on_a_mark(times) if wanted_ns == median_ns(times) else wanted_ns

    def outcome(self, suggest: bool, weights: Mapping[str, float] | None) -> list[Agreed]:
        votes = {who: one.outcome for who, one in self.reduced.items()}
        decided = majority(votes, self.quorum)
        # Who gave no outcome takes no part in a vote, and yet has not agreed.
        needed = quorum_of(self.quorum, len(self.answers))
        sure = decided.value is not None and decided.votes[decided.value] >= needed
        value = decided.value if sure else None
        if value is None and suggest and decided.votes:
            heavy = {name: weights[name] for name in decided.votes if weights and name in weights}
            value = max(sorted(heavy), key=lambda name: heavy[name]) if heavy else None
            value = value or min(decided.votes, key=lambda name: (-decided.votes[name], name))
        if value is None:
            return []
        labels = [
            self.by_id[one.outcome_id]
            for one in self.reduced.values()
            if one.outcome == value and one.outcome_id
        ]
        return [self._made(labels[0], labels, sure=sure)]

    def tags(self, suggest: bool) -> list[Agreed]:
        named: dict[str, list[Label]] = defaultdict(list)
        for labels in self.answers.values():
            for label in labels:
                if label.kind is Kind.TAG:
                    named[label.label_class].append(label)
        needed = quorum_of(self.quorum, len(self.answers))
        return [
            self._made(labels[0], labels, sure=len(labels) >= needed)
            for _, labels in sorted(named.items())
            if suggest or len(labels) >= needed
        ]

    def _made(self, chosen: Label, labels: Sequence[Label], sure: bool) -> Agreed:
        label = replace(
            chosen,
            attributes=_most_said(chosen, labels),
            uncertainty_ns=max(one.uncertainty_ns for one in labels),
            source=Source.HUMAN if sure else Source.PROPOSAL,
        )
        return Agreed(label, tuple(one.id for one in labels), sure)


def on_a_mark(times: Sequence[int]) -> int:
    """The one of the times that is nearest their median, the earlier of two."""
    middle = median_ns(times)
    return min(sorted(times), key=lambda one: abs(one - middle))


def _most_said(chosen: Label, labels: Sequence[Label]) -> dict[str, AttributeValue]:
    """Each value by majority of those who made the label; a tie goes to ``chosen``.

    Times and points belong to the label they were put on and come from ``chosen``.
    """
    kept: dict[str, AttributeValue] = {}
    keys = dict.fromkeys(key for one in (chosen, *labels) for key in one.attributes)
    for key in keys:
        own = chosen.attributes.get(key)
        votes = Counter(one.attributes.get(key) for one in labels)
        (value, count), *others = votes.most_common()
        sole = not others or others[0][1] < count
        placed = isinstance(own, int | float) and not isinstance(own, bool)
        best = value if sole and not placed else own
        if best is not None:
            kept[key] = best
    return kept


def _overlap(one: Label, other: Label) -> bool:
    if one.end_ns is None or other.end_ns is None or one.label_class != other.label_class:
        return False
    if one.effector != other.effector:
        return False
    return (one.start_ns or 0) < other.end_ns and (other.start_ns or 0) < one.end_ns


def _when(one: Agreed) -> tuple[int, int, str, tuple[str, ...]]:
    label = one.label
    start = -1 if label.start_ns is None else label.start_ns
    return start, label.end_ns or -1, label.label_class, one.sources
