"""Lists of the API: what narrows them, what they refuse, and that longer ones ask no more."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.models import AcceptancePolicy, LabelSchema, Membership, Notification, TaskPolicy
from annotation.services.notify import notify
from episodes.models import Episode, SavedFilter, Task
from tests.annotation.pages import queries
from tests.annotation.scene import Team, claimed, draft_of, grasp, save

AsUser = Callable[[User], Client]


@pytest.fixture
def mei(team: Team, as_user: AsUser) -> Client:
    return as_user(team.mei)


def results(client: Client, address: str, **asked: str | int) -> list[dict[str, Any]]:
    answer = client.get(address, asked)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def put(client: Client, address: str, body: object) -> Any:
    return client.put(address, body, content_type="application/json")


class TestPolicies:
    def test_they_are_set_read_and_removed(self, team: Team, mei: Client) -> None:
        task = Task.objects.get()
        address = reverse("api-task-policies", args=[team.project.pk])
        wanted = {"version": 1, "task": task.pk, "priority": 5, "tolerance_ns": 40_000_000}
        made = put(mei, address, wanted).json()
        assert (made["priority"], made["text"]) == (5, task.text)
        assert results(mei, address, task=task.pk) == [made]
        assert results(mei, address, task=task.pk + 1) == []
        one = reverse("api-task-policy", args=[team.project.pk, made["id"]])
        assert mei.delete(one).status_code == 204
        assert not TaskPolicy.objects.exists()

    def test_anothers_change_is_not_overwritten(self, team: Team, mei: Client) -> None:
        address = reverse("api-acceptance-policies", args=[team.project.pk])
        bar = {"version": 1, "label_type": "instant", "evaluation": True, "bar_ppm": 980_000}
        assert put(mei, address, bar).status_code == 200
        stale = put(mei, address, {**bar, "bar_ppm": 900_000})
        assert (stale.status_code, stale.json()["code"]) == (409, "stale_project")
        assert AcceptancePolicy.objects.get().bar_ppm == 980_000
        assert len(results(mei, address, evaluation="true", label_type="instant")) == 1
        assert results(mei, address, evaluation="false") == []

    @pytest.mark.parametrize(
        "wrong", [{"task": 999_999}, {"bar_ppm": 1_000_000}, {"plan": "guess"}, {"version": 0}]
    )
    def test_what_cannot_be_a_bar(self, team: Team, mei: Client, wrong: dict[str, Any]) -> None:
        address = reverse("api-acceptance-policies", args=[team.project.pk])
        answer = put(mei, address, {"version": 1, "bar_ppm": 980_000, **wrong})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
        assert set(answer.json()["fields"]) == set(wrong)

    def test_reviewers_read_and_managers_write(self, team: Team, as_user: AsUser) -> None:
        address = reverse("api-acceptance-policies", args=[team.project.pk])
        ravi = as_user(team.ravi)
        assert results(ravi, address) == []
        assert put(ravi, address, {"version": 1, "bar_ppm": 980_000}).status_code == 403
        assert as_user(team.ada).get(address).status_code == 403
        assert as_user(team.otto).get(address).status_code == 404


class TestNotifications:
    def test_one_reads_ones_own(self, team: Team, as_user: AsUser) -> None:
        for text in ("one", "two"):
            notify(
                [team.ada],
                kind=Notification.Kind.BATCH,
                project=team.project,
                text=text,
                url="/queue/",
            )
        ada, address = as_user(team.ada), reverse("api-notifications")
        newest, _ = results(ada, address, unread="true")
        read = {"notification": newest["id"]}
        answer = ada.post(reverse("api-notifications-read"), read, content_type="application/json")
        assert answer.json() == {"unread": 1}
        assert [row["text"] for row in results(ada, address, unread="false")] == ["two"]
        assert results(as_user(team.abe), address) == []

    def test_another_ones_stays_unread(self, team: Team, as_user: AsUser) -> None:
        notify(
            [team.ada], kind=Notification.Kind.BATCH, project=team.project, text="t", url="/queue/"
        )
        wanted = {"notification": Notification.objects.get().pk}
        as_user(team.abe).post(
            reverse("api-notifications-read"), wanted, content_type="application/json"
        )
        assert Notification.objects.get().read_at is None


def test_schemas_are_those_of_ones_projects(team: Team, as_user: AsUser) -> None:
    other = LabelSchema.objects.create(
        name="other", version=1, definition=team.project.schema.definition
    )
    address = reverse("api-schemas")
    assert [row["id"] for row in results(as_user(team.ada), address)] == [team.project.schema_id]
    assert other.pk in [row["id"] for row in results(as_user(team.mei), address)]
    assert results(as_user(team.otto), address) == []
    hidden = as_user(team.ada).get(reverse("api-schema-one", args=[other.pk]))
    assert (hidden.status_code, hidden.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "name",
    [
        *("api-projects", "api-datasets", "api-imports", "api-tasks", "api-filters"),
        *("api-schemas", "api-notifications", "api-assignments", "api-sets"),
    ],
)
def test_a_filter_that_there_is_not_is_refused(mei: Client, name: str) -> None:
    answer = mei.get(reverse(name), {"colour": "red"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "There is no such filter; there are" in answer.json()["fields"]["colour"][0]


def test_longer_lists_ask_no_more(team: Team, as_user: AsUser, mei: Client) -> None:
    ada = as_user(team.ada)
    draft = draft_of(claimed(team.ada, team.project))
    lists = {
        reverse("api-tasks"): (mei, 5),
        reverse("api-filters"): (mei, 3),
        reverse("api-schemas"): (mei, 4),
        reverse("api-members", args=[team.project.pk]): (mei, 5),
        reverse("api-task-policies", args=[team.project.pk]): (mei, 5),
        reverse("api-notifications"): (ada, 3),
        reverse("api-revisions", args=[draft.pk]): (ada, 4),
    }
    _one_more(team, 0)
    save(team.ada, draft, [grasp()])
    few = {address: asked(client, address) for address, (client, _) in lists.items()}
    for number in range(1, 6):
        _one_more(team, number)
        save(team.ada, draft, [grasp()])
    many = {address: asked(client, address) for address, (client, _) in lists.items()}
    assert many == few
    assert {address: most for address, (_, most) in lists.items()} == few


def asked(client: Client, address: str) -> int:
    with queries() as made:
        assert client.get(address).json()["results"]
    return len(made)


def _one_more(team: Team, number: int) -> None:
    task = Task.objects.create(text=f"task {number}")
    Episode.objects.create(
        dataset=team.dataset, key=f"more {number}", index=100 + number, task=task,
        state=Episode.State.READY, duration_ns=1, rows=1, rate_num=1, content_sha256="0" * 64,
    )  # fmt: skip
    TaskPolicy.objects.create(project=team.project, task=task)
    SavedFilter.objects.create(owner=team.mei, name=f"filter {number}", query="q=a")
    LabelSchema.objects.create(name=f"more-{number}", version=1, definition={})
    member = User.objects.create(username=f"more{number}")
    Membership.objects.create(project=team.project, user=member, role="annotator")
    notify([team.ada], kind=Notification.Kind.BATCH, project=team.project, text="t", url="/queue/")


def paged(client: Client, address: str) -> list[dict[str, Any]]:
    """All rows, a row a page."""
    found: list[dict[str, Any]] = []
    following: str | None = f"{address}?page_size=1"
    while following:
        answer = client.get(following).json()
        found += answer["results"]
        following = answer["next"]
    return found


def test_a_list_by_what_its_rows_refer_to_has_pages(team: Team, mei: Client) -> None:
    members = paged(mei, reverse("api-members", args=[team.project.pk]))
    names = [one["username"] for one in members]
    assert names == sorted(names)
    assert len(names) == Membership.objects.filter(project=team.project).count() > 2
    for text in ("stack the cups", "open the drawer"):
        TaskPolicy.objects.create(
            project=team.project, task=Task.objects.create(text=text), priority=1
        )
    policies = paged(mei, reverse("api-task-policies", args=[team.project.pk]))
    assert [one["text"] for one in policies] == ["open the drawer", "stack the cups"]
