"""How alike two instruction texts are, word by word."""

import unicodedata
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein

from review.measures.categorical import Coefficient
from review.measures.refused import Reason

# Enough for three digits of the expected distance; all pairs of 100,000 texts are not.
MAX_CROSS_PAIRS = 50_000


def words_of(text: str) -> tuple[str, ...]:
    """NFKC, case folded, punctuation dropped, split at white space."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isascii() and folded.replace(" ", "").isalnum():
        return tuple(folded.split())
    kept = (
        " " if unicodedata.category(character).startswith("Z") else character
        for character in folded
        if not unicodedata.category(character).startswith("P")
    )
    return tuple("".join(kept).split())


def edit_distance(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    """Levenshtein distance: fewest insertions, deletions and substitutions, each costing one."""
    return int(Levenshtein.distance(a, b))


def word_similarity(a: str, b: str) -> float:
    """1 - d / max(words), d the word-level Levenshtein distance of the normalised texts.

    In [0, 1] and symmetric. Both empty give 1, one empty gives 0.
    """
    left, right = words_of(a), words_of(b)
    longest = max(len(left), len(right))
    return 1.0 if longest == 0 else 1 - edit_distance(left, right) / longest


@dataclass(frozen=True, slots=True)
class TextPair:
    """The texts of two matched segments of one episode."""

    episode: str
    a: str
    b: str


def text_alpha(pairs: Sequence[TextPair], seed: int = 0) -> Coefficient:
    """Krippendorff's alpha of texts with distance 1 - word similarity: 1 - D_o / D_e.

    D_o is the mean distance within pairs, D_e that of two texts of different episodes, over at
    most 50,000 pairs drawn by ``seed``. None for fewer than two episodes, and where all texts are
    alike.
    """
    if not pairs:
        return Coefficient.undefined(Reason.NOTHING)
    similarity = sum(word_similarity(one.a, one.b) for one in pairs) / len(pairs)
    texts = [(one.episode, text) for one in pairs for text in (one.a, one.b)]
    return text_alpha_of(similarity, len(pairs), texts, seed)


def text_alpha_of(
    similarity: float, n: int, texts: Sequence[tuple[Hashable, str]], seed: int = 0
) -> Coefficient:
    """The same from the mean ``similarity`` of ``n`` pairs and (a sample of) (episode, text)."""
    if len({episode for episode, _ in texts}) < 2:
        return Coefficient.undefined(Reason.ONE_EPISODE, similarity, n)
    across = _across(texts, np.random.default_rng(seed))
    if across == 0:
        return Coefficient.undefined(Reason.ONE_CATEGORY, similarity, n)
    return Coefficient(1 - (1 - similarity) / across, similarity, 1 - across, n)


def _across(texts: Sequence[tuple[Hashable, str]], rng: np.random.Generator) -> float:
    n = len(texts)
    if n * (n - 1) // 2 <= MAX_CROSS_PAIRS:
        drawn = np.array([(i, j) for i in range(n) for j in range(i)])
    else:
        # Pairs within an episode are dropped below; twice as many leave enough.
        drawn = rng.integers(0, n, (2 * MAX_CROSS_PAIRS, 2))
    known: dict[tuple[str, str], float] = {}
    total, count = 0.0, 0
    for i, j in drawn.tolist():
        (one, a), (two, b) = texts[i], texts[j]
        if one == two:
            continue
        key = (a, b) if a < b else (b, a)
        if key not in known:
            known[key] = 1 - word_similarity(a, b)
        total, count = total + known[key], count + 1
        if count == MAX_CROSS_PAIRS:
            break
    return total / count
