"""Other systems that want to hear of what happens in a project."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from annotation.models.audit import AuditEntry
from annotation.models.projects import Project


class Webhook(models.Model):
    """An address that gets a signed request for each event.

    Events are the project's audit entries. ``seen_entry`` is the last one up to which deliveries
    are known to be made; ``sending_until`` keeps a second worker away.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=64, help_text="key of the signature")
    events = ArrayField(models.CharField(max_length=60), default=list, help_text="none: all")
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    paused_because = models.CharField(max_length=300, blank=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text="attempts in a row")
    seen_entry = models.PositiveBigIntegerField(default=0)
    sending_until = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["project", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "url"], name="webhook_once_a_project")
        ]

    def __str__(self) -> str:
        return f"{self.url} of {self.project}"


class WebhookDelivery(models.Model):
    """One event on its way to one webhook: made once, tried until it arrives or is given up."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    entry = models.ForeignKey(
        AuditEntry, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    event = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="HTTP")
    answer = models.CharField(max_length=500, blank=True, help_text="its beginning, or the error")
    took_ms = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "entry"], name="webhook_event_once")
        ]
        indexes = [
            models.Index(
                fields=["webhook", "next_attempt_at"],
                condition=models.Q(state="waiting"),
                name="webhook_delivery_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"
