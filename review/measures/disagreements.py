"""Where several people's labels of one episode disagree: one place each, the gravest first.

Two people's differences are one place when they are about the same labels; over more than two, all
that hang together by a shared label, or by labels that say about the same. Those who agree with one
side or the other are part of it. A place's rank is severity times size: SEVERITY says how much
a difference of its kind costs whoever learns from the labels, ``size`` how large it is of its kind
(at most LARGEST, so that one mark far off does not hide three that are missing).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations

from annotation.labels.schema import LabelSchema
from review.measures.differences import NOTHING, Difference, Side, compare_sides
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
    found: list[_Between] = []
    same: list[tuple[str, str]] = []
    for first, second in combinations(sides.values(), 2):
        compared = compare_sides(first, second, schema, tolerances)
        found += [_Between(one, first.name, second.name) for one in compared.differences]
        same += compared.same
    places = [_place(group, ids, sides) for group, ids in _connected(found, same)]
    return tuple(sorted(places, key=_order))


@dataclass(frozen=True, slots=True)
class _Between:
    """A difference, and the names of the two people."""

    one: Difference
    first: str
    second: str


def _order(one: Place) -> tuple[float, int, str]:
    return -one.rank, -1 if one.at_ns is None else one.at_ns, one.id


def _connected(
    found: Sequence[_Between], same: Iterable[tuple[str, str]]
) -> Iterator[tuple[list[_Between], tuple[str, ...]]]:
    """Differences whose labels hang together, with all of those, in the order of the first."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for ids in (*(each.one.label_ids for each in found), *same):
        for key in ids[1:]:
            parent[root(key)] = root(ids[0])
    groups: dict[str, list[_Between]] = defaultdict(list)
    for each in found:
        groups[root(each.one.label_ids[0])].append(each)
    labels: dict[str, list[str]] = defaultdict(list)
    for key in (*(key for each in found for key in each.one.label_ids), *parent):
        labels[root(key)].append(key)
    for top, group in groups.items():
        yield group, tuple(dict.fromkeys(labels[top]))


def _place(group: Sequence[_Between], ids: tuple[str, ...], sides: Mapping[str, Side]) -> Place:
    graded = sorted(group, key=lambda each: rank_of(each.one), reverse=True)
    by_side = {who: tuple(key for key in ids if key in side.by_id) for who, side in sides.items()}
    codes = tuple(dict.fromkeys(each.one.code for each in graded))
    return Place(
        id=_identity(codes, ids),
        codes=codes,
        at_ns=graded[0].one.at_ns,
        message=_message(graded, [side.name for side in sides.values()]),
        label_ids=ids,
        sides=by_side,
        rank=round(_worst(each.one for each in graded), 3),
    )


def _message(graded: Sequence[_Between], names: Sequence[str]) -> str:
    """What is between two people in a sentence, what is between more told once for all of them."""
    about: dict[str, list[_Between]] = defaultdict(list)
    for each in graded:
        about[each.one.what].append(each)
    return " ".join(
        group[0].one.message if len(group) == 1 else _told_once(what, group, names)
        for what, group in about.items()
    )


def _told_once(what: str, group: Sequence[_Between], names: Sequence[str]) -> str:
    said: dict[str, dict[str, None]] = defaultdict(dict)
    for each in group:
        for name, words in zip((each.first, each.second), each.one.said, strict=True):
            said[name][words] = None
    who: dict[str, list[str]] = defaultdict(list)
    for name in filter(said.__contains__, names):
        # Who lacks one of several labels says what they have.
        own = [one for one in said[name] if one != NOTHING] or [NOTHING]
        who[" and ".join(own)].append(name)
    parts = [f"{words} for {_listed(people)}" for words, people in who.items()]
    notes = ", ".join(dict.fromkeys(each.one.note for each in group if each.one.note))
    return f"{what[0].upper()}{what[1:]}: {'; '.join(parts)}{f' ({notes})' if notes else ''}."


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _worst(graded: Iterable[Difference]) -> float:
    """Of each kind the gravest counts: between A and B and between A and C it is the same."""
    best: dict[str, float] = defaultdict(float)
    for one in graded:
        best[one.code] = max(best[one.code], rank_of(one))
    return sum(best.values())


def _identity(codes: Iterable[str], ids: Iterable[str]) -> str:
    text = "|".join([*codes, *sorted(ids)])
    return blake2b(text.encode(), digest_size=8).hexdigest()
