"""What a manager decides about a project's figures and its weekly report."""

from django.contrib.auth.models import User
from django.db import transaction

from annotation.models import Project
from annotation.roles import Role, require_role
from annotation.services import audit
from review.models import OperationSettings

FIELDS = ("hourly_cost_cents", "currency", "weekly_report")


@transaction.atomic
def set_operation(
    *,
    actor: User,
    project: Project,
    hourly_cost_cents: int | None,
    currency: str,
    weekly_report: bool,
) -> OperationSettings:
    """Managers only. Raises NotFound, RoleMissing."""
    require_role(actor, project, Role.MANAGER)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    stored = OperationSettings.objects.filter(project=project).first()
    row = stored or OperationSettings(project=project)
    before = {name: getattr(row, name) for name in FIELDS}
    after = {
        "hourly_cost_cents": hourly_cost_cents,
        "currency": currency,
        "weekly_report": weekly_report,
    }
    if stored is not None and before == after:
        return row
    for name, value in after.items():
        setattr(row, name, value)
    row.save()
    audit.record(
        actor=actor,
        action="operation.changed",
        project=project,
        subject=row,
        before=before,
        after=after,
    )
    return row
