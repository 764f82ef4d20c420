"""From audit entries to signed requests: made once, tried until they arrive or are given up.

The audit trail is the stream of events, so that nothing has to remember to report itself. Two
sweeps: one makes deliveries of new entries, one sends what is due, one webhook at a time in one
worker, so that a target that hangs holds up nobody else.
"""

import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any

import httpx
from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from annotation.errors import WebhookRefused
from annotation.models import AuditEntry, Notification, Webhook, WebhookDelivery
from annotation.services.notify import managers_of, notify
from annotation.webhook_address import Target, resolve

# About a day in all. The first retry is soon: most failures are a restart.
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
# So many attempts in a row fail before the webhook is paused and its managers have to look.
MOST_FAILURES = 50
# Entries get their number before they are committed: a number this old has been committed.
_SETTLED = timedelta(minutes=5)
_TIMEOUT_S = 10.0
_STEP_TIMEOUT_S = 5.0
_SENDING = timedelta(seconds=60)
_MOST_AT_ONCE = 20
_ANSWER_BYTES = 500
_ENTRIES_AT_ONCE = 500


def make_deliveries() -> int:
    """Deliveries for audit entries that have none yet; how many. Idempotent, safe beside itself."""
    made = 0
    for webhook in Webhook.objects.filter(state=Webhook.State.ACTIVE):
        made += _make_for(webhook)
    return made


@transaction.atomic
def _make_for(webhook: Webhook) -> int:
    now = timezone.now()
    new = AuditEntry.objects.filter(project=webhook.project_id, id__gt=webhook.seen_entry)
    wanted = new.filter(action__in=webhook.events) if webhook.events else new
    entries = wanted.exclude(action__startswith="webhook.").order_by("id")[:_ENTRIES_AT_ONCE]
    rows = [
        WebhookDelivery(webhook=webhook, entry=entry, event=entry.action, next_attempt_at=now)
        for entry in entries
    ]
    before = WebhookDelivery.objects.filter(webhook=webhook).count()
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    # A later commit may still bring a lower number; the unique constraint makes looking twice free.
    settled = new.filter(created_at__lt=now - _SETTLED)
    if len(rows) == _ENTRIES_AT_ONCE:
        settled = settled.filter(id__lte=rows[-1].entry_id or 0)
    seen = settled.aggregate(last=Max("id"))["last"]
    if seen is not None:
        Webhook.objects.filter(pk=webhook.pk, seen_entry__lt=seen).update(seen_entry=seen)
    return WebhookDelivery.objects.filter(webhook=webhook).count() - before


def webhooks_with_work() -> list[int]:
    """Active webhooks that have something due and nobody sending."""
    now = timezone.now()
    return list(
        _free(now)
        .filter(
            deliveries__state=WebhookDelivery.State.WAITING, deliveries__next_attempt_at__lte=now
        )
        .distinct()
        .values_list("pk", flat=True)
    )


def send_due(webhook_id: int) -> int:
    """Send what is due to one webhook; how many attempts. Nothing when another worker is at it."""
    now = timezone.now()
    if not _free(now).filter(pk=webhook_id).update(sending_until=now + _SENDING):
        return 0
    until = time.monotonic() + _SENDING.total_seconds() - 2 * _TIMEOUT_S
    attempts = 0
    try:
        for _ in range(_MOST_AT_ONCE):
            delivery = _next_due(webhook_id)
            if delivery is None or time.monotonic() > until:
                break
            _attempt(delivery)
            attempts += 1
    finally:
        Webhook.objects.filter(pk=webhook_id).update(sending_until=None)
    return attempts


def _free(now: Any) -> Any:
    return Webhook.objects.filter(
        Q(sending_until=None) | Q(sending_until__lte=now), state=Webhook.State.ACTIVE
    )


def _next_due(webhook_id: int) -> WebhookDelivery | None:
    return (
        WebhookDelivery.objects.filter(
            webhook=webhook_id,
            webhook__state=Webhook.State.ACTIVE,
            state=WebhookDelivery.State.WAITING,
            next_attempt_at__lte=timezone.now(),
        )
        .select_related("webhook__project", "entry__actor")
        .order_by("next_attempt_at", "created_at")
        .first()
    )


