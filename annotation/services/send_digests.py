"""What people have not read, by e-mail: taken once, sent once, outside of every transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from annotation.models import DigestChoice, Notification
from annotation.selectors.notifications import notifications_of

Every = DigestChoice.Every
_PAUSE = {Every.HOURLY: timedelta(hours=1), Every.DAILY: timedelta(days=1)}
# So that a remark and its answer come in one letter.
_SETTLES = timedelta(minutes=2)
_MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class _Letter:
    user: User
    notifications: list[Notification]
    sent_before: datetime | None


def send_digests() -> int:
    """A letter to each who wants one and has something new; how many. Safe beside itself."""
    sent = 0
    for user_id in _waiting():
        letter = _take(user_id)
        if letter is not None:
            sent += _send(letter)
    return sent


def _waiting() -> list[int]:
    """People with something unread, unsent and settled."""
    found = Notification.objects.filter(
        read_at=None, mailed_at=None, created_at__lte=timezone.now() - _SETTLES
    )
    people = found.exclude(user__email="").filter(user__is_active=True)
    return list(people.order_by("user").values_list("user", flat=True).distinct())


@transaction.atomic
def _take(user_id: int) -> _Letter | None:
    """Marks what goes into the letter as sent, so that a second worker finds nothing to send."""
    now = timezone.now()
    DigestChoice.objects.get_or_create(user_id=user_id)
    rows = DigestChoice.objects.select_for_update(skip_locked=True).filter(user=user_id)
    choice = rows.exclude(every=Every.OFF).first()
    if choice is None or not _due(choice, now):
        return None
    user = User.objects.get(pk=user_id)
    ids = list(
        notifications_of(user).filter(read_at=None, mailed_at=None).values_list("pk", flat=True)
    )
    if not ids:
        return None
    Notification.objects.filter(pk__in=ids).update(mailed_at=now)
    before, choice.sent_at = choice.sent_at, now
    choice.save(update_fields=["sent_at"])
    taken = Notification.objects.filter(pk__in=ids).select_related("project").order_by("-id")
    return _Letter(user, list(taken), before)


def _due(choice: DigestChoice, now: datetime) -> bool:
    return choice.sent_at is None or choice.sent_at <= now - _PAUSE[Every(choice.every)]


def _send(letter: _Letter) -> bool:
    """A server that refuses the letter gets it again with the next sweep."""
    count = len(letter.notifications)
    facts = {
        "user": letter.user,
        "notifications": letter.notifications[:_MOST_SHOWN],
        "more": max(0, count - _MOST_SHOWN),
        "count": count,
        "base": settings.TOUCHLINE_URL,
        "settings_url": settings.TOUCHLINE_URL + reverse("notification-list"),
    }
    message = EmailMultiAlternatives(
        subject=f"Touchline: {count} new" if count > 1 else "Touchline: 1 new",
        body=render_to_string("annotation/digest.txt", facts),
        to=[letter.user.email],
        headers={
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{facts['settings_url']}>",
        },
    )
    message.attach_alternative(render_to_string("annotation/digest.html", facts), "text/html")
    try:
        message.send()
    except OSError:
        # smtplib's errors are OSErrors as well.
        _give_back(letter)
        return False
    return True


@transaction.atomic
def _give_back(letter: _Letter) -> None:
    ids = [one.pk for one in letter.notifications]
    Notification.objects.filter(pk__in=ids).update(mailed_at=None)
    DigestChoice.objects.filter(user=letter.user).update(sent_at=letter.sent_before)
