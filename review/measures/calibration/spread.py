"""How far experts lie apart on one episode: what tolerances are calibrated from.

Every two experts' instants of one class and effector are matched within ``REACH_NS``, far wider
than any tolerance: pairs that a tolerance let through would only ever confirm that tolerance.
Instruction boundaries likewise. Gaps lie between consecutive marks of one class of one expert.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from review.measures.matching import match_times
from review.measures.records import Answer
from review.measures.segments import boundaries

# Two marks of one class further apart than this are two events, not one marked twice.
REACH_NS = 1_000_000_000
MIN_EXPERTS = 2


@dataclass(frozen=True, slots=True)
class Spread:
    """Signed distances (later expert minus earlier one) and gaps of one class, ns."""

    offsets_ns: tuple[int, ...] = ()
    gaps_ns: tuple[int, ...] = ()

    def __add__(self, other: "Spread") -> "Spread":
        return Spread(self.offsets_ns + other.offsets_ns, self.gaps_ns + other.gaps_ns)


@dataclass
class _Found:
    offsets: list[int] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)


def expert_spread(
    answers: Sequence[Answer], *, duration_ns: int, reach_ns: int = REACH_NS
) -> dict[str, Spread]:
    """By class; "" holds the boundaries of instructions. Empty below two experts."""
    if len(answers) < MIN_EXPERTS:
        return {}
    marks = [_marks(one, duration_ns) for one in answers]
    found: dict[str, _Found] = defaultdict(_Found)
    for own in marks:
        for (name, _), times in own.items():
            found[name].gaps += [later - earlier for earlier, later in pairwise(times)]
    for first, second in combinations(marks, 2):
        for key in sorted(first.keys() & second.keys()):
            a, b = first[key], second[key]
            pairs = match_times(a, b, reach_ns)
            found[key[0]].offsets += [b[j] - a[i] for i, j in pairs]
    return {
        name: Spread(tuple(one.offsets), tuple(one.gaps))
        for name, one in sorted(found.items())
        if one.offsets
    }


def pooled(spreads: Iterable[Mapping[str, Spread]]) -> dict[str, Spread]:
    """Several episodes together."""
    total: dict[str, Spread] = {}
    for one in spreads:
        for name, found in one.items():
            total[name] = total.get(name, Spread()) + found
    return dict(sorted(total.items()))


def _marks(answer: Answer, duration_ns: int) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for mark in answer.instants:
        found[mark.type, mark.track].append(mark.at_ns)
    for track, edges in boundaries(answer.intervals, duration_ns).items():
        found["", track] = list(edges)
    return {key: sorted(times) for key, times in found.items()}
