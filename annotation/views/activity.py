"""Active time, for the person it is about and for their managers."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from annotation.selectors.activity import day_start, own_activity, people_activity
from annotation.selectors.projects import project_for
from episodes.views.people import person


@never_cache
@require_GET
def my_activity(request: HttpRequest) -> HttpResponse:
    facts = {"activity": own_activity(person(request))}
    return render(request, "annotation/my_activity.html", facts)


@never_cache
@require_GET
def project_activity(request: HttpRequest, project_id: int) -> HttpResponse:
    """Everybody's last seven days in a project; managers only."""
    project = project_for(request.user, project_id)
    since = day_start(timezone.now(), project.zone) - timedelta(days=6)
    rows = people_activity(person(request), project, since)
    facts = {"project": project, "rows": rows}
    return render(request, "annotation/project_activity.html", facts)
