"""Project pages: the list, one project, and what its managers change."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.errors import LastManager, ProjectNameTaken, RoleMissing, StaleProject
from annotation.forms import (
    AddEpisodesForm,
    GuidelineForm,
    MemberForm,
    ProjectForm,
    ProjectSettingsForm,
    TakeForm,
)
from annotation.models import Project
from annotation.roles import Role, at_least, may_create_projects, require_role, role_in
from annotation.selectors import projects as selectors
from annotation.selectors.guidelines import current_guideline
from annotation.services.add_episodes import add_episodes, take_episodes
from annotation.services.create_project import create_project
from annotation.services.guidelines import publish_guideline
from annotation.services.set_membership import set_membership
from annotation.services.update_project import update_project
from annotation.views.person import person
from episodes.selectors.episodes import selected_episodes
from episodes.services.change_episodes import require_may_change
from episodes.views.episodes import back_to_list

PAGE = 50


@require_GET
def project_list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    facts = {"rows": selectors.project_rows(user), "may_create": may_create_projects(user)}
    return render(request, "annotation/project_list.html", facts)


@require_http_methods(["GET", "POST"])
def project_new(request: HttpRequest) -> HttpResponse:
    """Start a project; its creator becomes its manager."""
    if not may_create_projects(person(request)):
        raise RoleMissing(
            "Projects are started by managers and administrators.",
            remedy="Ask a manager to start the project or to make you a manager.",
        )
    form = ProjectForm(request.POST or None)
    if form.is_valid():
        try:
            project = create_project(actor=person(request), **form.cleaned_data)
            return redirect("project-detail", project.pk)
        except ProjectNameTaken as error:
            form.add_error("name", str(error))
    return render(request, "annotation/project_new.html", {"form": form})


@require_GET
def project_detail(request: HttpRequest, project_id: int) -> HttpResponse:
    return _page(request, selectors.project_for(request.user, project_id))


@require_POST
def project_update(request: HttpRequest, project_id: int) -> HttpResponse:
    project = _managed(request, project_id)
    form = ProjectSettingsForm(request.POST)
    if not form.is_valid():
        return _page(request, project, settings_form=form)
    update_project(actor=person(request), project=project, **form.cleaned_data)
    messages.success(request, "Saved.")
    return redirect("project-detail", project.pk)


@require_POST
def project_guideline(request: HttpRequest, project_id: int) -> HttpResponse:
    """Publish the next version of the guideline."""
    project = _managed(request, project_id)
    form = GuidelineForm(request.POST)
    if form.is_valid():
        try:
            publish_guideline(actor=person(request), project=project, **form.cleaned_data)
            messages.success(request, "The guideline is published.")
            return redirect("project-detail", project.pk)
        except StaleProject as error:
            form.add_error(None, f"{error} {error.remedy}")
    return _page(request, project, guideline_form=form)


@require_POST
def project_add_episodes(request: HttpRequest, project_id: int) -> HttpResponse:
    """Add every ready episode of a dataset."""
    project = _managed(request, project_id)
    form = AddEpisodesForm(request.POST, viewer=request.user, project=project)
    if not form.is_valid():
        return _page(request, project, episodes_form=form)
    addable = selectors.addable_episodes(request.user, project)
    ids = addable.filter(dataset=form.cleaned_data["dataset"]).values_list("pk", flat=True)
    added = add_episodes(actor=person(request), project=project, episode_ids=ids)
    messages.success(request, f"{added} episodes are in the queue.")
    return redirect("project-detail", project.pk)


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


@require_POST
def project_set_member(request: HttpRequest, project_id: int) -> HttpResponse:
    project = _managed(request, project_id)
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _page(request, project, member_form=form)
    user = form.cleaned_data["user"]
    try:
        set_membership(actor=person(request), project=project, user=user, role=form.chosen_role)
    except LastManager as error:
        form.add_error(None, f"{error} {error.remedy}")
        return _page(request, project, member_form=form)
    messages.success(request, "Saved.")
    return redirect("project-detail", project.pk)


def _managed(request: HttpRequest, project_id: int) -> Project:
    project = selectors.project_for(request.user, project_id)
    require_role(request.user, project, Role.MANAGER)
    return project


def _page(request: HttpRequest, project: Project, **forms: object) -> HttpResponse:
    """The project's page; ``forms`` are those that came back with errors."""
    user = person(request)
    role = role_in(user, project)
    guideline = current_guideline(project)
    facts: dict[str, object] = {
        "project": project,
        "progress": selectors.progress_of_project(project),
        "guideline": guideline.text if guideline else "",
        "guideline_number": guideline.number if guideline else 0,
        "oversees": at_least(role, Role.REVIEWER),
        "manages": at_least(role, Role.MANAGER),
    }
    if facts["oversees"]:
        rows = Paginator(selectors.episode_rows(project), PAGE)
        facts["page"] = rows.get_page(request.GET.get("page"))
        facts["members"] = selectors.member_rows(project)
    if facts["manages"]:
        facts["settings_form"] = ProjectSettingsForm(initial={"overlap": project.overlap})
        start = {"text": facts["guideline"], "based_on": facts["guideline_number"]}
        facts["guideline_form"] = GuidelineForm(initial=start)
        facts["episodes_form"] = AddEpisodesForm(viewer=user, project=project)
        facts["member_form"] = MemberForm()
    status = 400 if forms else 200
    return render(request, "annotation/project_detail.html", {**facts, **forms}, status=status)
