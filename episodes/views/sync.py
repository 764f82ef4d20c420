"""Pages of clocks: an episode's report with what to decide, a dataset's overview."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from episodes.labelling import Standing, episode_labelling
from episodes.models import Episode, SyncReport
from episodes.selectors import sync as selectors
from episodes.selectors.clocks import corrections_together, dataset_cameras
from episodes.selectors.datasets import dataset_for
from episodes.selectors.episodes import changeable, episode_for
from episodes.services import clocks
from episodes.services.change_episodes import require_may_change
from episodes.sync_forms import CameraForm, ClockForm, DecisionForm, UndoForm
from episodes.tasks import handed_over
from episodes.tasks_sync import measure_sync_task
from episodes.views.people import person

PAGE = 50
# Somebody waits for the answer: before what is measured for nobody in particular.
ASKED_FOR = 3


@never_cache
@require_GET
def episode_sync(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """The report; while one waits for it, htmx asks until it is there and then reloads."""
    episode = episode_for(request.user, episode_id)
    view = selectors.sync_view(episode)
    mine = Episode.objects.filter(pk=episode.pk)
    facts = {
        "view": view,
        "episode": episode,
        "changeable": changeable(request.user, mine).exists(),
        "standings": _begun(request, episode),
    }
    response = render(request, "episodes/sync_episode.html", facts)
    if "HX-Request" in request.headers and not view.waiting:
        response["HX-Refresh"] = "true"
    return response


def _begun(request: HttpRequest, episode: Episode) -> list[Standing]:
    """Where somebody has labelled the episode or is about to."""
    found = episode_labelling().standings(request.user, [episode.pk]).get(episode.pk, ())
    return [one for one in found if one.state != "waiting"]


@require_POST
def sync_decide(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Hand out all the same, or hold back."""

    def decide(form: forms.Form) -> str:
        decision = SyncReport.Decision(form.cleaned_data["decision"])
        clocks.decide(
            actor=person(request),
            episode_id=episode_id,
            decision=decision,
            reason=form.cleaned_data["reason"],
        )
        held = decision == SyncReport.Decision.HELD
        return "The episode is held back." if held else "The episode is handed out."

    return _done(request, episode_id, DecisionForm(request.POST), decide)


@require_POST
def sync_accept(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Apply the measured correction of a camera."""

    def accept(form: forms.Form) -> str:
        clocks.accept_correction(actor=person(request), episode_id=episode_id, **form.cleaned_data)
        return _measured_again(episode_id, "The correction is applied.")

    return _done(request, episode_id, CameraForm(request.POST), accept)


@require_POST
def sync_clock(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Set a camera's correction by hand."""
    form = ClockForm(request.POST)

    def change(_form: forms.Form) -> str:
        clocks.set_clock(
            actor=person(request),
            episode_id=episode_id,
            camera=form.cleaned_data["camera"],
            offset_ns=form.offset_ns,
            drift_ppm=form.drift,
            reason=form.cleaned_data["reason"],
        )
        return _measured_again(episode_id, "The clock is set.")

    return _done(request, episode_id, form, change)


@require_POST
def sync_undo(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Take a camera's newest correction back."""

    def undo(form: forms.Form) -> str:
        clocks.undo_correction(actor=person(request), episode_id=episode_id, **form.cleaned_data)
        return _measured_again(episode_id, "The correction is taken back.")

    return _done(request, episode_id, UndoForm(request.POST), undo)


@require_POST
def sync_measure(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Measure once more, for example after a repair of the files."""

    def measure(_form: forms.Form) -> str:
        clocks.measure_anew(actor=person(request), episode_id=episode_id)
        return _measured_again(episode_id, "")

    return _done(request, episode_id, forms.Form(request.POST), measure)


def _done(
    request: HttpRequest, episode_id: UUID, form: forms.Form, work: Callable[[forms.Form], str]
) -> HttpResponse:
    """Do it and say so, or say what is missing; then back to the page."""
    episode_for(request.user, episode_id)
    require_may_change(person(request))
    if form.is_valid():
        messages.success(request, work(form))
    else:
        said = [f"{name.replace('_', ' ')}: {error}" for name, errors in form.errors.items()
                for error in errors]  # fmt: skip
        messages.error(request, f"Nothing was changed. {' '.join(said).capitalize()}")
    return redirect("episode-sync", episode_id)


def _measured_again(episode_id: UUID, said: str) -> str:
    handed_over(lambda: measure_sync_task.apply_async(args=(str(episode_id),), priority=ASKED_FOR))
    return f"{said} The clocks are measured again.".strip()


@require_GET
def dataset_sync(request: HttpRequest, dataset_id: int) -> HttpResponse:
    """Episodes of a dataset by what was found of their clocks."""
    dataset = dataset_for(request.user, dataset_id)
    known = {value for value, _name in selectors.FILTERS}
    shown = request.GET.get("show", selectors.LOOK_AT)
    shown = shown if shown in known else selectors.LOOK_AT
    found = selectors.dataset_episodes(request.user, dataset, shown)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    facts = {
        "dataset": dataset,
        "shown": shown,
        "counts": selectors.sync_counts(request.user, dataset),
        "page": page,
        "cameras": selectors.camera_summaries(request.user, dataset),
        "lines": selectors.overview_lines(list(page)),
        "changeable": changeable(request.user, Episode.objects.filter(dataset=dataset)).exists(),
        "dataset_cameras": dataset_cameras(dataset),
        "together": corrections_together(dataset),
    }
    return render(request, "episodes/sync_dataset.html", facts)
