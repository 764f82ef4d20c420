"""Exported dataset versions."""

import uuid

from django.conf import settings
from django.db import models

from annotation.models import Project
from review.models.batches import Batch


class Release(models.Model):
    """An exported, checksummed dataset version made of approved batches.

    ``content_sha256`` is over the paths and checksums of its files: equal content, equal sum.
    """

    class State(models.TextChoices):
        BUILDING = "building", "Building"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="releases")
    version = models.PositiveIntegerField()
    batches = models.ManyToManyField(Batch, related_name="releases")
    format = models.CharField(
        max_length=40, default="lerobot_v30_classic", help_text="id of its writer"
    )
    state = models.CharField(max_length=10, choices=State, default=State.BUILDING)
    reason = models.TextField(blank=True)
    path = models.CharField(max_length=500, blank=True, help_text="relative to the data folder")
    content_sha256 = models.CharField(max_length=64, blank=True)
    episodes_done = models.PositiveIntegerField(default=0)
    episodes_total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    heartbeat_at = models.DateTimeField(
        null=True, blank=True, help_text="when its builder was last seen at work"
    )
    manifest = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    override_reason = models.TextField(
        blank=True, help_text="why it was signed although a gate was not met"
    )

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="release_version_once"),
            models.CheckConstraint(
                condition=~models.Q(state="failed") | ~models.Q(reason=""),
                name="failed_release_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(signed_by=None, signed_at=None, override_reason="")
                | models.Q(state="ready", signed_by__isnull=False, signed_at__isnull=False),
                name="signed_release_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} v{self.version}"
