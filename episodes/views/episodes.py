"""Pages of episodes: the list that everybody searches, what stayed out, one of them."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from episodes.access import episode_access
from episodes.filter_forms import BulkForm, EpisodeFilterForm, FactsForm
from episodes.labelling import episode_labelling
from episodes.media_errors import NotIndexed
from episodes.models import Dataset, Episode
from episodes.selectors import episodes as selectors
from episodes.selectors.filters import saved_filters
from episodes.selectors.suggestions import suggestions
from episodes.services import change_episodes
from episodes.services.imports import require_may_import
from episodes.views.people import person, reader

QUARANTINE_PAGE = 50


@vary_on_headers("HX-Request")
@require_GET
def episode_list(request: HttpRequest) -> HttpResponse:
    """The whole page, or what matches alone when htmx asks for it."""
    if wants_results(request):
        return render(request, "episodes/episode_results.html", list_facts(request))
    facts = list_facts(request) | {"saved": saved_filters(person(request))}
    return render(request, "episodes/episode_list.html", facts)


def wants_results(request: HttpRequest) -> bool:
    """Whether htmx asks, for what matches alone."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def list_facts(request: HttpRequest, dataset: Dataset | None = None) -> dict[str, object]:
    """The list as the address asks for it; on a dataset's page that dataset alone."""
    user = reader(request)
    given = request.GET.copy()
    if dataset is not None:
        given["dataset"] = str(dataset.pk)
    form = EpisodeFilterForm(given, viewer=user, within=dataset)
    wanted = form.wanted
    here = reverse("episode-list")
    manages = episode_access().may_import(user)
    cursor = selectors.Cursor.read(request.GET.get("at", ""))
    return {
        "form": form,
        "wanted": wanted,
        "query": wanted.to_query(),
        "chips": form.chips(),
        "here": request.get_full_path(),
        "page": selectors.episode_page(user, wanted, cursor),
        "manages": manages,
        "takers": episode_labelling().takers(user) if manages else (),
        "within": dataset,
        "action": reverse("dataset-detail", args=[dataset.pk]) if dataset else here,
    }


@require_GET
def episode_suggestions(request: HttpRequest) -> HttpResponse:
    """What filters may be filled with, fetched when they are opened."""
    known = suggestions(reader(request), request.GET.get("dataset", ""))
    return render(request, "episodes/episode_suggestions.html", {"known": known})


@require_GET
def episode_quarantine(request: HttpRequest) -> HttpResponse:
    """Episodes that stayed out of imports, with the reason."""
    require_may_import(person(request))
    text = request.GET.get("q", "").strip()
    items = selectors.quarantined_items(person(request), text)
    page = Paginator(items, QUARANTINE_PAGE).get_page(request.GET.get("page"))
    return render(request, "episodes/episode_quarantine.html", {"page": page, "q": text})


@require_POST
def episode_bulk(request: HttpRequest) -> HttpResponse:
    """Tag, untag, hold or release what is selected."""
    change_episodes.require_may_change(person(request))
    form = BulkForm(request.POST)
    if form.is_valid():
        messages.success(request, _done(request, form))
    else:
        messages.error(request, form.said)
    return back_to_list(request)


def back_to_list(request: HttpRequest) -> HttpResponse:
    """The page that the form stood on; without one, the list with the form's filter."""
    back = request.POST.get("back", "")
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    query = request.POST.get("filter", "")
    return redirect(f"{reverse('episode-list')}?{query}" if query else "episode-list")


def _done(request: HttpRequest, form: BulkForm) -> str:
    actor, tag = person(request), form.cleaned_data["tag"]
    chosen = selectors.selected_episodes(actor, form.wanted, form.ids)
    match form.cleaned_data["action"]:
        case "tag":
            done = change_episodes.tag_episodes(actor=actor, episodes=chosen, tag=tag)
            what = f"tagged “{tag}”"
        case "untag":
            done = change_episodes.untag_episodes(actor=actor, episodes=chosen, tag=tag)
            what = f"no longer tagged “{tag}”"
        case action:
            held = action == "hold"
            done = change_episodes.hold_episodes(actor=actor, episodes=chosen, held=held)
            what = "held back" if held else "released"
    said = [f"{done.changed:,} {ngettext('episode is', 'episodes are', done.changed)} {what}."]
    if done.already:
        said.append(f"{done.already:,} {ngettext('stays', 'stay', done.already)} as before.")
    if done.refused:
        said.append(f"{done.refused:,} {ngettext('is', 'are', done.refused)} not yours to change.")
    return " ".join(said)


@never_cache
@require_GET
def episode_detail(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    return _page(request, selectors.episode_for(reader(request), episode_id))


@require_POST
def episode_change(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Set the facts that people know of the recording."""
    episode = selectors.episode_for(request.user, episode_id)
    change_episodes.require_may_change(person(request))
    form = FactsForm(request.POST, instance=selectors.episode_for(request.user, episode_id))
    if not form.is_valid():
        return _page(request, episode, form)
    change_episodes.change_facts(
        actor=person(request), episode_id=episode_id, facts=form.cleaned_data
    )
    messages.success(request, "Saved.")
    return redirect("episode-detail", episode_id)


def _page(request: HttpRequest, episode: Episode, form: FactsForm | None = None) -> HttpResponse:
    """The episode's page; ``form`` is one that came back with errors."""
    user = reader(request)
    facts: dict[str, object] = {
        "facts": selectors.episode_facts(user, episode),
        "episode": episode,
        "form": form or FactsForm(instance=episode),
        "sync_page": _sync_page(episode),
    }
    try:
        facts["payload"] = episode_labelling().payload(user, episode)
    except NotIndexed as error:
        facts["not_shown"] = error
    return render(request, "episodes/episode_detail.html", facts, status=400 if form else 200)


def _sync_page(episode: Episode) -> str:
    try:
        return reverse("episode-sync", args=[episode.pk])
    except NoReverseMatch:
        return ""
