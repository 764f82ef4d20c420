"""One episode under review, and the verdict on it. Works without JavaScript too."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from annotation.views.person import person
from review.forms import ApproveForm, ReturnForm, VerdictForm
from review.models import BatchItem
from review.selectors.batches import next_to_review, reviewed_item
from review.selectors.episode import episode_review, review_payload
from review.selectors.sets import current_sets
from review.services.verdicts import approve_episode, return_episode


@never_cache
@require_GET
def review_episode(request: HttpRequest, item_id: int) -> HttpResponse:
    return _page(request, item_id)


@require_POST
def review_approve(request: HttpRequest, item_id: int) -> HttpResponse:
    item = reviewed_item(request.user, item_id)
    form = ApproveForm(request.POST, sets=current_sets([item.project_episode_id]))
    if not form.is_valid():
        return _page(request, item_id, approve_form=form)
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
    form = ReturnForm(request.POST, sets=current_sets([item.project_episode_id]))
    if not form.is_valid():
        return _page(request, item_id, return_form=form)
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
    following = next_to_review(item, person(request))
    if following is None:
        return redirect("batch-detail", item.batch_id)
    return redirect("review-episode", following.pk)


def _page(request: HttpRequest, item_id: int, **forms: VerdictForm) -> HttpResponse:
    """The episode's page; ``forms`` are those that came back with errors."""
    item = reviewed_item(request.user, item_id)
    review = episode_review(item, person(request), compared=request.GET.get("compare", ""))
    sets = review.sets.annotators
    first = str(sets[0].pk) if len(sets) == 1 else None
    facts = {
        "item": item,
        "review": review,
        "payload": review_payload(review, person(request)),
        "following": next_to_review(item, person(request)),
        "approve_form": ApproveForm.about(item, sets, annotation_set=first),
        "return_form": ReturnForm.about(item, sets, annotation_sets=[first] if first else []),
        **forms,
    }
    return render(request, "review/episode.html", facts, status=400 if forms else 200)
