"""One correction for a camera of a whole dataset: set, taken back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from episodes.selectors.datasets import dataset_for
from episodes.services.change_episodes import require_may_change
from episodes.services.dataset_clocks import (
    DatasetCorrection,
    set_dataset_clock,
    undo_dataset_clock,
)
from episodes.sync_forms import ClockForm, TogetherForm
from episodes.views.people import person


@require_POST
def dataset_clock(request: HttpRequest, dataset_id: int) -> HttpResponse:
    """Set a camera's clock in every episode; the sweep measures them again."""
    require_may_change(person(request))
    dataset = dataset_for(request.user, dataset_id)
    form = ClockForm(request.POST)
    if not form.is_valid():
        return _refused(request, dataset_id, form)
    done = set_dataset_clock(
        actor=person(request),
        dataset_id=dataset.pk,
        camera=form.cleaned_data["camera"],
        offset_ns=form.offset_ns,
        drift_ppm=form.drift,
        reason=form.cleaned_data["reason"],
    )
    return _done(request, dataset_id, f"“{form.cleaned_data['camera']}” is set", done)


@require_POST
def dataset_clock_undo(request: HttpRequest, dataset_id: int) -> HttpResponse:
    """Go back to what held before a correction of the whole dataset."""
    require_may_change(person(request))
    dataset = dataset_for(request.user, dataset_id)
    form = TogetherForm(request.POST)
    if not form.is_valid():
        return _refused(request, dataset_id, form)
    done = undo_dataset_clock(actor=person(request), dataset_id=dataset.pk, **form.cleaned_data)
    return _done(request, dataset_id, "The correction is taken back", done)


def _done(
    request: HttpRequest, dataset_id: int, what: str, done: DatasetCorrection
) -> HttpResponse:
    said = f"{what} in {done.episodes:,} episodes. Their clocks are measured again."
    if done.left_alone:
        said += f" {done.left_alone:,} were corrected since and stay as they are."
    messages.success(request, said)
    return redirect("dataset-sync", dataset_id)


def _refused(request: HttpRequest, dataset_id: int, form: ClockForm | TogetherForm) -> HttpResponse:
    said = [
        f"{name.replace('_', ' ')}: {error}" for name, errors in form.errors.items()
        for error in errors
    ]  # fmt: skip
    messages.error(request, f"Nothing was changed. {' '.join(said).capitalize()}")
    return redirect("dataset-sync", dataset_id)
