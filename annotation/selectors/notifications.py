"""What somebody was told."""

from django.contrib.auth.models import User
from django.db.models import QuerySet

from annotation.models import DigestChoice, Notification
from annotation.undecided import undecided


def notifications_of(user: User) -> QuerySet[Notification]:
    """One's own, newest first; of projects that one left nothing is told any more, and nothing
    of decisions that one is to take again without being told."""
    own = Notification.objects.filter(user=user).select_related("project").order_by("-id")
    own = own.exclude(kind=Notification.Kind.BATCH, url__in=undecided().news(user))
    return own if user.is_superuser else own.filter(project__memberships__user=user)


def unread_count(user: User) -> int:
    return notifications_of(user).filter(read_at=None).count()


def digest_choice(user: User) -> DigestChoice:
    return DigestChoice.objects.filter(user=user).first() or DigestChoice(user=user)
