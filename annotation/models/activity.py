"""When people were really at work on an episode."""

from django.db import models

from annotation.models.work import Assignment


class ActivitySpan(models.Model):
    """A stretch in which somebody worked on an episode, on the server's clock.

    Spans of several tabs may overlap: time is counted by their union, never by their sum.
    """

    id = models.UUIDField(primary_key=True, help_text="given by the client: it arrives once")
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="activity")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    active_ms = models.PositiveIntegerField()
    keystrokes = models.PositiveIntegerField(default=0)
    undos = models.PositiveIntegerField(default=0)
    labels = models.PositiveIntegerField(default=0, help_text="made in it")

    class Meta:
        ordering = ["assignment", "started_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__gt=models.F("started_at")),
                name="activity_ends_after_its_start",
            )
        ]
        indexes = [
            models.Index(fields=["assignment", "started_at"], include=["ended_at"], name="activity")
        ]

    def __str__(self) -> str:
        return f"{self.active_ms} ms from {self.started_at}"
