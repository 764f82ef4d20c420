"""A consensus of one episode by the page's forms, and how a project's episodes are reviewed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from annotation.models import Project
from annotation.roles import Role, require_role
from episodes.views.people import person
from review.forms_workbench import BeginForm, ReviewPolicyForm, UndoForm
from review.models import Adjudication
from review.selectors.adjudications import (
    adjudications_of,
    reviewed_adjudication,
)
from review.selectors.batches import manages, reviewed_item, reviewed_project
from review.selectors.consensus_page import consensus_rows
from review.selectors.episode import episode_review
from review.selectors.policies import review_policy
from review.selectors.repeats import consistency
from review.services.adjudication import begin_adjudication, drop_consensus, undo_consensus
from review.services.review_policy import set_review_policy
from review.views.episode import episode_page


@require_POST
def adjudication_begin(request: HttpRequest, item_id: int) -> HttpResponse:
    item = reviewed_item(request.user, item_id)
    form = BeginForm(request.POST, review=episode_review(item, person(request)))
    if not form.is_valid():
        return episode_page(request, item_id, begin_form=form)
    begin_adjudication(
        actor=person(request),
        item_id=item_id,
        method=Adjudication.Method(form.cleaned_data["method"]),
        annotation_set_ids=[UUID(pk) for pk in form.cleaned_data["annotation_sets"]],
        version=form.cleaned_data["version"],
        request_id=form.cleaned_data["request_id"],
    )
    return redirect("review-episode", item_id)


@require_POST
def adjudication_drop(request: HttpRequest, adjudication_id: int) -> HttpResponse:
    dropped = drop_consensus(actor=person(request), adjudication_id=adjudication_id)
    messages.success(request, "The draft of the consensus is given up.")
    return redirect("review-episode", dropped.item_id)


@require_POST
def adjudication_undo(request: HttpRequest, adjudication_id: int) -> HttpResponse:
    found = reviewed_adjudication(request.user, adjudication_id)
    form = UndoForm(request.POST)
    if not form.is_valid():
        return episode_page(request, found.item_id, undo_form=form)
    undo_consensus(
        actor=person(request),
        adjudication_id=adjudication_id,
        reason=form.cleaned_data["reason"],
        version=form.cleaned_data["version"],
        request_id=form.cleaned_data["request_id"],
    )
    messages.success(request, "The consensus is taken back. The episode is to review again.")
    return redirect("review-episode", found.item_id)


@never_cache
@require_GET
def adjudication_detail(request: HttpRequest, adjudication_id: int) -> HttpResponse:
    """What each label of a consensus came from."""
    found = reviewed_adjudication(request.user, adjudication_id)
    facts = {
        "adjudication": found,
        "item": found.item,
        "rows": consensus_rows(found, person(request)),
        "others": adjudications_of(found.item).exclude(pk=found.pk),
    }
    return render(request, "review/adjudication.html", facts)


@never_cache
@require_GET
def reviewing(request: HttpRequest, project_id: int) -> HttpResponse:
    """How episodes are reviewed, and how far reviewers agree with themselves."""
    project = reviewed_project(request.user, project_id)
    return _reviewing_page(request, project, ReviewPolicyForm.of(review_policy(project)))


@require_POST
def review_policy_set(request: HttpRequest, project_id: int) -> HttpResponse:
    project = reviewed_project(request.user, project_id)
    require_role(request.user, project, Role.MANAGER)
    form = ReviewPolicyForm(request.POST)
    if not form.is_valid():
        return _reviewing_page(request, project, form)
    set_review_policy(actor=person(request), project=project, **form.cleaned_data)
    messages.success(request, "It holds from the next episode that is opened.")
    return redirect("review-reviewing", project_id)


def _reviewing_page(request: HttpRequest, project: Project, form: ReviewPolicyForm) -> HttpResponse:
    managing = manages(request.user, project)
    facts = {
        "project": project,
        "manages": managing,
        "form": form,
        "policy": review_policy(project),
        "rows": consistency(project, request.user, None if managing else [person(request)]),
    }
    return render(request, "review/reviewing.html", facts, status=400 if form.errors else 200)
