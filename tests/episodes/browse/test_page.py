"""An episode's page: the recording read-only, its facts, and nobody's labels but those to see."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from annotation.services.submit import submit
from episodes.models import Episode, FoundLabel, FrameIndex
from tests.annotation.scene import claimed, draft_of, grasp, instruction, outcome, save
from tests.episodes.browse.conftest import Shelf

pytestmark = pytest.mark.django_db


def page(shelf: Shelf, name: str, episode: Episode) -> Any:
    return shelf.browser(name).get(reverse("episode-detail", args=[episode.pk]))


def sets(shelf: Shelf, name: str) -> list[str]:
    return [one["name"] for one in page(shelf, name, shelf.queued[0]).context["payload"]["sets"]]


@pytest.mark.parametrize("name", ["ada", "ravi", "mei", "root"])
def test_it_opens_for_who_may_see_it(shelf: Shelf, name: str) -> None:
    answer = page(shelf, name, shelf.queued[0])
    assert answer.status_code == 200
    payload = answer.context["payload"]
    assert payload["mode"] == "view"
    assert not any(one["editable"] for one in payload["sets"])
    assert [one["camera"] for one in payload["streams"]] == ["front", "side"]


@pytest.mark.parametrize("name", ["otto", "nora"])
def test_nobody_else_learns_of_it(shelf: Shelf, name: str) -> None:
    assert page(shelf, name, shelf.queued[0]).status_code == 404


def test_it_is_only_looked_at(shelf: Shelf) -> None:
    address = reverse("episode-detail", args=[shelf.queued[0].pk])
    assert shelf.browser("mei").post(address).status_code == 405


def test_facts_and_cameras_stand_there(shelf: Shelf) -> None:
    Episode.objects.filter(pk=shelf.queued[0].pk).update(operator="op 7", tags=["night"])
    text = page(shelf, "ada", shelf.queued[0]).content.decode()
    for fact in ("op 7", "night", "avc1.64001e", "320 × 240", "50.00", "0" * 64):
        assert fact in text
    assert "Change the facts" not in text
    assert "Change the facts" in page(shelf, "mei", shelf.queued[0]).content.decode()


def test_labels_are_shown_to_who_may_see_them(shelf: Shelf) -> None:
    ada = shelf.people["ada"]
    draft = draft_of(claimed(ada, shelf.project))
    saved = save(ada, draft, [grasp(), instruction(), outcome()])
    assert sets(shelf, "mei") == []
    submit(
        actor=ada,
        annotation_set_id=draft.pk,
        base_revision=saved.revision,
        request_id=uuid.uuid4(),
    )
    assert sets(shelf, "mei") == sets(shelf, "ravi") == sets(shelf, "ada") == ["Ada"]
    # abe may be given this episode next.
    assert sets(shelf, "abe") == []
    claimed(shelf.people["ravi"], shelf.project)
    assert sets(shelf, "ravi") == []


def test_found_labels_are_a_set_of_their_own(shelf: Shelf) -> None:
    FoundLabel.objects.create(
        episode=shelf.queued[0],
        position=0,
        kind="segment",
        label_class="reach for it",
        origin="language",
        start_ns=0,
        end_ns=10**9,
    )
    answer = page(shelf, "ada", shelf.queued[0])
    (found,) = answer.context["payload"]["sets"]
    assert (found["name"], found["labels"][0]["text"]) == ("Found in the recording", "reach for it")
    assert "Labels found in the recording" in answer.content.decode()


def test_a_video_without_an_index_leaves_the_facts(shelf: Shelf) -> None:
    FrameIndex.objects.all().delete()
    answer = page(shelf, "mei", shelf.queued[0])
    assert answer.status_code == 200
    assert "The recording cannot be shown" in answer.content.decode()


def test_the_page_asks_a_fixed_number_of_questions(
    shelf: Shelf, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    client = shelf.browser("mei")
    with django_assert_max_num_queries(20):
        client.get(reverse("episode-detail", args=[shelf.queued[0].pk]))
