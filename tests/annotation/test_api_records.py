"""The API's records: what a program reads and changes, page by page, and what it is not shown."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.models import AuditEntry, Membership, Project, ProjectEpisode
from annotation.services.record_gold import record_gold
from episodes.models import Episode
from tests.annotation.pages import queries
from tests.annotation.scene import (
    Team,
    claimed,
    draft_of,
    grasp,
    make_asset,
    make_dataset,
    make_episodes,
    queue_up,
    save,
)
from tests.annotation.test_projects import TestGold

AsUser = Callable[[User], Client]


@pytest.fixture
def mei(team: Team, as_user: AsUser) -> Client:
    return as_user(team.mei)


def here(name: str, team: Team, *more: Any) -> str:
    return reverse(name, args=[team.project.pk, *more])


def pages(client: Client, address: str) -> Iterator[list[dict[str, Any]]]:
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        yield answer.json()["results"]
        address = answer.json()["next"]


def send(client: Client, method: str, address: str, body: object) -> Any:
    return getattr(client, method)(address, body, content_type="application/json")


class TestProjects:
    def test_settings_are_read_and_changed(self, team: Team, mei: Client) -> None:
        address = here("api-project", team)
        before = mei.get(address).json()
        assert (before["name"], before["overlap"], before["version"]) == ("Blocks", 2, 1)
        change = {"version": 1, "overlap": 3, "deadline": "2027-01-31"}
        after = send(mei, "patch", address, change).json()
        assert (after["overlap"], after["deadline"], after["version"]) == (3, "2027-01-31", 2)
        stale = send(mei, "patch", address, {"version": 1, "overlap": 1})
        assert (stale.status_code, stale.json()["code"]) == (409, "stale_project")

    @pytest.mark.parametrize(
        "change",
        [
            {"overlap": 3},
            {"version": 1, "overlap": -1},
            {"version": 1, "state": "lost"},
            {"version": 1, "deadline": "soon"},
        ],
    )
    def test_what_is_no_setting(self, team: Team, mei: Client, change: dict[str, Any]) -> None:
        answer = send(mei, "patch", here("api-project", team), change)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")

    def test_a_project_is_started_once(self, team: Team, mei: Client) -> None:
        address, key = reverse("api-projects"), {"Idempotency-Key": "k"}
        body = {"name": "Cups", "guideline": "Look."}
        answers = [
            mei.post(address, body, content_type="application/json", headers=key) for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert Project.objects.filter(name="Cups").count() == 1
        taken = send(mei, "post", address, {"name": "Cups"})
        assert (taken.status_code, taken.json()["code"]) == (409, "project_name_taken")

    def test_one_sees_ones_own(self, team: Team, mei: Client, as_user: AsUser) -> None:
        seen = [row["name"] for row in mei.get(reverse("api-projects")).json()["results"]]
        assert seen == ["Blocks"]
        assert as_user(team.otto).get(reverse("api-projects")).json()["results"] == []

    def test_people_come_and_go(self, team: Team, mei: Client) -> None:
        address = here("api-member", team, "otto")
        assert send(mei, "put", address, {"role": "reviewer"}).json()["role"] == "reviewer"
        names = [row["username"] for row in mei.get(here("api-members", team)).json()["results"]]
        assert names == ["abe", "ada", "mei", "otto", "ravi"]
        assert mei.delete(address).status_code == 204
        assert not Membership.objects.filter(user=team.otto).exists()
        assert (
            send(mei, "put", here("api-member", team, "nobody"), {"role": "x"}).status_code == 404
        )

    def test_a_guideline_is_published(self, team: Team, mei: Client) -> None:
        address = here("api-guidelines", team)
        made = send(mei, "post", address, {"text": "Look.", "based_on": 0})
        assert (made.status_code, made.json()["number"]) == (201, 1)
        assert send(mei, "post", address, {"text": "Mine.", "based_on": 0}).status_code == 409

    def test_history_says_who_did_what(self, team: Team, mei: Client) -> None:
        claimed(team.ada, team.project)
        (entry,) = mei.get(here("api-history", team)).json()["results"]
        assert (entry["actor"], entry["action"]) == ("ada", "assignment.claimed")


class TestQueue:
    def test_episodes_are_added_and_listed(self, team: Team, mei: Client, data_dir: Any) -> None:
        more = make_episodes(make_dataset("more", owner=team.mei), 2, make_asset(data_dir, "m"))
        body = {"episodes": [str(episode.pk) for episode in more]}
        assert send(mei, "post", here("api-queue", team), body).json() == {"added": 2}
        rows = mei.get(here("api-queue", team)).json()["results"]
        assert [row["position"] for row in rows] == [0, 1, 2, 3, 4]
        claimed(team.ada, team.project)
        address = f"{here('api-queue', team)}?progress=labelling"
        assert [row["position"] for row in mei.get(address).json()["results"]] == [0]
        wrong = mei.get(f"{here('api-queue', team)}?progress=lost")
        assert wrong.status_code == 400

    def test_pages_neither_skip_nor_repeat(self, team: Team, mei: Client, data_dir: Any) -> None:
        more = make_episodes(make_dataset("more"), 20, make_asset(data_dir, "m"))
        queue_up(team.project, more)
        seen = []
        for rows in pages(mei, f"{here('api-queue', team)}?page_size=4"):
            seen += [row["id"] for row in rows]
            # What comes in meanwhile shifts nothing.
            ProjectEpisode.objects.filter(position=0).exclude(pk__in=seen).update(position=99)
        assert len(seen) == len(set(seen)) == ProjectEpisode.objects.count()

    def test_a_page_has_its_limit(self, team: Team, mei: Client) -> None:
        assert mei.get(f"{here('api-queue', team)}?page_size=100000").status_code == 200
        assert mei.get(f"{here('api-queue', team)}?cursor=nonsense").status_code == 404


class TestWork:
    def test_own_work_and_work_one_oversees(self, team: Team, mei: Client, as_user: AsUser) -> None:
        of_ada = draft_of(claimed(team.ada, team.project))
        save(team.ada, of_ada, [grasp()])
        claimed(team.abe, team.project)
        counts = {
            who: len(as_user(user).get(reverse("api-sets")).json()["results"])
            for who, user in (("ada", team.ada), ("ravi", team.ravi), ("otto", team.otto))
        }
        assert counts == {"ada": 1, "ravi": 2, "otto": 0}
        address = reverse("api-set", args=[of_ada.pk])
        body = as_user(team.ravi).get(address).json()
        assert [label["label_class"] for label in body["labels"]] == ["grasp_closed"]
        assert as_user(team.abe).get(address).status_code == 404
        found = mei.get(f"{reverse('api-assignments')}?annotator=abe&state=active")
        assert [row["annotator"] for row in found.json()["results"]] == ["abe"]

    def test_gold_is_shown_to_no_annotator(self, team: Team, as_user: AsUser) -> None:
        episode = ProjectEpisode.objects.order_by("position")[0]
        gold = record_gold(
            actor=team.mei, project_episode=episode, labels=TestGold().labels(), origin="experts"
        )
        claimed(team.ada, team.project)
        listed = as_user(team.ada).get(reverse("api-sets")).json()["results"]
        assert [row["kind"] for row in listed] == ["annotator"]
        assert as_user(team.ada).get(reverse("api-set", args=[gold.pk])).status_code == 404
        kinds = as_user(team.ravi).get(f"{reverse('api-sets')}?kind=gold").json()["results"]
        assert len(kinds) == 1


class TestRecordings:
    def test_filters_are_those_of_the_page(self, team: Team, mei: Client) -> None:
        address = reverse("api-episodes")
        assert len(mei.get(address).json()["results"]) == 3
        Episode.objects.filter(key="episode_000001").update(tags=["dark"])
        found = mei.get(f"{address}?dataset={team.dataset.pk}&tag=dark").json()["results"]
        assert [row["key"] for row in found] == ["episode_000001"]
        assert mei.get(f"{address}?domain=moon").status_code == 400

    def test_an_episode_in_full(self, team: Team, mei: Client) -> None:
        episode = ProjectEpisode.objects.order_by("position")[0].episode_id
        body = mei.get(reverse("api-episode", args=[episode])).json()
        assert [stream["camera"] for stream in body["streams"]] == ["front", "side"]

    def test_outsiders_find_nothing(self, team: Team, as_user: AsUser) -> None:
        otto = as_user(team.otto)
        assert otto.get(reverse("api-episodes")).json()["results"] == []
        assert otto.get(reverse("api-datasets")).json()["results"] == []


def test_lists_ask_as_often_however_long_they_are(team: Team, mei: Client, data_dir: Any) -> None:
    addresses = [
        *(reverse(name) for name in ("api-projects", "api-episodes", "api-datasets", "api-sets")),
        *(here(name, team) for name in ("api-queue", "api-members", "api-history")),
        reverse("api-assignments"),
    ]
    claimed(team.ada, team.project)

    def asked() -> list[int]:
        found = []
        for address in addresses:
            with queries() as seen:
                assert mei.get(address).status_code == 200
            found.append(len(seen))
        return found

    few = asked()
    make_episodes(make_dataset("more", owner=team.mei), 5, make_asset(data_dir, "m"))
    claimed(team.abe, team.project)
    for number in range(3):
        other = Project.objects.create(name=f"P{number}", schema=team.project.schema)
        Membership.objects.create(project=other, user=team.mei, role="manager")
        AuditEntry.objects.create(
            project=team.project, actor=team.mei, action="a.b", subject="project:1"
        )
    assert asked() == few
