"""To how many people gold was shown: what wears it out. One definition for queue, pages and sweep.

Whoever was ever given the episode to label has seen it. Who answered it as an expert made it.
"""

from collections import Counter
from collections.abc import Collection

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotation.models import Assignment
from review.measures.calibration.gold import RETIRE_AT


def showings(project_episodes: Collection[int]) -> QuerySet[Assignment]:
    return Assignment.objects.of_annotators().filter(project_episode__in=project_episodes)


def exposures(project_episodes: Collection[int]) -> Counter[int]:
    """By project episode. One query."""
    rows = showings(project_episodes).order_by().values_list("project_episode")
    return Counter(dict(rows.annotate(Count("pk"))))


def shown_to() -> Coalesce:
    """The same of each row of ProjectEpisode; nobody is 0 and not NULL, which is below nothing."""
    counted = (
        Assignment.objects.of_annotators()
        .filter(project_episode=OuterRef("pk"))
        .order_by()
        .values("project_episode")
        .annotate(total=Count("pk"))
        .values("total")
    )
    return Coalesce(Subquery(counted), 0)


def worn_out(shown: int) -> bool:
    return shown >= RETIRE_AT
