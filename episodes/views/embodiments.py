"""Pages of the registry: what each number of a robot means, and which dataset holds which robot."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from episodes.access import episode_access
from episodes.errors import TouchlineError
from episodes.models import Dataset, Embodiment
from episodes.selectors import embodiments as selectors
from episodes.selectors.datasets import dataset_for, require_changeable
from episodes.services import embodiments as services
from episodes.sync_forms import AssignForm, EmbodimentForm, NewEmbodimentForm, SpacesForm
from episodes.tasks import handed_over
from episodes.tasks_sync import measure_values_task
from episodes.views.people import person


@require_GET
def embodiment_list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    facts = {
        "embodiments": selectors.embodiment_rows(user),
        "manages": episode_access().may_import(user),
    }
    return render(request, "episodes/embodiment_list.html", facts)


@require_GET
def embodiment_detail(request: HttpRequest, embodiment_id: int) -> HttpResponse:
    user = person(request)
    embodiment = selectors.embodiment_for(user, embodiment_id)
    facts = {
        "embodiment": embodiment,
        "spaces": selectors.spaces_of(embodiment),
        "manages": episode_access().may_import(user),
    }
    return render(request, "episodes/embodiment_detail.html", facts)


@require_http_methods(["GET", "POST"])
def embodiment_new(request: HttpRequest) -> HttpResponse:
    """Make one from templates."""
    services.require_may_keep(person(request))
    form = NewEmbodimentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_embodiment(actor=person(request), **form.cleaned_data)
        except TouchlineError as error:
            form.add_error(None, f"{error} {error.remedy}")
        else:
            return redirect("embodiment-detail", made.pk)
    refused = request.method == "POST"
    return render(
        request, "episodes/embodiment_new.html", {"form": form}, status=422 if refused else 200
    )


@require_http_methods(["GET", "POST"])
def embodiment_change(request: HttpRequest, embodiment_id: int) -> HttpResponse:
    """Set name, notes and dimensions."""
    services.require_may_keep(person(request))
    embodiment = selectors.embodiment_for(person(request), embodiment_id)
    posted = request.POST if request.method == "POST" else None
    form = EmbodimentForm(posted, initial={"name": embodiment.name, "notes": embodiment.notes})
    tables = SpacesForm(embodiment, posted)
    if posted is not None and form.is_valid() and tables.is_valid():
        try:
            _change(request, embodiment, form, tables)
        except TouchlineError as error:
            form.add_error(None, f"{error} {error.remedy}")
        else:
            return redirect("embodiment-detail", embodiment_id)
    facts = {"form": form, "tables": tables.spaces.items(), "embodiment": embodiment}
    status = 200 if posted is None else 422
    return render(request, "episodes/embodiment_change.html", facts, status=status)


def _change(
    request: HttpRequest, embodiment: Embodiment, form: EmbodimentForm, tables: SpacesForm
) -> None:
    services.change_embodiment(
        actor=person(request),
        embodiment_id=embodiment.pk,
        name=form.cleaned_data["name"],
        notes=form.cleaned_data["notes"],
        spaces=tables.specs,
    )
    for dataset_id in Dataset.objects.filter(embodiment=embodiment).values_list("pk", flat=True):
        _measure(dataset_id)
    messages.success(request, "Saved. The values of its datasets are checked again.")


@require_http_methods(["GET", "POST"])
def dataset_embodiment(request: HttpRequest, dataset_id: int) -> HttpResponse:
    """Say which body a dataset was recorded with; suggestions come with their reasons."""
    dataset = dataset_for(person(request), dataset_id)
    require_changeable(person(request), dataset)
    form = AssignForm(request.POST or None, initial={"embodiment": dataset.embodiment_id})
    if request.method == "POST" and form.is_valid():
        _assign(request, dataset, form)
        return redirect("dataset-detail", dataset_id)
    facts = {"dataset": dataset, "form": form, "suggestions": selectors.suggestions(dataset)}
    return render(request, "episodes/embodiment_assign.html", facts)


def _assign(request: HttpRequest, dataset: Dataset, form: AssignForm) -> None:
    actor, chosen = person(request), form.cleaned_data["embodiment"]
    if form.cleaned_data["template"]:
        services.assign_template(
            actor=actor, dataset_id=dataset.pk, template_id=form.cleaned_data["template"]
        )
    else:
        services.assign_embodiment(
            actor=actor, dataset_id=dataset.pk, embodiment_id=chosen.pk if chosen else None
        )
    _measure(dataset.pk)
    messages.success(request, "Saved. Values are checked against it in the background.")


def _measure(dataset_id: int) -> None:
    handed_over(lambda: measure_values_task.delay(dataset_id))
