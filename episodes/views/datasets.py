"""Pages of datasets and their episodes."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from episodes.access import episode_access
from episodes.selectors import datasets, imports
from episodes.views.people import person

PAGE = 100


@require_GET
def dataset_list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    facts = {
        "datasets": datasets.dataset_rows(user),
        "may_import": episode_access().may_import(user),
    }
    return render(request, "episodes/dataset_list.html", facts)


@require_GET
def dataset_detail(request: HttpRequest, dataset_id: int) -> HttpResponse:
    user = person(request)
    dataset = datasets.dataset_for(user, dataset_id)
    facts: dict[str, object] = {
        "dataset": dataset,
        "page": _page(request, datasets.episode_rows(user, dataset)),
        "may_import": episode_access().may_import(user),
    }
    run = datasets.last_run(dataset) if facts["may_import"] else None
    if run is not None:
        facts |= {"run": run, "quarantined": imports.quarantined_items(run)}
    return render(request, "episodes/dataset_detail.html", facts)


def _page(request: HttpRequest, rows: object) -> object:
    return Paginator(rows, PAGE).get_page(request.GET.get("page"))  # type: ignore[arg-type]
