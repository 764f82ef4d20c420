"""Which episodes of a batch are looked at: seeded, stratified by annotator and task, reproducible.

Each stratum gives its proportional share of the sample (largest remainder), drawn at random. The
draw orders items by SHA-256 of seed and id: the same seed and batch give the same sample on every
machine and Python, in whatever order the batch was listed.
"""

import hashlib
from collections import defaultdict
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
    strata: dict[tuple[str, ...], list[Item]] = defaultdict(list)
    for item in listed:
        strata[item.stratum].append(item)
    chosen: list[Item] = []
    for key, size in _shares({key: len(own) for key, own in strata.items()}, n, seed).items():
        chosen += sorted(strata[key], key=lambda item: _rank(seed, "draw", item.id))[:size]
    chosen.sort(key=lambda item: _rank(seed, "order", item.id))
    return [Drawn(item, order) for order, item in enumerate(chosen)]


def _shares(sizes: dict[tuple[str, ...], int], n: int, seed: str) -> dict[tuple[str, ...], int]:
    """Proportional allocation; what remains goes to the largest remainders, ties by the seed."""
    total = sum(sizes.values())
    if not total:
        return {}
    exact = {key: Fraction(size * n, total) for key, size in sizes.items()}
    given = {key: int(value) for key, value in exact.items()}
    by_remainder = sorted(
        sizes, key=lambda key: (given[key] - exact[key], _rank(seed, "stratum", *key))
    )
    for key in by_remainder[: n - sum(given.values())]:
        given[key] += 1
    return given


def _rank(seed: str, *names: str) -> bytes:
    # Lengths first: ("ab", "c") and ("a", "bc") are different names.
    parts = "".join(f"{len(name)}:{name}" for name in (seed, *names))
    return hashlib.sha256(parts.encode()).digest()
