"""Give episodes to a named person by hand."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from annotation.errors import NotFound, NotReservable
from annotation.models import Assignment, Membership, Notification, Project, ProjectEpisode
from annotation.roles import Role, require_role
from annotation.selectors.editor import person_name
from annotation.services import audit
from annotation.services.notify import managers_of, notify

Kind = Notification.Kind


@dataclass(frozen=True, slots=True)
class Reserved:
    """``had`` of the episodes the person has had before, ``full`` have no slot left."""

    reserved: int
    had: int = 0
    full: int = 0


@transaction.atomic
def reserve(
    *,
    actor: User,
    project: Project,
    places: Collection[int],
    user: User | None,
    until: date | None = None,
) -> Reserved:
    """Each of the episodes comes before all other new work of ``user``, and to nobody else until
    they have it; then its other slots are free again. No ``user`` takes reservations back.

    After the day ``until`` the reservation ends by itself. Managers only. Raises NotFound for who
    is not in the project, NotReservable for a day that is over, RoleMissing.
    """
    require_role(actor, project, Role.MANAGER)
    if user is not None and not Membership.objects.filter(project=project, user=user).exists():
        raise NotFound(
            f"{user.username} is not in {project.name}.", remedy="Add the person to the project."
        )
    if until is not None and until < timezone.localdate(timezone=project.zone):
        raise NotReservable(
            f"{until.isoformat()} is over.", remedy="Choose today or a day to come, or no day."
        )
    rows = ProjectEpisode.objects.filter(project=project, pk__in=list(places)).order_by("pk")
    ids = list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    had = set(_had(ids, user))
    rest = ProjectEpisode.objects.filter(pk__in=set(ids) - had)
    full = set(rest.filter(slots_taken__gte=F("overlap")).values_list("pk", flat=True))
    free = sorted(set(ids) - had - full)
    wanted = free if user is not None else _taken(ids)
    end = until if user is not None else None
    ProjectEpisode.objects.filter(pk__in=wanted).update(reserved_for=user, reserved_until=end)
    if wanted:
        _note(actor, project, wanted, user, end)
    return Reserved(len(wanted)) if user is None else Reserved(len(free), len(had), len(full))


@transaction.atomic
def end_reservations() -> int:
    """Those whose last day is over are nobody's again, and the managers are told; how many.

    Idempotent; rows that somebody has locked are left for the next run.
    """
    # A day is over where the project is.
    reserved = ProjectEpisode.objects.filter(reserved_until__isnull=False).order_by()
    days = Q(pk__in=[])
    for project in Project.objects.filter(pk__in=reserved.values("project")):
        days |= Q(project=project, reserved_until__lt=timezone.localdate(timezone=project.zone))
    over = ProjectEpisode.objects.filter(days, reserved_for__isnull=False)
    locked = over.order_by("pk").select_for_update(skip_locked=True, no_key=True, of=("self",))
    ended: dict[tuple[int, int], list[int]] = defaultdict(list)
    for pk, project_id, user_id in locked.values_list("pk", "project", "reserved_for"):
        ended[project_id, user_id].append(pk)
    projects = Project.objects.in_bulk({project_id for project_id, _ in ended})
    users = User.objects.in_bulk({user_id for _, user_id in ended})
    for (project_id, user_id), places in ended.items():
        project, user = projects[project_id], users[user_id]
        ProjectEpisode.objects.filter(pk__in=places).update(reserved_for=None, reserved_until=None)
        audit.record(
            actor=None,
            action="project.reservations_ended",
            project=project,
            subject=user,
            episodes=len(places),
            places=places[:100],
        )
        are = ngettext("episode was", "episodes were", len(places))
        notify(
            managers_of(project),
            kind=Kind.HANDED,
            project=project,
            text=f"{len(places)} {are} reserved for {person_name(user)} until yesterday and not "
            "begun; they are in the queue for everybody again.",
            url=reverse("project-episodes", args=[project.pk]),
        )
    return sum(len(places) for places in ended.values())


def _had(places: list[int], user: User | None) -> list[int]:
    if user is None:
        return []
    own = Assignment.objects.filter(annotator=user, project_episode__in=places).order_by()
    return list(own.values_list("project_episode", flat=True))


def _taken(places: list[int]) -> list[int]:
    rows = ProjectEpisode.objects.filter(pk__in=places, reserved_for__isnull=False)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _note(
    actor: User, project: Project, places: list[int], user: User | None, until: date | None
) -> None:
    audit.record(
        actor=actor,
        action="project.episodes_reserved" if user else "project.reservations_taken_back",
        project=project,
        subject=user or project,
        episodes=len(places),
        places=places[:100],
        until=until.isoformat() if until else None,
    )
    if user is not None:
        are = ngettext("episode", "episodes", len(places))
        by = f" until {until.isoformat()}" if until else ""
        notify(
            [user],
            kind=Kind.HANDED,
            project=project,
            text=f"{person_name(actor)} gave you {len(places)} {are} in {project.name}{by}: "
            "your next ones.",
            url=reverse("queue"),
            besides=actor,
        )
