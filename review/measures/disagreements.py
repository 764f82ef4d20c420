"""Where several people's labels of one episode disagree: one place each, the gravest first.

Two people's differences are one place when they are about the same labels; over more than two, all
that hang together by a shared label. A place's rank is severity times size: SEVERITY says how much
a difference of its kind costs whoever learns from the labels, ``size`` how large it is of its kind
(at most LARGEST, so that one mark far off does not hide three that are missing).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations

from annotation.labels.schema import LabelSchema
from review.measures.differences import Difference, Side, differences
from review.measures.records import Tolerances

LARGEST = 4.0
SEVERITY: Mapping[str, float] = {
    "outcome_differs": 10.0,
    "goal_differs": 8.0,
    "segment_missing": 6.0,
    "instant_missing": 6.0,
    "segment_class": 6.0,
    "instant_class": 6.0,
    "instant_effector": 4.0,
    "segment_effector": 4.0,
    "tag_missing": 3.0,
    "segment_text": 3.0,
    "attribute_differs": 2.0,
    "instant_time": 1.5,
    "segment_boundary": 1.0,
}


@dataclass(frozen=True, slots=True)
class Place:
    """One disagreement. ``id`` stays the same for as long as the labels do.

    ``codes`` has the gravest first, ``sides`` the labels by who made them; who has none is there.
    """

    id: str
    codes: tuple[str, ...]
    at_ns: int | None
    message: str
    label_ids: tuple[str, ...]
    sides: Mapping[str, tuple[str, ...]]
    rank: float

    @property
    def code(self) -> str:
        return self.codes[0]


def rank_of(one: Difference) -> float:
    return SEVERITY.get(one.code, 1.0) * min(one.size, LARGEST)


def disagreements(
    sides: Mapping[str, Side], schema: LabelSchema, tolerances: Tolerances | None = None
) -> tuple[Place, ...]:
    """Places by rank, then time. ``sides`` by an id of who made them, in the order of the lanes.

    Of fewer than two people there are none.
    """
    found = [
        one
        for first, second in combinations(sides.values(), 2)
        for one in differences(first, second, schema, tolerances)
    ]
    places = [_place(group, sides) for group in _connected(found)]
    return tuple(sorted(places, key=_order))


def _order(one: Place) -> tuple[float, int, str]:
    return -one.rank, -1 if one.at_ns is None else one.at_ns, one.id


def _connected(found: Sequence[Difference]) -> list[list[Difference]]:
    """Groups that share labels, in the order of their first difference."""
    parent = list(range(len(found)))

    def root(number: int) -> int:
        while parent[number] != number:
            number = parent[number]
        return number

    first: dict[str, int] = {}
    for number, one in enumerate(found):
        for key in one.label_ids:
            low, high = sorted((root(first.setdefault(key, number)), root(number)))
            parent[high] = low
    groups: dict[int, list[Difference]] = defaultdict(list)
    for number, one in enumerate(found):
        groups[root(number)].append(one)
    return list(groups.values())


def _place(group: Sequence[Difference], sides: Mapping[str, Side]) -> Place:
    graded = sorted(group, key=rank_of, reverse=True)
    ids = tuple(dict.fromkeys(key for one in group for key in one.label_ids))
    by_side = {who: tuple(key for key in ids if key in side.by_id) for who, side in sides.items()}
    codes = tuple(dict.fromkeys(one.code for one in graded))
    return Place(
        id=_identity(codes, ids),
        codes=codes,
        at_ns=graded[0].at_ns,
        message=" ".join(dict.fromkeys(one.message for one in graded)),
        label_ids=ids,
        sides=by_side,
        rank=round(_worst(graded), 3),
    )


def _worst(graded: Iterable[Difference]) -> float:
    """Of each kind the gravest counts: between A and B and between A and C it is the same."""
    best: dict[str, float] = defaultdict(float)
    for one in graded:
        best[one.code] = max(best[one.code], rank_of(one))
    return sum(best.values())


def _identity(codes: Iterable[str], ids: Iterable[str]) -> str:
    text = "|".join([*codes, *sorted(ids)])
    return blake2b(text.encode(), digest_size=8).hexdigest()
