"""Take over tolerances that experts' spread suggests, frozen with the guideline's version."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from annotation.acceptance import task_policy_for
from annotation.labels.schema import LabelSchema as Definition
from annotation.models import AnnotationSet, LabelSchema, Project, ProjectEpisode, TaskPolicy
from annotation.roles import Role, require_role
from annotation.selectors.guidelines import current_guideline
from annotation.services import audit
from review.errors import CalibrationRefused, ToleranceFrozen
from review.measures.counts import POOLED, Measure
from review.measures.records import Tolerances, tolerances_of
from review.models import ClassTolerance, PairCounts, ScoredPair
from review.selectors.tolerances import BOUNDARY, ToleranceRow, tolerance_rows


@transaction.atomic
def apply_tolerances(
    *, actor: User, project: Project, classes: Collection[str]
) -> list[ClassTolerance]:
    """Freeze the proposed tolerances of ``classes`` with the present version of the guideline.

    What was handed in since that version is compared anew. Managers only. Raises ToleranceFrozen
    where the version has one already, CalibrationRefused where nothing is proposed, NotFound,
    RoleMissing.
    """
    require_role(actor, project, Role.MANAGER)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    chosen = [row for row in tolerance_rows(project) if row.label_class in set(classes)]
    if not chosen:
        raise CalibrationRefused("No class is chosen.", remedy="Tick at least one.")
    guideline = current_guideline(project)
    for row in chosen:
        _refuse(row, guideline.number if guideline else 0)
    made = ClassTolerance.objects.bulk_create(
        ClassTolerance(
            project=project,
            guideline=guideline,
            label_class=row.label_class,
            tolerance_ns=row.found.tolerance_ns or 0,
            frames=row.found.frames,
            offsets=row.offsets,
            set_by=actor,
        )
        for row in chosen
    )
    for one, row in zip(made, chosen, strict=True):
        audit.record(
            actor=actor,
            action="tolerance.set",
            project=project,
            subject=one,
            name=row.name,
            tolerance_ns=[row.present_ns, one.tolerance_ns],
            guideline=guideline.number if guideline else 0,
        )
    count_anew(project, guideline.created_at if guideline else None)
    return made


def count_anew(project: Project, since: datetime | None) -> None:
    """Forget the counts of what was handed in from ``since`` on; the sweep counts them again."""
    rows = _current_counts(ProjectEpisode.objects.filter(project=project))
    if since is not None:
        rows = rows.filter(pair__in=ScoredPair.objects.filter(handed_in_at__gte=since))
    rows.delete()


def _current_counts(places: QuerySet[ProjectEpisode]) -> QuerySet[PairCounts]:
    """By keys, not by joins: a DELETE over joins looks its own table up for every row of it."""
    return PairCounts.objects.filter(project_episode__in=places, current=True)


def forget_stale_counts(project: Project) -> int:
    """Counts made under tolerances that hold no more: a task's policy was set, changed or removed.

    Looks at which tolerances the counts of each task have, and forgets all of a task where one is
    none of those that can hold; the sweep counts them again. Returns how many tasks those were.
    """
    rows = PairCounts.objects.filter(project_episode__project=project, current=True).filter(
        Q(measure=Measure.EVENT.value) & ~Q(label_class=POOLED)
        | Q(measure=Measure.BOUNDARY.value, label_class=POOLED)
    )
    used = rows.order_by().values_list(
        "project_episode__episode__task", "measure", "label_class", "tolerance_ns"
    )
    found = set(used.distinct())
    if not found:
        return 0
    policies = list(TaskPolicy.objects.filter(project=project))
    plain = _can_hold(project)
    stale = {
        task
        for task, measure, name, tolerance in found
        if tolerance not in _holding(task_policy_for(policies, task), plain, measure, name)
    }
    for task in stale:
        places = ProjectEpisode.objects.filter(project=project, episode__task=task)
        _current_counts(places).delete()
    return len(stale)


def _holding(
    policy: TaskPolicy | None, plain: dict[str, set[int]], measure: str, name: str
) -> set[int]:
    """The policy's where it has one, else what schemas and guidelines give the class."""
    of = BOUNDARY if measure == Measure.BOUNDARY else name
    own = None
    if policy is not None:
        own = policy.boundary_tolerance_ns if of == BOUNDARY else policy.tolerance_ns
    return {own} if own is not None else plain[of]


def _can_hold(project: Project) -> dict[str, set[int]]:
    """By class, "" being boundaries: of every schema version in use and every guideline."""
    sets = AnnotationSet.objects.filter(project_episode__project=project).order_by()
    schemas = LabelSchema.objects.filter(pk__in=sets.values("schema"))
    found: dict[str, set[int]] = defaultdict(lambda: {Tolerances().default_ns})
    for definition in schemas.values_list("definition", flat=True):
        plain = tolerances_of(Definition.from_json(definition))
        found[BOUNDARY].add(plain.boundary_ns)
        for name, tolerance in plain.by_type.items():
            found[name].add(tolerance)
    for row in ClassTolerance.objects.filter(project=project):
        found[row.label_class].add(row.tolerance_ns)
    return found


def _refuse(row: ToleranceRow, version: int) -> None:
    if row.frozen:
        raise ToleranceFrozen(
            f"Version {version} of the guideline has its tolerance of {row.name.lower()}.",
            remedy="Publish the next version of the guideline, then apply the new tolerance.",
        )
    if not row.proposed:
        raise CalibrationRefused(f"{row.name}: {row.says}")
