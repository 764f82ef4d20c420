"""Change how a project is worked on."""

from django.contrib.auth.models import User
from django.db import transaction

from annotation.models import Project
from annotation.roles import Role, require_role
from annotation.services import audit


@transaction.atomic
def update_project(*, actor: User, project: Project, overlap: int, guideline: str) -> Project:
    """Managers only. A smaller overlap takes nothing away from who is at work already.

    Raises NotFound, RoleMissing.
    """
    require_role(actor, project, Role.MANAGER)
    stored = Project.objects.select_for_update().get(pk=project.pk)
    before = {"overlap": stored.overlap, "guideline": stored.guideline}
    after = {"overlap": overlap, "guideline": guideline}
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changed:
        stored.overlap, stored.guideline = overlap, guideline
        stored.save(update_fields=["overlap", "guideline"])
        audit.record(
            actor=actor, action="project.updated", project=stored, subject=stored, **changed
        )
    return stored
