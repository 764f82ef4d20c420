"""Which episodes of a batch are looked at: seeded, stratified by annotator and task, reproducible.

The batch is laid out stratum by stratum, at random within, and every (N / n)th item is taken from a
random start. So each stratum gives its proportional share, rounded up or down at random, and every
item is equally likely to be drawn: rounding to the largest remainder would never look at somebody
with few episodes. Chance comes from SHA-256 of seed and ids: the same seed and batch give the same
sample on every machine and Python, in whatever order the batch was listed. Source: Madow 1949,
systematic sampling; Cochran, Sampling Techniques, chapter 8.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from review.measures.refused import InputRefused


@dataclass(frozen=True, slots=True)
class Item:
    """Something to draw. ``stratum``: (annotator, task) of an episode, (verb,) of a segment."""

    id: str
    stratum: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """``order`` is the place in the draw, from 0: inspecting in this order may stop early."""

    item: Item
    order: int


def stratified_sample(items: Iterable[Item], n: int, *, seed: str) -> list[Drawn]:
    """Draw n items without replacement. A fresh sample of a batch needs a fresh seed.

    Every prefix of the order is itself a random sample of the drawn ones.
    """
    listed = list(items)
    if len({item.id for item in listed}) != len(listed):
        raise InputRefused("duplicate", "An episode is in the batch twice.")
    if not 0 <= n <= len(listed):
        raise InputRefused("impossible_count", f"{n} of {len(listed)} episodes cannot be drawn.")
    if not n:
        return []
    listed.sort(key=lambda one: (_rank(seed, "stratum", *one.stratum), _rank(seed, "draw", one.id)))
    start = Fraction(int.from_bytes(_rank(seed, "start")[:8]), 2**64)
    chosen = [listed[int((start + k) * len(listed) / n)] for k in range(n)]
    chosen.sort(key=lambda item: _rank(seed, "order", item.id))
    return [Drawn(item, order) for order, item in enumerate(chosen)]


def _rank(seed: str, *names: str) -> bytes:
    # Lengths first: ("ab", "c") and ("a", "bc") are different names.
    parts = "".join(f"{len(name)}:{name}" for name in (seed, *names))
    return hashlib.sha256(parts.encode()).digest()
