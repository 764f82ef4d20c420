"""How alike two instruction texts are, word by word."""

import unicodedata
from collections.abc import Sequence


def words_of(text: str) -> tuple[str, ...]:
    """NFKC, case folded, punctuation dropped, split at white space."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = (
        " " if unicodedata.category(character).startswith("Z") else character
        for character in folded
        if not unicodedata.category(character).startswith("P")
    )
    return tuple("".join(kept).split())


def edit_distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Levenshtein distance: fewest insertions, deletions and substitutions, each costing one."""
    previous = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        current = [i]
        for j, right in enumerate(b, start=1):
            current.append(
                min(
                    previous[j] + 1,
                    current[j - 1] + 1,
                    previous[j - 1] + (left != right),
                )
            )
        previous = current
    return previous[-1]


def word_similarity(a: str, b: str) -> float:
    """1 - d / max(words), d the word-level Levenshtein distance of the normalised texts.

    In [0, 1] and symmetric. Both empty give 1, one empty gives 0.
    """
    left, right = words_of(a), words_of(b)
    longest = max(len(left), len(right))
    return 1.0 if longest == 0 else 1 - edit_distance(left, right) / longest
