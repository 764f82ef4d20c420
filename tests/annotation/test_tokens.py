"""Programs with a token: who they are, what they may do, and when a token ends."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.errors import NotFound, TokenNameTaken, TokenUnusable
from annotation.models import ApiToken, AuditEntry
from annotation.services.tokens import create_token, digest_of, revoke_token
from tests.annotation.scene import Team, claimed, draft_of

Scope = ApiToken.Scope


def a_token(user: User, *scopes: Scope, name: str = "script") -> tuple[ApiToken, str]:
    return create_token(actor=user, name=name, scopes=scopes or (Scope.READ,), expires_at=None)


def bearer(text: str) -> Client:
    """A program: no cookies, no CSRF token, and checks as strict as in production."""
    return Client(headers={"Authorization": f"Bearer {text}"}, enforce_csrf_checks=True)


def labels_of_ada(team: Team) -> str:
    return reverse("api-set-labels", args=[draft_of(claimed(team.ada, team.project)).pk])


def test_only_a_digest_is_kept(team: Team) -> None:
    token, text = a_token(team.ada)
    assert text.startswith(token.hint)
    assert token.digest == digest_of(text)
    assert text not in str(AuditEntry.objects.get(action="token.created").facts)


def test_a_program_acts_as_its_person(team: Team) -> None:
    address = labels_of_ada(team)
    _, text = a_token(team.ada)
    assert bearer(text).get(address).status_code == 200
    _, of_otto = a_token(team.otto)
    assert bearer(of_otto).get(address).status_code == 404
    token = ApiToken.objects.get(user=team.ada)
    assert token.last_used_at is not None


def test_scopes_limit_what_it_changes(team: Team) -> None:
    address = reverse("api-claim", args=[team.project.pk])
    _, reading = a_token(team.ada)
    answer = bearer(reading).post(address)
    assert (answer.status_code, answer.json()["detail"]) == (
        403,
        "This needs a token with the scope label.",
    )
    _, labelling = a_token(team.ada, Scope.LABEL, name="labeller")
    assert bearer(labelling).post(address).status_code == 201
    assert bearer(labelling).get(labels_of_ada(team)).status_code == 403


def test_people_with_a_session_need_no_scope(team: Team, as_user: Callable[[User], Client]) -> None:
    answer = as_user(team.ada).post(reverse("api-claim", args=[team.project.pk]))
    assert answer.status_code == 201


@pytest.mark.parametrize("spoil", ["revoked", "ended", "inactive"])
def test_a_dead_token_opens_nothing(team: Team, spoil: str) -> None:
    token, text = a_token(team.ada)
    address = labels_of_ada(team)
    if spoil == "revoked":
        revoke_token(actor=team.ada, token_id=token.pk)
    elif spoil == "ended":
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        User.objects.filter(pk=team.ada.pk).update(is_active=False)
    answer = bearer(text).get(address)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("text", ["", "tl_wrong", "two words", "tl_ü"])
def test_a_wrong_token_is_no_anonymous_visitor(team: Team, text: str) -> None:
    answer = Client(headers={"Authorization": f"Bearer {text}"}).get(labels_of_ada(team))
    assert answer.status_code == 401
    assert "Make a new one" in answer.json()["detail"]


def test_a_wrong_token_beside_a_session_is_an_error(
    team: Team, as_user: Callable[[User], Client]
) -> None:
    answer = as_user(team.ada).get(
        labels_of_ada(team), headers={"Authorization": "Bearer tl_wrong"}
    )
    assert answer.status_code == 401


def test_what_cannot_be_a_token(team: Team) -> None:
    with pytest.raises(TokenUnusable):
        create_token(actor=team.ada, name="none", scopes=(), expires_at=None)
    with pytest.raises(TokenUnusable):
        create_token(actor=team.ada, name="past", scopes=[Scope.READ], expires_at=timezone.now())
    a_token(team.ada)
    with pytest.raises(TokenNameTaken):
        a_token(team.ada)


def test_a_revoked_name_is_free_again(team: Team) -> None:
    token, _ = a_token(team.ada)
    for _ in range(2):
        revoke_token(actor=team.ada, token_id=token.pk)
    a_token(team.ada)
    assert AuditEntry.objects.filter(action="token.revoked").count() == 1


def test_nobody_revokes_anothers(team: Team) -> None:
    token, _ = a_token(team.ada)
    with pytest.raises(NotFound):
        revoke_token(actor=team.mei, token_id=token.pk)
