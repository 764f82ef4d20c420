"""Take a simulated project away with everything that was made for it."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import ProtectedError, QuerySet

from annotation.models import (
    ActivitySpan,
    AnnotationSet,
    Assignment,
    AuditEntry,
    Label,
    LabelFrame,
    LabelSchema,
    Project,
    ProjectEpisode,
    SetRevision,
)
from annotation.roles import Role, require_role
from review.errors import NotSimulatable
from review.models import (
    CountedSet,
    PairCounts,
    Release,
    ReleaseItem,
    ScoredPair,
    SimulatedOperation,
    Verdict,
)

# Records of the review go with the work they are about; a release is a thing of its own.
_STAYS = (Release, ReleaseItem)
# Layers of protection: verdicts before items, items before sets, and so on.
_DEEPEST = 12


@transaction.atomic
def remove_simulation(*, name: str, actor: User | None = None) -> int:
    """The project, its work, people, recordings and schema; nothing stays. Returns how many
    episodes went with it. ``actor`` must manage it; a command has none.

    Raises NotSimulatable when there is no such simulated project, or when real work holds on to
    what it made: a release, or its recordings in another project. NotFound, RoleMissing.
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
    if actor is not None:
        require_role(actor, project, Role.MANAGER)
    schemas = LabelSchema.objects.filter(name=project.schema.name)
    episodes = project.project_episodes.count()
    try:
        with transaction.atomic():
            _remove_work(project)
            _delete(project)
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
    """The most numerous first and without loading them; nothing hangs on them.

    By keys, not by joins: a DELETE over joins looks its own table up for every row of it.
    """
    places = ProjectEpisode.objects.filter(project=project)
    sets = AnnotationSet.objects.filter(project_episode__in=places)
    labels = Label.objects.filter(annotation_set__in=sets)
    work = Assignment.objects.filter(project_episode__in=places)
    many: Iterable[QuerySet[models.Model]] = (
        PairCounts.objects.filter(project_episode__in=places),
        CountedSet.objects.filter(project=project),
        LabelFrame.objects.filter(label__in=labels),
        labels,
        SetRevision.objects.filter(annotation_set__in=sets),
        ActivitySpan.objects.filter(assignment__in=work),
        AuditEntry.objects.filter(project=project),
    )
    for rows in many:
        rows.order_by()._raw_delete(rows.db)
    ScoredPair.objects.filter(project_episode__in=places).delete()
    Verdict.objects.filter(item__batch__project=project).delete()


def _delete(project: Project) -> None:
    """With what the review made of its work, however deep it is held."""
    for _ in range(_DEEPEST):
        try:
            with transaction.atomic():
                project.delete()
            return
        except ProtectedError as error:
            held = list(error.protected_objects)
            ours = [row for row in held if row._meta.app_label == "review"]
            if len(ours) < len(held) or any(isinstance(row, _STAYS) for row in held):
                raise
            _delete_rows(ours)
    project.delete()


def _delete_rows(rows: list[models.Model]) -> None:
    """Those that nothing holds now; what is held in turn goes in a later round."""
    by_model: dict[type[models.Model], list[object]] = {}
    for row in rows:
        by_model.setdefault(type(row), []).append(row.pk)
    for model, ids in by_model.items():
        found = model._default_manager.filter(pk__in=ids)
        try:
            with transaction.atomic():
                found.delete()
        except ProtectedError as error:
            held = list(error.protected_objects)
            if any(row._meta.app_label != "review" or isinstance(row, _STAYS) for row in held):
                raise
            _delete_rows([row for row in held if not (type(row) is model and row.pk in ids)])
