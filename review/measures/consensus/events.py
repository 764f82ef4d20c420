"""The consensus of several annotators' instants: quorum on what, median of when."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from review.measures.consensus.clusters import Cluster, Edge, join
from review.measures.consensus.votes import quorum_of
from review.measures.matching import match_times
from review.measures.records import Instant, Tolerances

Answers = Mapping[str, Sequence[Instant]]


@dataclass(frozen=True, slots=True)
class ConsensusInstant:
    """``instant`` carries the median time and no id of its own.

    ``sources`` are the label ids it came from, ``annotators`` who made them in the same order;
    ``spread_ns`` is the greatest distance among them.
    """

    instant: Instant
    sources: tuple[str, ...]
    annotators: tuple[str, ...]
    spread_ns: int


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Marks at one place that reached no quorum on a type: a reviewer decides.

    ``votes`` counts the types; ``of`` is how many annotators there are.
    """

    at_ns: int
    track: str
    votes: Mapping[str, int]
    sources: tuple[str, ...]
    annotators: tuple[str, ...]
    of: int


@dataclass(frozen=True, slots=True)
class EventConsensus:
    agreed: tuple[ConsensusInstant, ...]
    unresolved: tuple[Unresolved, ...]


def event_consensus(
    answers: Answers, tolerances: Tolerances, quorum: float = 0.5
) -> EventConsensus:
    """Join the instants of all annotators who answered, empty answers included.

    Marks of one (track, type) join within that type's tolerance; those of a cluster that reaches
    ceil(q k) annotators become one instant at their median time (of an even number: the whole ns
    at or below the middle of the two inner ones). What is left joins regardless of type and is
    listed with its votes.
    """
    needed = quorum_of(quorum, max(1, len(answers)))
    agreed: list[ConsensusInstant] = []
    left: dict[str, list[Instant]] = {who: [] for who in answers}
    for cluster in _clusters(answers, tolerances, same_type=True):
        if len(cluster.members) >= needed:
            agreed.append(_agreed(cluster))
        else:
            for who, mark in cluster.members.items():
                left[who].append(mark)
    open_ = [
        _open(cluster, len(answers)) for cluster in _clusters(left, tolerances, same_type=False)
    ]
    return EventConsensus(
        tuple(sorted(agreed, key=lambda one: (one.instant.at_ns, one.instant.type, one.sources))),
        tuple(sorted(open_, key=lambda one: (one.at_ns, one.track, one.sources))),
    )


def median_ns(times: Iterable[int]) -> int:
    """Median of whole nanoseconds, floored to a whole one."""
    ordered = sorted(times)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) // 2


def _clusters(
    answers: Answers, tolerances: Tolerances, *, same_type: bool
) -> list[Cluster[Instant]]:
    groups: dict[tuple[str, str], dict[str, list[Instant]]] = defaultdict(lambda: defaultdict(list))
    for who, own in answers.items():
        for mark in sorted(own, key=lambda mark: (mark.at_ns, mark.type, mark.id)):
            groups[mark.track, mark.type if same_type else ""][who].append(mark)
    found: list[Cluster[Instant]] = []
    for (_, type_), marks in sorted(groups.items()):
        types = {mark.type for own in marks.values() for mark in own}
        reach = tolerances.of(type_) if same_type else max(map(tolerances.of, types))

        def together(a: Instant, b: Instant, reach: int = reach) -> bool:
            return abs(a.at_ns - b.at_ns) <= reach

        edges = [
            Edge((one, i), (two, j), _cost(marks[one][i], marks[two][j]))
            for one, two in combinations(sorted(marks), 2)
            for i, j in match_times(
                [mark.at_ns for mark in marks[one]], [mark.at_ns for mark in marks[two]], reach
            )
        ]
        found += join(marks, edges, together)
    return found


def _cost(a: Instant, b: Instant) -> tuple[int, int]:
    return abs(a.at_ns - b.at_ns), min(a.at_ns, b.at_ns)


def _agreed(cluster: Cluster[Instant]) -> ConsensusInstant:
    marks = list(cluster.members.values())
    times = [mark.at_ns for mark in marks]
    return ConsensusInstant(
        instant=Instant(marks[0].type, marks[0].track, median_ns(times)),
        sources=tuple(mark.id for mark in marks),
        annotators=tuple(cluster.members),
        spread_ns=max(times) - min(times),
    )


def _open(cluster: Cluster[Instant], of: int) -> Unresolved:
    marks = list(cluster.members.values())
    return Unresolved(
        at_ns=median_ns(mark.at_ns for mark in marks),
        track=marks[0].track,
        votes=dict(sorted(Counter(mark.type for mark in marks).items())),
        sources=tuple(mark.id for mark in marks),
        annotators=tuple(cluster.members),
        of=of,
    )
