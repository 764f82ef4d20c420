"""How many people label which episode of a project."""

import hashlib
from uuid import UUID

from annotation.models import Project


def overlap_for(project: Project, episode_id: UUID) -> int:
    """``project.overlap`` for its share of episodes, one person for the others.

    Drawn by the ids alone: the same episode gets the same answer whenever it is asked, and a larger
    share adds episodes to the smaller one's.
    """
    if project.overlap_percent >= 100:
        return project.overlap
    drawn = hashlib.sha256(f"{project.pk}:{episode_id}".encode()).digest()
    return project.overlap if int.from_bytes(drawn[:8]) % 100 < project.overlap_percent else 1
