"""Clocks: what the sync doctor found, what was decided, and how a stream's clock is corrected."""

from django.conf import settings
from django.db import models

from episodes.models.recordings import Episode
from episodes.models.streams import Stream


class SyncReport(models.Model):
    """What the sync doctor measured of an episode; a later one replaces an earlier one."""

    class Decision(models.TextChoices):
        NONE = "", "Not decided"
        RELEASED = "released", "Handed out all the same"
        HELD = "held", "Held back"

    episode = models.OneToOneField(Episode, on_delete=models.CASCADE, related_name="sync_report")
    verdict = models.CharField(max_length=10, choices=Episode.Sync)
    report = models.JSONField(help_text="episodes.timebase: SyncDiagnosis.to_json")
    measured_at = models.DateTimeField(auto_now=True)
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.NONE, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"sync report of {self.episode}"


class ClockMap(models.Model):
    """A correction: episode_ns = stream_ns + offset_ns + stream_ns * drift_ppm / 1e6.

    The files stay as they are. The newest one of a stream holds; earlier ones are its history.
    """

    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, related_name="clock_maps")
    offset_ns = models.BigIntegerField(help_text="on top of what the import read")
    drift_ppm = models.FloatField(default=0.0)
    method = models.CharField(max_length=40, help_text="measured, declared, by hand")
    confidence = models.FloatField(null=True, blank=True, help_text="0 to 1; null: not measured")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    created_at = models.DateTimeField(auto_now_add=True)
    reason = models.TextField(blank=True)
    together = models.UUIDField(
        null=True, blank=True, help_text="the same on all rows of one correction of a dataset"
    )

    class Meta:
        ordering = ["stream", "-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["together"],
                condition=models.Q(together__isnull=False),
                name="clock_map_together",
            )
        ]

    def __str__(self) -> str:
        return f"{self.offset_ns} ns on {self.stream}"
