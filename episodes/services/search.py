"""The words by which episodes are found."""

from collections.abc import Collection
from uuid import UUID

from django.contrib.postgres.search import SearchVector
from django.db.models import CharField, F, Func, OuterRef, Subquery, TextField, Value

from episodes.models import Episode, Task
from episodes.selectors.filters import LANGUAGE


class _Words(Func):
    """The elements of an array, side by side."""

    function = "array_to_string"
    output_field = TextField()


def index_search(*, episodes: Collection[UUID]) -> None:
    """Write down instruction, key, facts and tags of the episodes, in one statement."""
    task = Task.objects.filter(pk=OuterRef("task")).values("text")
    Episode.objects.filter(pk__in=episodes).update(
        search=SearchVector(
            Subquery(task, output_field=CharField()),
            "key",
            "scene",
            "operator",
            "session",
            _Words(F("things"), Value(" ")),
            _Words(F("tags"), Value(" ")),
            config=LANGUAGE,
        )
    )
