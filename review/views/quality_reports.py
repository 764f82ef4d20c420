"""A release's quality report: read, printed, taken as JSON, computed again, signed."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from episodes.views.people import person
from review.errors import GatesNotMet, ReportStale
from review.forms_quality import SignForm
from review.report_html import report_html
from review.selectors import quality_report as selectors
from review.selectors.check_pages import report_facts
from review.selectors.releases import managed_release
from review.services.quality_reports import request_report, sign_release
from review.tasks import compute_checks_task


@never_cache
@require_GET
def quality_report(request: HttpRequest, report_id: UUID) -> HttpResponse:
    return _page(request, report_id)


@never_cache
@require_GET
def quality_report_json(request: HttpRequest, report_id: UUID) -> JsonResponse:
    report = selectors.visible_report(request.user, report_id)
    return JsonResponse(selectors.report_document(report), json_dumps_params={"indent": 1})


@never_cache
@require_GET
def quality_report_document(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """The report as one file that needs nothing else, as it lies in the release's archive."""
    report = selectors.visible_report(request.user, report_id)
    return HttpResponse(report_html(report))


@require_POST
def report_again(request: HttpRequest, release_id: UUID) -> HttpResponse:
    release = managed_release(request.user, release_id)
    run = request_report(actor=person(request), release=release)
    transaction.on_commit(partial(compute_checks_task.delay, str(run.pk)))
    messages.success(request, "The checks run once more; the next report follows.")
    return redirect("review-release", release.pk)


@require_POST
def release_sign(request: HttpRequest, release_id: UUID) -> HttpResponse:
    release = managed_release(request.user, release_id)
    form = SignForm(request.POST)
    if not form.is_valid():
        newest = selectors.newest_report(release)
        return (
            redirect("quality-report", newest.pk)
            if newest
            else redirect("review-release", release.pk)
        )
    try:
        sign_release(
            actor=person(request),
            release=release,
            report_id=form.cleaned_data["report"],
            override_reason=form.cleaned_data["override_reason"],
        )
    except GatesNotMet as error:
        form.add_error("override_reason", f"{error} {error.remedy}")
        return _page(request, form.cleaned_data["report"], form, status=409)
    except ReportStale as error:
        form.add_error(None, f"{error} {error.remedy}")
        return _page(request, UUID(error.fields["report"]), form, status=409)
    messages.success(request, f"Version {release.version} is signed.")
    return redirect("review-release", release.pk)


def _page(
    request: HttpRequest, report_id: UUID, form: SignForm | None = None, *, status: int = 200
) -> HttpResponse:
    report = selectors.visible_report(request.user, report_id)
    newest = selectors.newest_report(report.release)
    facts = {
        **report_facts(report),
        "newest": newest,
        "is_newest": newest is not None and newest.pk == report.pk,
        "form": form or SignForm(initial={"report": report.pk}),
    }
    return render(request, "review/quality_report.html", facts, status=status)
