"""Removing a simulated project."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from annotation.roles import Role, require_role
from annotation.selectors.projects import project_for
from episodes.views.people import person
from review.errors import NotSimulatable
from review.services.remove_simulation import remove_simulation


@require_POST
def simulation_remove(request: HttpRequest, project_id: int) -> HttpResponse:
    project = project_for(request.user, project_id)
    require_role(request.user, project, Role.MANAGER)
    try:
        episodes = remove_simulation(name=project.name, actor=person(request))
    except NotSimulatable as error:
        messages.error(request, f"{error} {error.remedy}")
        return redirect("project-detail", project.pk)
    messages.success(request, f"“{project.name}” is gone, with {episodes:,} simulated episodes.")
    return redirect("project-list")
