"""Episodes that are handed out beyond their overlap: answered from above, by a class in settings.

Gold lives in review, above this app; the queue mixes it in all the same. As with
``episodes.labelling``, the app that knows provides a class of this shape, and
``settings.TOUCHLINE_SEEDING`` names it.

What an annotator can see must not tell such an episode from another one. So the schedule depends on
how many episodes a person has been given and on nothing that they do, and both kinds are chosen,
locked and counted by the same statements.
"""

from collections.abc import Collection
from functools import cache
from typing import Protocol

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from annotation.models import Project, ProjectEpisode


class Seeding(Protocol):
    """Which episodes are mixed in, and when."""

    def pool(self, projects: Collection[Project], user: User) -> QuerySet[ProjectEpisode]:
        """Full episodes that this person may get beyond the overlap, best first."""

    def due(self, project: Project, user: User, given: int) -> bool:
        """Whether the next episode is one of the pool, after ``given`` episodes of the project."""

    def among(self, project: Project, user: User, *, given: int, ordinary: int, pooled: int) -> int:
        """How many of the pool the person would meet before ``ordinary`` others are done."""

    def has_room(self, place: ProjectEpisode) -> bool:
        """Whether one more person may get it; the caller has locked its row."""


@cache
def seeding() -> Seeding:
    found: Seeding = import_string(settings.TOUCHLINE_SEEDING)()
    return found