def _attempt(delivery: WebhookDelivery) -> None:
    body = json.dumps(payload_of(delivery), separators=(",", ":")).encode()
    # Counted before it is sent: an attempt that takes its worker down is not repeated for ever.
    delivery.attempts += 1
    if delivery.attempts <= len(RETRY_AFTER):
        delivery.next_attempt_at = timezone.now() + RETRY_AFTER[delivery.attempts - 1]
    delivery.save(update_fields=["attempts", "next_attempt_at"])
    started = time.monotonic()
    status, answer = _post(delivery, body)
    _note(delivery, status, answer, round((time.monotonic() - started) * 1000))


def payload_of(delivery: WebhookDelivery) -> dict[str, Any]:
    """The JSON that is sent: what the audit entry says, under the delivery's id."""
    entry, project = delivery.entry, delivery.webhook.project
    kind, _, key = entry.subject.partition(":") if entry else ("webhook", "", "")
    return {
        "id": str(delivery.pk),
        "event": delivery.event,
        "at": (entry.created_at if entry else delivery.created_at).isoformat(),
        "project": {"id": project.pk, "name": project.name},
        "actor": entry.actor.username if entry and entry.actor else None,
        "subject": {"kind": kind, "id": key or str(delivery.webhook_id)},
        "facts": entry.facts if entry else {},
    }


def signature(secret: str, sent_at: int, body: bytes) -> str:
    """HMAC-SHA256 over "<unix seconds>.<body>", so that nobody can send an old one again."""
    signed = f"{sent_at}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={sent_at},v1={digest}"


def _post(delivery: WebhookDelivery, body: bytes) -> tuple[int | None, str]:
    """The status and the beginning of the answer, or None and what went wrong."""
    webhook = delivery.webhook
    try:
        target = resolve(webhook.url, private_allowed=settings.TOUCHLINE_WEBHOOK_PRIVATE)
    except WebhookRefused as error:
        return None, str(error)
    headers = {
        "Host": target.host,
        "Content-Type": "application/json",
        "User-Agent": "Touchline-Webhook/1",
        "Touchline-Event": delivery.event,
        "Touchline-Delivery": str(delivery.pk),
        "Touchline-Signature": signature(webhook.secret, int(time.time()), body),
    }
    try:
        return _exchange(target, headers, body)
    except httpx.TimeoutException:
        return None, f"No answer within {_TIMEOUT_S:.0f} s."
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return None, str(error) or type(error).__name__


def _exchange(target: Target, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    """Redirects are not followed: they would lead past the check of the address."""
    deadline = time.monotonic() + _TIMEOUT_S
    extensions = {"sni_hostname": target.name}
    with (
        httpx.Client(timeout=_STEP_TIMEOUT_S, trust_env=False) as client,
        client.stream(
            "POST", target.url, content=body, headers=headers, extensions=extensions
        ) as answer,
    ):
        text = b""
        for piece in answer.iter_raw():
            text += piece
            # An answer that drips a byte at a time never runs into the timeout of a step.
            if len(text) >= _ANSWER_BYTES or time.monotonic() > deadline:
                break
        return answer.status_code, _readable(text)


def _readable(text: bytes) -> str:
    return text[:_ANSWER_BYTES].decode(errors="replace").replace("\x00", "")


def _note(delivery: WebhookDelivery, status: int | None, answer: str, took_ms: int) -> None:
    now = timezone.now()
    arrived = status is not None and 200 <= status < 300
    delivery.status, delivery.answer, delivery.took_ms = status, answer[:_ANSWER_BYTES], took_ms
    if arrived:
        delivery.state, delivery.delivered_at = WebhookDelivery.State.DELIVERED, now
    elif delivery.attempts > len(RETRY_AFTER):
        delivery.state = WebhookDelivery.State.FAILED
    delivery.save()
    webhook = Webhook.objects.filter(pk=delivery.webhook_id)
    if arrived:
        webhook.filter(failures__gt=0).update(failures=0)
        return
    webhook.update(failures=F("failures") + 1)
    _pause(webhook, f"{answer[:150] or status}")


@transaction.atomic
def _pause(webhook: QuerySet[Webhook], answer: str) -> None:
    """When it has failed too often: once, and its managers hear of it once."""
    because = f"{MOST_FAILURES} attempts in a row failed, the last one with: {answer}"
    failing = webhook.filter(failures__gte=MOST_FAILURES, state=Webhook.State.ACTIVE)
    if not failing.update(state=Webhook.State.PAUSED, paused_because=because):
        return
    paused = webhook.select_related("project").get()
    notify(
        managers_of(paused.project),
        kind=Notification.Kind.WEBHOOK,
        project=paused.project,
        text=f"{paused.url} is paused: {because}",
        url=reverse("webhook-detail", args=[paused.pk]),
    )
