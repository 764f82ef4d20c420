"""One episode under review, and the verdict on it. Works without JavaScript too."""

from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from episodes.views.people import person
from review.forms import ApproveForm, ReturnForm
from review.forms_workbench import BeginForm, UndoForm
from review.models import BatchItem
from review.selectors.batches import reviewed_item
from review.selectors.consensus_page import marked_rows, marked_sets
from review.selectors.episode import episode_review
from review.selectors.repeats import next_for
from review.selectors.workbench import review_payload
from review.services.verdicts import approve_episode, return_episode


@never_cache
@require_GET
def review_episode(request: HttpRequest, item_id: int) -> HttpResponse:
    return episode_page(request, item_id)


@require_POST
def review_approve(request: HttpRequest, item_id: int) -> HttpResponse:
    item = reviewed_item(request.user, item_id)
    form = ApproveForm(request.POST, lanes=episode_review(item, person(request)).annotators)
    if not form.is_valid():
        return episode_page(request, item_id, approve_form=form)
    approve_episode(
        actor=person(request),
        item_id=item_id,
        annotation_set_id=UUID(form.cleaned_data["annotation_set"]),
        version=form.cleaned_data["version"],
        request_id=form.cleaned_data["request_id"],
    )
    return _onward(request, item, "approved")


@require_POST
def review_return(request: HttpRequest, item_id: int) -> HttpResponse:
    item = reviewed_item(request.user, item_id)
    review = episode_review(item, person(request))
    form = ReturnForm(request.POST, lanes=review.annotators, marked=marked_sets(review))
    if not form.is_valid():
        return episode_page(request, item_id, return_form=form)
    return_episode(
        actor=person(request),
        item_id=item_id,
        annotation_set_ids=[UUID(pk) for pk in form.cleaned_data["annotation_sets"]],
        comment=form.cleaned_data["comment"],
        version=form.cleaned_data["version"],
        request_id=form.cleaned_data["request_id"],
    )
    return _onward(request, item, "sent back")


def _onward(request: HttpRequest, item: BatchItem, done: str) -> HttpResponse:
    """To the next episode that waits, or to the batch when none does."""
    messages.success(request, f"{item.project_episode.episode.key} is {done}.")
    following = next_for(item, person(request))
    if following is None:
        return redirect("batch-detail", item.batch_id)
    return redirect("review-episode", following.pk)


def episode_page(request: HttpRequest, item_id: int, **forms: Form) -> HttpResponse:
    """The episode's page; ``forms`` are those that came back with errors."""
    item = reviewed_item(request.user, item_id)
    review = episode_review(item, person(request), compared=request.GET.get("compare", ""))
    lanes = review.annotators
    first = lanes[0].id if len(lanes) == 1 else None
    undo = UndoForm.about(review.version) if review.consensus and review.decidable else None
    facts = {
        "item": item,
        "review": review,
        "payload": review_payload(review, person(request)),
        "marks": marked_rows(review),
        "following": next_for(item, person(request)),
        "approve_form": ApproveForm.about(review, annotation_set=first),
        "return_form": ReturnForm.about(
            review, annotation_sets=[first] if first else marked_sets(review)
        ),
        "begin_form": BeginForm(review=review),
        "undo_form": undo,
        **forms,
    }
    return render(request, "review/episode.html", facts, status=400 if forms else 200)
