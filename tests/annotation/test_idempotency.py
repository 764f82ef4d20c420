"""A request sent twice with one Idempotency-Key is carried out once."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.api import views
from annotation.models import Assignment, IdempotentRequest
from annotation.services.idempotency import GIVEN_UP, KEPT, forget_answers
from tests.annotation.scene import Team


@pytest.fixture
def ada(team: Team, as_user: Callable[[User], Client]) -> Client:
    return as_user(team.ada)


def claim(client: Client, team: Team, key: str, body: object = None) -> Any:
    return client.post(
        reverse("api-claim", args=[team.project.pk]),
        {} if body is None else body,
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )


def test_the_second_request_gets_the_first_ones_answer(team: Team, ada: Client) -> None:
    key = str(uuid.uuid4())
    first, second = claim(ada, team, key), claim(ada, team, key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Assignment.objects.count() == 1


def test_without_the_key_nothing_is_kept(team: Team, ada: Client) -> None:
    assert ada.post(reverse("api-claim", args=[team.project.pk])).status_code == 201
    assert not IdempotentRequest.objects.exists()


def test_another_request_under_the_key_is_refused(team: Team, ada: Client) -> None:
    claim(ada, team, "k")
    answer = claim(ada, team, "k", {"other": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


def test_keys_are_a_persons_own(team: Team, ada: Client, as_user: Callable[[User], Client]) -> None:
    claim(ada, team, "k")
    answer = claim(as_user(team.abe), team, "k")
    assert "Idempotent-Replayed" not in answer.headers
    assert Assignment.objects.count() == 2


def test_refusals_are_answered_alike_too(team: Team, as_user: Callable[[User], Client]) -> None:
    otto = as_user(team.otto)
    first, second = claim(otto, team, "k"), claim(otto, team, "k")
    assert (first.status_code, second.status_code) == (404, 404)
    assert first.json() == second.json()
    assert second.headers["Content-Type"] == "application/problem+json"


def test_while_the_first_runs_the_second_is_told(team: Team, ada: Client) -> None:
    claim(ada, team, "k")
    IdempotentRequest.objects.update(status=0)
    answer = claim(ada, team, "k")
    assert answer.status_code == 409
    assert "still being answered" in answer.json()["detail"]
    IdempotentRequest.objects.update(created_at=timezone.now() - GIVEN_UP - timedelta(seconds=1))
    assert claim(ada, team, "k").status_code == 200


def test_a_failure_of_the_server_keeps_nothing(
    team: Team, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError

    ada.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr(views, "claim_next", fail)
        assert claim(ada, team, "k").status_code == 500
    assert claim(ada, team, "k").status_code == 201


@pytest.mark.parametrize("key", ["k" * 201, "a\tb"])
def test_a_key_that_is_none(team: Team, ada: Client, key: str) -> None:
    assert claim(ada, team, key).status_code == 409


def test_answers_are_forgotten_after_a_day(team: Team, ada: Client) -> None:
    claim(ada, team, "k")
    assert forget_answers() == 0
    IdempotentRequest.objects.update(created_at=timezone.now() - KEPT - timedelta(seconds=1))
    assert forget_answers() == 1
