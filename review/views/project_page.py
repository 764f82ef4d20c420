"""The frame that a project's review pages share."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from annotation.models import Project
from review.selectors.batches import manages


def project_page(
    request: HttpRequest,
    project: Project,
    template: str,
    facts: dict[str, object],
    *,
    status: int = 200,
) -> HttpResponse:
    frame = {"project": project, "manages": manages(request.user, project)}
    return render(request, f"review/{template}.html", {**frame, **facts}, status=status)
