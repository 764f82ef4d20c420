"""Batches judged by a sample: how they are made, what follows a failed one, a fresh one."""

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.csv_rows import csv_answer
from episodes.views.people import person
from review.errors import BatchNameTaken, NothingReady, SamplingRefused
from review.forms_batches import FollowUpForm, NewBatchForm, ReadyForm
from review.selectors.acceptance import last_sample, sample_standing
from review.selectors.acceptance_plans import offers_for, terms_for
from review.selectors.acceptance_tables import SAMPLE_COLUMNS, offers_plot, sample_rows
from review.selectors.batches import (
    manages,
    ready_episodes,
    ready_parts,
    reviewed_batch,
    reviewed_project,
)
from review.services.acceptance import decide_failed, draw_fresh
from review.services.batches import create_batch
from review.tasks import return_rejected_task

PAGE = 50


@require_http_methods(["GET", "POST"])
def batch_new(request: HttpRequest, project_id: int) -> HttpResponse:
    """Which episodes, and how the batch is judged, with what each plan does."""
    project = reviewed_project(request.user, project_id)
    ready_form = ReadyForm(request.GET, project=project)
    wanted, limit = ready_form.asked()
    ready = ready_episodes(project, wanted)
    count = ready[:limit].count()
    terms = terms_for(project, ready_parts(project, wanted, limit))
    offers = offers_for(count, terms)
    form = NewBatchForm(request.POST or None, offers=offers)
    if request.method == "POST" and form.is_valid():
        try:
            batch = create_batch(
                actor=person(request),
                project=project,
                name=form.cleaned_data["name"],
                limit=limit,
                wanted=wanted,
                choice=form.choice,
            )
            return redirect("batch-detail", batch.pk)
        except (BatchNameTaken, NothingReady, SamplingRefused) as error:
            form.add_error(None, f"{error} {error.remedy}")
    facts = {
        "project": project,
        "manages": manages(request.user, project),
        "ready_form": ready_form,
        "form": form,
        "count": count,
        "ready": ready.select_related("episode__task")[: min(PAGE, count)],
        "terms": terms,
        "offers": offers,
        "plot": offers_plot(offers, terms),
        "query": request.GET.urlencode(),
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "review/batch_new.html", facts, status=status)


@require_POST
def follow_up(request: HttpRequest, batch_id: int) -> HttpResponse:
    batch = reviewed_batch(request.user, batch_id)
    form = FollowUpForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect("batch-detail", batch.pk)
    sample = decide_failed(actor=person(request), batch_id=batch.pk, **form.cleaned_data)
    transaction.on_commit(partial(return_rejected_task.delay, sample.pk))
    messages.success(request, f"{sample.get_follow_up_display()}: decided, with your reason.")
    return redirect("batch-detail", batch.pk)


@require_POST
def fresh_sample(request: HttpRequest, batch_id: int) -> HttpResponse:
    batch = reviewed_batch(request.user, batch_id)
    sample = draw_fresh(actor=person(request), batch_id=batch.pk)
    messages.success(request, f"Sample {sample.number} is drawn: {sample.n} episodes.")
    return redirect("batch-detail", batch.pk)


@require_GET
def sample_table(request: HttpRequest, batch_id: int, kind: str) -> HttpResponseBase:
    """The newest sample's episodes and how each was judged."""
    batch = reviewed_batch(request.user, batch_id)
    sample = last_sample(batch)
    if sample is None or kind not in ("csv", "json"):
        raise Http404
    rows = sample_rows(sample_standing(sample, person(request)))
    if kind == "csv":
        return csv_answer(f"{batch.name}-sample-{sample.number}", SAMPLE_COLUMNS, rows)
    return JsonResponse({"rows": [dict(zip(SAMPLE_COLUMNS, one, strict=True)) for one in rows]})
