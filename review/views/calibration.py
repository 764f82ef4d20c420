"""How annotators stand against gold: everybody, one person's charts, and one's own picture."""

from collections import defaultdict
from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from annotation.models import Membership, Project
from annotation.plots import Plot
from annotation.roles import Role, require_role
from episodes.views.people import person
from review.errors import CalibrationRefused, ToleranceFrozen
from review.forms_calibration import QualificationForm, StandingForm, TolerancesForm
from review.measures.calibration.sprt import SprtPlan
from review.models import Calibration, LabelType
from review.selectors import calibration_pages as pages
from review.selectors import calibration_plots as plots
from review.selectors.batches import reviewed_project
from review.selectors.calibration_sums import bars_of, offsets_of
from review.selectors.gold_results import TYPES, GoldResult, gold_results
from review.selectors.own_calibration import own_projects
from review.selectors.tolerances import clocks_error, tolerance_rows
from review.selectors.training import feedback, feedback_payload, feedback_set, training_of
from review.services import calibration as services
from review.services.tolerances import apply_tolerances
from review.views.project_page import project_page

# Fewer marks of a class make no chart: the table says what there is.
CHARTED = 5


@require_GET
def project_calibration(request: HttpRequest, project_id: int) -> HttpResponse:
    return _team(request, reviewed_project(request.user, project_id))


@require_POST
def calibration_tolerances(request: HttpRequest, project_id: int) -> HttpResponse:
    project = reviewed_project(request.user, project_id)
    require_role(request.user, project, Role.MANAGER)
    form = TolerancesForm(request.POST, rows=tolerance_rows(project))
    if form.is_valid():
        try:
            apply_tolerances(actor=person(request), project=project, classes=form.chosen)
            messages.success(request, "Applied. The work under this guideline is compared anew.")
            return redirect("project-calibration", project.pk)
        except (CalibrationRefused, ToleranceFrozen) as error:
            form.add_error(None, f"{error} {error.remedy}")
    return _team(request, project, form)


@require_GET
def calibration_person(request: HttpRequest, project_id: int, user_id: int) -> HttpResponse:
    project = reviewed_project(request.user, project_id)
    return _person(request, project, pages.member_of(project, user_id))


@require_POST
def calibration_pause(request: HttpRequest, project_id: int, user_id: int) -> HttpResponse:
    return _standing(request, project_id, user_id, services.pause_annotator)


@require_POST
def calibration_resume(request: HttpRequest, project_id: int, user_id: int) -> HttpResponse:
    return _standing(request, project_id, user_id, services.resume_annotator)


@require_POST
def calibration_decide(request: HttpRequest, project_id: int, user_id: int) -> HttpResponse:
    """A reviewer's word where the test of a qualification reached none."""
    project = reviewed_project(request.user, project_id)
    member = pages.member_of(project, user_id)
    form = QualificationForm(request.POST, auto_id="decide_%s")
    if form.is_valid():
        try:
            services.decide_qualification(
                actor=person(request), project=project, user=member.user, **form.cleaned_data
            )
            messages.success(request, "Saved.")
            return redirect("calibration-person", project.pk, user_id)
        except CalibrationRefused as error:
            form.add_error(None, f"{error} {error.remedy}")
    return _person(request, project, member, decide_form=form)


@never_cache
@require_GET
def my_calibration(request: HttpRequest) -> HttpResponse:
    facts = {"projects": own_projects(person(request), timezone.now())}
    return render(request, "review/my_calibration.html", facts)


@never_cache
@require_GET
def training_feedback(request: HttpRequest, set_id: UUID) -> HttpResponse:
    """How one's answer to a training episode compares with gold."""
    found = feedback(feedback_set(person(request), set_id))
    place = found.annotation_set.project_episode
    facts = {"found": found, "place": place, "training": training_of(person(request), place)}
    return render(request, "review/training_feedback.html", facts)


@never_cache
@require_GET
def training_compare(request: HttpRequest, set_id: UUID) -> HttpResponse:
    """Both answers over the recording, read-only."""
    found = feedback(feedback_set(person(request), set_id))
    payload = feedback_payload(person(request), found)
    return render(request, "annotation/editor.html", {"payload": payload})


