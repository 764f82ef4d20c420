"""Where review begins: projects, their batches, a batch with its episodes."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from episodes.views.people import person
from review.errors import BatchNameTaken, NothingReady
from review.forms import BatchForm
from review.forms_batches import FollowUpForm, SignOffForm
from review.selectors import batches as selectors
from review.selectors.acceptance import sample_standing, samples_of
from review.selectors.acceptance_step import step_of
from review.selectors.acceptance_tables import sample_plot
from review.selectors.rows import batch_facts, item_ids, item_rows
from review.services.batches import approve_batch, create_batch

PAGE = 50


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The projects in which this person reviews; the only one opens at once."""
    rows = selectors.project_rows(person(request))
    if len(rows) == 1:
        return redirect("review-project", rows[0].project.pk)
    return render(request, "review/home.html", {"rows": rows})


@require_GET
def project(request: HttpRequest, project_id: int) -> HttpResponse:
    return _project_page(request, project_id, BatchForm())


@require_POST
def batch_create(request: HttpRequest, project_id: int) -> HttpResponse:
    found = selectors.reviewed_project(request.user, project_id)
    form = BatchForm(request.POST)
    if form.is_valid():
        try:
            batch = create_batch(actor=person(request), project=found, **form.cleaned_data)
            return redirect("batch-detail", batch.pk)
        except (BatchNameTaken, NothingReady) as error:
            form.add_error(None, f"{error} {error.remedy}")
    return _project_page(request, project_id, form, status=400)


@require_GET
def batch_detail(request: HttpRequest, batch_id: int) -> HttpResponse:
    user, batch = person(request), selectors.reviewed_batch(request.user, batch_id)
    facts = batch_facts(batch, user)
    page = Paginator(item_ids(batch), PAGE).get_page(request.GET.get("page"))
    samples = [sample_standing(one, user) for one in samples_of(batch)]
    sample = samples[-1] if samples else None
    return render(
        request,
        "review/batch.html",
        {
            "batch": batch,
            "facts": facts,
            "page": page,
            "rows": item_rows(batch, page.object_list, user),
            "open": facts.open,
            "sample": sample,
            "curve": sample_plot(sample.sample) if sample else None,
            "earlier": samples[-2::-1],
            "step": step_of(facts, sample),
            "sign_off_form": SignOffForm(),
            "follow_up_form": FollowUpForm(),
        },
    )


@require_POST
def batch_approve(request: HttpRequest, batch_id: int) -> HttpResponse:
    form = SignOffForm(request.POST)
    form.is_valid()
    batch = approve_batch(
        actor=person(request),
        batch_id=batch_id,
        remark=form.cleaned_data.get("remark", ""),
    )
    messages.success(request, f"{batch.name} is approved. A manager can release it now.")
    return redirect("batch-detail", batch.pk)


def _project_page(
    request: HttpRequest, project_id: int, form: BatchForm, *, status: int = 200
) -> HttpResponse:
    found = selectors.reviewed_project(request.user, project_id)
    batches = selectors.batches_of(found, person(request))
    page = Paginator(batches, PAGE).get_page(request.GET.get("page"))
    ready = selectors.ready_episodes(found).select_related("episode__task")
    facts = {
        "project": found,
        "page": page,
        "ready": ready[:PAGE],
        "ready_count": ready.count(),
        "form": form,
        "manages": selectors.manages(request.user, found),
    }
    return render(request, "review/project.html", facts, status=status)
