"""A project's gold: the list, one item, making, correcting and deciding."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.errors import LabelsInvalid
from annotation.models import Project, ProjectEpisode
from annotation.roles import Role, require_role
from annotation.services.take_as_expert import take_as_expert
from episodes.views.people import person
from review.errors import GoldRefused
from review.forms_gold import (
    AnswerForm,
    CorrectForm,
    DisputeForm,
    FindEpisodeForm,
    MakeGoldForm,
    StateForm,
    place_by_key,
)
from review.selectors import gold_pages as pages
from review.selectors.batches import manages, reviewed_project
from review.selectors.gold_item import answers_of, gold_of, reviewed_place
from review.services.gold import change_gold_state, gold_of_set
from review.services.gold_disputes import correct_gold, decide_dispute
from review.views.project_page import project_page

PAGE = 50
# Two forms of the page ask for a key.
ANSWER = "answer_%s"


@require_GET
def project_gold(request: HttpRequest, project_id: int) -> HttpResponse:
    return _list(request, reviewed_project(request.user, project_id), AnswerForm(auto_id=ANSWER))


@require_POST
def gold_answer(request: HttpRequest, project_id: int) -> HttpResponse:
    """Open an episode in the editor as an expert; asked again it is gone on with."""
    project = reviewed_project(request.user, project_id)
    form = AnswerForm(request.POST, auto_id=ANSWER)
    place = place_by_key(project, form)
    if place is None:
        return _list(request, project, form)
    return redirect("annotate", take_as_expert(actor=person(request), place=place).pk)


def _list(request: HttpRequest, project: Project, form: AnswerForm) -> HttpResponse:
    found = pages.gold_overview(project, timezone.now())
    state = request.GET.get("state", "")
    rows = pages.in_state(found.rows, state)
    facts = {
        "found": found,
        "state": state,
        "states": pages.STATES,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "disputes": pages.disputes_of(project),
        "candidates": pages.gold_candidates(request.user, project)
        if manages(request.user, project)
        else [],
        "find": FindEpisodeForm(),
        "answer_form": form,
        "experts": pages.expert_answers(project),
        "viewer": person(request),
    }
    return project_page(request, project, "gold", facts, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def gold_new(request: HttpRequest, project_id: int) -> HttpResponse:
    """Make gold of one episode, found by its key; managers."""
    project = reviewed_project(request.user, project_id)
    require_role(request.user, project, Role.MANAGER)
    place, find = _found(request, project)
    if place is None:
        status = 400 if find.errors else 200
        return project_page(request, project, "gold_new", {"find": find}, status=status)
    sets = list(answers_of(place))
    experts = [str(one.pk) for one in sets if one.assignment and one.assignment.expert]
    form = MakeGoldForm(
        request.POST if request.method == "POST" else None,
        sets=sets,
        initial={"answer": experts[0] if experts else "", "experts": experts},
    )
    if form.is_valid():
        try:
            gold_of_set(
                actor=person(request),
                annotation_set=form.chosen,
                origin="experts",
                reason=form.cleaned_data["reason"],
                experts=form.chosen_experts,
            )
            messages.success(request, f"{place.episode.key} is gold.")
            return redirect("gold-item", place.pk)
        except (GoldRefused, LabelsInvalid) as error:
            form.add_error(None, f"{error} {error.remedy}")
    facts = {"find": find, "form": form, "place": place, "sets": sets}
    return project_page(request, project, "gold_new", facts, status=400 if form.errors else 200)


@require_GET
def gold_item(request: HttpRequest, place_id: int) -> HttpResponse:
    return _item(request, reviewed_place(request.user, place_id))


@require_POST
def gold_state(request: HttpRequest, place_id: int) -> HttpResponse:
    place = reviewed_place(request.user, place_id)
    form = StateForm(request.POST, auto_id="state_%s")
    if form.is_valid():
        try:
            change_gold_state(
                actor=person(request),
                item_id=gold_of(place).item.pk,
                state=form.cleaned_data["state"],
                reason=form.cleaned_data["reason"],
            )
            return _saved(request, place)
        except GoldRefused as error:
            form.add_error(None, f"{error} {error.remedy}")
    return _item(request, place, state_form=form)


@require_POST
def gold_dispute(request: HttpRequest, place_id: int) -> HttpResponse:
    place = reviewed_place(request.user, place_id)
    form = DisputeForm(request.POST, auto_id="dispute_%s")
    dispute = gold_of(place).dispute
    if dispute is None:
        messages.info(request, "The dispute was decided meanwhile.")
        return redirect("gold-item", place.pk)
    if form.is_valid():
        try:
            decide_dispute(
                actor=person(request),
                dispute_id=dispute.pk,
                decision=form.cleaned_data["decision"],
                reason=form.cleaned_data["reason"],
            )
            return _saved(request, place)
        except GoldRefused as error:
            form.add_error(None, f"{error} {error.remedy}")
    return _item(request, place, dispute_form=form)


@require_POST
def gold_correct(request: HttpRequest, place_id: int) -> HttpResponse:
    place = reviewed_place(request.user, place_id)
    require_role(request.user, place.project, Role.MANAGER)
    page = gold_of(place)
    form = CorrectForm(request.POST, rows=page.rows, sets=page.answers, auto_id="correct_%s")
    if form.is_valid():
        try:
            correct_gold(
                actor=person(request),
                item_id=page.item.pk,
                reason=form.cleaned_data["reason"],
                actions=form.actions,
                answer=form.chosen,
                alternatives=form.also,
            )
            return _saved(request, place)
        except GoldRefused as error:
            form.add_error(None, f"{error} {error.remedy}")
        except LabelsInvalid as error:
            # What breaks the rules was chosen here: the remedy is the form.
            form.add_error(None, str(error))
    return _item(request, place, correct_form=form)


def _found(request: HttpRequest, project: Project) -> tuple[ProjectEpisode | None, FindEpisodeForm]:
    """The episode that is asked for by ``place`` or by key; the form says when there is none."""
    places = ProjectEpisode.objects.filter(project=project)
    if "place" in request.GET and request.GET["place"].isdecimal():
        place = places.filter(pk=int(request.GET["place"])).first()
        return (reviewed_place(request.user, place.pk) if place else None), FindEpisodeForm()
    form = FindEpisodeForm(request.GET if "key" in request.GET else None)
    found = place_by_key(project, form)
    return (reviewed_place(request.user, found.pk) if found else None), form


def _saved(request: HttpRequest, place: ProjectEpisode) -> HttpResponse:
    messages.success(request, "Saved.")
    return redirect("gold-item", place.pk)


def _item(request: HttpRequest, place: ProjectEpisode, **forms: Form) -> HttpResponse:
    """``forms`` are those that came back with errors."""
    page = gold_of(place)
    correct = forms.get("correct_form") or CorrectForm(
        rows=page.rows,
        sets=page.answers,
        auto_id="correct_%s",
        initial={"alternatives": [str(one.pk) for one in page.item.alternatives.all()]},
    )
    facts: dict[str, object] = {
        "gold": page,
        "dispute_form": DisputeForm(auto_id="dispute_%s"),
        "state_form": StateForm(auto_id="state_%s", initial={"state": page.item.state}),
        "correct_form": correct,
        "corrections": [(row, correct[f"label_{row.label.id}"]) for row in page.rows],
    }
    status = 400 if forms else 200
    return project_page(request, place.project, "gold_item", {**facts, **forms}, status=status)
