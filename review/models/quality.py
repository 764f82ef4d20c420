"""Checks of a dataset, what people judged for them, and what a dataset's version says of itself."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models import AnnotationSet, Project, ProjectEpisode
from review.models.releases import Release

NAME = 40


class QualityPlan(models.Model):
    """What a project's checks hold and what its releases must reach; without a row the defaults.

    ``checks`` is review.measures.checks.plan.CheckPlan, ``gates`` review.measures.gates.GatePlan.
    ``version`` counts changes, so that two managers who edit at once are told.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="quality_plan")
    checks = models.JSONField(default=dict, blank=True)
    gates = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"quality of {self.project}"


class CheckRun(models.Model):
    """The four checks over the accepted sets of a project or of a release, at one moment.

    ``plan`` and ``sets_sha256`` say what was asked of what: the same two and the same
    ``code_version`` give the same ``figures`` and ``details``, whose sum is ``result_sha256``.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Being computed"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="check_runs")
    release = models.ForeignKey(
        Release, null=True, blank=True, on_delete=models.CASCADE, related_name="check_runs"
    )
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.TextField(blank=True)
    plan = models.JSONField(help_text="CheckPlan, as it was asked")
    code_version = models.PositiveSmallIntegerField(default=0)
    sets = models.PositiveIntegerField(default=0)
    judgements = models.PositiveIntegerField(default=0)
    sets_sha256 = models.CharField(max_length=64, blank=True)
    figures = models.JSONField(default=list, blank=True)
    details = models.JSONField(default=dict, blank=True)
    result_sha256 = models.CharField(max_length=64, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    computed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["project", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="check_run_once"),
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(result_sha256="") & Q(computed_at__isnull=False)),
                name="ready_check_run_says_of_what",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(reason=""), name="failed_check_run_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"checks {self.number} of {self.project}"


class CheckFinding(models.Model):
    """Something a run found, frozen with it. Without an episode it is about the dataset itself."""

    run = models.ForeignKey(CheckRun, on_delete=models.CASCADE, related_name="findings")
    figure = models.CharField(max_length=NAME)
    position = models.PositiveIntegerField()
    code = models.CharField(max_length=NAME)
    why = models.CharField(max_length=300)
    subject = models.CharField(max_length=200, blank=True)
    project_episode = models.ForeignKey(
        ProjectEpisode, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    label = models.UUIDField(null=True, blank=True)
    at_ns = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["run", "figure", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "figure", "position"], name="check_finding_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.why}"


class AlignmentSample(models.Model):
    """Segments drawn at random, by verb, for people to judge; stored before anybody looks."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="alignment_samples")
    number = models.PositiveIntegerField()
    seed = models.CharField(max_length=64)
    segments = models.PositiveIntegerField(help_text="it was drawn from")
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    drawn_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["project", "number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="alignment_sample_once")
        ]

    def __str__(self) -> str:
        return f"alignment sample {self.number} of {self.project}"


class AlignmentItem(models.Model):
    """One segment of an accepted set. ``slots`` is what its text says, by slot."""

    sample = models.ForeignKey(AlignmentSample, on_delete=models.CASCADE, related_name="items")
    order = models.PositiveIntegerField(help_text="place in the draw")
    annotation_set = models.ForeignKey(AnnotationSet, on_delete=models.CASCADE, related_name="+")
    label = models.UUIDField()
    verb = models.CharField(max_length=80, blank=True, help_text="stratum")
    text = models.TextField()
    slots = models.JSONField(default=dict)
    start_ns = models.BigIntegerField()
    end_ns = models.BigIntegerField()

    class Meta:
        ordering = ["sample", "order"]
        constraints = [
            models.UniqueConstraint(fields=["sample", "order"], name="alignment_order_once"),
            models.UniqueConstraint(
                fields=["annotation_set", "label"], name="segment_sampled_once"
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.text}”, place {self.order} of {self.sample}"


class AlignmentJudgement(models.Model):
    """What a reviewer said of each slot: ok, wrong, not_visible. The newest of an item counts."""

    item = models.ForeignKey(AlignmentItem, on_delete=models.CASCADE, related_name="judgements")
    slots = models.JSONField()
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["item", "id"]

    def __str__(self) -> str:
        return f"{self.item} by {self.reviewer}"


class Datasheet(models.Model):
    """What no record says of a project's data, asked of its managers once (Gebru et al. 2021)."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="datasheet")
    answers = models.JSONField(default=dict, blank=True, help_text="by question")
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"datasheet of {self.project}"


class ReleaseItem(models.Model):
    """Which labels of an episode went into a release."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="items")
    project_episode = models.ForeignKey(ProjectEpisode, on_delete=models.PROTECT, related_name="+")
    annotation_set = models.ForeignKey(AnnotationSet, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["release", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "project_episode"], name="episode_once_a_release"
            )
        ]

    def __str__(self) -> str:
        return f"{self.project_episode} in {self.release}"


class QualityReport(models.Model):
    """Everything a release says of its own quality, as it stood at ``created_at``; never changed.

    Computed again it is the next ``number``; the one that was signed is the last.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="reports")
    number = models.PositiveIntegerField()
    run = models.ForeignKey(CheckRun, on_delete=models.RESTRICT, related_name="reports")
    content = models.JSONField()
    sha256 = models.CharField(max_length=64, help_text="over the content, as canonical JSON")
    signed = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["release", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["release", "number"], name="quality_report_once"),
            models.UniqueConstraint(
                fields=["release"], condition=Q(signed=True), name="one_signed_report_a_release"
            ),
        ]

    def __str__(self) -> str:
        return f"quality report {self.number} of {self.release}"
