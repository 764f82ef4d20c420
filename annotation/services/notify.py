"""Tell people what happened, in the transaction in which it happens."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from annotation.models import DigestChoice, Membership, Notification, Project
from annotation.roles import Role

Kind = Notification.Kind
_TEXT, _URL = 500, 300


def notify(
    users: Iterable[User | int],
    *,
    kind: Kind,
    project: Project,
    text: str,
    url: str,
    besides: User | None = None,
) -> None:
    """One notification a person; ``besides`` is who did it and need not be told."""
    people = {one if isinstance(one, int) else one.pk for one in users}
    if besides is not None:
        people.discard(besides.pk)
    Notification.objects.bulk_create(
        Notification(user_id=pk, kind=kind, project=project, text=shortened(text), url=url[:_URL])
        for pk in sorted(people)
    )


def shortened(text: str) -> str:
    return text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"


def managers_of(project: Project) -> list[int]:
    managers = Membership.objects.filter(project=project, role=Role.MANAGER)
    return list(managers.order_by().values_list("user", flat=True))


def members_of(project: Project) -> list[int]:
    members = Membership.objects.filter(project=project).order_by()
    return list(members.values_list("user", flat=True))


def tell_standing(membership: Membership, actor: User | None) -> None:
    """To be called by whoever changes a standing or a role."""
    said = f"{membership.get_role_display()}, {membership.get_standing_display().lower()}"
    because = f": {membership.standing_reason}" if membership.standing_reason else "."
    notify(
        [membership.user_id],
        kind=Kind.STANDING,
        project=membership.project,
        text=f"In {membership.project.name} you are now {said}{because}",
        url=reverse("project-detail", args=[membership.project_id]),
        besides=actor,
    )


def mark_read(*, actor: User, notification_id: int | None = None) -> int:
    """One's own notification, or all of them; how many were unread."""
    own = Notification.objects.filter(user=actor, read_at=None)
    if notification_id is not None:
        own = own.filter(pk=notification_id)
    return own.update(read_at=timezone.now())


def choose_digest(*, actor: User, every: str) -> None:
    DigestChoice.objects.update_or_create(user=actor, defaults={"every": every})
