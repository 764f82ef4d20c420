"""Tasks as their people see them: those that an episode of theirs carries out."""

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from episodes.access import Viewer, episode_access
from episodes.errors import ChangeNotAllowed, TaskUnknown
from episodes.models import Episode, Task


def task_rows(user: Viewer, text: str = "") -> QuerySet[Task]:
    """Tasks with ``seen``, how many episodes that ``user`` may see carry each of them out."""
    mine = Episode.objects.visible_to(user).filter(task=OuterRef("pk")).order_by()
    counted = mine.values("task").annotate(total=Count("pk", distinct=True)).values("total")
    rows = Task.objects.filter(Exists(mine)).order_by("text")
    if text:
        rows = rows.filter(text__icontains=text)
    return rows.annotate(seen=Coalesce(Subquery(counted), 0, output_field=IntegerField()))


def task_for(user: Viewer, task_id: int) -> Task:
    """Raises TaskUnknown also where it is there but not for ``user``."""
    task = task_rows(user).filter(pk=task_id).first()
    if task is None:
        raise TaskUnknown("There is no such task.", remedy="Choose one from the list.")
    return task


def require_may_describe(user: Viewer) -> None:
    """Raises ChangeNotAllowed."""
    if not episode_access().may_import(user):
        raise ChangeNotAllowed(
            "Describing tasks is a manager's work.",
            remedy="Ask a manager of one of your projects.",
        )
