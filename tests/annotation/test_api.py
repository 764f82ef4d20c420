"""The endpoints: shapes, statuses, and who is let in."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.models import AnnotationSet, Assignment, Label
from tests.annotation.scene import Team, claimed, draft_of, grasp, instruction, outcome

JSON = "application/json"
Request = tuple[str, str, dict[str, Any]]


@pytest.fixture
def draft(team: Team) -> AnnotationSet:
    return draft_of(claimed(team.ada, team.project))


def labels_url(draft: AnnotationSet) -> str:
    return f"/api/v1/annotation-sets/{draft.pk}/labels"


def change(put: list[dict[str, Any]], base_revision: int = 0) -> dict[str, Any]:
    return {
        "base_revision": base_revision,
        "request_id": str(uuid.uuid4()),
        "client_id": "tab-1",
        "put": put,
        "remove": [],
    }


def endpoints(team: Team, draft: AnnotationSet) -> list[Request]:
    """Every endpoint that needs ada, with a request that would succeed for her."""
    assert draft.assignment is not None
    assignment = f"/api/v1/assignments/{draft.assignment.pk}"
    submit = {"base_revision": 0, "request_id": str(uuid.uuid4())}
    return [
        ("get", labels_url(draft), {}),
        ("patch", labels_url(draft), change([grasp()])),
        ("post", f"/api/v1/annotation-sets/{draft.pk}/submit", submit),
        ("post", f"{assignment}/heartbeat", {}),
        ("post", f"{assignment}/release", {}),
    ]


class TestAccess:
    def test_strangers_are_sent_away(self, team: Team, draft: AnnotationSet) -> None:
        claim: Request = ("post", f"/api/v1/projects/{team.project.pk}/claim", {})
        for method, url, body in [*endpoints(team, draft), claim]:
            answer = getattr(Client(), method)(url, body or None, content_type=JSON)
            assert answer.status_code == 401, url
            assert answer.json()["code"] == "not_authenticated"

    def test_colleagues_are_refused(
        self, team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
    ) -> None:
        for user in (team.abe, team.ravi, team.mei, team.root):
            for method, url, body in endpoints(team, draft):
                answer = getattr(as_user(user), method)(url, body or None, content_type=JSON)
                assert answer.status_code == 403, (user, url)
                assert answer.json()["code"] == "role_missing"

    def test_outsiders_find_nothing(
        self, team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
    ) -> None:
        claim: Request = ("post", f"/api/v1/projects/{team.project.pk}/claim", {})
        for method, url, body in [*endpoints(team, draft), claim]:
            answer = getattr(as_user(team.otto), method)(url, body or None, content_type=JSON)
            assert answer.status_code == 404, url
            assert answer["Content-Type"] == "application/problem+json"

    def test_a_session_needs_its_token(self, team: Team, draft: AnnotationSet) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(team.ada)
        answer = client.patch(labels_url(draft), change([grasp()]), content_type=JSON)
        assert answer.status_code == 403
        assert not Label.objects.exists()

    def test_other_methods_are_not_allowed(
        self, team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
    ) -> None:
        ada = as_user(team.ada)
        assert ada.delete(labels_url(draft)).status_code == 405
        assert ada.get(f"/api/v1/projects/{team.project.pk}/claim").status_code == 405

    def test_an_inactive_account_is_out(
        self, team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
    ) -> None:
        client = as_user(team.ada)
        User.objects.filter(pk=team.ada.pk).update(is_active=False)
        assert client.get(labels_url(draft)).status_code == 401


class TestLabels:
    def test_save_and_read(
        self, team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
    ) -> None:
        ada, mark = as_user(team.ada), grasp()
        answer = ada.patch(labels_url(draft), change([mark]), content_type=JSON)
        assert answer.status_code == 200
        assert answer.json()["revision"] == 1
        assert answer.json()["saved_at"]
        read = ada.get(labels_url(draft)).json()
        assert (read["revision"], read["state"]) == (1, "draft")
        assert read["labels"][0]["id"] == mark["id"]
        assert draft.revisions.get().client_id == "tab-1"

    def test_a_repeat_has_the_same_answer(
        self, team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
    ) -> None:
        ada, body = as_user(team.ada), change([grasp()])
        first = ada.patch(labels_url(draft), body, content_type=JSON)
        again = ada.patch(labels_url(draft), body, content_type=JSON)
        assert again.json() == first.json()

    def test_a_stale_save_is_told_what_is_there(
        self, team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
    ) -> None:
        ada, mark = as_user(team.ada), grasp()
        ada.patch(labels_url(draft), change([mark]), content_type=JSON)
        answer = ada.patch(labels_url(draft), change([grasp()]), content_type=JSON)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (409, "stale_revision")
        assert (problem["revision"], problem["labels"][0]["id"]) == (1, mark["id"])
        assert problem["remedy"]

    def test_wrong_labels_come_back_with_findings(
        self, team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
    ) -> None:
        wrong = grasp(99_000_000_000)
        answer = as_user(team.ada).patch(labels_url(draft), change([wrong]), content_type=JSON)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (400, "labels_invalid")
        assert problem["findings"] == [
            {
                "code": "label_beyond_end",
                "severity": "error",
                "label_id": wrong["id"],
                "at_ns": 99_000_000_000,
                "message": "Grasp closed at 99.000 s does not fit in the episode, "
                "which ends at 8.500 s.",
            }
        ]

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"base_revision": 0}, "invalid"),
            ({"base_revision": "x", "request_id": "y"}, "invalid"),
            ({"base_revision": -1, "request_id": str(uuid.uuid4())}, "invalid"),
            ({**change([]), "client_id": "c" * 65}, "invalid"),
            ({**change([]), "put": {}}, "label_malformed"),
            ({**change([]), "put": [{}]}, "label_malformed"),
            ({**change([]), "put": [None]}, "label_malformed"),
            ({**change([]), "remove": ["x"]}, "label_malformed"),
            ({**change([]), "put": [{**grasp(), "text": "\u0000"}]}, "label_malformed"),
            ([], "invalid"),
        ],
    )
    def test_what_cannot_be_read_is_named(
        self,
        team: Team,
        draft: AnnotationSet,
        as_user: Callable[[User], Client],
        body: object,
        code: str,
    ) -> None:
        answer = as_user(team.ada).patch(labels_url(draft), body, content_type=JSON)
        assert (answer.status_code, answer.json()["code"]) == (400, code)

    @pytest.mark.parametrize("text", ["{", '{"base_revision": NaN}', "\xff"])
    def test_what_is_no_json_is_refused(
        self, team: Team, draft: AnnotationSet, as_user: Callable[[User], Client], text: str
    ) -> None:
        answer = as_user(team.ada).generic("PATCH", labels_url(draft), text, content_type=JSON)
        assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")

    def test_a_lost_lease(
        self, team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
    ) -> None:
        Assignment.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        claimed(team.abe, team.project)
        claimed(team.ravi, team.project)
        answer = as_user(team.ada).patch(labels_url(draft), change([grasp()]), content_type=JSON)
        assert (answer.status_code, answer.json()["code"]) == (409, "lease_expired")


class TestSubmit:
    def submit(self, client: Client, draft: AnnotationSet, base_revision: int) -> Any:
        body = {"base_revision": base_revision, "request_id": str(uuid.uuid4())}
        url = f"/api/v1/annotation-sets/{draft.pk}/submit"
        return client.post(url, body, content_type=JSON)

    def test_it_freezes_and_offers_the_next(
        self, team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
    ) -> None:
        ada = as_user(team.ada)
        ada.patch(labels_url(draft), change([instruction(), outcome()]), content_type=JSON)
        answer = self.submit(ada, draft, 1)
        assert answer.status_code == 200
        assert answer.json() == {
            "state": "submitted",
            "revision": 1,
            "next_url": f"/projects/{team.project.pk}/next/",
            "queue_url": "/queue/",
            "next": None,
        }
        page = ada.post(answer.json()["next_url"])
        assert page.status_code == 302
        assert page["Location"].startswith("/annotate/")
        frozen = ada.patch(labels_url(draft), change([grasp()], 1), content_type=JSON)
        assert (frozen.status_code, frozen.json()["code"]) == (409, "set_frozen")

    def test_without_a_next_there_is_only_the_queue(
        self, team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
    ) -> None:
        ada = as_user(team.ada)
        team.project.project_episodes.filter(position__gt=0).delete()
        ada.patch(labels_url(draft), change([instruction(), outcome()]), content_type=JSON)
        assert self.submit(ada, draft, 1).json()["next_url"] is None

    def test_incomplete_work_is_told_what_is_left(
        self, team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
    ) -> None:
        answer = self.submit(as_user(team.ada), draft, 0)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, "not_submittable")
        assert [finding["code"] for finding in problem["findings"]] == [
            "outcome_missing",
            "segments_none",
        ]


class TestAssignments:
    def test_heartbeat(
        self, team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
    ) -> None:
        url = reverse("api-assignment-heartbeat", args=[draft.assignment_id])
        answer = as_user(team.ada).post(url).json()
        assert answer["expires_at"]
        assert 890 <= answer["seconds"] <= 900

    def test_release(
        self, team: Team, draft: AnnotationSet, as_user: Callable[[User], Client]
    ) -> None:
        ada = as_user(team.ada)
        assert ada.post(reverse("api-assignment-release", args=[draft.assignment_id])).status_code
        url = reverse("api-assignment-heartbeat", args=[draft.assignment_id])
        assert ada.post(url).json()["code"] == "lease_expired"

    def test_claim_makes_resumes_and_runs_out(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        ada, url = as_user(team.ada), f"/api/v1/projects/{team.project.pk}/claim"
        made = ada.post(url)
        again = ada.post(url)
        assert (made.status_code, again.status_code) == (201, 200)
        assert made.json() == again.json()
        assert made.json()["url"] == f"/annotate/{made.json()['assignment_id']}/"
        Assignment.objects.all().delete()
        team.project.project_episodes.all().delete()
        assert ada.post(url).status_code == 204

    def test_claim_in_an_unknown_project(
        self, team: Team, as_user: Callable[[User], Client]
    ) -> None:
        assert as_user(team.ada).post("/api/v1/projects/999999/claim").status_code == 404


def test_the_description_of_the_api_names_every_endpoint(
    team: Team, as_user: Callable[[User], Client]
) -> None:
    text = as_user(team.ada).get("/api/v1/schema/").content.decode()
    for part in ("/labels", "/submit", "/heartbeat", "/release", "/claim", "base_revision"):
        assert part in text
