"""Set up who hears of what happens in a project."""

import secrets
from collections.abc import Collection
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation.errors import NotFound, WebhookRefused
from annotation.models import AuditEntry, Project, Webhook, WebhookDelivery
from annotation.roles import Role, require_role
from annotation.services import audit
from annotation.webhook_address import checked

PING = "webhook.ping"
MOST_WEBHOOKS = 20


@transaction.atomic
def create_webhook(
    *, actor: User, project: Project, url: str, events: Collection[str] = ()
) -> Webhook:
    """It hears of what happens from now on. Managers only.

    Raises WebhookRefused, NotFound, RoleMissing.
    """
    require_role(actor, project, Role.MANAGER)
    checked(url)
    if Webhook.objects.filter(project=project).count() >= MOST_WEBHOOKS:
        raise WebhookRefused(
            f"The project has {MOST_WEBHOOKS} webhooks.", remedy="Remove those that are not used."
        )
    last = AuditEntry.objects.order_by("-id").values_list("id", flat=True).first()
    try:
        with transaction.atomic():
            webhook = Webhook.objects.create(
                project=project,
                url=url,
                secret=secrets.token_urlsafe(32),
                events=sorted(set(events)),
                seen_entry=last or 0,
                created_by=actor,
            )
    except IntegrityError as error:
        raise WebhookRefused(
            f"The project sends to {url} already.", remedy="Change the webhook that is there."
        ) from error
    audit.record(actor=actor, action="webhook.created", project=project, subject=webhook, url=url)
    return webhook


@transaction.atomic
def change_webhook(
    *,
    actor: User,
    webhook: Webhook,
    events: Collection[str] | None = None,
    state: Webhook.State | None = None,
    new_secret: bool = False,
) -> Webhook:
    """Choose events, pause or resume, or make a new secret; the old one is worth nothing then."""
    require_role(actor, webhook.project, Role.MANAGER)
    stored = Webhook.objects.select_for_update().get(pk=webhook.pk)
    if events is not None:
        stored.events = sorted(set(events))
    if state is not None:
        stored.state, stored.paused_because, stored.failures = state, "", 0
    if new_secret:
        stored.secret = secrets.token_urlsafe(32)
    stored.save()
    audit.record(
        actor=actor,
        action="webhook.changed",
        project=stored.project,
        subject=stored,
        state=stored.state,
        events=stored.events,
        new_secret=new_secret,
    )
    return stored


@transaction.atomic
def delete_webhook(*, actor: User, webhook: Webhook) -> None:
    """With its delivery log. Managers only."""
    require_role(actor, webhook.project, Role.MANAGER)
    audit.record(
        actor=actor,
        action="webhook.deleted",
        project=webhook.project,
        subject=webhook,
        url=webhook.url,
    )
    webhook.delete()


@transaction.atomic
def ping_webhook(*, actor: User, webhook: Webhook) -> WebhookDelivery:
    """A delivery that says nothing but that it arrives. Managers only."""
    require_role(actor, webhook.project, Role.MANAGER)
    return WebhookDelivery.objects.create(
        webhook=webhook, event=PING, next_attempt_at=timezone.now()
    )


@transaction.atomic
def send_again(*, actor: User, delivery_id: UUID) -> WebhookDelivery:
    """Try a delivery anew, whatever became of it. Managers only. Raises NotFound, RoleMissing."""
    delivery = (
        WebhookDelivery.objects.select_related("webhook__project")
        .select_for_update(of=("self",))
        .filter(pk=delivery_id)
        .first()
    )
    if delivery is None:
        raise NotFound("There is no such delivery.", remedy="Look at the webhook's log.")
    require_role(actor, delivery.webhook.project, Role.MANAGER)
    delivery.state = WebhookDelivery.State.WAITING
    delivery.attempts, delivery.next_attempt_at = 0, timezone.now()
    delivery.save(update_fields=["state", "attempts", "next_attempt_at"])
    return delivery
