"""Pages of tasks: what episodes carry out, and what labels are asked and offered because of it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from episodes.access import episode_access
from episodes.errors import TaskMalformed
from episodes.selectors.tasks import require_may_describe, task_for, task_rows
from episodes.services.tasks import describe_task
from episodes.task_forms import DescriptionForm
from episodes.views.people import person, reader

PAGE = 100


@require_GET
def task_list(request: HttpRequest) -> HttpResponse:
    user, text = reader(request), request.GET.get("q", "").strip()
    page = Paginator(task_rows(user, text), PAGE).get_page(request.GET.get("page"))
    facts = {"page": page, "q": text, "manages": episode_access().may_import(user)}
    return render(request, "episodes/task_list.html", facts)


@require_GET
def task_detail(request: HttpRequest, task_id: int) -> HttpResponse:
    user = reader(request)
    task = task_for(user, task_id)
    manages = episode_access().may_import(user)
    return render(request, "episodes/task_detail.html", {"task": task, "manages": manages})


@require_http_methods(["GET", "POST"])
def task_change(request: HttpRequest, task_id: int) -> HttpResponse:
    """Say what has to be true at the end, what it is about, and how it is usually done."""
    task = task_for(person(request), task_id)
    require_may_describe(person(request))
    form = DescriptionForm(task, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            describe_task(actor=person(request), task=task, **form.description)
        except TaskMalformed as error:
            form.words.add_error(None, f"{error} {error.remedy}")
        else:
            messages.success(request, "Saved. Episodes that are opened from now on go by it.")
            return redirect("task-detail", task_id)
    status = 422 if request.method == "POST" else 200
    facts = {"task": task, "goals": form.goals, "form": form.words}
    return render(request, "episodes/task_change.html", facts, status=status)
