"""Texts of one chunk of comparisons: each read once, each pair of texts compared once."""

from functools import lru_cache

import numpy as np

from review.measures.columns import Ints, Names
from review.measures.measure import PPM
from review.measures.slots import SLOTS, Slots, compare_slots, slots_of
from review.measures.text import edit_distance, words_of


@lru_cache(maxsize=100_000)
def _read(text: str) -> tuple[tuple[str, ...], Slots]:
    return words_of(text), slots_of(text)


def verb_of(text: str) -> str:
    return _read(text)[1].verb


def compare_texts(texts: Names, a: Ints, b: Ints) -> Ints:
    """(pairs, 3 + 2 slots): words equal, similarity in ppm, slots exact; then of each slot whether

    it is said by either, and whether it is equal. ``a`` and ``b`` are text codes.
    """
    size = len(texts)
    distinct, inverse = np.unique(a * size + b, return_inverse=True)
    rows = [_row(texts[code // size], texts[code % size]) for code in distinct.tolist()]
    return np.array(rows, dtype=np.int64).reshape(len(rows), 3 + 2 * len(SLOTS))[inverse]


@lru_cache(maxsize=100_000)
def _row(a: str, b: str) -> tuple[int, ...]:
    (words_a, slots_a), (words_b, slots_b) = _read(a), _read(b)
    found = compare_slots(slots_a, slots_b)
    longest = max(len(words_a), len(words_b))
    distance = edit_distance(words_a, words_b)
    similarity = 1.0 if not longest else 1 - distance / longest
    said = (name in found.said for name in SLOTS)
    equal = (name in found.equal for name in SLOTS)
    return (
        int(words_a == words_b),
        round(similarity * PPM),
        int(found.exact),
        *map(int, said),
        *map(int, equal),
    )
