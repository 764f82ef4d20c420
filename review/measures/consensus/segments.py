"""The consensus of several annotators' segments and spans: quorum, median edges, majority text."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from review.measures.consensus.clusters import Cluster, Edge, join
from review.measures.consensus.events import median_ns
from review.measures.consensus.votes import quorum_of
from review.measures.records import Interval
from review.measures.segments import HALF, compare_intervals, iou
from review.measures.text import word_similarity, words_of

Answers = Mapping[str, Sequence[Interval]]


@dataclass(frozen=True, slots=True)
class ConsensusInterval:
    """``interval`` carries median edges and the chosen text, and no id of its own.

    ``sources`` are the label ids it came from, ``annotators`` who made them in the same order.
    ``text_from`` is the label whose wording was taken; ``text_agreed`` says whether its words
    reached the quorum, otherwise it is the wording closest to all others and wants a look.
    """

    interval: Interval
    sources: tuple[str, ...]
    annotators: tuple[str, ...]
    text_from: str
    text_agreed: bool


@dataclass(frozen=True, slots=True)
class SegmentConsensus:
    """What reached the quorum, in time order, and the labels that did not: a reviewer decides."""

    agreed: tuple[ConsensusInterval, ...]
    unresolved: tuple[tuple[str, Interval], ...]


def segment_consensus(answers: Answers, quorum: float = 0.5) -> SegmentConsensus:
    """Join intervals of one class and track that overlap by half, pair by pair.

    Start and end are the medians of the cluster's. Where two exclusive ones of a track then reach
    into each other, they meet in the middle of the overlap; one that would vanish is unresolved.
    """
    needed = quorum_of(quorum, max(1, len(answers)))
    agreed: list[ConsensusInterval] = []
    unresolved: list[tuple[str, Interval]] = []
    for cluster in _clusters(answers):
        if len(cluster.members) >= needed:
            agreed.append(_agreed(cluster, needed))
        else:
            unresolved += cluster.members.items()
    agreed.sort(key=lambda one: (one.interval.start_ns, one.interval.end_ns, one.sources))
    kept, squeezed = _parted(agreed)
    by_id = {mark.id: (who, mark) for who, own in answers.items() for mark in own}
    unresolved += [by_id[source] for one in squeezed for source in one.sources]
    unresolved.sort(key=lambda entry: (entry[1].start_ns, entry[1].end_ns, entry[0]))
    return SegmentConsensus(tuple(kept), tuple(unresolved))


def _clusters(answers: Answers) -> list[Cluster[Interval]]:
    marks = {
        who: sorted(own, key=lambda mark: (mark.start_ns, mark.end_ns, mark.id))
        for who, own in answers.items()
    }
    place = {who: {id(mark): i for i, mark in enumerate(own)} for who, own in marks.items()}
    edges = [
        Edge(
            (one, place[one][id(pair.a)]),
            (two, place[two][id(pair.b)]),
            (-iou(pair.a, pair.b), min(pair.a.start_ns, pair.b.start_ns)),
        )
        for one, two in combinations(sorted(marks), 2)
        for pair in compare_intervals(marks[one], marks[two], HALF).matched
    ]
    return join(marks, edges, lambda a, b: iou(a, b) >= HALF)


def _agreed(cluster: Cluster[Interval], needed: int) -> ConsensusInterval:
    marks = list(cluster.members.values())
    chosen, agreed = _text(marks, needed)
    first = marks[0]
    return ConsensusInterval(
        interval=Interval(
            first.label,
            first.track,
            median_ns(mark.start_ns for mark in marks),
            median_ns(mark.end_ns for mark in marks),
            chosen.text,
            first.exclusive,
        ),
        sources=tuple(mark.id for mark in marks),
        annotators=tuple(cluster.members),
        text_from=chosen.id,
        text_agreed=agreed,
    )


def _text(marks: list[Interval], needed: int) -> tuple[Interval, bool]:
    """The wording of most, if a quorum words it so; otherwise the one most like all others."""
    by_words: dict[tuple[str, ...], list[Interval]] = defaultdict(list)
    for mark in marks:
        by_words[words_of(mark.text)].append(mark)
    ranked = sorted(by_words.values(), key=len, reverse=True)
    alone = len(ranked) == 1 or len(ranked[0]) > len(ranked[1])
    if alone and len(ranked[0]) >= needed:
        return ranked[0][0], True

    def likeness(mark: Interval) -> float:
        return sum(word_similarity(mark.text, other.text) for other in marks)

    return max(marks, key=likeness), False


def _parted(
    agreed: list[ConsensusInterval],
) -> tuple[list[ConsensusInterval], list[ConsensusInterval]]:
    kept: list[ConsensusInterval] = []
    squeezed: list[ConsensusInterval] = []
    last: dict[str, int] = {}
    for one in agreed:
        own = one.interval
        before = last.get(own.track) if own.exclusive else None
        if before is not None and kept[before].interval.end_ns > own.start_ns:
            other = kept[before].interval
            middle = (own.start_ns + min(other.end_ns, own.end_ns)) // 2
            if not other.start_ns < middle < own.end_ns:
                squeezed.append(one)
                continue
            kept[before] = replace(kept[before], interval=replace(other, end_ns=middle))
            one = replace(one, interval=replace(own, start_ns=middle))
        if own.exclusive:
            last[own.track] = len(kept)
        kept.append(one)
    return kept, squeezed
