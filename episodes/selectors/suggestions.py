"""What a filter is likely to be asked for: the values of the latest episodes that a person sees."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain

from episodes.access import Viewer
from episodes.selectors.filters import EpisodeFilter, matching_episodes

# Enough for a week's recordings, and few enough to be read while a list of filters opens.
LATEST = 2_000
MOST = 100


def suggestions(user: Viewer, dataset: str = "") -> dict[str, list[str]]:
    """By the filter's name, the most frequent values, in order of the alphabet.

    ``dataset`` is one's id, to look no further.
    """
    found = matching_episodes(user, EpisodeFilter(dataset=dataset)).order_by("-created_at", "id")
    rows = list(found.values_list("scene", "operator", "session", "things", "tags")[:LATEST])
    scenes, operators, sessions, things, tags = zip(*rows, strict=True) if rows else ((),) * 5
    return {
        "tag": _most(chain.from_iterable(tags)),
        "scene": _most(scenes),
        "thing": _most(chain.from_iterable(things)),
        "operator": _most(operators),
        "session": _most(sessions),
    }


def _most(values: Iterable[str]) -> list[str]:
    counts = Counter(filter(None, values))
    return sorted(value for value, _ in counts.most_common(MOST))
