"""Pages that bring datasets in."""

from functools import partial
from pathlib import Path
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from episodes.errors import TouchlineError
from episodes.forms import ImportForm
from episodes.models import ImportRun, Upload
from episodes.selectors import imports
from episodes.services.imports import allowed_folder, plan_import, require_may_import
from episodes.services.uploads import MAX_CHUNK_BYTES, own_upload
from episodes.tasks import handed_over, start_import
from episodes.views.people import person

LATER = "The task queue does not answer. The import begins by itself when it is back."


@require_GET
def import_home(request: HttpRequest) -> HttpResponse:
    """Choose a folder or a file, and see what came in lately."""
    require_may_import(person(request))
    return _import_home(request, ImportForm())


@require_POST
def import_start(request: HttpRequest) -> HttpResponse:
    """Plan the import of a folder and hand it to the workers."""
    require_may_import(person(request))
    form = ImportForm(request.POST)
    if not form.is_valid():
        return _import_home(request, form, status=422)
    try:
        path = allowed_folder(Path(form.cleaned_data["path"]))
        run = plan_import(path=path, name=form.cleaned_data["name"], requested_by=person(request))
    except TouchlineError as error:
        form.add_error(None, f"{error} {error.remedy}")
        return _import_home(request, form, status=error.status)
    if not handed_over(partial(start_import.delay, str(run.pk))):
        messages.warning(request, LATER)
    return redirect("import-run", run.pk)


def _import_home(request: HttpRequest, form: ImportForm, status: int = 200) -> HttpResponse:
    user = person(request)
    facts = {
        "form": form,
        "runs": imports.latest_runs(user),
        "uploads": Upload.objects.filter(owner=user).exclude(state=Upload.State.COMPLETE)[:10],
        "chunk_bytes": MAX_CHUNK_BYTES // 2,
    }
    return render(request, "episodes/import_home.html", facts, status=status)


@require_GET
def import_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = imports.visible_run(person(request), run_id)
    return render(request, "episodes/import_run.html", _run_facts(run))


@require_GET
def import_progress(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The part of the page that changes, polled by htmx until the run is over."""
    run = imports.visible_run(person(request), run_id)
    return render(request, "episodes/import_progress.html", _run_facts(run))


def _run_facts(run: ImportRun) -> dict[str, object]:
    return {
        "run": run,
        "progress": imports.progress(run),
        "quarantined": imports.quarantined_items(run),
        "noted": imports.noted_items(run),
    }


@require_GET
def import_upload(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Where an upload stands; leads on to its import as soon as there is one."""
    upload = own_upload(actor=person(request), upload_id=upload_id)
    if upload.run_id is not None:
        return _lead_to(request, upload.run_id)
    partly = "HX-Request" in request.headers
    template = "upload_state" if partly else "import_upload"
    return render(request, f"episodes/{template}.html", {"upload": upload})


def _lead_to(request: HttpRequest, run_id: UUID) -> HttpResponse:
    if "HX-Request" in request.headers:
        # A redirect would be followed inside the fragment; htmx is told to leave the page.
        return HttpResponse(headers={"HX-Redirect": reverse("import-run", args=[run_id])})
    return redirect("import-run", run_id)
