"""What managers change in the list and on an episode's page, and who else may not."""

import pytest
from django.test import Client
from django.urls import reverse

from annotation.models import Assignment, AuditEntry, ProjectEpisode
from episodes.models import Dataset, Episode, SavedFilter, SyncReport
from episodes.selectors.filters import EpisodeFilter
from episodes.services import change_episodes
from episodes.services.saved_filters import MOST_SAVED
from tests.annotation.scene import claimed
from tests.episodes.browse.conftest import Shelf

pytestmark = pytest.mark.django_db


def bulk(client: Client, **given: object) -> str:
    """What the list says after the change."""
    answer = client.post(reverse("episode-bulk"), given, follow=True)
    return " ".join(str(one) for one in answer.context["messages"])


def tags_of(*episodes: Episode) -> list[list[str]]:
    return [Episode.objects.get(pk=one.pk).tags for one in episodes]


def test_ticked_episodes_are_tagged_found_and_untagged(shelf: Shelf) -> None:
    mei = shelf.browser("mei")
    ids = [str(one.pk) for one in shelf.queued[:2]]
    assert "2 episodes are tagged “night”." in bulk(mei, action="tag", tag="night", episode=ids)
    assert tags_of(*shelf.queued) == [["night"], ["night"], []]
    assert mei.get("/episodes/", {"q": "night"}).context["page"].total == 2
    said = bulk(mei, action="tag", tag="night", episode=[str(one.pk) for one in shelf.queued])
    assert said == "1 episode is tagged “night”. 2 stay as before."
    assert "3 episodes" in bulk(mei, action="untag", tag="night", everything="1")
    assert tags_of(*shelf.queued) == [[], [], []]
    entries = AuditEntry.objects.filter(action="episode.tagged", actor=shelf.people["mei"])
    assert entries.count() == 3
    assert entries.filter(subject=f"episode:{ids[0]}", facts={"tag": "night"}).exists()


@pytest.mark.parametrize(
    ("back", "leads_to"),
    [
        ("/datasets/7/?tag=night&at=x", "/datasets/7/?tag=night&at=x"),
        ("", "/episodes/?scene=lab"),
        ("//elsewhere.example/", "/episodes/?scene=lab"),
        ("https://elsewhere.example/", "/episodes/?scene=lab"),
    ],
)
def test_a_change_leads_back_to_where_it_was_made(shelf: Shelf, back: str, leads_to: str) -> None:
    given = {"action": "hold", "everything": "1", "filter": "scene=lab", "back": back}
    answer = shelf.browser("mei").post(reverse("episode-bulk"), given)
    assert answer["Location"] == leads_to


def test_everything_that_matches_and_nothing_else(shelf: Shelf) -> None:
    Episode.objects.filter(pk=shelf.queued[1].pk).update(scene="lab")
    bulk(shelf.browser("mei"), action="hold", everything="1", filter="scene=lab")
    assert list(Episode.objects.filter(held=True)) == [shelf.queued[1]]


def test_what_is_not_ones_own_stays(shelf: Shelf) -> None:
    ids = [str(shelf.queued[0].pk), str(shelf.other.pk)]
    assert "1 episode is tagged" in bulk(shelf.browser("mei"), action="tag", tag="x", episode=ids)
    assert "0 episodes" in bulk(shelf.browser("nora"), action="tag", tag="y", episode=ids[:1])
    assert tags_of(shelf.queued[0], shelf.other) == [["x"], []]


def test_seeing_is_not_changing(shelf: Shelf) -> None:
    """nora manages elsewhere and annotates here."""
    shelf.project.memberships.create(user=shelf.people["nora"], role="annotator")
    said = bulk(shelf.browser("nora"), action="tag", tag="y", episode=[str(shelf.queued[0].pk)])
    assert said == "0 episodes are tagged “y”. 1 is not yours to change."


@pytest.mark.parametrize("name", ["ada", "ravi", "otto"])
@pytest.mark.parametrize("address", ["episode-bulk", "project-take"])
def test_only_managers_change_many(shelf: Shelf, name: str, address: str) -> None:
    given = {"action": "hold", "everything": "1", "project": str(shelf.project.pk)}
    assert shelf.browser(name).post(reverse(address), given).status_code == 403
    assert not Episode.objects.filter(held=True).exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"action": "tag", "tag": "x"}, "No episode is selected"),
        ({"action": "tag", "everything": "1"}, "Write the tag"),
        ({"action": "burn", "everything": "1"}, "Select a valid choice"),
        ({"action": "hold", "episode": "not-an-id"}, "Select a valid choice"),
    ],
)
def test_what_a_bulk_change_needs(shelf: Shelf, given: dict[str, str], said: str) -> None:
    assert said in bulk(shelf.browser("mei"), **given)


def test_too_many_at_once(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_episodes, "MOST_AT_ONCE", 2)
    answer = shelf.browser("mei").post(
        reverse("episode-bulk"), {"action": "hold", "everything": "1"}
    )
    assert answer.status_code == 409
    assert "Narrow the filter" in answer.content.decode()


def test_held_episodes_are_not_handed_out_until_released(shelf: Shelf) -> None:
    first = shelf.queued[0]
    SyncReport.objects.create(episode=first, verdict="red", report={})
    mei = shelf.browser("mei")
    bulk(mei, action="hold", episode=[str(first.pk)])
    assert claimed(shelf.people["ada"], shelf.project).project_episode.episode == shelf.queued[1]
    assert SyncReport.objects.get().decision == "held"
    bulk(mei, action="release", episode=[str(first.pk)])
    assert claimed(shelf.people["abe"], shelf.project).project_episode.episode == first
    assert SyncReport.objects.get().decided_by == shelf.people["mei"]


