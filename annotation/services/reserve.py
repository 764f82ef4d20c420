"""Give episodes to a named person by hand."""

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from annotation.errors import NotFound
from annotation.models import Assignment, Membership, Project, ProjectEpisode
from annotation.roles import Role, require_role
from annotation.services import audit


@dataclass(frozen=True, slots=True)
class Reserved:
    """``had`` of the episodes the person has had before, ``full`` have no slot left."""

    reserved: int
    had: int = 0
    full: int = 0


@transaction.atomic
def reserve(
    *, actor: User, project: Project, places: Collection[int], user: User | None
) -> Reserved:
    """Each of the episodes comes before all other new work of ``user``, and to nobody else until
    they have it; then its other slots are free again. No ``user`` takes reservations back.

    Managers only. Raises NotFound for who is not in the project, RoleMissing.
    """
    require_role(actor, project, Role.MANAGER)
    if user is not None and not Membership.objects.filter(project=project, user=user).exists():
        raise NotFound(
            f"{user.username} is not in {project.name}.", remedy="Add the person to the project."
        )
    rows = ProjectEpisode.objects.filter(project=project, pk__in=list(places)).order_by("pk")
    ids = list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    had = set(_had(ids, user))
    rest = ProjectEpisode.objects.filter(pk__in=set(ids) - had)
    full = set(rest.filter(slots_taken__gte=F("overlap")).values_list("pk", flat=True))
    free = sorted(set(ids) - had - full)
    wanted = ids if user is None else free
    ProjectEpisode.objects.filter(pk__in=wanted).update(reserved_for=user)
    if wanted:
        audit.record(
            actor=actor,
            action="project.episodes_reserved",
            project=project,
            subject=user or project,
            episodes=len(wanted),
            places=wanted[:100],
        )
    return Reserved(len(wanted)) if user is None else Reserved(len(free), len(had), len(full))


def _had(places: list[int], user: User | None) -> list[int]:
    if user is None:
        return []
    own = Assignment.objects.filter(annotator=user, project_episode__in=places).order_by()
    return list(own.values_list("project_episode", flat=True))
