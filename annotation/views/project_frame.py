"""What every page of a project begins with: whose it is, and its tabs."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from annotation.models import Project
from annotation.roles import Role, at_least, require_role
from annotation.selectors.projects import project_for
from episodes.views.people import person, reader


def opened(request: HttpRequest, project_id: int, least: Role = Role.ANNOTATOR) -> Project:
    """The project, for who has at least that role. Raises NotFound, RoleMissing."""
    user = reader(request) if request.method == "GET" else person(request)
    project = project_for(user, project_id)
    require_role(user, project, least)
    return project


def project_page(
    request: HttpRequest,
    project: Project,
    template: str,
    facts: Mapping[str, object],
    *,
    here: str,
    status: int = 200,
) -> HttpResponse:
    """The page under the project's tabs; ``here`` is the tab."""
    role = require_role(request.user, project, Role.ANNOTATOR)
    frame = {
        "project": project,
        "oversees": at_least(role, Role.REVIEWER),
        "manages": at_least(role, Role.MANAGER),
        "tab": here,
    }
    return render(request, f"annotation/{template}.html", {**frame, **facts}, status=status)
