"""Who may do what in a project: one ladder of roles, asked in one place."""

from django.contrib.auth.models import User

from annotation.errors import NotFound, RoleMissing
from annotation.models import Membership, Project
from episodes.access import Viewer, asked

Role = Membership.Role

_RANK = {Role.ANNOTATOR: 1, Role.REVIEWER: 2, Role.MANAGER: 3}


def role_in(user: Viewer, project: Project) -> Role | None:
    """The person's role; an administrator stands as manager everywhere."""
    if not user.is_authenticated or not user.is_active:
        return None
    if user.is_superuser:
        return Role.MANAGER
    own = Membership.objects.filter(user=user, project=project)
    value = asked(user, f"role in {project.pk}", lambda: own.values_list("role", flat=True).first())
    return None if value is None else Role(value)


def roles_of(user: Viewer) -> dict[int, Role]:
    """The person's role by project id; empty for an administrator, who needs none."""
    if not user.is_authenticated or user.is_superuser:
        return {}

    def ask() -> dict[int, Role]:
        held = Membership.objects.filter(user=user).order_by()
        return {pk: Role(role) for pk, role in held.values_list("project", "role")}

    return asked(user, "roles", ask)


def at_least(role: Role | None, least: Role) -> bool:
    return role is not None and _RANK[role] >= _RANK[least]


def require_role(user: Viewer, project: Project, least: Role) -> Role:
    """The role, when it reaches ``least``.

    Raises NotFound to outsiders, who are not to learn what projects there are, and RoleMissing to
    members whose role does not include it.
    """
    role = role_in(user, project)
    if role is None:
        raise NotFound(
            "There is no such project.",
            remedy="Check the address, or ask a manager to add you to the project.",
        )
    if not at_least(role, least):
        raise RoleMissing(
            f"This needs the role {least.label.lower()} in {project.name}; "
            f"yours is {role.label.lower()}.",
            remedy="Ask a manager of the project.",
            needed=least.value,
        )
    return role


def may_create_projects(user: User) -> bool:
    """Administrators, and managers of any project."""
    return user.is_superuser or user.memberships.filter(role=Role.MANAGER).exists()
