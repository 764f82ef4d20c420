"""Bad labels and late requests over HTTP: refused with the thing and the remedy, nothing lost."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from annotation.models import AnnotationSet, Assignment
from tests.annotation.scene import (
    DURATION_NS,
    Team,
    claimed,
    draft_of,
    grasp,
    instruction,
    label,
    outcome,
    save,
)

JSON = "application/json"
AsUser = Callable[[User], Client]


@pytest.fixture
def draft(team: Team) -> AnnotationSet:
    """A complete draft of ada's at revision 1."""
    made = draft_of(claimed(team.ada, team.project))
    save(team.ada, made, [grasp(), instruction(), outcome()])
    made.refresh_from_db()
    return made


def patch(client: Client, draft: AnnotationSet, put: list[dict[str, Any]]) -> Any:
    body = {"base_revision": 1, "request_id": str(uuid.uuid4()), "put": put, "remove": []}
    return client.patch(f"/api/v1/annotation-sets/{draft.pk}/labels", body, content_type=JSON)


def submit(client: Client, draft: AnnotationSet) -> Any:
    body = {"base_revision": 1, "request_id": str(uuid.uuid4())}
    return client.post(f"/api/v1/annotation-sets/{draft.pk}/submit", body, content_type=JSON)


def stored(draft: AnnotationSet) -> tuple[Any, ...]:
    row = AnnotationSet.objects.values().get(pk=draft.pk)
    labels = list(draft.labels.order_by("pk").values())
    return row, labels, draft.revisions.count(), Assignment.objects.values("state").get()["state"]


@pytest.mark.parametrize(
    ("wrong", "code", "named"),
    [
        (grasp(DURATION_NS), "label_beyond_end", ("Grasp closed", "8.500 s", "ends at 8.500 s")),
        (instruction(0, DURATION_NS + 1), "label_beyond_end", ("ends at 8.500 s",)),
        (instruction(2 * 10**9, 10**9), "label_end_before_start", ("2.000 s", "1.000 s")),
        (grasp(-1), "label_before_start", ("Grasp closed",)),
        (label("instant", "teleport", start_ns=0), "label_unknown_class", ("teleport", "core")),
        (grasp(2**62), "label_beyond_end", ("Grasp closed",)),
    ],
)
def test_a_wrong_label(
    team: Team,
    draft: AnnotationSet,
    as_user: AsUser,
    wrong: dict[str, Any],
    code: str,
    named: tuple[str, ...],
) -> None:
    before = stored(draft)
    answer = patch(as_user(team.ada), draft, [grasp(10**9), wrong])
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "labels_invalid")
    assert [(one["code"], one["label_id"]) for one in problem["findings"]] == [(code, wrong["id"])]
    for name in named:
        assert name in problem["detail"]
    assert problem["remedy"]
    assert stored(draft) == before


def test_an_expired_lease_whose_place_is_taken(
    team: Team, draft: AnnotationSet, as_user: AsUser
) -> None:
    Assignment.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    mine = draft.assignment_id
    for user in (team.abe, team.ravi):
        claimed(user, team.project)
    labels = list(draft.labels.order_by("pk").values())
    ada = as_user(team.ada)
    for answer in (
        patch(ada, draft, [grasp(10**9)]),
        submit(ada, draft),
        ada.post(f"/api/v1/assignments/{mine}/heartbeat"),
    ):
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (409, "lease_expired")
        assert problem["detail"]
        assert problem["remedy"]
    draft.refresh_from_db()
    assert (draft.state, draft.revision) == ("draft", 1)
    assert list(draft.labels.order_by("pk").values()) == labels
    assert Assignment.objects.filter(state="active", annotator__in=[team.abe, team.ravi]).count()


@pytest.mark.django_db(transaction=True)
def test_two_submits_at_once(
    transactional_db: None, team: Team, draft: AnnotationSet, as_user: AsUser
) -> None:
    """Of different requests one hands in; the others are told that it is done."""
    clients = [as_user(team.ada) for _ in range(4)]

    def send(client: Client) -> tuple[int, str, str]:
        try:
            answer = submit(client, draft)
            problem = answer.json()
            return answer.status_code, problem.get("code", ""), problem.get("remedy", "")
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        won, *lost = sorted(pool.map(send, clients))
    assert won[:2] == (200, "")
    assert {answer[:2] for answer in lost} == {(409, "set_frozen")}
    assert all(answer[2] for answer in lost)
    draft.refresh_from_db()
    assert (draft.state, draft.labels.count()) == ("submitted", 3)
