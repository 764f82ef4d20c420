"""How good the labels are: batches, verdicts, gold, agreement, releases."""

import uuid

from django.conf import settings
from django.db import models

from annotation.models import AnnotationSet, Project, ProjectEpisode


class GoldItem(models.Model):
    """An episode whose right answer is known; a correction makes the next version."""

    project_episode = models.ForeignKey(
        ProjectEpisode, on_delete=models.CASCADE, related_name="gold_items"
    )
    annotation_set = models.OneToOneField(AnnotationSet, on_delete=models.PROTECT)
    version = models.PositiveIntegerField(default=1)
    origin = models.CharField(max_length=120, help_text="experts, or the physics of a simulation")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project_episode", "version"], name="gold_version_once")
        ]


class Batch(models.Model):
    """Episodes that are reviewed and approved together."""

    class State(models.TextChoices):
        OPEN = "open", "In review"
        APPROVED = "approved", "Approved"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="batches")
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="batch_name_once_a_project")
        ]

    def __str__(self) -> str:
        return self.name


class BatchItem(models.Model):
    """An episode in a batch. An episode stands in one batch of its project at most."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items")
    project_episode = models.OneToOneField(
        ProjectEpisode, on_delete=models.PROTECT, related_name="batch_item"
    )

    class Meta:
        ordering = ["batch", "project_episode__position"]


class Verdict(models.Model):
    """A reviewer's decision on an episode: which set stands, or what has to be done again."""

    class Decision(models.TextChoices):
        APPROVED = "approved", "Approved"
        RETURNED = "returned", "Returned"

    item = models.ForeignKey(BatchItem, on_delete=models.CASCADE, related_name="verdicts")
    decision = models.CharField(max_length=10, choices=Decision)
    annotation_set = models.ForeignKey(
        AnnotationSet, on_delete=models.PROTECT, help_text="the set approved or returned"
    )
    comment = models.TextField(blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["item", "id"]


class PairCounts(models.Model):
    """Additive counts of one comparison on one episode; every figure is a sum of these rows."""

    class Kind(models.TextChoices):
        INSTANT = "instant", "Instants"
        SEGMENT = "segment", "Segments"
        SPAN = "span", "Spans"
        OUTCOME = "outcome", "Outcome"

    first = models.ForeignKey(AnnotationSet, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(AnnotationSet, on_delete=models.CASCADE, related_name="+")
    project_episode = models.ForeignKey(
        ProjectEpisode, on_delete=models.CASCADE, related_name="pair_counts"
    )
    against_gold = models.BooleanField(default=False)
    kind = models.CharField(max_length=10, choices=Kind)
    label_class = models.CharField(max_length=60)
    tolerance_ns = models.BigIntegerField(default=0)
    matched = models.PositiveIntegerField()
    n_first = models.PositiveIntegerField()
    n_second = models.PositiveIntegerField()
    offsets_ns = models.JSONField(default=list, help_text="second minus first, matched pairs")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second", "kind", "label_class"], name="pair_counts_once"
            )
        ]


class Release(models.Model):
    """An exported, checksummed dataset version made of approved batches."""

    class State(models.TextChoices):
        BUILDING = "building", "Building"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="releases")
    version = models.PositiveIntegerField()
    batches = models.ManyToManyField(Batch, related_name="releases")
    format = models.CharField(max_length=40, default="lerobot_v30")
    profile = models.CharField(max_length=40, default="classic")
    state = models.CharField(max_length=10, choices=State, default=State.BUILDING)
    reason = models.TextField(blank=True)
    path = models.CharField(max_length=500, blank=True, help_text="relative to the data folder")
    manifest = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="release_version_once")
        ]
