"""Pages of a set's history: its revisions, two of them compared, a round in the editor."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from annotation.models import AnnotationSet
from annotation.selectors.editor import round_payload
from annotation.selectors.revisions import compared, history_set, revisions_of, rounds_of
from annotation.services.restore import (
    draft_sent_back,
    restore_for_rework,
    restore_revision,
)
from episodes.views.people import person

PAGE = 50


class CompareForm(forms.Form):
    first = forms.IntegerField(label="From revision", min_value=0)
    second = forms.IntegerField(label="to revision", min_value=0)


class RestoreForm(forms.Form):
    number = forms.IntegerField(min_value=0)
    base_revision = forms.IntegerField(min_value=0)


@never_cache
@require_GET
def set_history(request: HttpRequest, set_id: UUID) -> HttpResponse:
    annotation_set = history_set(request.user, set_id)
    last = annotation_set.revision
    form = CompareForm(request.GET if "first" in request.GET else None)
    form.initial = {"first": max(0, last - 1), "second": last}
    chosen = None
    if form.is_valid():
        chosen = compared(annotation_set, form.cleaned_data["first"], form.cleaned_data["second"])
    of = annotation_set.assignment
    facts = {
        "set": annotation_set,
        "rounds": rounds_of(annotation_set),
        "page": Paginator(revisions_of(annotation_set), PAGE).get_page(request.GET.get("page")),
        "form": form,
        "chosen": chosen,
        "restorable": annotation_set.state == "draft"
        and of is not None
        and of.annotator_id == person(request).pk,
        "rework": _rework(request, annotation_set),
    }
    status = 400 if form.errors else 200
    return render(request, "annotation/set_history.html", facts, status=status)


@require_POST
def set_restore(request: HttpRequest, set_id: UUID) -> HttpResponse:
    found = history_set(request.user, set_id)
    form = RestoreForm(request.POST)
    if form.is_valid():
        number = form.cleaned_data["number"]
        restore = restore_for_rework if _rework(request, found) else restore_revision
        saved = restore(actor=person(request), annotation_set_id=set_id, **form.cleaned_data)
        messages.success(
            request, f"The labels are those of revision {number} again: revision {saved.revision}."
        )
    return redirect("set-history", set_id)


@never_cache
@require_GET
def set_view(request: HttpRequest, set_id: UUID) -> HttpResponse:
    """One round, read-only in the editor."""
    annotation_set = history_set(request.user, set_id)
    payload = round_payload(person(request), annotation_set)
    return render(request, "annotation/editor.html", {"payload": payload})


def _rework(request: HttpRequest, annotation_set: AnnotationSet) -> AnnotationSet | None:
    """Somebody else's draft that one may bring a revision back into."""
    of = annotation_set.assignment
    if of is None or of.annotator_id == person(request).pk:
        return None
    return draft_sent_back(annotation_set)
