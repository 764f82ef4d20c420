"""The queue of a project: its list, what is added by filter or list, what is changed at once."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.errors import NotReservable
from annotation.forms_hand_out import people_of
from annotation.forms_projects import AddEpisodesForm, QueueBulkForm, QueueFilterForm
from annotation.models import Project, ProjectEpisode
from annotation.roles import Role
from annotation.selectors import project_pages as selectors
from annotation.selectors.projects import addable_episodes
from annotation.selectors.skips import flagged_count
from annotation.services import change_queue
from annotation.services.add_episodes import take_episodes
from annotation.services.reserve import reserve
from annotation.views.project_frame import opened, project_page
from episodes.filter_forms import EpisodeFilterForm
from episodes.selectors.episodes import episode_page
from episodes.selectors.filters import EpisodeFilter
from episodes.services.change_episodes import MOST_AT_ONCE, refuse_too_many
from episodes.views.people import person

PAGE = 50
PREVIEW = 12


@require_GET
def project_episodes(request: HttpRequest, project_id: int) -> HttpResponse:
    """The queue in its order."""
    project = opened(request, project_id, Role.REVIEWER)
    form = QueueFilterForm(request.GET, tasks=selectors.tasks_of(project))
    asked = form.asked
    rows = selectors.queue_rows(request.user, project, asked)
    page = _page(rows, selectors.queue_length(request.user, project, asked), request)
    query = urlencode({name: getattr(value, "pk", value) for name, value in asked.items()})
    facts = {
        "form": form,
        "page": page,
        "rows": _of_page(rows, page),
        "query": query,
        "here": request.get_full_path(),
        "purposes": ProjectEpisode.Purpose.choices,
        "people": people_of(project),
        "flagged": flagged_count(project, request.user),
    }
    return project_page(request, project, "project_episodes", facts, here="episodes")


def _page(rows: QuerySet[ProjectEpisode], count: int, request: HttpRequest) -> Page[int]:
    """Of keys: deep in a long queue only those before it are gone through."""
    paginator = Paginator(rows.values_list("pk", flat=True), PAGE)
    paginator.count = count
    return paginator.get_page(request.GET.get("page"))


def _of_page(rows: QuerySet[ProjectEpisode], page: Page[int]) -> QuerySet[ProjectEpisode]:
    # All of few are not looked for in the order of the queue: that is to go through it.
    every = rows.order_by().values_list("pk", flat=True)
    keys = page.object_list if page.has_other_pages() else every
    shown = rows.filter(pk__in=list(keys))
    return shown.select_related("episode__task", "episode__dataset", "reserved_for")


@require_POST
def project_change_episodes(request: HttpRequest, project_id: int) -> HttpResponse:
    """Purpose, priority or taking out, for those ticked or all that match."""
    project = opened(request, project_id, Role.MANAGER)
    form = QueueBulkForm(request.POST, project=project)
    if form.is_valid():
        try:
            messages.success(request, _done(request, project, form))
        except NotReservable as error:
            messages.error(request, f"{error} {error.remedy}")
    else:
        messages.error(request, form.said)
    query = form.cleaned_data.get("filter", "")
    address = reverse("project-episodes", args=[project.pk])
    return redirect(f"{address}?{query}" if query else address)


@require_http_methods(["GET", "POST"])
def project_add_episodes(request: HttpRequest, project_id: int) -> HttpResponse:
    """Find episodes by filter, see which they are, add them all; or a list of them."""
    project = opened(request, project_id, Role.MANAGER)
    given = QueryDict(request.POST.get("filter", "")) if request.method == "POST" else request.GET
    filters = EpisodeFilterForm(given, viewer=request.user)
    wanted = filters.wanted
    start = {"filter": wanted.to_query(), "priority": 0}
    form = AddEpisodesForm(request.POST or None, auto_id="add_%s", initial=start)
    if request.method == "POST" and form.is_valid():
        return _added(request, project, form)
    found = episode_page(request.user, wanted, size=PREVIEW)
    facts = {
        "filters": filters,
        "form": form,
        "query": wanted.to_query(),
        "chips": filters.chips(),
        "found": found,
        "addable": _addable(request, project, wanted),
    }
    status = 400 if form.errors else 200
    return project_page(request, project, "project_add", facts, here="episodes", status=status)


def _addable(request: HttpRequest, project: Project, wanted: EpisodeFilter) -> int:
    found = selectors.listed_episodes(request.user, wanted, ())
    return addable_episodes(request.user, project).filter(pk__in=found.values("pk")).count()


def _added(request: HttpRequest, project: Project, form: AddEpisodesForm) -> HttpResponse:
    listed, wanted = form.cleaned_data["listed"], form.wanted
    added = take_episodes(
        actor=person(request),
        project=project,
        chosen=selectors.listed_episodes(request.user, wanted, listed),
        purpose=form.cleaned_data["purpose"],
        priority=form.cleaned_data["priority"],
    )
    messages.success(request, added.said)
    unknown = selectors.unknown_of_list(request.user, wanted, listed) if listed else []
    if unknown:
        some = ", ".join(unknown[:10])
        messages.warning(request, f"{len(unknown):,} of the list name no episode here: {some}.")
    return redirect("project-episodes", project.pk)


def _done(request: HttpRequest, project: Project, form: QueueBulkForm) -> str:
    actor, given = person(request), form.cleaned_data
    tasks = selectors.tasks_of(project)
    asked = QueueFilterForm(QueryDict(given["filter"]), tasks=tasks).asked
    chosen = selectors.queue_rows(actor, project, asked)
    if not given["everything"]:
        chosen = chosen.filter(pk__in=given["place"])
    match given["action"]:
        case "purpose":
            purpose = given["purpose"]
            done = change_queue.set_purpose(
                actor=actor, project=project, chosen=chosen, purpose=purpose
            )
            return change_queue.said(done, f"for {ProjectEpisode.Purpose(purpose).label.lower()}")
        case "priority":
            priority = given["priority"]
            done = change_queue.set_priority(
                actor=actor, project=project, chosen=chosen, priority=priority
            )
            return change_queue.said(done, f"at priority {priority}")
        case "reserve" | "unreserve":
            return _reserved(actor, project, chosen, given)
        case _:
            done = change_queue.remove_episodes(actor=actor, project=project, chosen=chosen)
            return change_queue.said(done, "no longer in the queue")


def _reserved(
    actor: User, project: Project, chosen: QuerySet[ProjectEpisode], given: dict[str, Any]
) -> str:
    user = given["person"] if given["action"] == "reserve" else None
    places = list(chosen.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    refuse_too_many(len(places))
    until = given["until"]
    done = reserve(actor=actor, project=project, places=places, user=user, until=until)
    if user is None:
        return f"Reservations taken back: {done.reserved:,}."
    words = f"Episodes given to {user.get_full_name() or user.username}: {done.reserved:,}."
    if done.had:
        words += f" Had before: {done.had:,}."
    return f"{words} Without a free place: {done.full:,}." if done.full else words