def _standing(
    request: HttpRequest, project_id: int, user_id: int, change: Callable[..., object]
) -> HttpResponse:
    project = reviewed_project(request.user, project_id)
    require_role(request.user, project, Role.MANAGER)
    member = pages.member_of(project, user_id)
    form = StandingForm(request.POST, auto_id="standing_%s")
    if form.is_valid():
        try:
            change(
                actor=person(request),
                project=project,
                user=member.user,
                reason=form.cleaned_data["reason"],
            )
            messages.success(request, "Saved.")
            return redirect("calibration-person", project.pk, user_id)
        except CalibrationRefused as error:
            form.add_error(None, f"{error} {error.remedy}")
    return _person(request, project, member, standing_form=form)


def _team(
    request: HttpRequest, project: Project, form: TolerancesForm | None = None
) -> HttpResponse:
    """``form`` is one that came back with errors."""
    rows, tolerances = pages.people_rows(project), tolerance_rows(project)
    bars, kinds = bars_of(project), pages.measured_kinds(rows)
    facts = {
        "rows": rows,
        "shown": [(row, kinds.of(row)) for row in rows],
        "doubted": pages.doubted(rows),
        "kinds": kinds,
        "learners": pages.learner_rows(project),
        "tolerances": tolerances,
        "clocks": clocks_error(project),
        "form": form or TolerancesForm(rows=tolerances),
        "bar": bars[LabelType.ALL],
        "plot": plots.people_plot(project, rows, bars[LabelType.ALL]),
    }
    return project_page(request, project, "calibration", facts, status=400 if form else 200)


def _person(
    request: HttpRequest, project: Project, member: Membership, **forms: Form
) -> HttpResponse:
    """``forms`` are those that came back with errors."""
    rows = list(Calibration.objects.filter(project=project, annotator=member.user))
    learner = next((one for one in pages.learner_rows(project) if one.user == member.user), None)
    timings = pages.timings_of(
        next((row for row in rows if row.label_type == LabelType.CONTACT), None),
        pages.class_names(project),
    )
    drifting = [one for one in timings if one.out]
    facts: dict[str, object] = {
        "member": member,
        "tone": pages.TONES[Membership.Standing(member.standing)],
        "cells": [pages.Cell(row) for row in rows],
        "timings": timings,
        "advice": pages.advice(member, rows, drifting),
        "learner": learner,
        "decisions": pages.decisions_of(project, member.user_id),
        "since": pages.work_since(request.user, project, member.user_id),
        "plots": [
            *_charts(project, member.user, rows),
            *([plots.sprt_plot(learner.result, SprtPlan())] if learner and learner.result else []),
        ],
        "standing_form": StandingForm(auto_id="standing_%s"),
        "decide_form": QualificationForm(auto_id="decide_%s"),
    }
    status = 400 if forms else 200
    return project_page(request, project, "calibration_person", {**facts, **forms}, status=status)


def _charts(project: Project, user: User, rows: list[Calibration]) -> list[Plot]:
    everybody = gold_results(project)
    own = [one for one in everybody if one.annotator == user.pk]
    if not own:
        return []
    stored, bars = {row.label_type: row for row in rows}, bars_of(project)
    pooled = stored.get(LabelType.ALL)
    charts = [plots.weekly_plot(own, pooled.deff if pooled else 2.0)]
    for kind in TYPES[1:]:
        if any(one.trials(kind).total for one in own):
            charts.append(
                plots.cusum_plot(str(kind.label), kind, own, bars[kind], stored.get(kind))
            )
    names, team = pages.class_names(project), _team_offsets(everybody)
    for name, offsets in sorted(offsets_of(own).items()):
        if len(offsets) < CHARTED:
            continue
        charts.append(plots.ewma_plot(names.get(name, name), offsets, team[name]))
    return charts


def _team_offsets(results: list[GoldResult]) -> dict[str, list[int]]:
    return defaultdict(list, offsets_of(results))
