"""What a project's checks hold and its releases must reach, and what no record says of its data."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from annotation.models import Project
from annotation.roles import Role, require_role
from annotation.services import audit
from review.errors import PlanStale
from review.measures.checks.plan import CheckPlan
from review.measures.gates import GatePlan
from review.models import Datasheet, QualityPlan
from review.selectors.dataset_checks import plans_of


@transaction.atomic
def change_quality_plan(
    *, actor: User, project: Project, checks: CheckPlan, gates: GatePlan, version: int
) -> None:
    """Managers only; runs and reports that exist stay as they are.

    ``version`` is that of the page, 0 where there was none. Raises PlanStale, NotFound,
    RoleMissing.
    """
    require_role(actor, project, Role.MANAGER)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    present = plans_of(project)
    if version != present.version:
        raise _stale("The quality settings", present.version)
    before, after = _said(present.checks, present.gates), _said(checks, gates)
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not changed:
        return
    row, _ = QualityPlan.objects.update_or_create(
        project=project,
        defaults={
            "checks": checks.to_json(),
            "gates": gates.to_json(),
            "version": present.version + 1,
            "updated_by": actor,
        },
    )
    audit.record(
        actor=actor,
        action="quality_plan.changed",
        project=project,
        subject=row,
        before={name: before.get(name) for name in changed},
        after={name: after.get(name) for name in changed},
    )


@transaction.atomic
def answer_datasheet(
    *, actor: User, project: Project, answers: Mapping[str, str], version: int
) -> Datasheet:
    """Keep a manager's answers. Raises PlanStale, NotFound, RoleMissing."""
    require_role(actor, project, Role.MANAGER)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    row = Datasheet.objects.filter(project=project).first() or Datasheet(project=project, version=0)
    if version != row.version:
        raise _stale("The datasheet", row.version)
    given = {name: text.strip() for name, text in answers.items() if text.strip()}
    before = row.answers
    changed = [name for name in {**before, **given} if before.get(name) != given.get(name)]
    if changed or not row.version:
        row.answers, row.version, row.updated_by = given, row.version + 1, actor
        row.save()
        audit.record(
            actor=actor,
            action="datasheet.answered",
            project=project,
            subject=row,
            before={name: before.get(name) for name in changed},
            after={name: given.get(name) for name in changed},
        )
    return row


def _said(checks: CheckPlan, gates: GatePlan) -> dict[str, Any]:
    """A plan as flat facts, so that the history names what changed and not the whole of it."""
    found: dict[str, Any] = {}
    for name, value in {**checks.to_json(), **gates.to_json()}.items():
        if name in ("rules", "words"):
            found |= {f"{name} of {key}": _words(one) for key, one in value.items()}
        else:
            found[name] = _words(value)
    return found


def _words(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(str(_words(one)) for one in value)
    if isinstance(value, dict):
        return " ".join(f"{key} {_words(one)}" for key, one in value.items() if one is not None)
    return value


def _stale(what: str, version: int) -> PlanStale:
    return PlanStale(
        f"{what} changed while you were editing.",
        remedy="What you entered is still in the form. Look at the present values and save again.",
        version=version,
    )
