"""How well a project's annotators agree, with each other and with gold; runs of it to be cited."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from annotation.csv_rows import csv_answer
from annotation.models import Project
from episodes.views.people import person
from review.errors import NothingToCompare
from review.forms_agreement import AgreementForm, RunForm
from review.models import AgreementRun
from review.selectors import agreement_runs as runs
from review.selectors.agreement import agreement
from review.selectors.agreement_episodes import Behind, behind
from review.selectors.agreement_figures import Figure
from review.selectors.agreement_plots import plots_of
from review.selectors.batches import manages, reviewed_project
from review.selectors.side_by_side import compared_pair, pair_payload
from review.selectors.simulated_truth import true_values
from review.services.agreement_runs import compute_again, request_run
from review.tasks import compute_run_task

PAGE = 50


@require_GET
def project_agreement(request: HttpRequest, project_id: int) -> HttpResponse:
    project = reviewed_project(request.user, project_id)
    form = AgreementForm(request.GET, project=project)
    found = agreement(project, form.wanted())
    facts = {
        "form": form,
        "run_form": RunForm(),
        "found": found,
        "wanted": found.wanted,
        "plots": plots_of(found) if found.compared.pairs else [],
        "truth": true_values(project, found.wanted),
        "runs": runs.runs_of(project)[:PAGE],
    }
    return _page(request, project, "agreement", facts)


@require_GET
def agreement_episodes(request: HttpRequest, project_id: int) -> HttpResponse:
    """The comparisons behind a number."""
    project = reviewed_project(request.user, project_id)
    form = AgreementForm(request.GET, project=project)
    wanted = form.wanted()
    asked = Behind(
        request.GET.get("what", "all"),
        request.GET.get("class", ""),
        _number(request.GET.get("phase", "")),
    )
    number = max(1, _number(request.GET.get("page", "")) or 1)
    page = behind(wanted, asked, offset=(number - 1) * PAGE, limit=PAGE)
    facts = {
        "form": form,
        "wanted": wanted,
        "asked": asked,
        "page": page,
        "pages": Paginator(range(page.total), PAGE).get_page(number),
    }
    return _page(request, project, "agreement_episodes", facts)


@never_cache
@require_GET
def comparison(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    """Both sides of a comparison over the recording, read-only, whether in a batch or not."""
    pair = compared_pair(person(request), pair_id)
    back = reverse("review-agreement", args=[pair.project_episode.project_id])
    payload = pair_payload(person(request), pair, back=back)
    return render(request, "annotation/editor.html", {"payload": payload})


@require_GET
def agreement_table(request: HttpRequest, project_id: int, kind: str) -> HttpResponseBase:
    project = reviewed_project(request.user, project_id)
    found = agreement(project, AgreementForm(request.GET, project=project).wanted())
    figures = [*found.pooled, *found.by_class]
    return _table(f"{project.name}-agreement", figures, kind, {"filter": found.wanted.to_json()})


@require_POST
def run_create(request: HttpRequest, project_id: int) -> HttpResponse:
    project = reviewed_project(request.user, project_id)
    wanted = AgreementForm(request.GET, project=project).wanted()
    form = RunForm(request.POST)
    form.is_valid()
    try:
        run = request_run(
            actor=person(request),
            project=project,
            wanted=wanted,
            note=form.cleaned_data.get("note", ""),
        )
    except NothingToCompare as error:
        messages.error(request, f"{error} {error.remedy}")
        return redirect("review-agreement", project.pk)
    transaction.on_commit(partial(compute_run_task.delay, str(run.pk)))
    return redirect("review-run", run.pk)


@require_GET
def run_detail(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = runs.reviewed_run(request.user, run_id)
    facts = {
        "run": run,
        "ready": run.state == AgreementRun.State.READY,
        "figures": runs.frozen(run, "figures"),
        "classes": runs.frozen(run, "classes"),
        "since": runs.since(run),
        "run_parts": [
            (title, run.figures[part])
            for part, title in (("pairs", "Who with whom"), ("tasks", "Tasks"))
            if run.figures.get(part)
        ],
    }
    return _page(request, run.project, "agreement_run", facts)


@require_POST
def run_again(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Whether the same comparisons still give the same figures."""
    run = runs.reviewed_run(request.user, run_id)
    if run.state != AgreementRun.State.READY:
        messages.error(request, "The run is not computed yet. Wait until it is.")
        return redirect("review-run", run.pk)
    again = compute_again(run)
    if again.identical:
        messages.success(
            request, f"Computed again over {again.pairs} comparisons: every figure is the same."
        )
    else:
        messages.warning(
            request,
            f"Of {run.pairs} comparisons {again.pairs} are found again as they were then. Others "
            "were counted anew since under other tolerances, or left with their episodes or "
            "batch. The figures below stand as they were frozen.",
        )
    return redirect("review-run", run.pk)


@require_GET
def run_table(request: HttpRequest, run_id: UUID, kind: str) -> HttpResponseBase:
    run = runs.reviewed_run(request.user, run_id)
    figures = [*runs.frozen(run, "figures"), *runs.frozen(run, "classes")]
    facts = {
        "run": run.number,
        "filter": run.wanted,
        "as_of": run.as_of.isoformat(),
        "pairs_sha256": run.pairs_sha256,
        **run.figures,
    }
    return _table(f"{run.project.name}-agreement-run-{run.number}", figures, kind, facts)


def _table(
    name: str, figures: list[Figure], kind: str, facts: dict[str, object]
) -> HttpResponseBase:
    if kind == "csv":
        return csv_answer(name, runs.FIGURE_COLUMNS, runs.figure_rows(figures))
    if kind != "json":
        raise Http404
    return JsonResponse({**facts, "figures": [one.to_json() for one in figures]})


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 7 else None


def _page(
    request: HttpRequest, project: Project, template: str, facts: dict[str, object]
) -> HttpResponse:
    frame = {"project": project, "manages": manages(request.user, project)}
    return render(request, f"review/{template}.html", {**frame, **facts})
