"""The episode list: who sees what, what each filter finds, pages, counts, queries."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from annotation.models import Project
from annotation.services.submit import submit
from episodes.models import Episode, ImportItem, ImportRun, Task
from episodes.selectors import episodes as selectors
from episodes.selectors.filters import EpisodeFilter, search_words
from episodes.services.search import index_search
from review.services.batches import create_batch
from review.services.verdicts import approve_episode
from tests.annotation.scene import (
    claimed,
    draft_of,
    grasp,
    instruction,
    outcome,
    queue_up,
    save,
)
from tests.episodes.browse.conftest import Shelf

pytestmark = pytest.mark.django_db


def keys(client: Client, **query: str) -> list[str]:
    """Dataset and key of what the page lists."""
    page = client.get("/episodes/", query).context["page"]
    return [f"{row.episode.dataset.name} {row.episode.index}" for row in page.rows]


def hand_in(shelf: Shelf, name: str, label_class: str) -> None:
    person = shelf.people[name]
    draft = draft_of(claimed(person, shelf.project))
    saved = save(person, draft, [grasp(), instruction(), outcome(label_class)])
    submit(
        actor=person,
        annotation_set_id=draft.pk,
        base_revision=saved.revision,
        request_id=uuid.uuid4(),
    )


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("ada", {"so101 0", "so101 1", "so101 2"}),
        ("ravi", {"so101 0", "so101 1", "so101 2"}),
        ("mei", {"so101 0", "so101 1", "so101 2"}),
        ("nora", {"aloha 0"}),
        ("otto", set()),
        ("root", {"so101 0", "so101 1", "so101 2", "aloha 0"}),
    ],
)
def test_everybody_sees_what_they_may(shelf: Shelf, name: str, seen: set[str]) -> None:
    assert set(keys(shelf.browser(name))) == seen


def test_an_empty_list_says_the_next_step(shelf: Shelf) -> None:
    assert "Ask a manager" in shelf.browser("otto").get("/episodes/").content.decode()
    text = shelf.browser("ada").get("/episodes/", {"q": "zebra"}).content.decode()
    assert "Nothing matches" in text


FACTS = {
    "scene": "kitchen 3",
    "operator": "op 7",
    "session": "morning",
    "things": ["mug", "tray"],
    "tags": ["good light"],
    "sync": "red",
    "held": True,
}


@pytest.mark.parametrize(
    "query",
    [
        {"scene": "kitchen 3"},
        {"operator": "op 7"},
        {"session": "morning"},
        {"thing": "tray"},
        {"tag": "good light"},
        {"sync": "red"},
        {"handing": "held"},
        {"q": "kitc mug"},
        {"q": '"good light"'},
        {"q": "episode_000001", "scene": "kitchen 3"},
        {"task": "UNSTACK"},
    ],
)
def test_what_a_filter_finds(shelf: Shelf, query: dict[str, str]) -> None:
    wanted = shelf.queued[1]
    task = Task.objects.create(text="unstack the cups")
    Episode.objects.filter(pk=wanted.pk).update(**FACTS, task=task)
    index_search(episodes=[wanted.pk])
    assert keys(shelf.browser("ada"), **query) == ["so101 1"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"domain": "sim"}, {"aloha 0"}),
        ({"licence": "mit"}, {"aloha 0"}),
        ({"provenance": "Lab 3"}, {"aloha 0"}),
        ({"consent": "given"}, {"aloha 0"}),
        ({"robot": "franka"}, {"aloha 0"}),
        ({"label": "none"}, {"aloha 0"}),
        ({"label": "waiting"}, {"so101 0", "so101 1", "so101 2"}),
        ({"state": "importing"}, set()),
        # What no field offers asks nothing, and the form says so.
        ({"sync": "purple"}, {"so101 0", "so101 1", "so101 2", "aloha 0"}),
    ],
)
def test_facts_of_the_dataset_and_of_projects(
    shelf: Shelf, query: dict[str, str], found: set[str]
) -> None:
    dataset = shelf.other.dataset
    dataset.domain, dataset.licence, dataset.consent = "sim", "mit", "given"
    dataset.provenance, dataset.robot_type = "recorded in lab 3", "franka"
    dataset.save()
    assert set(keys(shelf.browser("root"), **query)) == found


def test_what_is_asked_for_stands_as_chips_that_take_it_away(shelf: Shelf) -> None:
    query = {"q": "block", "sync": "red", "dataset": str(shelf.dataset.pk)}
    mei = shelf.browser("mei")
    chips = mei.get("/episodes/", query).context["chips"]
    assert {(one.label, one.value) for one in chips} == {
        ("Search", "block"),
        ("Clocks", "Out of step"),
        ("Dataset", "so101"),
    }
    (search,) = [one for one in chips if one.name == "q"]
    assert EpisodeFilter.from_query(search.without) == EpisodeFilter(
        sync="red", dataset=str(shelf.dataset.pk)
    )
    here = mei.get(f"/datasets/{shelf.dataset.pk}/", {"sync": "red"})
    assert [(one.value, one.without) for one in here.context["chips"]] == [("Out of step", "")]


def test_a_datasets_page_answers_htmx_with_the_results_alone(shelf: Shelf) -> None:
    address = f"/datasets/{shelf.dataset.pk}/"
    answer = shelf.browser("mei").get(address, headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<section id="results"')


def test_label_states_follow_the_work(shelf: Shelf) -> None:
    mei = shelf.browser("mei")
    hand_in(shelf, "ada", "outcome_success")
    assert keys(mei, label="labelling") == ["so101 0"]
    hand_in(shelf, "abe", "outcome_failure")
    assert keys(mei, label="labelling") == []
    assert keys(mei, label="submitted") == ["so101 0"]
    batch = create_batch(actor=shelf.people["ravi"], project=shelf.project)
    item = batch.items.get()
    by_ada = item.project_episode.annotation_sets.get(
        assignment__annotator=shelf.people["ada"], state="submitted"
    )
    assert keys(mei, outcome="outcome_failure") == ["so101 0"]
    approve_episode(
        actor=shelf.people["ravi"],
        item_id=item.pk,
        annotation_set_id=by_ada.pk,
        version=0,
        request_id=uuid.uuid4(),
    )
    assert keys(mei, label="submitted") == []
    assert keys(mei, label="approved") == ["so101 0"]
    assert set(keys(mei, label="waiting")) == {"so101 1", "so101 2"}
    # The approved set decides.
    assert keys(mei, outcome="outcome_success") == ["so101 0"]
    assert keys(mei, outcome="outcome_failure") == []


def test_state_and_outcome_are_those_of_one_project(shelf: Shelf) -> None:
    hand_in(shelf, "ada", "outcome_failure")
    queue_up(Project.objects.get(name="Elsewhere"), shelf.queued[:1])
    root = shelf.browser("root")
    assert set(keys(root, label="waiting")) == {"so101 0", "so101 1", "so101 2"}
    assert keys(root, label="labelling", outcome="outcome_failure") == ["so101 0"]
    assert keys(root, label="waiting", outcome="outcome_failure") == []
    assert keys(root, label="none", outcome="outcome_failure") == []


def test_annotators_learn_no_outcome_of_others(shelf: Shelf) -> None:
    hand_in(shelf, "ada", "outcome_failure")
    assert keys(shelf.browser("ravi"), outcome="outcome_failure") == ["so101 0"]
    assert keys(shelf.browser("ada"), outcome="outcome_failure") == ["so101 0"]
    assert keys(shelf.browser("abe"), outcome="outcome_failure") == []
    (row,) = [
        row
        for row in shelf.browser("abe").get("/episodes/").context["page"].rows
        if row.episode.index == 0
    ]
    assert row.standings[0].outcomes == ()


def test_a_reviewer_at_work_on_it_learns_no_outcome_either(shelf: Shelf) -> None:
    hand_in(shelf, "ada", "outcome_failure")
    claimed(shelf.people["ravi"], shelf.project)
    assert keys(shelf.browser("ravi"), outcome="outcome_failure") == []


def test_pages_lead_forward_and_back_and_repeat_nothing(shelf: Shelf) -> None:
    root, wanted = shelf.people["root"], EpisodeFilter()
    seen, at = [], None
    for _ in range(4):
        page = selectors.episode_page(root, wanted, at, size=1)
        seen.append(page.rows[0].episode.pk)
        assert page.total == 4
        at = page.after
    assert at is None
    assert len(set(seen)) == 4
    back = page.before
    for pk in reversed(seen[:-1]):
        page = selectors.episode_page(root, wanted, back, size=1)
        assert [row.episode.pk for row in page.rows] == [pk]
        back = page.before
    assert back is None
    newest = list(Episode.objects.order_by("-created_at", "id").values_list("pk", flat=True))
    assert seen == newest


def test_a_dataset_is_paged_in_its_own_order(shelf: Shelf) -> None:
    mei, wanted = shelf.people["mei"], EpisodeFilter(dataset=str(shelf.dataset.pk))
    first = selectors.episode_page(mei, wanted, size=2)
    second = selectors.episode_page(mei, wanted, first.after, size=2)
    assert [row.episode.index for row in (*first.rows, *second.rows)] == [0, 1, 2]
    again = selectors.episode_page(mei, wanted, second.before, size=2)
    assert [row.episode.index for row in again.rows] == [0, 1]


@pytest.mark.parametrize("at", ["x", "bnVsbA==", "WyJ4IiwgIjEiLCAwXQ==", "é", "[]"])
def test_a_broken_place_begins_at_the_beginning(shelf: Shelf, at: str) -> None:
    assert len(keys(shelf.browser("mei"), at=at)) == 3


def test_counting_stops(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "MOST_COUNTED", 2)
    page = selectors.episode_page(shelf.people["mei"], EpisodeFilter(), size=1)
    assert (page.counted, page.many) == (2, True)


def test_htmx_gets_the_results_alone(shelf: Shelf) -> None:
    answer = shelf.browser("mei").get("/episodes/", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert text.lstrip().startswith('<section id="results"')
    assert "HX-Request" in answer["Vary"]


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", ""),
        ("  red  block ", "'red':* & 'block':*"),
        ('"red block" cup', "'red block' & 'cup':*"),
        ("-red", "!'red':*"),
        ('-"red block"', "!'red block'"),
        ("episode_000123", "'episode 000123':*"),
        ("a' | b:* & !(c \\", "'a':* & 'b':* & 'c':*"),
        ("& | ! ( ) : * < > \\ ' \"", ""),
        ("nul\x00byte", "'nul':* & 'byte':*"),
        ("_", ""),
    ],
)
def test_typed_words_become_a_query(typed: str, query: str) -> None:
    assert search_words(typed) == query


@pytest.mark.parametrize("typed", ["'", "\\", "a\\'b", "!!", "x' :* | 'y", "日本 語", "a-b_c.d/e"])
def test_nothing_typed_breaks_the_search(shelf: Shelf, typed: str) -> None:
    assert shelf.browser("mei").get("/episodes/", {"q": typed}).status_code == 200


def test_the_quarantine_names_reason_and_import(shelf: Shelf) -> None:
    run = ImportRun.objects.create(
        source_path="/x", dataset_name="bricks", requested_by=shelf.people["mei"]
    )
    ImportItem.objects.create(
        run=run,
        key="episode_7",
        position=0,
        state=ImportItem.State.QUARANTINED,
        reason_code="truncated",
        reason="The file is cut off.",
        remedy="Restore it.",
    )
    mei = shelf.browser("mei")
    text = mei.get("/episodes/quarantined/").content.decode()
    assert f"/imports/{run.pk}/" in text
    assert f'action="/imports/{run.pk}/retry/{run.items.get().pk}"' in text
    assert "The file is cut off." in text
    assert "episode_7" in mei.get("/episodes/quarantined/", {"q": "CUT"}).content.decode()
    assert "Nothing matches" in mei.get("/episodes/quarantined/", {"q": "zz"}).content.decode()
    assert "episode_7" not in shelf.browser("nora").get("/episodes/quarantined/").content.decode()
    assert shelf.browser("ada").get("/episodes/quarantined/").status_code == 403


@pytest.mark.parametrize("query", [{"label": "waiting"}, {"outcome": "outcome_failure"}])
@pytest.mark.parametrize("name", ["otto", "nora"])
def test_labels_open_no_episode_to_who_is_not_in_the_project(
    shelf: Shelf, name: str, query: dict[str, str]
) -> None:
    assert keys(shelf.browser("root"), label="waiting")
    assert keys(shelf.browser(name), **query) == []


def test_leaving_the_search_field_asks_nothing_more(shelf: Shelf) -> None:
    """It was asked while typing: another list in its place would lose what is ticked in it."""
    page = shelf.browser("mei").get("/episodes/").content.decode()
    assert "change from:find .filters-row, input changed delay:300ms from:#id_q" in page


@pytest.mark.parametrize("name", ["ada", "mei", "root"])
def test_the_list_asks_a_fixed_number_of_questions(
    shelf: Shelf, name: str, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    client = shelf.browser(name)
    with django_assert_max_num_queries(14):
        client.get("/episodes/", {"q": "block", "label": "waiting", "outcome": "outcome_success"})


@pytest.mark.parametrize(
    ("name", "label"),
    [
        *(("licence", "Licence"), ("robot", "Robot"), ("sync", "Clocks"), ("label", "Labels")),
        *(("outcome", "Outcome"), ("dataset", "Dataset"), ("consent", "Consent")),
        *(("handing", "Handing out"), ("state", "State"), ("domain", "Domain")),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
def test_a_choice_that_there_is_not_is_said(
    shelf: Shelf, name: str, label: str, headers: dict[str, str]
) -> None:
    """Such an address may be an old saved filter's: nobody is to take the list for what it asks."""
    client = Client()
    client.force_login(shelf.people["mei"])
    query = {name: "none-of-them", "q": "pick"}
    said = client.get("/episodes/", query, headers=headers).content.decode()
    assert "The list shows more than was asked for" in said
    # Once; with the field it is read out.
    assert said.count("is not one of the available choices") == 1
    assert f'<li id="id_{name}_error">{label}: ' in said
    assert headers or f'aria-describedby="id_{name}_error"' in said
    assert "none-of-them is not one of the available choices" in said
    rest = client.get("/episodes/", {"q": "pick"}, headers=headers).content.decode()
    assert "more than was asked for" not in rest
