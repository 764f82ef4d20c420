"""Pages of datasets and their episodes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from episodes.access import episode_access
from episodes.filter_forms import DatasetForm
from episodes.models import Dataset
from episodes.selectors import datasets, imports
from episodes.selectors.embodiments import dataset_values
from episodes.services.change_dataset import change_dataset
from episodes.views.episodes import list_facts, wants_results
from episodes.views.people import person, reader


@require_GET
def dataset_list(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    facts = {
        "rows": datasets.dataset_list(user),
        "may_import": episode_access().may_import(user),
    }
    return render(request, "episodes/dataset_list.html", facts)


@vary_on_headers("HX-Request")
@require_GET
def dataset_detail(request: HttpRequest, dataset_id: int) -> HttpResponse:
    return _page(request, datasets.dataset_for(reader(request), dataset_id))


@require_POST
def dataset_change(request: HttpRequest, dataset_id: int) -> HttpResponse:
    """Set licence, provenance, consent and domain."""
    dataset = datasets.dataset_for(person(request), dataset_id)
    datasets.require_changeable(person(request), dataset)
    form = DatasetForm(request.POST, instance=datasets.dataset_for(person(request), dataset_id))
    if not form.is_valid():
        return _page(request, dataset, form)
    change_dataset(actor=person(request), dataset_id=dataset_id, facts=form.cleaned_data)
    messages.success(request, "Saved.")
    return redirect("dataset-detail", dataset_id)


def _page(request: HttpRequest, dataset: Dataset, form: DatasetForm | None = None) -> HttpResponse:
    """The dataset's page; ``form`` is one that came back with errors."""
    user = reader(request)
    if wants_results(request):
        return render(request, "episodes/episode_results.html", list_facts(request, dataset))
    may_import = episode_access().may_import(user)
    run = datasets.last_run(dataset) if may_import else None
    facts = {
        "dataset": dataset,
        "may_import": may_import,
        "changeable": getattr(dataset, "may_change", False),
        "dataset_form": form or DatasetForm(instance=dataset),
        "run": run,
        "values": dataset_values(dataset),
        "quarantined": imports.quarantined_items(run) if run else None,
        **list_facts(request, dataset),
    }
    return render(request, "episodes/dataset_detail.html", facts, status=400 if form else 200)
