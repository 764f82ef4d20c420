"""The order in which episodes come into a queue, when it is not to be that of the recording.

By turns over tasks and operators: each (task, operator) gives one episode a round, so that neither
a task nor an operator waits for another to be finished. Who gives how soon, and which episode, is
drawn from the ids: a queue in the order of the recording would tell an episode that is out of order
from the rest.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from annotation.models import Project
from episodes.models import Episode


def spread(project: Project, episodes: Iterable[Episode]) -> list[Episode]:
    """The same order for the same episodes, whenever it is asked."""
    groups: dict[tuple[int | None, str], list[Episode]] = defaultdict(list)
    for episode in episodes:
        groups[episode.task_id, episode.operator].append(episode)
    turns = [
        (turn, _drawn(project, episode), episode)
        for group in groups.values()
        for turn, episode in enumerate(sorted(group, key=lambda one: _drawn(project, one)))
    ]
    return [episode for _turn, _draw, episode in sorted(turns, key=lambda row: row[:2])]


def _drawn(project: Project, episode: Episode) -> bytes:
    return hashlib.sha256(f"order:{project.pk}:{episode.pk}".encode()).digest()
