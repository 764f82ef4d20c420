"""Decide how a project's episodes are reviewed."""

from django.contrib.auth.models import User
from django.db import transaction

from annotation.models import Project
from annotation.roles import Role, require_role
from annotation.services import audit
from review.models import ReviewPolicy


@transaction.atomic
def set_review_policy(
    *, actor: User, project: Project, blind: bool, repeat_percent: int, quorum_percent: int
) -> ReviewPolicy:
    """Managers only. Said again as it is, nothing changes. Raises RoleMissing, NotFound."""
    require_role(actor, project, Role.MANAGER)
    wanted = {"blind": blind, "repeat_percent": repeat_percent, "quorum_percent": quorum_percent}
    policy, _ = ReviewPolicy.objects.select_for_update().get_or_create(project=project)
    before = {name: getattr(policy, name) for name in wanted}
    if before == wanted:
        return policy
    ReviewPolicy.objects.filter(pk=policy.pk).update(**wanted)
    policy.refresh_from_db()
    audit.record(
        actor=actor,
        action="review_policy.changed",
        project=project,
        subject=policy,
        before=before,
        after=wanted,
    )
    return policy
