"""Handing out by hand: skipping, what managers do about skips, one person, taking back."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.errors import LastManager, NotReservable
from annotation.forms_hand_out import (
    SkipDecisionForm,
    SkipFilterForm,
    SkipForm,
    StandingForm,
    TakeBackForm,
    people_of,
)
from annotation.models import SkipDecision
from annotation.roles import Role
from annotation.selectors import people as people_selectors
from annotation.selectors import skips as selectors
from annotation.services.decide_skips import decide_skips
from annotation.services.own import own_assignment
from annotation.services.set_membership import set_membership
from annotation.services.skip import skip
from annotation.services.standing import set_standing
from annotation.services.take_back import take_back
from annotation.views.project_frame import opened, project_page
from episodes.views.people import person

PAGE = 30


@require_http_methods(["GET", "POST"])
def assignment_skip(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Why somebody does not label an episode; then it is somebody else's."""
    assignment = own_assignment(person(request), assignment_id)
    form = SkipForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        skip(actor=person(request), assignment_id=assignment_id, **form.cleaned_data)
        messages.info(request, "You skipped the episode; you will not get it again.")
        return redirect("queue")
    facts = {"form": form, "assignment": assignment}
    status = 400 if form.errors else 200
    return render(request, "annotation/skip.html", facts, status=status)


@require_GET
def project_skips(request: HttpRequest, project_id: int) -> HttpResponse:
    """Who skipped what and why, what waits for a decision first."""
    project = opened(request, project_id, Role.REVIEWER)
    form = SkipFilterForm(request.GET)
    rows = selectors.skipped_places(project, form.asked, request.user).select_related(
        "episode__task"
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    facts = {
        "form": form,
        "page": page,
        "rows": selectors.with_skips(project, list(page.object_list)),
        "people": people_of(project),
        "query": urlencode(form.asked),
    }
    return project_page(request, project, "project_skips", facts, here="episodes")


@require_POST
def project_skip_decide(request: HttpRequest, project_id: int) -> HttpResponse:
    project = opened(request, project_id, Role.MANAGER)
    form = SkipDecisionForm(request.POST, project=project)
    if form.is_valid():
        try:
            made = decide_skips(actor=person(request), project=project, **form.cleaned_data)
            messages.success(request, f"{SkipDecision.Decision(made.decision).label}.")
        except NotReservable as error:
            messages.error(request, f"{error} {error.remedy}")
    else:
        messages.error(request, form.said)
    return redirect("project-skips", project.pk)


@require_GET
def project_person(request: HttpRequest, project_id: int, username: str) -> HttpResponse:
    """A person of the project: standing, what they hold, what is reserved, what they skipped."""
    project = opened(request, project_id, Role.REVIEWER)
    found = people_selectors.person_in_project(project, username)
    start = {"standing": found.membership.standing}
    facts = {"found": found, "member": found.membership, "form": StandingForm(initial=start)}
    return project_page(request, project, "project_person", facts, here="people")


@require_POST
def project_person_standing(request: HttpRequest, project_id: int, username: str) -> HttpResponse:
    """A manager's word over training and tests."""
    project = opened(request, project_id, Role.MANAGER)
    found = people_selectors.person_in_project(project, username)
    form = StandingForm(request.POST)
    if form.is_valid():
        user = found.membership.user
        set_standing(actor=person(request), project=project, user=user, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("project-person", project.pk, username)
    facts = {"found": found, "member": found.membership, "form": form}
    return project_page(request, project, "project_person", facts, here="people", status=400)


@require_POST
def project_person_remove(request: HttpRequest, project_id: int, username: str) -> HttpResponse:
    """Take a person out; the page has said what comes back."""
    project = opened(request, project_id, Role.MANAGER)
    user = people_selectors.member_of(project, username).user
    before = people_selectors.leaving(project, user)
    try:
        set_membership(actor=person(request), project=project, user=user, role=None)
    except LastManager as error:
        messages.error(request, f"{error} {error.remedy}")
        return redirect("project-person", project.pk, username)
    messages.success(
        request,
        f"{user.get_full_name() or username} is out of the project. Episodes back in the queue: "
        f"{before.returns}. Reservations ended: {before.reserved}. Sets that stay: "
        f"{before.handed_in}.",
    )
    return redirect("project-people", project.pk)


@require_POST
def assignment_take_back(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    form = TakeBackForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    held = take_back(actor=person(request), assignment_id=assignment_id, reason=reason)
    messages.success(request, f"{held.project_episode.episode.key} is back in the queue.")
    project = held.project_episode.project_id
    return redirect("project-person", project, held.annotator.username)