def test_a_selection_goes_into_a_project(shelf: Shelf) -> None:
    project = shelf.people["nora"].memberships.get().project
    nora = shelf.browser("nora")
    given = {"everything": "1", "project": str(project.pk)}
    answer = nora.post(reverse("project-take"), given, follow=True)
    assert "1 episode is added" in answer.content.decode()
    assert ProjectEpisode.objects.get(project=project).episode == shelf.other
    given["project"] = str(shelf.project.pk)
    answer = nora.post(reverse("project-take"), given, follow=True)
    assert "You do not manage that project." in answer.content.decode()


def test_facts_of_one_episode(shelf: Shelf) -> None:
    episode = shelf.queued[0]
    address = reverse("episode-change", args=[episode.pk])
    given = {"scene": "lab 1", "things": "mug,  big  tray, mug", "operator": "x", "tags": "a, b"}
    assert shelf.browser("mei").post(address, given).status_code == 302
    episode.refresh_from_db()
    assert (episode.scene, episode.things, episode.tags) == (
        "lab 1",
        ["mug", "big tray"],
        ["a", "b"],
    )
    assert shelf.browser("ada").get("/episodes/", {"q": "tray"}).context["page"].total == 1
    entry = AuditEntry.objects.get(action="episode.changed")
    assert entry.facts["scene"] == ["", "lab 1"]


def test_facts_that_do_not_fit_come_back(shelf: Shelf) -> None:
    address = reverse("episode-change", args=[shelf.queued[0].pk])
    answer = shelf.browser("mei").post(address, {"tags": "x" * 41, "scene": "y" * 121})
    assert answer.status_code == 400
    assert "is longer than 40 characters" in answer.content.decode()
    assert Episode.objects.filter(scene="").count() == 4


@pytest.mark.parametrize(("name", "status"), [("ada", 403), ("ravi", 403), ("otto", 404)])
def test_who_may_not_change_facts(shelf: Shelf, name: str, status: int) -> None:
    address = reverse("episode-change", args=[shelf.queued[0].pk])
    assert shelf.browser(name).post(address, {"scene": "z"}).status_code == status
    assert not Episode.objects.filter(scene="z").exists()


@pytest.mark.parametrize(
    ("name", "status"),
    [("mei", 302), ("root", 302), ("ada", 403), ("ravi", 403), ("otto", 404), ("nora", 404)],
)
def test_who_changes_a_dataset(shelf: Shelf, name: str, status: int) -> None:
    address = reverse("dataset-change", args=[shelf.dataset.pk])
    given = {"domain": "real", "consent": "given", "licence": "mit", "provenance": "our lab"}
    assert shelf.browser(name).post(address, given).status_code == status
    changed = Dataset.objects.get(pk=shelf.dataset.pk).licence == "mit"
    assert changed == (status == 302)
    assert AuditEntry.objects.filter(action="dataset.changed").exists() == changed


def test_a_project_manager_is_not_the_datasets_owner(shelf: Shelf) -> None:
    shelf.project.memberships.create(user=shelf.people["nora"], role="manager")
    address = reverse("dataset-change", args=[shelf.dataset.pk])
    answer = shelf.browser("nora").post(address, {"domain": "sim", "consent": "given"})
    assert answer.status_code == 403


def test_withdrawn_consent_keeps_episodes_back_and_agreed_gives_them_out(shelf: Shelf) -> None:
    Dataset.objects.filter(pk=shelf.dataset.pk).update(consent="withdrawn")
    ada = shelf.browser("ada")
    answer = ada.post(reverse("project-next", args=[shelf.project.pk]), follow=True)
    assert "Nothing is left for you" in answer.content.decode()
    assert not Episode.objects.to_hand_out().filter(dataset=shelf.dataset).exists()
    Dataset.objects.filter(pk=shelf.dataset.pk).update(consent="given")
    assert claimed(shelf.people["ada"], shelf.project).state == Assignment.State.ACTIVE


def test_a_filter_is_saved_applied_replaced_and_deleted(shelf: Shelf) -> None:
    ada = shelf.browser("ada")
    given = {"name": "Red ones", "filter": "q=red+block&sync=red&unknown=1"}
    answer = ada.post(reverse("filter-save"), given)
    assert answer["Location"] == "/episodes/?q=red+block&sync=red"
    assert "Red ones" in ada.get("/episodes/").content.decode()
    assert "Red ones" not in shelf.browser("mei").get("/episodes/").content.decode()
    ada.post(reverse("filter-save"), {"name": "Red ones", "filter": "q=blue"})
    saved = SavedFilter.objects.get()
    assert EpisodeFilter.from_query(saved.query) == EpisodeFilter(q="blue")
    address = reverse("filter-delete", args=[saved.pk])
    assert shelf.browser("mei").post(address).status_code == 404
    assert ada.post(address).status_code == 302
    assert not SavedFilter.objects.exists()


def test_saved_filters_have_a_name_and_an_end(shelf: Shelf) -> None:
    ada = shelf.browser("ada")
    answer = ada.post(reverse("filter-save"), {"name": ""}, follow=True)
    assert "Give the filter a name" in answer.content.decode()
    SavedFilter.objects.bulk_create(
        SavedFilter(owner=shelf.people["ada"], name=str(number)) for number in range(MOST_SAVED)
    )
    answer = ada.post(reverse("filter-save"), {"name": "one more"}, follow=True)
    assert "Delete one that you no longer need." in answer.content.decode()
    assert ada.post(reverse("filter-save"), {"name": "7", "filter": "q=x"}).status_code == 302
    assert SavedFilter.objects.get(name="7").query == "q=x"
