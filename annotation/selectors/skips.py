"""Who skipped what, and which episodes that puts before the managers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    Count,
    DateTimeField,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from annotation.models import Project, ProjectEpisode, Skip, SkipDecision
from annotation.selectors.known import known_progress, known_to_be
from episodes.access import Viewer

_APPROVED = ProjectEpisode.Progress.APPROVED
_NEVER = datetime(1, 1, 1, tzinfo=UTC)
_NOBODY = AnonymousUser()


@dataclass(frozen=True, slots=True)
class SkippedEpisode:
    """``skips`` newest first; ``unsettled`` of them came after the last decision."""

    place: ProjectEpisode
    skips: tuple[Skip, ...]
    unsettled: int
    decision: SkipDecision | None

    @property
    def flagged(self) -> bool:
        return self.unsettled >= self.place.project.skips_flagged


def skipped_places(
    project: Project, asked: Mapping[str, Any], user: Viewer
) -> QuerySet[ProjectEpisode]:
    """Places that somebody skipped, those with most unsettled skips first; to be paged.

    With ``known_progress``. ``asked``: ``reason``, ``who`` (user name) and ``flagged`` narrow them
    down.
    """
    decided = SkipDecision.objects.filter(project_episode=OuterRef("pk")).order_by("-created_at")
    newest = Coalesce(
        Subquery(decided.values("created_at")[:1]), Value(_NEVER, output_field=DateTimeField())
    )
    skipped = Skip.objects.filter(project_episode__project=project).order_by()
    if "reason" in asked:
        skipped = skipped.filter(reason=asked["reason"])
    if "who" in asked:
        skipped = skipped.filter(annotator__username=asked["who"])
    rows = (
        ProjectEpisode.objects.filter(project=project, pk__in=skipped.values("project_episode"))
        .alias(settled_at=newest)
        .annotate(
            # Of an approved episode there is nothing left to decide.
            unsettled=Count(
                "skips",
                filter=Q(skips__created_at__gt=F("settled_at")) & ~known_to_be(user, _APPROVED),
            ),
            newest_skip=Max("skips__created_at"),
            known_progress=known_progress(user),
        )
    )
    if asked.get("flagged"):
        rows = rows.filter(unsettled__gte=project.skips_flagged)
    return rows.order_by("-unsettled", "-newest_skip", "pk")


def flagged_count(project: Project, user: Viewer = _NOBODY) -> int:
    """Episodes that wait for a manager's decision, as the person knows it, or as it is."""
    return skipped_places(project, {"flagged": True}, user).count()


def with_skips(project: Project, places: list[Any]) -> list[SkippedEpisode]:
    """Rows of ``skipped_places`` with who skipped them and what was decided last. Two queries."""
    ids = [place.pk for place in places]
    skips: dict[int, list[Skip]] = {}
    found = Skip.objects.filter(project_episode__in=ids).select_related("annotator")
    for one in found.order_by("-id"):
        skips.setdefault(one.project_episode_id, []).append(one)
    decided = SkipDecision.objects.filter(project_episode__in=ids)
    latest = decided.select_related("decided_by", "handed_to").order_by("id")
    decisions = {one.project_episode_id: one for one in latest}
    for place in places:
        place.project = project
    return [
        SkippedEpisode(
            place, tuple(skips.get(place.pk, ())), place.unsettled, decisions.get(place.pk)
        )
        for place in places
    ]


def unsettled_skips(place: ProjectEpisode) -> int:
    decided = SkipDecision.objects.filter(project_episode=place).order_by("-created_at").first()
    skips = Skip.objects.filter(project_episode=place)
    return skips.filter(created_at__gt=decided.created_at if decided else _NEVER).count()
