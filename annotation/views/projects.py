"""Project pages: the list, a new one, its overview, people and settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.errors import LastManager, ProjectNameTaken, RoleMissing, StaleProject
from annotation.forms import MemberForm, TakeForm
from annotation.forms_projects import ProjectSettingsForm, StartForm
from annotation.models import Project
from annotation.presets import PRESETS
from annotation.roles import Role, may_create_projects
from annotation.selectors import projects as selectors
from annotation.selectors.guidelines import current_guideline
from annotation.services.add_episodes import take_episodes
from annotation.services.set_membership import set_membership
from annotation.services.start_project import start_project
from annotation.services.update_project import update_project
from annotation.views.project_frame import opened, project_page
from episodes.selectors.episodes import selected_episodes
from episodes.services.change_episodes import require_may_change
from episodes.views.episodes import back_to_list
from episodes.views.people import person


@require_GET
def project_list(request: HttpRequest) -> HttpResponse:
    """Projects at work; with ?archived=1 those that are over."""
    user, archived = person(request), "archived" in request.GET
    rows = selectors.project_rows(user)
    over = [row for row in rows if row.project.state == Project.State.ARCHIVED]
    facts = {
        "rows": over if archived else [row for row in rows if row not in over],
        "over": len(over),
        "archived": archived,
        "may_create": may_create_projects(user),
    }
    return render(request, "annotation/project_list.html", facts)


@require_http_methods(["GET", "POST"])
def project_new(request: HttpRequest) -> HttpResponse:
    """Start a project from a preset; its creator becomes its manager."""
    if not may_create_projects(person(request)):
        raise RoleMissing(
            "Projects are started by managers and administrators.",
            remedy="Ask a manager to start the project or to make you a manager.",
        )
    form = StartForm(request.POST or None)
    if form.is_valid():
        try:
            project = start_project(actor=person(request), **form.cleaned_data)
            return redirect("project-detail", project.pk)
        except ProjectNameTaken as error:
            form.add_error("name", str(error))
    facts = {"form": form, "presets": PRESETS, "chosen": form["preset"].value()}
    status = 400 if form.errors else 200
    return render(request, "annotation/project_new.html", facts, status=status)


@require_GET
def project_detail(request: HttpRequest, project_id: int) -> HttpResponse:
    """How far it is, and what is left to set up."""
    project = opened(request, project_id)
    guideline = current_guideline(project)
    facts = {
        "progress": selectors.progress_of_project(project),
        "guideline_number": guideline.number if guideline else 0,
    }
    return project_page(request, project, "project_detail", facts, here="overview")


@require_http_methods(["GET", "POST"])
def project_update(request: HttpRequest, project_id: int) -> HttpResponse:
    """The settings; who saves after a colleague sees their values and decides."""
    project = opened(request, project_id, Role.MANAGER)
    form = ProjectSettingsForm(request.POST or None, project=project)
    present: list[tuple[str, object, object]] = []
    if form.is_valid():
        try:
            update_project(actor=person(request), project=project, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("project-update", project.pk)
        except ProjectNameTaken as error:
            form.add_error("name", str(error))
        except StaleProject as error:
            present = form.against(selectors.project_for(request.user, project_id))
            form.add_error(None, f"{error} {error.remedy}")
    return project_page(
        request,
        project,
        "project_settings",
        {"form": form, "present": present},
        here="settings",
        status=400 if form.errors else 200,
    )


@require_POST
def project_take(request: HttpRequest) -> HttpResponse:
    """Add the episodes selected in the episode list to the project named in the form."""
    require_may_change(person(request))
    form = TakeForm(request.POST, viewer=request.user)
    if form.is_valid():
        project = form.cleaned_data["project"]
        chosen = selected_episodes(request.user, form.wanted, form.ids)
        added = take_episodes(actor=person(request), project=project, chosen=chosen)
        messages.success(request, added.said)
    else:
        messages.error(request, form.said)
    return back_to_list(request)


@require_GET
def project_people(request: HttpRequest, project_id: int) -> HttpResponse:
    return _people(request, opened(request, project_id, Role.REVIEWER))


@require_POST
def project_set_member(request: HttpRequest, project_id: int) -> HttpResponse:
    project = opened(request, project_id, Role.MANAGER)
    form = MemberForm(request.POST)
    if form.is_valid():
        user, role = form.cleaned_data["user"], form.chosen_role
        try:
            set_membership(actor=person(request), project=project, user=user, role=role)
            messages.success(request, "Saved.")
            return redirect("project-people", project.pk)
        except LastManager as error:
            form.add_error(None, f"{error} {error.remedy}")
    return _people(request, project, form)


def _people(request: HttpRequest, project: Project, form: MemberForm | None = None) -> HttpResponse:
    """``form`` is one that came back with errors."""
    facts = {"members": selectors.member_rows(project), "form": form or MemberForm()}
    status = 400 if form else 200
    return project_page(request, project, "project_people", facts, here="people", status=status)
