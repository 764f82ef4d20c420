"""Set what holds for a task of a project, and what work must reach to be accepted."""

from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction

from annotation.errors import NotFound, StaleProject
from annotation.models import AcceptancePolicy, Project, TaskPolicy
from annotation.roles import Role, require_role
from annotation.services import audit
from episodes.models import Task

TASK_FIELDS = ("priority", "deadline", "tolerance_ns", "boundary_tolerance_ns")
BAR_FIELDS = ("bar_ppm", "confidence_ppm", "plan", "most_defects")


@transaction.atomic
def set_task_policy(
    *,
    actor: User,
    project: Project,
    task: Task,
    version: int | None = None,
    priority: int = 0,
    deadline: date | None = None,
    tolerance_ns: int | None = None,
    boundary_tolerance_ns: int | None = None,
) -> TaskPolicy:
    """What holds for the task in the project; the row is made where there is none. Managers only.

    ``version`` is the project's when the page was opened. Raises StaleProject, NotFound,
    RoleMissing.
    """
    _lock(actor, project, version)
    values = {
        "priority": priority,
        "deadline": deadline,
        "tolerance_ns": tolerance_ns,
        "boundary_tolerance_ns": boundary_tolerance_ns,
    }
    found = TaskPolicy.objects.filter(project=project, task=task).first()
    before = _values(found, TASK_FIELDS)
    if found is not None and before == values:
        return found
    row, _ = TaskPolicy.objects.update_or_create(project=project, task=task, defaults=values)
    _note(actor, project, row, "policy.changed", before, values, task=str(task))
    return row


@transaction.atomic
def set_acceptance(
    *,
    actor: User,
    project: Project,
    task: Task | None,
    label_type: str,
    evaluation: bool,
    bar_ppm: int,
    confidence_ppm: int = 950_000,
    plan: str = AcceptancePolicy.Plan.BOUND,
    most_defects: int = 2,
    version: int | None = None,
) -> AcceptancePolicy:
    """The bar for these episodes and labels; the row is made where there is none. Managers only.

    Raises StaleProject, NotFound, RoleMissing.
    """
    _lock(actor, project, version)
    values: dict[str, Any] = {
        "bar_ppm": bar_ppm,
        "confidence_ppm": confidence_ppm,
        "plan": str(plan),
        "most_defects": most_defects,
    }
    place: dict[str, Any] = {"task": task, "label_type": label_type, "evaluation": evaluation}
    found = AcceptancePolicy.objects.filter(project=project, **place).first()
    before = _values(found, BAR_FIELDS)
    if found is not None and before == values:
        return found
    row, _ = AcceptancePolicy.objects.update_or_create(project=project, **place, defaults=values)
    _note(actor, project, row, "acceptance.changed", before, values, **_place(row))
    return row


@transaction.atomic
def remove_task_policy(
    *, actor: User, project: Project, policy_id: int, version: int | None = None
) -> None:
    """The project's and the schema's values hold for the task again. Managers only."""
    _lock(actor, project, version)
    row = TaskPolicy.objects.filter(project=project, pk=policy_id).select_related("task").first()
    if row is None:
        raise _gone()
    before = _values(row, TASK_FIELDS)
    _note(actor, project, row, "policy.removed", before, None, task=str(row.task))
    row.delete()


@transaction.atomic
def remove_acceptance(
    *, actor: User, project: Project, policy_id: int, version: int | None = None
) -> None:
    """The next less exact row holds again. Managers only."""
    _lock(actor, project, version)
    found = AcceptancePolicy.objects.filter(project=project, pk=policy_id)
    row = found.select_related("task").first()
    if row is None:
        raise _gone()
    before = _values(row, BAR_FIELDS)
    _note(actor, project, row, "acceptance.removed", before, None, **_place(row))
    row.delete()


def _lock(actor: User, project: Project, version: int | None) -> None:
    require_role(actor, project, Role.MANAGER)
    stored = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if version is not None and version != stored.version:
        raise StaleProject(
            f"{stored.name} was changed while you were editing its policies.",
            remedy="What you entered is still in the form. Look at the rows and save again.",
            version=stored.version,
        )


def _values(row: models.Model | None, names: tuple[str, ...]) -> dict[str, Any] | None:
    return None if row is None else {name: getattr(row, name) for name in names}


def _place(row: AcceptancePolicy) -> dict[str, Any]:
    return {
        "task": str(row.task) if row.task else None,
        "label_type": row.label_type,
        "evaluation": row.evaluation,
    }


def _note(
    actor: User,
    project: Project,
    row: models.Model,
    action: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    **place: Any,
) -> None:
    """The trail's entry, and one more change of the project."""
    Project.objects.filter(pk=project.pk).update(version=models.F("version") + 1)
    audit.record(
        actor=actor,
        action=action,
        project=project,
        subject=row,
        before=_plain(before),
        after=_plain(after),
        **place,
    )


def _plain(values: dict[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }


def _gone() -> NotFound:
    return NotFound(
        "There is no such row.", remedy="Open the policies again; somebody may have removed it."
    )
