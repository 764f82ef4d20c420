"""Agreement as it was computed at one moment, to be cited; and annotators whose truth is known."""

import uuid

from django.conf import settings
from django.db import models

from annotation.models import Project


class AgreementRun(models.Model):
    """Figures over the comparisons that stood at ``as_of``, frozen with their n and intervals.

    ``wanted`` is the filter. ``pairs_sha256`` is over the ids of the comparisons: computing the run
    again over the same ones gives the same figures, to the last digit.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Being computed"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="agreement_runs")
    number = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True)
    wanted = models.JSONField(help_text="the filter")
    as_of = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.TextField(blank=True)
    figures = models.JSONField(default=dict, blank=True)
    pairs = models.PositiveIntegerField(default=0)
    episodes = models.PositiveIntegerField(default=0)
    pairs_sha256 = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    computed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["project", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="agreement_run_once"),
            models.CheckConstraint(
                condition=~models.Q(state="ready")
                | (~models.Q(pairs_sha256="") & models.Q(computed_at__isnull=False)),
                name="ready_run_says_of_what",
            ),
        ]

    def __str__(self) -> str:
        return f"agreement run {self.number} of {self.project}"


class SimulatedAnnotator(models.Model):
    """How a made-up annotator was made to err, so that figures can be held against the truth."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="simulated_annotators"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    accuracy_ppm = models.PositiveIntegerField(help_text="chance that a label is right, millionths")
    bias_ns = models.BigIntegerField(default=0, help_text="of every instant; above 0 is late")
    jitter_ns = models.PositiveBigIntegerField(default=20_000_000, help_text="of instants, sigma")
    boundary_jitter_ns = models.PositiveBigIntegerField(default=80_000_000)
    icc_ppm = models.PositiveIntegerField(default=0, help_text="of errors in an episode")

    class Meta:
        ordering = ["project", "user"]
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="simulated_annotator_once"),
            models.CheckConstraint(
                condition=models.Q(accuracy_ppm__lte=1_000_000, icc_ppm__lt=1_000_000),
                name="simulated_annotator_possible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, right in {self.accuracy_ppm / 10_000:g} %"
