"""The four dataset checks of a project: run them, judge segments, say what they hold."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.models import Project
from annotation.roles import Role
from annotation.selectors.preferences import preferences_of
from annotation.views.project_frame import opened
from episodes.api.sending import Sendable, send
from episodes.services.stills import still_at
from episodes.views.people import person
from review.errors import NothingToJudge, PlanStale
from review.forms_quality import (
    DatasheetForm,
    DrawForm,
    JudgementForm,
    QualityPlanForms,
)
from review.models import AlignmentItem
from review.selectors import alignment
from review.selectors import check_pages as pages
from review.selectors import dataset_checks as checks
from review.selectors.datasheet import datasheet_of
from review.services.alignment import draw_alignment_sample, judge_segment
from review.services.check_runs import request_checks
from review.services.quality_plan import answer_datasheet, change_quality_plan
from review.tasks import compute_checks_task
from review.views.project_page import project_page

PAGE, RUNS, LEAST_SAMPLE = 50, 20, 60
JPEG = "image/jpeg"


@never_cache
@require_GET
def project_quality(request: HttpRequest, project_id: int) -> HttpResponse:
    return _quality(request, opened(request, project_id, Role.REVIEWER))


@require_POST
def quality_run(request: HttpRequest, project_id: int) -> HttpResponse:
    project = opened(request, project_id, Role.REVIEWER)
    run = request_checks(actor=person(request), project=project)
    transaction.on_commit(partial(compute_checks_task.delay, str(run.pk)))
    return redirect("check-run", run.pk)


@require_http_methods(["GET", "POST"])
def quality_settings(request: HttpRequest, project_id: int) -> HttpResponse:
    """What the checks hold and what a release must reach."""
    project = opened(request, project_id, Role.MANAGER)
    forms = QualityPlanForms(request.POST or None, checks.plans_of(project))
    if request.method == "POST" and forms.is_valid():
        try:
            change_quality_plan(
                actor=person(request),
                project=project,
                checks=forms.checks,
                gates=forms.gates,
                version=forms.version.cleaned_data["version"],
            )
            messages.success(request, "Saved. Run the checks again to see what they say now.")
            return redirect("project-quality", project.pk)
        except PlanStale as error:
            forms.refused(f"{error} {error.remedy}", error.fields["version"])
    status = 400 if request.method == "POST" else 200
    return project_page(request, project, "quality_settings", {"forms": forms}, status=status)


@require_http_methods(["GET", "POST"])
def project_datasheet(request: HttpRequest, project_id: int) -> HttpResponse:
    """What no record says of the data; asked once, kept for every release."""
    project = opened(request, project_id, Role.MANAGER)
    form = DatasheetForm(request.POST or None, sheet=datasheet_of(project))
    if request.method == "POST" and form.is_valid():
        try:
            answer_datasheet(
                actor=person(request),
                project=project,
                answers=form.answers,
                version=form.cleaned_data["version"],
            )
            messages.success(request, "Saved. The next report of a release carries it.")
            return redirect("project-datasheet", project.pk)
        except PlanStale as error:
            form.add_error(None, f"{error} {error.remedy}")
            form.data = {**request.POST.dict(), "version": str(error.fields["version"])}
    status = 400 if request.method == "POST" else 200
    return project_page(request, project, "datasheet", {"form": form}, status=status)


@require_POST
def alignment_draw(request: HttpRequest, project_id: int) -> HttpResponse:
    project = opened(request, project_id, Role.REVIEWER)
    form = DrawForm(request.POST)
    if form.is_valid():
        try:
            draw_alignment_sample(
                actor=person(request), project=project, segments=form.cleaned_data["segments"]
            )
            return redirect("alignment-next", project.pk)
        except NothingToJudge as error:
            form.add_error(None, f"{error} {error.remedy}")
    return _quality(request, project, draw_form=form, status=400)


@never_cache
@require_GET
def alignment_next(request: HttpRequest, project_id: int) -> HttpResponse:
    """The next segment that nobody judged, or back to the checks when none is left."""
    project = opened(request, project_id, Role.REVIEWER)
    item = alignment.next_item(project, person(request))
    if item is None:
        messages.success(
            request, "No segment waits to be judged. Run the checks to see the figures."
        )
        return redirect("project-quality", project.pk)
    return redirect("alignment-segment", item.pk)


@never_cache
@require_http_methods(["GET", "POST"])
def alignment_segment(request: HttpRequest, item_id: int) -> HttpResponse:
    """One segment with its pictures, to be judged slot by slot."""
    item = alignment.judged_item(person(request), item_id)
    last = alignment.last_judgement(item)
    form = JudgementForm(request.POST or None, item=item, start=last.slots if last else {})
    if request.method == "POST" and form.is_valid():
        judge_segment(actor=person(request), item=item, slots=form.cleaned_data)
        return redirect("alignment-next", item.sample.project_id)
    status = 400 if request.method == "POST" else 200
    return _segment(request, item, form, status=status)


@require_GET
def alignment_still(
    request: HttpRequest, item_id: int, stream_id: UUID, at_ns: int
) -> HttpResponseBase:
    item = alignment.judged_item(person(request), item_id)
    stream = get_object_or_404(alignment.streams_of(item), pk=stream_id)
    still = still_at(stream, at_ns)
    return send(request, Sendable(still.name, JPEG, still.tag, lasting=False))


@never_cache
@require_GET
def check_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = checks.visible_run(request.user, run_id)
    figure = request.GET.get("figure", "")
    found = Paginator(checks.findings_of(run, figure, request.user), PAGE).get_page(
        request.GET.get("page")
    )
    facts = {
        "run": run,
        "equal": checks.equal_run(run),
        "figure": figure,
        "page": found,
        **pages.run_facts(run),
    }
    return project_page(request, run.project, "check_run", facts)


@never_cache
@require_GET
def check_run_status(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The part that is fetched again while the run is computed; when it is done, the whole page."""
    run = checks.visible_run(request.user, run_id)
    answer = render(request, "review/check_run_status.html", {"run": run})
    if run.state != run.State.WAITING:
        answer["HX-Refresh"] = "true"
    return answer


def _segment(
    request: HttpRequest, item: AlignmentItem, form: JudgementForm, *, status: int
) -> HttpResponse:
    project = item.sample.project
    facts = {
        "item": item,
        "form": form,
        "own": alignment.is_own(person(request), item),
        "last": alignment.last_judgement(item),
        "clips": alignment.clips_of(item),
        "judging": alignment.judging(project, person(request)),
        "single_keys": preferences_of(person(request)).values.get("single_keys", True),
    }
    return project_page(request, project, "segment", facts, status=status)


def _quality(
    request: HttpRequest, project: Project, *, draw_form: DrawForm | None = None, status: int = 200
) -> HttpResponse:
    newest = checks.runs_of(project).filter(state="ready", release=None).first()
    facts: dict[str, object] = {
        "runs": list(checks.runs_of(project)[:RUNS]),
        "newest": newest,
        "newest_figures": pages.figures_shown(newest.figures) if newest else [],
        "accepted": checks.accepted_places(project, request.user).count(),
        "judging": alignment.judging(project, person(request)),
        "samples": list(alignment.samples_of(project)[:RUNS]),
        "draw_form": draw_form or DrawForm(initial={"segments": LEAST_SAMPLE}),
        "sheet": datasheet_of(project),
    }
    return project_page(request, project, "quality", facts, status=status)
