"""Pages that bring datasets in."""

from functools import partial
from pathlib import Path
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from episodes.errors import AnswerInvalid, AnswersNeeded, TouchlineError
from episodes.formats import questions
from episodes.forms import AnswersForm, ImportForm
from episodes.models import ImportRun, Upload
from episodes.selectors import imports
from episodes.services.imports import (
    allowed_source,
    plan_import,
    remembered_answers,
    require_may_import,
)
from episodes.services.imports_control import pause_run, resume_run, retry_items
from episodes.services.uploads import (
    MAX_CHUNK_BYTES,
    answer_upload,
    dataset_name,
    own_upload,
    upload_questions,
    upload_source,
)
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
    """Ask what the source does not say, then plan its import and hand it to the workers."""
    require_may_import(person(request))
    form = ImportForm(request.POST)
    if not form.is_valid():
        return _import_home(request, form, status=422)
    try:
        return _ask_or_plan(request, form)
    except TouchlineError as error:
        form.add_error(None, f"{error} {error.remedy}")
        return _import_home(request, form, status=error.status)


def _ask_or_plan(request: HttpRequest, form: ImportForm) -> HttpResponse:
    path, name = allowed_source(Path(form.cleaned_data["path"])), form.cleaned_data["name"]
    asked = questions(path)
    answered = request.POST if "answered" in request.POST else None
    answers = AnswersForm(asked, remembered_answers(path, name), answered)
    if asked and (answered is None or not answers.is_valid()):
        return _questions(request, form, answers)
    try:
        run = plan_import(
            path=path,
            name=name,
            mode=ImportRun.Mode(form.cleaned_data["mode"]),
            answers=answers.answers() if asked else {},
            requested_by=person(request),
        )
    except (AnswerInvalid, AnswersNeeded) as error:
        answers.refuse(error)
        return _questions(request, form, answers)
    return _under_way(request, run)


def _questions(request: HttpRequest, form: ImportForm, answers: AnswersForm) -> HttpResponse:
    facts = {"form": form, "answers": answers, "source": Path(form.cleaned_data["path"])}
    status = 422 if answers.is_bound else 200
    return render(request, "episodes/import_questions.html", facts, status=status)


def _under_way(request: HttpRequest, run: ImportRun) -> HttpResponse:
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
        "single_files": ",".join(imports.SINGLE_FILES),
    }
    return render(request, "episodes/import_home.html", facts, status=status)


@require_GET
def import_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = imports.visible_run(person(request), run_id)
    return render(request, "episodes/import_run.html", _run_facts(run))


@require_GET
def import_progress(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """What changes on the page, polled by htmx until the run is over: also what can be done."""
    run = imports.visible_run(person(request), run_id)
    return render(request, "episodes/import_progress.html", _run_facts(run) | {"moved": True})


def _run_facts(run: ImportRun) -> dict[str, object]:
    return {
        "run": run,
        "progress": imports.progress(run),
        "pace": imports.pace(run),
        "quarantined": imports.quarantined_items(run),
        "notes": imports.import_notes(run),
        "waiting": imports.waiting_items(run),
        "may_retry": True,
    }


@require_POST
def import_pause(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Begin no further episode."""
    pause_run(actor=person(request), run_id=run_id)
    return redirect("import-run", run_id)


@require_POST
def import_resume(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Hand out what is left."""
    return _under_way(request, resume_run(actor=person(request), run_id=run_id))


@require_POST
def import_retry(request: HttpRequest, run_id: UUID, item_id: int | None = None) -> HttpResponse:
    """Try quarantined episodes again, all of them or one."""
    return _under_way(request, retry_items(actor=person(request), run_id=run_id, item_id=item_id))


@require_http_methods(["GET", "POST"])
def import_upload(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Where an upload stands and what it asks; leads on to its import once there is one."""
    upload = own_upload(actor=person(request), upload_id=upload_id)
    if upload.run_id is not None:
        return _lead_to(request, upload.run_id)
    answers = _upload_answers(request, upload) if upload.state == Upload.State.ASKING else None
    if answers is not None and answers.is_bound and answers.is_valid():
        try:
            given = answers.answers()
            run = answer_upload(actor=person(request), upload_id=upload_id, answers=given)
            return _under_way(request, run)
        except (AnswerInvalid, AnswersNeeded) as error:
            answers.refuse(error)
    partly = "HX-Request" in request.headers
    template = "upload_state" if partly else "import_upload"
    status = 422 if answers is not None and answers.is_bound else 200
    facts = {"upload": upload, "answers": answers}
    return render(request, f"episodes/{template}.html", facts, status=status)


def _upload_answers(request: HttpRequest, upload: Upload) -> AnswersForm:
    answered = request.POST if request.method == "POST" else None
    remembered = remembered_answers(upload_source(upload), dataset_name(upload))
    return AnswersForm(upload_questions(upload), remembered, answered)


def _lead_to(request: HttpRequest, run_id: UUID) -> HttpResponse:
    if "HX-Request" in request.headers:
        # A redirect would be followed inside the fragment; htmx is told to leave the page.
        return HttpResponse(headers={"HX-Redirect": reverse("import-run", args=[run_id])})
    return redirect("import-run", run_id)
