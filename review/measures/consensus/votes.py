"""Majority with a quorum, for whatever annotators name: an outcome, a class, a text.

A value wins when at least ceil(q k) of the k annotators who answered name it and no other value is
named as often. A tie, or no quorum, is a reviewer's to decide. Source: CVAT's consensus semantics.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from review.measures.refused import InputRefused


class Undecided(StrEnum):
    """Why there is no consensus."""

    NO_VOTE = "no_vote"
    TIE = "tie"
    NO_QUORUM = "no_quorum"


def quorum_of(share: float, voters: int) -> int:
    """ceil(q k), at least 1; exact where q k is whole (0.6 of 5 is 3)."""
    if not 0 < share <= 1:
        raise InputRefused("out_of_range", f"A quorum is a share in (0, 1], not {share}.")
    return max(1, math.ceil(Fraction(str(share)) * voters))


@dataclass(frozen=True, slots=True)
class Decision:
    """The value that won, or None with the reason. ``sources`` are those who named it.

    ``votes`` counts each value; ``needed`` is the quorum.
    """

    value: str | None
    sources: tuple[str, ...]
    votes: Mapping[str, int]
    needed: int
    undecided: Undecided | None = None


def majority(votes: Mapping[str, str | None], quorum: float = 0.5) -> Decision:
    """Decide among ``{annotator: value}``; None is no answer and takes no part."""
    by_value: dict[str, list[str]] = defaultdict(list)
    for who, value in sorted(votes.items()):
        if value is not None:
            by_value[value].append(who)
    counts = {value: len(who) for value, who in sorted(by_value.items())}
    voters = sum(counts.values())
    needed = quorum_of(quorum, voters)
    if not counts:
        return Decision(None, (), counts, needed, Undecided.NO_VOTE)
    top = max(counts.values())
    leaders = [value for value, count in counts.items() if count == top]
    if len(leaders) > 1:
        return Decision(None, (), counts, needed, Undecided.TIE)
    if top < needed:
        return Decision(None, (), counts, needed, Undecided.NO_QUORUM)
    return Decision(leaders[0], tuple(by_value[leaders[0]]), counts, needed)
