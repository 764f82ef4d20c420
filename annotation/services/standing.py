"""What work a person gets in a project, and why."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotation.errors import NotFound, StandingRefused
from annotation.models import LookAhead, Membership, Project
from annotation.roles import Role, require_role
from annotation.services import audit
from annotation.services.notify import tell_standing

Standing = Membership.Standing


def first_standing_of(project: Project, role: Role) -> Standing:
    """Where somebody who comes into the project begins; reviewers and managers are trusted."""
    if role != Role.ANNOTATOR:
        return Standing.QUALIFIED
    if project.training_required:
        return Standing.TRAINING
    return Standing.QUALIFYING if project.qualification_required else Standing.QUALIFIED


@transaction.atomic
def set_standing(
    *,
    actor: User | None,
    project: Project,
    user: User,
    standing: str,
    reason: str,
    only_from: str | None = None,
) -> Membership:
    """Managers only; no actor is the sweep of the review app. The same standing changes nothing.

    ``only_from``: where the person does not stand there any more, nothing changes. What they hold
    stays with them. Raises StandingRefused without a reason, NotFound,
    RoleMissing.
    """
    if actor is not None:
        require_role(actor, project, Role.MANAGER)
    said = reason.strip()[:500]
    if not said or standing not in Standing.values:
        raise StandingRefused(
            "A change of standing needs a reason and one of the standings there are.",
            remedy=f"Say why; the standings are {', '.join(Standing.values)}.",
        )
    found = (
        Membership.objects.select_for_update(of=("self",), no_key=True)
        .filter(project=project, user=user)
        .first()
    )
    if found is None:
        raise NotFound(
            f"{user.username} is not in {project.name}.", remedy="Add the person to the project."
        )
    before = found.standing
    if before == standing or only_from not in (None, before):
        return found
    found.standing = standing
    found.standing_reason = said
    found.standing_since = timezone.now()
    found.save(update_fields=["standing", "standing_reason", "standing_since"])
    LookAhead.objects.filter(project=project, annotator=user).delete()
    tell_standing(found, actor)
    audit.record(
        actor=actor,
        action="membership.standing_changed",
        project=project,
        subject=user,
        before=before,
        after=standing,
        reason=said,
    )
    return found
