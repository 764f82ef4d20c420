"""Send the weekly reports: once a week and manager, whoever runs it and however often."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from annotation.models import Project
from annotation.roles import Role
from review.models import WeeklyReport
from review.selectors.weekly_report import Letter, letter_of, monday_of, week_figures

# From this hour of the project's Monday on.
MORNING = 6
# A worker that took a letter this long ago has died with it.
_LOST = timedelta(hours=1)


def send_weekly_reports(now: datetime | None = None) -> int:
    """How many letters were sent. Safe beside itself: each is taken by compare-and-set."""
    now = now or timezone.now()
    projects = Project.objects.filter(operation_settings__weekly_report=True)
    found = projects.exclude(state=Project.State.ARCHIVED).select_related("schema").order_by("pk")
    return sum(_send_of(project, now) for project in found)


def _send_of(project: Project, now: datetime) -> int:
    monday = _due_week(project, now)
    letter: Letter | None = None
    sent = 0
    for user in _managers(project):
        row, _ = WeeklyReport.objects.get_or_create(project=project, monday=monday, recipient=user)
        if not _take(row, now):
            continue
        letter = letter or letter_of(week_figures(project, monday), settings.TOUCHLINE_URL)
        sent += _send(row, user, letter)
    return sent


def _due_week(project: Project, now: datetime) -> date:
    """The last week whose report is due: before Monday's morning it is the one before."""
    there = now.astimezone(project.zone)
    monday = monday_of(there.date())
    if there.weekday() == 0 and there.hour < MORNING:
        monday -= timedelta(days=7)
    return monday - timedelta(days=7)


def _managers(project: Project) -> list[User]:
    members = User.objects.filter(
        memberships__project=project, memberships__role=Role.MANAGER, is_active=True
    )
    return list(members.exclude(email="").order_by("pk"))


def _take(row: WeeklyReport, now: datetime) -> bool:
    free = Q(taken_at=None) | Q(taken_at__lt=now - _LOST)
    mine = WeeklyReport.objects.filter(free, pk=row.pk, sent_at=None)
    return mine.update(taken_at=now) == 1


def _send(row: WeeklyReport, user: User, letter: Letter) -> bool:
    """A server that refuses the letter gets it again with the next sweep."""
    switch = reverse("project-dashboard-settings", args=[row.project_id])
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[user.email],
        headers={
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{settings.TOUCHLINE_URL}{switch}>",
        },
    )
    message.attach_alternative(letter.html, "text/html")
    try:
        message.send()
    except OSError:
        # smtplib's errors are OSErrors as well.
        WeeklyReport.objects.filter(pk=row.pk).update(taken_at=None)
        return False
    WeeklyReport.objects.filter(pk=row.pk).update(sent_at=timezone.now())
    return True
