"""Filters that people keep."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from episodes.errors import TooManyFilters
from episodes.filter_forms import SaveFilterForm
from episodes.selectors.filters import EpisodeFilter
from episodes.services.saved_filters import delete_filter, save_filter
from episodes.views.episodes import back_to_list
from episodes.views.people import person


@require_POST
def filter_save(request: HttpRequest) -> HttpResponse:
    """Keep the list's filter under a name."""
    form = SaveFilterForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give the filter a name of at most 80 characters.")
        return back_to_list(request)
    wanted = EpisodeFilter.from_query(form.cleaned_data["filter"])
    try:
        saved = save_filter(actor=person(request), name=form.cleaned_data["name"], wanted=wanted)
    except TooManyFilters as error:
        messages.error(request, f"{error} {error.remedy}")
        return back_to_list(request)
    messages.success(request, f"“{saved.name}” is saved.")
    return redirect(f"{reverse('episode-list')}?{saved.query}")


@require_POST
def filter_delete(request: HttpRequest, filter_id: int) -> HttpResponse:
    name = delete_filter(actor=person(request), filter_id=filter_id)
    messages.success(request, f"“{name}” is deleted.")
    return redirect("episode-list")
