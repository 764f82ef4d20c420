"""Webhooks: each event arrives signed, once made, tried again, and never inside our network."""

import contextlib
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone
from pytest_django import Settings

from annotation.errors import NotFound, RoleMissing, WebhookRefused
from annotation.models import AuditEntry, Webhook, WebhookDelivery
from annotation.services import audit, webhook_sending
from annotation.services.webhook_sending import (
    MOST_FAILURES,
    RETRY_AFTER,
    make_deliveries,
    send_due,
    webhooks_with_work,
)
from annotation.services.webhooks import (
    change_webhook,
    create_webhook,
    delete_webhook,
    ping_webhook,
    send_again,
)
from annotation.webhook_address import resolve
from tests.annotation.scene import Team, claimed

State = WebhookDelivery.State


@dataclass
class Listener:
    """A real server that keeps what it was sent, and answers as it is told."""

    url: str = ""
    status: int = 200
    location: str = ""
    silent_s: float = 0
    drip: bool = False
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def listener(settings: Settings) -> Iterator[Listener]:
    settings.TOUCHLINE_WEBHOOK_PRIVATE = True
    told = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.got.append((dict(self.headers), body))
            told.gone.wait(told.silent_s)
            self.send_response(told.status)
            if told.location:
                self.send_header("Location", told.location)
            self.end_headers()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                while told.drip and not told.gone.wait(0.1):
                    self.wfile.write(b".")
                self.wfile.write(b"noted\x00")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/hook?team=blocks"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield told
    told.gone.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def webhook(team: Team, listener: Listener) -> Webhook:
    return create_webhook(actor=team.mei, project=team.project, url=listener.url)


def only_delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def test_an_event_arrives_signed(team: Team, listener: Listener, webhook: Webhook) -> None:
    assignment = claimed(team.ada, team.project)
    assert make_deliveries() == 1
    assert webhooks_with_work() == [webhook.pk]
    assert send_due(webhook.pk) == 1
    headers, body = listener.got[0]
    sent = json.loads(body)
    assert sent["event"] == headers["Touchline-Event"] == "assignment.claimed"
    assert sent["subject"] == {"kind": "assignment", "id": str(assignment.pk)}
    assert (sent["actor"], sent["project"]["name"]) == ("ada", "Blocks")
    at, signed = (part.partition("=")[2] for part in headers["Touchline-Signature"].split(","))
    expected = hmac.new(webhook.secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    assert signed == expected.hexdigest()
    assert abs(int(at) - time.time()) < 60
    delivery = only_delivery()
    assert (delivery.state, delivery.status, delivery.answer) == (State.DELIVERED, 200, "noted")
    assert str(delivery.pk) == sent["id"] == headers["Touchline-Delivery"]
    assert webhooks_with_work() == []


def test_only_events_of_its_project_that_it_asked_for(team: Team, listener: Listener) -> None:
    webhook = create_webhook(
        actor=team.mei,
        project=team.project,
        url=listener.url,
        events=["annotation_set.submitted"],
    )
    claimed(team.ada, team.project)
    audit.record(actor=None, action="annotation_set.submitted", project=None, subject=team.project)
    audit.record(
        actor=None, action="annotation_set.submitted", project=team.project, subject=team.project
    )
    assert make_deliveries() == 1
    assert only_delivery().webhook == webhook


def test_nothing_of_before_and_nothing_twice(team: Team, listener: Listener) -> None:
    claimed(team.ada, team.project)
    create_webhook(actor=team.mei, project=team.project, url=listener.url)
    claimed(team.abe, team.project)
    assert [make_deliveries() for _ in range(3)] == [1, 0, 0]


def test_an_entry_that_was_committed_late_is_found(team: Team, webhook: Webhook) -> None:
    """A number is drawn before the commit: a higher one may be seen first."""
    late = audit.record(
        actor=None, action="batch.approved", project=team.project, subject=team.project
    )
    number = late.pk
    late.delete()
    claimed(team.ada, team.project)
    assert make_deliveries() == 1
    AuditEntry.objects.create(
        id=number, action="batch.approved", project=team.project, subject="batch:1"
    )
    assert make_deliveries() == 1


def test_settled_entries_are_not_looked_at_again(team: Team, webhook: Webhook) -> None:
    claimed(team.ada, team.project)
    AuditEntry.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    make_deliveries()
    webhook.refresh_from_db()
    assert webhook.seen_entry == AuditEntry.objects.latest("id").pk


class TestFailures:
    @pytest.fixture(autouse=True)
    def an_event(self, team: Team, webhook: Webhook) -> None:
        claimed(team.ada, team.project)
        make_deliveries()

    def test_it_is_tried_again_with_longer_pauses_and_given_up(
        self, listener: Listener, webhook: Webhook
    ) -> None:
        listener.status = 500
        for attempt, pause in enumerate(RETRY_AFTER, start=1):
            assert send_due(webhook.pk) == 1
            delivery = only_delivery()
            assert (delivery.attempts, delivery.state) == (attempt, State.WAITING)
            assert abs(delivery.next_attempt_at - timezone.now() - pause) < timedelta(seconds=30)
            assert send_due(webhook.pk) == 0
            WebhookDelivery.objects.update(next_attempt_at=timezone.now())
        send_due(webhook.pk)
        assert only_delivery().state == State.FAILED

    def test_by_hand_it_starts_anew(self, team: Team, listener: Listener, webhook: Webhook) -> None:
        WebhookDelivery.objects.update(state=State.FAILED, attempts=8)
        send_again(actor=team.mei, delivery_id=only_delivery().pk)
        send_due(webhook.pk)
        assert only_delivery().state == State.DELIVERED

    def test_a_target_that_hangs_costs_a_bounded_time(
        self, listener: Listener, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(webhook_sending, "_STEP_TIMEOUT_S", 0.2)
        listener.silent_s = 30
        began = time.monotonic()
        send_due(webhook.pk)
        assert time.monotonic() - began < 5
        assert "No answer" in only_delivery().answer

    def test_an_answer_that_drips_is_cut(
        self, listener: Listener, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(webhook_sending, "_TIMEOUT_S", 0.5)
        listener.drip = True
        began = time.monotonic()
        send_due(webhook.pk)
        assert time.monotonic() - began < 5
        assert only_delivery().state == State.DELIVERED

    def test_nobody_listening(self, listener: Listener, webhook: Webhook) -> None:
        Webhook.objects.update(url="http://127.0.0.1:9/")
        send_due(webhook.pk)
        delivery = only_delivery()
        assert (delivery.status, delivery.state) == (None, State.WAITING)
        assert delivery.answer

    def test_a_redirect_is_not_followed(self, listener: Listener, webhook: Webhook) -> None:
        listener.status, listener.location = 307, listener.url
        send_due(webhook.pk)
        assert len(listener.got) == 1
        assert only_delivery().state == State.WAITING

    def test_after_many_failures_in_a_row_it_is_paused(
        self, team: Team, listener: Listener, webhook: Webhook
    ) -> None:
        listener.status = 500
        Webhook.objects.update(failures=MOST_FAILURES - 1)
        send_due(webhook.pk)
        webhook.refresh_from_db()
        assert webhook.state == Webhook.State.PAUSED
        assert "attempts in a row failed" in webhook.paused_because
        WebhookDelivery.objects.update(next_attempt_at=timezone.now())
        assert webhooks_with_work() == []
        assert send_due(webhook.pk) == 0
        listener.status = 200
        change_webhook(actor=team.mei, webhook=webhook, state=Webhook.State.ACTIVE)
        send_due(webhook.pk)
        webhook.refresh_from_db()
        assert (webhook.failures, only_delivery().state) == (0, State.DELIVERED)

    def test_one_worker_a_webhook(self, listener: Listener, webhook: Webhook) -> None:
        Webhook.objects.update(sending_until=timezone.now() + timedelta(seconds=30))
        assert webhooks_with_work() == []
        assert send_due(webhook.pk) == 0
        # A worker that was killed gives its turn up.
        Webhook.objects.update(sending_until=timezone.now() - timedelta(seconds=1))
        assert send_due(webhook.pk) == 1


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        ["ftp://example.com", "https://", "nonsense", "https://ada:pw@example.com", "http://[x"],
    )
    def test_what_is_no_web_address(self, team: Team, url: str) -> None:
        with pytest.raises(WebhookRefused):
            create_webhook(actor=team.mei, project=team.project, url=url)

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1/",
            "http://localhost:8000/",
            "http://10.1.2.3/",
            "http://169.254.169.254/latest",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://0.0.0.0/",
        ],
    )
    def test_nothing_is_sent_into_our_network(self, url: str) -> None:
        with pytest.raises(WebhookRefused, match="not a public address"):
            resolve(url, private_allowed=False)

    def test_the_refusal_stands_in_the_log(
        self, team: Team, listener: Listener, webhook: Webhook, settings: Settings
    ) -> None:
        settings.TOUCHLINE_WEBHOOK_PRIVATE = False
        ping_webhook(actor=team.mei, webhook=webhook)
        send_due(webhook.pk)
        assert listener.got == []
        assert "not a public address" in only_delivery().answer

    def test_the_request_goes_to_the_address_that_was_checked(self) -> None:
        target = resolve("https://127.0.0.1:8443/a?b=c", private_allowed=True)
        assert (target.url, target.host) == ("https://127.0.0.1:8443/a?b=c", "127.0.0.1:8443")


