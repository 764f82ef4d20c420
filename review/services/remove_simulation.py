"""Take a simulated project away with everything that was made for it."""

from django.db import transaction
from django.db.models import ProtectedError

from annotation.models import LabelSchema, Project
from review.errors import NotSimulatable
from review.models import Batch, BatchItem, GoldItem, PairCounts, SimulatedOperation, Verdict


@transaction.atomic
def remove_simulation(*, name: str) -> int:
    """The project, its work, people, recordings and schema; nothing stays. Returns how many
    episodes went with it.

    Raises NotSimulatable when there is no such simulated project, or when real work holds on to
    what it made: a release, or its recordings in another project.
    """
    order = (
        SimulatedOperation.objects.select_for_update(of=("self",))
        .select_related("project", "dataset")
        .filter(project__name=name, project__simulated=True)
        .first()
    )
    if order is None:
        raise NotSimulatable(
            f"There is no simulated project named {name}.",
            remedy="Name one that simulate_operation made; real projects are never removed here.",
        )
    project, dataset, people = order.project, order.dataset, list(order.people.all())
    schemas = LabelSchema.objects.filter(name=project.schema.name)
    episodes = project.project_episodes.count()
    try:
        _remove_work(project)
        project.delete()
        if dataset is not None:
            dataset.delete()
        for person in people:
            person.delete()
        schemas.delete()
    except ProtectedError as error:
        held = sorted({str(row._meta.verbose_name) for row in error.protected_objects})
        raise NotSimulatable(
            f"{name} is held by records outside of it: {', '.join(held)}.",
            remedy="Remove those first; nothing was changed.",
        ) from error
    return episodes


def _remove_work(project: Project) -> None:
    """What would otherwise keep sets and episodes from going, the newest first."""
    place = {"project_episode__project": project}
    PairCounts.objects.filter(**place).delete()
    Verdict.objects.filter(item__batch__project=project).delete()
    BatchItem.objects.filter(batch__project=project).delete()
    Batch.objects.filter(project=project).delete()
    GoldItem.objects.filter(**place).delete()
