"""The pages of access tokens and webhooks."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.models import ApiToken, Webhook, WebhookDelivery
from annotation.services.tokens import recognise_token
from annotation.services.webhooks import create_webhook, ping_webhook
from tests.annotation.pages import queries, text
from tests.annotation.scene import Team

AsUser = Callable[[User], Client]


def test_a_token_is_shown_once(team: Team, as_user: AsUser) -> None:
    ada = as_user(team.ada)
    assert "No tokens yet" in text(ada.get(reverse("token-list")))
    body = {"name": "export", "scopes": ["read", "label"], "expires_on": "2099-01-31"}
    answer = ada.post(reverse("token-list"), body)
    shown = answer.content.decode().partition("data-token>")[2].partition("<")[0]
    found = recognise_token(shown)
    assert found is not None
    assert (found.user, found.scopes) == (team.ada, ["read", "label"])
    assert found.expires_at is not None
    assert found.expires_at.isoformat().startswith("2099-01-31T23:59:59")
    page = text(ada.get(reverse("token-list")))
    assert "export" in page
    assert shown not in page
    ada.post(reverse("token-revoke", args=[found.pk]))
    assert "No tokens yet" in text(ada.get(reverse("token-list")))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": "", "scopes": ["read"]}, "required"),
        ({"name": "a", "scopes": []}, "required"),
        ({"name": "a", "scopes": ["all"]}, "Select a valid choice"),
        ({"name": "a", "scopes": ["read"], "expires_on": "2001-01-01"}, "have ended already"),
    ],
)
def test_what_is_no_token(
    team: Team, as_user: AsUser, body: dict[str, object], message: str
) -> None:
    answer = as_user(team.ada).post(reverse("token-list"), body)
    assert answer.status_code == 400
    assert message in text(answer)
    assert not ApiToken.objects.exists()


def test_a_webhook_from_its_making_to_its_end(team: Team, as_user: AsUser) -> None:
    mei = as_user(team.mei)
    listed = reverse("webhook-list", args=[team.project.pk])
    assert "No webhooks yet" in text(mei.get(listed))
    answer = mei.post(listed, {"url": "https://example.com/x", "events": ["batch.approved"]})
    webhook = Webhook.objects.get()
    detail = reverse("webhook-detail", args=[webhook.pk])
    assert answer["Location"] == detail
    assert "Nothing was sent yet" in text(mei.get(detail))
    assert "https://example.com/x" in text(mei.get(listed))
    mei.post(reverse("webhook-events", args=[webhook.pk]), {"events": []})
    mei.post(reverse("webhook-state", args=[webhook.pk]), {"state": "paused"})
    mei.post(reverse("webhook-secret", args=[webhook.pk]))
    changed = Webhook.objects.get()
    assert (changed.events, changed.state) == ([], "paused")
    assert changed.secret != webhook.secret
    assert changed.secret in mei.get(detail).content.decode()
    ping_webhook(actor=team.mei, webhook=webhook)
    WebhookDelivery.objects.update(state="failed", answer="<b>Bad</b>", status=500, attempts=8)
    assert "&lt;b&gt;Bad" in mei.get(detail).content.decode()
    mei.post(reverse("webhook-delete", args=[webhook.pk]))
    assert not Webhook.objects.exists()


def test_a_refused_address_stays_in_the_form(team: Team, as_user: AsUser) -> None:
    answer = as_user(team.mei).post(
        reverse("webhook-list", args=[team.project.pk]), {"url": "ftp://example.com"}
    )
    assert answer.status_code == 400
    assert "must begin with https://" in text(answer)
    assert 'value="ftp://example.com"' in answer.content.decode()


def test_pages_ask_as_often_however_long_they_are(team: Team, as_user: AsUser) -> None:
    mei = as_user(team.mei)
    listed = reverse("webhook-list", args=[team.project.pk])
    first = create_webhook(actor=team.mei, project=team.project, url="https://example.com/1")
    ping_webhook(actor=team.mei, webhook=first)
    detail = reverse("webhook-detail", args=[first.pk])
    few = _asked(mei, listed), _asked(mei, detail)
    for number in range(2, 6):
        create_webhook(actor=team.mei, project=team.project, url=f"https://example.com/{number}")
        ping_webhook(actor=team.mei, webhook=first)
    assert (_asked(mei, listed), _asked(mei, detail)) == few


def _asked(client: Client, address: str) -> int:
    with queries() as asked:
        assert client.get(address).status_code == 200
    return len(asked)
