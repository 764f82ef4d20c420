"""Releases: make one, watch it being built, read what is in it, take it home."""

from functools import partial
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from episodes.services.exports import DEFAULT_FORMAT
from episodes.views.people import person
from review.download import archive
from review.forms import ReleaseForm
from review.selectors import releases as selectors
from review.selectors.quality_report import release_quality
from review.services.releases import request_release
from review.tasks import build_release_task


@never_cache
@require_GET
def release_list(request: HttpRequest, project_id: int) -> HttpResponse:
    return _list_page(request, project_id, None)


@require_POST
def release_create(request: HttpRequest, project_id: int) -> HttpResponse:
    project = selectors.managed_project(request.user, project_id)
    form = ReleaseForm(request.POST, approved=selectors.releasable_batches(project))
    if not form.is_valid():
        return _list_page(request, project_id, form, status=400)
    release = request_release(
        actor=person(request),
        project=project,
        batches=form.cleaned_data["batches"],
        format_id=form.cleaned_data["format"],
    )
    transaction.on_commit(partial(build_release_task.delay, str(release.pk)))
    return redirect("review-release", release.pk)


@never_cache
@require_GET
def release_detail(request: HttpRequest, release_id: UUID) -> HttpResponse:
    return _release(request, release_id, "release")


@never_cache
@require_GET
def release_status(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """The part of the page that is fetched again while the release is built."""
    return _release(request, release_id, "release_status")


@require_GET
def release_download(request: HttpRequest, release_id: UUID) -> StreamingHttpResponse:
    return archive(selectors.managed_release(request.user, release_id))


def _release(request: HttpRequest, release_id: UUID, template: str) -> HttpResponse:
    release = selectors.managed_release(request.user, release_id)
    facts = {
        "release": release,
        "equal": selectors.equal_release(release),
        **release_quality(release),
    }
    return render(request, f"review/{template}.html", facts)


def _list_page(
    request: HttpRequest, project_id: int, form: ReleaseForm | None, *, status: int = 200
) -> HttpResponse:
    project = selectors.managed_project(request.user, project_id)
    approved = selectors.releasable_batches(project)
    facts = {
        "project": project,
        "manages": True,
        "releases": selectors.releases_of(project),
        "approved": approved,
        "form": form
        or ReleaseForm(
            approved=approved,
            initial={"batches": [one.pk for one in approved], "format": DEFAULT_FORMAT},
        ),
    }
    return render(request, "review/releases.html", facts, status=status)
