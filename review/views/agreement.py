"""How well a project's annotators agree, with each other and with gold."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from review.selectors.agreement import BAR, agreement, agreement_by_annotator
from review.selectors.batches import manages, reviewed_project


@require_GET
def project_agreement(request: HttpRequest, project_id: int) -> HttpResponse:
    project = reviewed_project(request.user, project_id)
    facts = {
        "project": project,
        "bar": BAR,
        "manages": manages(request.user, project),
        "between": agreement(project, against_gold=False),
        "gold": agreement(project, against_gold=True),
        "annotators": agreement_by_annotator(project),
    }
    return render(request, "review/agreement.html", facts)
