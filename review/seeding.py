"""Gold mixed into the queue, so that nobody can tell it from other work (annotation.seeding).

Gold begins as an ordinary episode: its overlap's people get it in the order of the queue. Once it
is full, others get it too, at places of their work that are drawn by the ids of person and project:
one somewhere in every ten, or twenty, or what the project's percents say. The first share holds for
the first so many episodes of a person. Nobody gets an item twice, and none is shown more than 30
times; what is retired, disputed or ambiguous is left alone.
"""

import hashlib
from collections.abc import Collection, Iterator
from itertools import count

from django.contrib.auth.models import User
from django.db.models import QuerySet

from annotation.models import Assignment, Project, ProjectEpisode
from annotation.selectors.offers import COUNTED
from annotation.selectors.questions import not_blocked
from episodes.models import Episode
from review.measures.calibration.gold import RETIRE_AT
from review.models import GoldItem
from review.selectors.exposures import showings, shown_to, worn_out


class GoldSeeding:
    """The gold items of a project, by its percents and their exposures."""

    def pool(self, projects: Collection[Project], user: User) -> QuerySet[ProjectEpisode]:
        own = Assignment.objects.filter(annotator=user, project_episode__project__in=projects)
        golden = GoldItem.objects.in_use().filter(project_episode__project__in=projects)
        return (
            ProjectEpisode.objects.filter(
                not_blocked(),
                project__in=projects,
                purpose__in=COUNTED,
                has_slot=False,
                reserved_for=None,
                pk__in=golden.values("project_episode"),
                episode__in=Episode.objects.to_hand_out(),
            )
            .exclude(pk__in=own.order_by().values("project_episode"))
            .alias(shown=shown_to())
            .filter(shown__lt=RETIRE_AT)
            .order_by("shown", "position", "pk")
        )

    def due(self, project: Project, user: User, given: int) -> bool:
        return next(places_from(project, user.pk, given), None) == given

    def among(self, project: Project, user: User, *, given: int, ordinary: int, pooled: int) -> int:
        """Places come before an ordinary episode is left over, or they are not reached."""
        met = 0
        for place in places_from(project, user.pk, given):
            # Before this place the person does so many others.
            if met >= pooled or place - given - met >= ordinary:
                break
            met += 1
        return met if ordinary else 0

    def has_room(self, place: ProjectEpisode) -> bool:
        return not worn_out(showings([place.pk]).count())


def places_from(project: Project, user_id: int, start: int) -> Iterator[int]:
    """Numbers of a person's episodes, from ``start`` on, that are gold: rising, without end.

    One in every stretch of 100 / percent, at a place within it that is drawn.
    """
    first = project.gold_first_episodes
    yield from _drawn(project, user_id, "first", project.gold_first_percent, 0, first, start)
    yield from _drawn(project, user_id, "then", project.gold_percent, first, None, start)


def _drawn(
    project: Project,
    user_id: int,
    phase: str,
    percent: int,
    begin: int,
    end: int | None,
    start: int,
) -> Iterator[int]:
    if percent == 0:
        return
    for stretch in count(max(0, (start - begin) * percent // 100 - 1)):
        low, high = (begin + -(-part * 100 // percent) for part in (stretch, stretch + 1))
        if end is not None and low >= end:
            return
        seed = f"gold:{project.pk}:{user_id}:{phase}:{stretch}"
        draw = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])
        place = low + draw % (high - low)
        if place >= start and (end is None or place < end):
            yield place
