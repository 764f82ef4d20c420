"""How a project's work goes, for its managers: figures, the sets behind them, CSV and JSON."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from annotation.csv_rows import csv_answer
from annotation.models import Project
from annotation.roles import Role, require_role
from annotation.selectors.projects import project_for
from review.forms_dashboard import FilterForm, OperationForm
from review.models import OperationSettings
from review.selectors import dashboard as figures
from review.selectors import dashboard_plots as plots
from review.selectors.dashboard_tables import NAMES, table
from review.services.daily_work import keep_daily_work

PAGE, LEASES, DAYS = 50, 10, 28


@require_GET
def dashboard(request: HttpRequest, project_id: int) -> HttpResponse:
    project = _managed(request, project_id)
    form, wanted = _asked(request, project)
    stages, people = figures.stages(project, wanted.task), figures.person_rows(project, wanted)
    total = figures.sums(project, wanted)
    left, found = figures.backlog_forecast(project, wanted.task)
    facts = {
        "form": form,
        "total": total,
        "cost": figures.cost_of(project, total),
        "people": [(one, plots.sets_address(project, _of(wanted, one))) for one in people],
        "leases": figures.open_leases(project)[:LEASES],
        "sets_address": plots.sets_address(project, wanted),
        "tables": NAMES,
        "plots": [
            plots.states_plot(project, stages),
            plots.burn_down_plot(left, found),
            plots.days_plot(project, wanted, figures.day_rows(project, wanted)),
            plots.people_plot(project, wanted, people),
            plots.lengths_plot(figures.times_by_length(project, wanted)),
        ],
    }
    return _page(request, project, "dashboard", {**facts, "wanted": wanted})


@require_GET
def dashboard_sets(request: HttpRequest, project_id: int) -> HttpResponse:
    """The sets behind a number."""
    project = _managed(request, project_id)
    form, wanted = _asked(request, project)
    sets = figures.handed_in(project, wanted).order_by("-submitted_at", "pk")
    rows = sets.select_related("assignment__annotator", "project_episode__episode__task")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    facts = {"form": form, "wanted": wanted, "page": page}
    return _page(request, project, "dashboard_sets", facts)


@require_GET
def dashboard_table(
    request: HttpRequest, project_id: int, name: str, kind: str
) -> HttpResponseBase:
    project = _managed(request, project_id)
    if name not in NAMES or kind not in ("csv", "json"):
        raise Http404
    _, wanted = _asked(request, project)
    header, rows = table(project, wanted, name)
    if kind == "csv":
        return csv_answer(f"{project.name}-{name}", header, rows)
    return JsonResponse({"rows": [dict(zip(header, row, strict=False)) for row in rows]})


@require_http_methods(["GET", "POST"])
def dashboard_settings(request: HttpRequest, project_id: int) -> HttpResponse:
    """What an hour costs."""
    project = _managed(request, project_id)
    stored = OperationSettings.objects.filter(project=project).first()
    form = OperationForm(
        request.POST or None, instance=stored or OperationSettings(project=project)
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("project-dashboard", project.pk)
    status = 400 if request.method == "POST" else 200
    return _page(request, project, "dashboard_settings", {"form": form}, status=status)


def _managed(request: HttpRequest, project_id: int) -> Project:
    """The project with its daily sums brought up to the records."""
    project = project_for(request.user, project_id)
    require_role(request.user, project, Role.MANAGER)
    keep_daily_work(project)
    return project


def _asked(request: HttpRequest, project: Project) -> tuple[FilterForm, figures.Wanted]:
    """The filters; what is not understood is said in the form and not applied."""
    people, tasks = figures.people_and_tasks(project)
    form = FilterForm(request.GET, people=people, tasks=tasks)
    form.is_valid()
    given = form.cleaned_data
    last = given.get("last") or timezone.localdate()
    first = given.get("first") or last - timedelta(days=DAYS - 1)
    return form, figures.Wanted(first, last, given.get("person"), given.get("task"))


def _of(wanted: figures.Wanted, one: figures.PersonRow) -> figures.Wanted:
    return figures.Wanted(wanted.first, wanted.last, one.user.pk, wanted.task)


def _page(
    request: HttpRequest,
    project: Project,
    template: str,
    facts: dict[str, object],
    *,
    status: int = 200,
) -> HttpResponse:
    frame = {"project": project, "oversees": True, "manages": True, "tab": "dashboard"}
    return render(request, f"review/{template}.html", {**frame, **facts}, status=status)
