"""A project's dashboards: its work, its people, where work waits, its labels; the sets and tables
behind them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_http_methods

from annotation.csv_rows import csv_answer
from annotation.models import AnnotationSet, Project
from annotation.roles import Role, require_role
from annotation.selectors.projects import project_for
from episodes.models import Task
from episodes.views.people import person
from review.forms_dashboard import FilterForm, OperationForm, SetsForm
from review.models import OperationSettings
from review.selectors import backlog, label_counts
from review.selectors import dashboard as figures
from review.selectors import dashboard_plots as plots
from review.selectors.daily import Daily, Wanted, daily_of
from review.selectors.dashboard_tables import NAMES, table
from review.selectors.sets_by_day import SetsByDay
from review.services.operation_settings import set_operation

PAGE, HELD, DAYS = 50, 20, 28


@dataclass(frozen=True)
class Asked:
    """What a dashboard is asked for; what is not understood is said in the form, not applied."""

    project: Project
    daily: Daily
    form: FilterForm
    wanted: Wanted


@require_GET
def dashboard(request: HttpRequest, project_id: int) -> HttpResponse:
    """How far the work is, what was handed in, when it is done."""
    asked = _asked(request, project_id)
    project, wanted = asked.project, asked.wanted
    days = figures.day_rows(asked.daily, wanted)
    total = figures.total(one for _, one in days)
    left, found = backlog.backlog_forecast(asked.daily, wanted.task)
    facts: dict[str, object] = {
        "total": total,
        "cost": figures.cost_of(project, total),
        "links": {
            what: plots.sets_address(project, wanted, what=what) for what in figures.WHAT if what
        },
        "every_set": plots.sets_address(project, wanted),
        "tables": NAMES,
        "plots": [
            plots.states_plot(project, backlog.stage_counts(project, wanted.task), wanted.task),
            plots.burn_down_plot(left, found),
            plots.days_plot(project, wanted, days),
        ],
    }
    return _page(request, asked, "dashboard", facts, "overview")


@require_GET
def dashboard_people(request: HttpRequest, project_id: int) -> HttpResponse:
    """Throughput by person with its spread, time by length, work by task."""
    asked = _asked(request, project_id)
    project, wanted = asked.project, asked.wanted
    people = figures.person_rows(asked.daily, wanted)
    facts = {
        "people": [(one.user, _cells(project, wanted, one)) for one in people],
        "tasks": [
            (task, one, plots.sets_address(project, _of_task(wanted, task)))
            for task, one in figures.task_rows(asked.daily, wanted)
        ],
        "people_address": reverse("project-people", args=[project.pk]),
        "hours_are": figures.total(one.sums for one in people).hours_are,
        "plots": [
            plots.people_plot(project, wanted, people),
            plots.lengths_plot(project, wanted, figures.times_by_length(project, wanted)),
        ],
    }
    return _page(request, asked, "dashboard_people", facts, "people")


@require_GET
def dashboard_backlog(request: HttpRequest, project_id: int) -> HttpResponse:
    """Where work waits and how long, by stage and task; who holds what."""
    asked = _asked(request, project_id)
    project, wanted = asked.project, asked.wanted
    found, tasks = backlog.stages(asked.daily, wanted), backlog.task_backlogs(project)
    held = backlog.held_work(project)
    facts = {
        "stages": [
            (one, plots.places_address(project, one.progress, wanted.task)) for one in found
        ],
        "held": held[:HELD],
        "held_count": held.order_by().count(),
        "plots": [
            plots.waits_plot(project, wanted, found),
            plots.tasks_plot(project, tasks),
            plots.aging_plot(backlog.aging(project)),
        ],
    }
    return _page(request, asked, "dashboard_backlog", facts, "backlog")


@require_GET
def dashboard_labels(request: HttpRequest, project_id: int) -> HttpResponse:
    """Labels by class and by how far they are."""
    asked = _asked(request, project_id)
    project, wanted = asked.project, asked.wanted
    rows = label_counts.class_counts(asked.daily, wanted)
    linked = [
        (
            one,
            {
                what or "every": plots.sets_address(
                    project, wanted, what=what, label=one.label_class
                )
                for what in ("", "returned", "accepted")
            },
        )
        for one in rows
    ]
    facts = {"rows": linked, "plots": [plots.labels_plot(project, wanted, rows)]}
    return _page(request, asked, "dashboard_labels", facts, "labels")


@require_GET
def dashboard_sets(request: HttpRequest, project_id: int) -> HttpResponse:
    """The sets behind a number."""
    asked = _asked(request, project_id, SetsForm)
    given = asked.form.cleaned_data
    narrowed: dict[str, Any] = {
        "what": given.get("what") or "",
        "label": given.get("label") or "",
        "length": given.get("length"),
    }
    counted = not narrowed["label"] and narrowed["length"] is None and narrowed["what"] != "timed"
    number = request.GET.get("page")
    facts: dict[str, object] = {
        "page": _counted_page(asked, narrowed["what"], number)
        if counted
        else _page_of(asked, narrowed, number),
        "uncounted": not counted,
        "query": plots.sets_address(asked.project, asked.wanted, **narrowed).partition("?")[2],
    }
    return _page(request, asked, "dashboard_sets", facts, "sets")


@require_GET
def dashboard_table(
    request: HttpRequest, project_id: int, name: str, kind: str
) -> HttpResponseBase:
    asked = _asked(request, project_id)
    if name not in NAMES or kind not in ("csv", "json"):
        raise Http404
    header, rows = table(asked.daily, asked.wanted, name)
    if kind == "csv":
        return csv_answer(f"{asked.project.name}-{name}", header, rows)
    return JsonResponse({"rows": [dict(zip(header, row, strict=False)) for row in rows]})


@require_http_methods(["GET", "POST"])
def dashboard_settings(request: HttpRequest, project_id: int) -> HttpResponse:
    """What an hour costs, where days begin, whether a report is sent."""
    project = _managed(request, project_id)
    stored = OperationSettings.objects.filter(project=project).first()
    form = OperationForm(request.POST or None, stored=stored or OperationSettings(project=project))
    if request.method == "POST" and form.is_valid():
        set_operation(actor=person(request), project=project, **form.values)
        messages.success(request, "Saved.")
        return redirect("project-dashboard-settings", project.pk)
    status = 400 if request.method == "POST" else 200
    facts = {"project": project, "form": form, **_FRAME, "tab": "settings"}
    return render(request, "review/dashboard_settings.html", facts, status=status)


# Whoever comes to a dashboard manages the project.
_FRAME = {"oversees": True, "manages": True, "tab": "dashboard"}


def _managed(request: HttpRequest, project_id: int) -> Project:
    project = project_for(request.user, project_id)
    require_role(request.user, project, Role.MANAGER)
    return project


def _asked(request: HttpRequest, project_id: int, shape: type[FilterForm] = FilterForm) -> Asked:
    project = _managed(request, project_id)
    daily = daily_of(project)
    people, tasks = figures.people_and_tasks(project)
    today = timezone.localdate(timezone=daily.zone)
    shown = request.GET.copy()
    if not shown.get("last"):
        shown["last"] = today.isoformat()
    if not shown.get("first"):
        shown["first"] = (_day(str(shown["last"]), today) - timedelta(days=DAYS - 1)).isoformat()
    form = shape(shown, people=people, tasks=tasks)
    form.is_valid()
    given = form.cleaned_data
    last = given.get("last") or today
    first = given.get("first") or last - timedelta(days=DAYS - 1)
    wanted = Wanted(first, last, given.get("person"), given.get("task"))
    return Asked(project, daily, form, wanted)


def _day(written: str, otherwise: date) -> date:
    """What the form will say about a day that there is not is not said here."""
    try:
        return parse_date(written) or otherwise
    except ValueError:
        return otherwise


def _counted_page(asked: Asked, what: str, number: str | None) -> Page[AnnotationSet]:
    return Paginator(SetsByDay(asked.daily, asked.wanted, what), PAGE).get_page(number)


def _page_of(asked: Asked, narrowed: dict[str, Any], number: str | None) -> Page[AnnotationSet]:
    """Only whether there is more: to count what has a label is to look at every set."""
    sets = figures.handed_in(
        asked.project, asked.wanted, narrowed["what"], narrowed["label"], narrowed["length"]
    ).order_by("-submitted_at", "pk")
    rows = sets.select_related("assignment__annotator", "project_episode__episode__task")
    paginator = Paginator(rows, PAGE)
    chosen = int(number) if number and number.isdecimal() and len(number) < 7 else 1
    before = (max(chosen, 1) - 1) * PAGE
    paginator.count = before + len(rows.values_list("pk")[before : before + PAGE + 1])
    return paginator.get_page(number)


def _cells(project: Project, wanted: Wanted, one: figures.PersonRow) -> list[tuple[str, str | int]]:
    """A person's figures with the sets behind each; text already, for there may be hundreds."""
    own = Wanted(wanted.first, wanted.last, one.user.pk, wanted.task)
    every, sums, pace = plots.sets_address(project, own), one.sums, one.pace
    returned = "" if sums.returned_percent is None else f" ({sums.returned_percent:.0f} %)"
    return [
        (f"{every}&what=first", sums.submitted),
        (f"{every}&what=rework", sums.reworked),
        (f"{every}&what=returned", f"{sums.returned}{returned}"),
        (f"{every}&what=accepted", sums.accepted),
        (every, sums.labels),
        ("", f"{sums.hours:.1f}"),
        ("", f"{pace.middle:.1f}" if pace else "–"),
        ("", f"{pace.low:.1f} to {pace.high:.1f}" if pace else "–"),
        ("", pace.n if pace else 0),
    ]


def _of_task(wanted: Wanted, task: Task | None) -> Wanted:
    return Wanted(wanted.first, wanted.last, wanted.person, task.pk if task else None)


def _page(
    request: HttpRequest, asked: Asked, template: str, facts: dict[str, object], part: str
) -> HttpResponse:
    frame = {
        "project": asked.project,
        "form": asked.form,
        "wanted": asked.wanted,
        "recounting": asked.daily.recounting,
        "part": part,
    }
    return render(request, f"review/{template}.html", {**_FRAME, **frame, **facts})
