"""Where in an episode two people agree: tenths of its length, so that episodes can be added up.

Each instant and each interior boundary falls into the tenth of the episode where it lies; a matched
pair counts once, in the tenth of the middle of both times, what found no partner where it is. So
the tallies of a phase add over episodes like any others, and exchanging both sides changes nothing
but the sides. An episode's first tenth is 0.
"""

from collections.abc import Iterator, Sequence

from review.measures.events import compare_events
from review.measures.matching import match_times
from review.measures.records import Answer, Tolerances
from review.measures.segments import boundaries
from review.measures.tally import Tally

PHASES = 10
EVENTS, BOUNDARIES = "event", "boundary"
# Which sides a mark counts for: matched marks for both.
_Mark = tuple[int, bool, bool]


def phase_of(at_ns: int, duration_ns: int) -> int:
    """The tenth of the episode, 0 to 9; times outside of it fall into the first or the last."""
    return min(max(at_ns * PHASES // duration_ns, 0), PHASES - 1)


def phase_tallies(
    a: Answer, b: Answer, *, duration_ns: int, tolerances: Tolerances
) -> dict[str, list[Tally]]:
    """Tallies of instants (EVENTS) and of boundaries (BOUNDARIES), one a tenth of the episode."""
    found = {}
    for kind, marks in (
        (EVENTS, _events(a, b, tolerances)),
        (BOUNDARIES, _boundaries(a, b, duration_ns, tolerances.boundary_ns)),
    ):
        sums = [[0, 0, 0] for _ in range(PHASES)]
        for at_ns, in_a, in_b in marks:
            own = sums[phase_of(at_ns, duration_ns)]
            own[0] += in_a and in_b
            own[1] += in_a
            own[2] += in_b
        found[kind] = [Tally(*one) for one in sums]
    return found


def _events(a: Answer, b: Answer, tolerances: Tolerances) -> Iterator[_Mark]:
    compared = compare_events(a.instants, b.instants, tolerances)
    for pair in compared.matched:
        yield (pair.a.at_ns + pair.b.at_ns) // 2, True, True
    for pair in compared.confused:
        yield pair.a.at_ns, True, False
        yield pair.b.at_ns, False, True
    for one in compared.only_a:
        yield one.at_ns, True, False
    for one in compared.only_b:
        yield one.at_ns, False, True


def _boundaries(a: Answer, b: Answer, duration_ns: int, tolerance_ns: int) -> Iterator[_Mark]:
    sides = boundaries(a.intervals, duration_ns), boundaries(b.intervals, duration_ns)
    for track in sorted(sides[0].keys() | sides[1].keys()):
        left, right = sides[0].get(track, []), sides[1].get(track, [])
        pairs = match_times(left, right, tolerance_ns)
        for i, j in pairs:
            yield (left[i] + right[j]) // 2, True, True
        yield from ((at, True, False) for at in _left(left, [i for i, _ in pairs]))
        yield from ((at, False, True) for at in _left(right, [j for _, j in pairs]))


def _left(times: Sequence[int], taken: Sequence[int]) -> list[int]:
    gone = set(taken)
    return [at for place, at in enumerate(times) if place not in gone]
