"""Give a person a role in a project, change it, or take it away."""

from django.contrib.auth.models import User
from django.db import transaction

from annotation.errors import LastManager
from annotation.models import Membership, Project
from annotation.roles import Role, require_role
from annotation.services import audit
from annotation.services.free_work import free_work_of
from annotation.services.notify import tell_standing
from annotation.services.standing import first_standing_of


@transaction.atomic
def set_membership(
    *, actor: User, project: Project, user: User, role: Role | None
) -> Membership | None:
    """``role`` None takes the person out: what they hold is freed, what they did stays.

    Who comes in begins with training or qualification where the project asks for it. Managers only.

    Raises LastManager when nobody would be left to manage, NotFound, RoleMissing.
    """
    require_role(actor, project, Role.MANAGER)
    # Two managers demoting each other at once must not both succeed.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    present = Membership.objects.filter(project=project, user=user).first()
    if present is not None and present.role == Role.MANAGER and role != Role.MANAGER:
        managers = Membership.objects.filter(project=project, role=Role.MANAGER)
        if not managers.exclude(pk=present.pk).exists():
            raise LastManager(
                f"{user.get_full_name() or user.username} is the only manager of {project.name}.",
                remedy="Make somebody else a manager first.",
            )
    before = present.role if present else None
    if role is None:
        # The lock that claiming takes first: nothing is handed to them while they leave.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        Membership.objects.filter(project=project, user=user).delete()
        membership = None
        free_work_of(actor=actor, project=project, user=user)
    else:
        membership, _ = Membership.objects.update_or_create(
            project=project,
            user=user,
            defaults={"role": role},
            create_defaults={"role": role, "standing": first_standing_of(project, role)},
        )
    if before != role:
        if membership is not None:
            tell_standing(membership, actor)
        audit.record(
            actor=actor,
            action="membership.changed",
            project=project,
            subject=user,
            before=before,
            after=role,
        )
    return membership
