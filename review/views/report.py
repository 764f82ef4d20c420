"""What the weekly report says, before and after it is sent."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.roles import Role, require_role
from annotation.selectors.projects import project_for
from review.forms_dashboard import WeekForm
from review.models import OperationSettings, WeeklyReport
from review.selectors.weekly_report import last_monday, letter_of, monday_of, week_figures


@require_GET
def project_report(request: HttpRequest, project_id: int) -> HttpResponse:
    project = project_for(request.user, project_id)
    require_role(request.user, project, Role.MANAGER)
    form = WeekForm(request.GET)
    chosen = form.cleaned_data.get("day") if form.is_valid() else None
    monday = monday_of(chosen) if chosen else last_monday(project)
    sent = WeeklyReport.objects.filter(project=project, monday=monday, sent_at__isnull=False)
    facts = {
        "project": project,
        "oversees": True,
        "manages": True,
        "tab": "dashboard",
        "form": form,
        "monday": monday,
        "earlier": monday - timedelta(days=7),
        "later": monday + timedelta(days=7),
        "letter": letter_of(week_figures(project, monday), settings.TOUCHLINE_URL),
        "sent": sent.select_related("recipient").order_by("recipient__username"),
        "on": OperationSettings.objects.filter(project=project, weekly_report=True).exists(),
    }
    return render(request, "review/report.html", facts)
