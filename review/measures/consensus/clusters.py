"""Which marks of several annotators are one and the same.

Every two annotators are matched optimally first; only pairs of those matchings may join. The
closest pairs join first, a cluster never holds two marks of one annotator, and all its marks lie
within reach of each other. With two annotators it is the optimal matching itself; in what order
the annotators are named does not matter, but for exact ties.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Who = str
Mark = TypeVar("Mark")
Member = tuple[Who, int]


@dataclass(frozen=True, slots=True)
class Edge:
    """Two marks, by annotator and position, that may be the same; ``cost`` orders the joining."""

    one: Member
    two: Member
    cost: tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Cluster(Generic[Mark]):
    """One mark an annotator at most."""

    members: Mapping[Who, Mark]


def join(
    marks: Mapping[Who, list[Mark]],
    edges: Iterable[Edge],
    together: Callable[[Mark, Mark], bool],
) -> list[Cluster[Mark]]:
    """Join marks along the edges, cheapest first; every mark ends in one cluster."""
    home: dict[Member, dict[Who, int]] = {
        (who, i): {who: i} for who, own in marks.items() for i in range(len(own))
    }
    for edge in sorted(edges, key=lambda edge: (edge.cost, edge.one, edge.two)):
        left, right = home[edge.one], home[edge.two]
        if left is right or left.keys() & right.keys():
            continue
        if all(
            together(marks[a][i], marks[b][j]) for a, i in left.items() for b, j in right.items()
        ):
            left.update(right)
            for member in right.items():
                home[member] = left
    groups = {id(group): group for group in home.values()}
    return [
        Cluster({who: marks[who][i] for who, i in sorted(group.items())})
        for group in groups.values()
    ]