class TestPermissions:
    def test_managers_only(self, team: Team, webhook: Webhook) -> None:
        delivery = ping_webhook(actor=team.mei, webhook=webhook)
        for user, error in ((team.ravi, RoleMissing), (team.otto, NotFound)):
            with pytest.raises(error):
                create_webhook(actor=user, project=team.project, url="https://example.com")
            with pytest.raises(error):
                change_webhook(actor=user, webhook=webhook, new_secret=True)
            with pytest.raises(error):
                delete_webhook(actor=user, webhook=webhook)
            with pytest.raises(error):
                ping_webhook(actor=user, webhook=webhook)
            with pytest.raises(error):
                send_again(actor=user, delivery_id=delivery.pk)

    def test_an_address_once_a_project(self, team: Team, webhook: Webhook) -> None:
        with pytest.raises(WebhookRefused, match="sends to"):
            create_webhook(actor=team.mei, project=team.project, url=webhook.url)

    def test_a_new_secret_makes_the_old_one_worthless(self, team: Team, webhook: Webhook) -> None:
        changed = change_webhook(actor=team.mei, webhook=webhook, new_secret=True)
        assert changed.secret != webhook.secret
        assert changed.secret not in str(AuditEntry.objects.get(action="webhook.changed").facts)

    def test_what_happens_to_webhooks_is_not_sent_to_them(
        self, team: Team, webhook: Webhook
    ) -> None:
        change_webhook(actor=team.mei, webhook=webhook, events=["a"])
        change_webhook(actor=team.mei, webhook=webhook, events=[])
        assert make_deliveries() == 0

    def test_gone_with_its_log(self, team: Team, webhook: Webhook) -> None:
        ping_webhook(actor=team.mei, webhook=webhook)
        delete_webhook(actor=team.mei, webhook=webhook)
        assert not WebhookDelivery.objects.exists()
