"""Policies of a project: what holds for a task, and the bars of acceptance."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from annotation.errors import StaleProject
from annotation.forms_projects import AcceptanceForm, TaskPolicyForm
from annotation.models import Project
from annotation.roles import Role
from annotation.selectors import project_pages as selectors
from annotation.services import policies
from annotation.views.project_frame import opened, project_page
from episodes.views.people import person


@require_GET
def project_policies(request: HttpRequest, project_id: int) -> HttpResponse:
    return _page(request, opened(request, project_id, Role.REVIEWER))


@require_POST
def task_policy_set(request: HttpRequest, project_id: int) -> HttpResponse:
    project = opened(request, project_id, Role.MANAGER)
    form = TaskPolicyForm(request.POST, tasks=selectors.tasks_of(project))
    if form.is_valid():
        try:
            policies.set_task_policy(actor=person(request), project=project, **form.values)
            return _saved(request, project)
        except StaleProject as error:
            _stale(form, error)
    return _page(request, project, task_form=form)


@require_POST
def acceptance_set(request: HttpRequest, project_id: int) -> HttpResponse:
    project = opened(request, project_id, Role.MANAGER)
    form = AcceptanceForm(request.POST, tasks=selectors.tasks_of(project))
    if form.is_valid():
        try:
            policies.set_acceptance(actor=person(request), project=project, **form.values)
            return _saved(request, project)
        except StaleProject as error:
            _stale(form, error)
    return _page(request, project, acceptance_form=form)


@require_POST
def task_policy_remove(request: HttpRequest, project_id: int, policy_id: int) -> HttpResponse:
    project = opened(request, project_id, Role.MANAGER)
    policies.remove_task_policy(actor=person(request), project=project, policy_id=policy_id)
    return _saved(request, project)


@require_POST
def acceptance_remove(request: HttpRequest, project_id: int, policy_id: int) -> HttpResponse:
    project = opened(request, project_id, Role.MANAGER)
    policies.remove_acceptance(actor=person(request), project=project, policy_id=policy_id)
    return _saved(request, project)


def _saved(request: HttpRequest, project: Project) -> HttpResponse:
    messages.success(request, "Saved.")
    return redirect("project-policies", project.pk)


def _stale(form: Form, error: StaleProject) -> None:
    """The entries stay; saved again they hold."""
    form.add_error(None, f"{error} {error.remedy}")
    form.data = {name: form.data[name] for name in form.data} | {
        "version": str(error.fields["version"])
    }


def _page(request: HttpRequest, project: Project, **forms: Form) -> HttpResponse:
    """``forms`` are those that came back with errors."""
    tasks, start = selectors.tasks_of(project), {"version": project.version}
    facts: dict[str, object] = {
        "task_rows": selectors.task_policies(project),
        "acceptance_rows": selectors.acceptance_policies(project),
        "task_form": TaskPolicyForm(tasks=tasks, initial=start, prefix=None),
        "acceptance_form": AcceptanceForm(tasks=tasks, initial=start, auto_id="bar_%s"),
    }
    status = 400 if forms else 200
    return project_page(
        request, project, "project_policies", {**facts, **forms}, here="policies", status=status
    )
