"""Datasets and episodes as their people see them."""

from dataclasses import dataclass

from django.db.models import (
    BooleanField,
    Case,
    Count,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from episodes.access import Viewer, episode_access
from episodes.errors import ChangeNotAllowed, DatasetUnknown
from episodes.models import Dataset, Episode, ImportRun


def dataset_rows(user: Viewer) -> QuerySet[Dataset]:
    """Datasets with ``seen`` (episodes), ``frames`` and ``length_ns`` of what ``user`` may see.

    ``may_change`` says whether their facts are the person's to change.
    """
    mine = Episode.objects.visible_to(user).filter(dataset=OuterRef("pk")).order_by()
    grouped = mine.values("dataset")

    def total(expression: Count | Sum) -> Coalesce:
        found = Subquery(grouped.annotate(total=expression).values("total"))
        return Coalesce(found, 0, output_field=IntegerField())

    return Dataset.objects.visible_to(user).annotate(
        seen=total(Count("pk", distinct=True)),
        frames=total(Sum("rows")),
        length_ns=total(Sum("duration_ns")),
        may_change=Case(
            # An empty condition holds for everything, which Case does not take.
            When(episode_access().changeable_datasets(user) or ~Q(pk=None), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        ),
    )


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """A dataset of the list with the totals of what ``user`` may see of it."""

    dataset: Dataset
    seen: int
    frames: int
    length_ns: int


def dataset_list(user: Viewer) -> list[DatasetRow]:
    """Every visible dataset by name. Two queries: all totals are counted in one walk."""
    totals = (
        Episode.objects.filter(episode_access().all_episodes(user))
        .order_by()
        .values_list("dataset")
        .annotate(Count("pk"), Sum("rows"), Sum("duration_ns"))
    )
    known = {pk: (seen, frames, int(length)) for pk, seen, frames, length in totals}
    datasets = Dataset.objects.visible_to(user).order_by("name")
    shown = datasets.only("name", "robot_type", "format", "format_version", "created_at")
    return [DatasetRow(one, *known.get(one.pk, (0, 0, 0))) for one in shown]


def dataset_for(user: Viewer, dataset_id: int) -> Dataset:
    """Raises DatasetUnknown also where it is there but not for ``user``."""
    dataset = dataset_rows(user).filter(pk=dataset_id).first()
    if dataset is None:
        raise DatasetUnknown("There is no such dataset.", remedy="Choose one from the list.")
    return dataset


def is_changeable(user: Viewer, dataset: Dataset) -> bool:
    """Whether ``user`` may change the dataset's facts."""
    mine = Dataset.objects.filter(episode_access().changeable_datasets(user))
    return mine.filter(pk=dataset.pk).exists()


def require_changeable(user: Viewer, dataset: Dataset) -> None:
    """Raises ChangeNotAllowed."""
    if not is_changeable(user, dataset):
        raise ChangeNotAllowed(
            f"The facts of {dataset.name} are its owner's to change.",
            remedy="Ask who imported it, or an administrator.",
        )


def last_run(dataset: Dataset) -> ImportRun | None:
    return ImportRun.objects.filter(dataset=dataset).order_by("-created_at").first()
