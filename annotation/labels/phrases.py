"""Instructions with their objects taken out, so that one task's wording serves the next.

"lift the green block" in a task about the green block and the square is "lift the {0}"; in a task
about the red block it is said "lift the red block".
"""

import re
from collections.abc import Sequence

from annotation.labels.language import noun_phrases


def things_of(text: str, things: Sequence[str]) -> list[str]:
    """What a task is about: what it says itself, or the noun phrases of its text."""
    return list(things) or noun_phrases(text)


def generalised(text: str, things: Sequence[str]) -> str:
    """Each thing replaced by its number in braces; a longer name is looked for first."""
    by_name = {thing.lower(): number for number, thing in reversed(list(enumerate(things)))}
    if not by_name:
        return text
    names = sorted(by_name, key=len, reverse=True)
    pattern = r"\b(" + "|".join(re.escape(name) for name in names) + r")\b"
    return re.sub(
        pattern, lambda match: f"{{{by_name[match[1].lower()]}}}", text, flags=re.IGNORECASE
    )
