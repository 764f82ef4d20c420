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
        ordering = ["project_episode", "version"]
        constraints = [
            models.UniqueConstraint(fields=["project_episode", "version"], name="gold_version_once")
        ]

    def __str__(self) -> str:
        return f"gold {self.version} of {self.project_episode}"


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
            models.UniqueConstraint(fields=["project", "name"], name="batch_name_once_a_project"),
            models.CheckConstraint(
                condition=models.Q(state="open", approved_by=None, approved_at=None)
                | models.Q(state="approved", approved_by__isnull=False, approved_at__isnull=False),
                name="approved_batch_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BatchItem(models.Model):
    """An episode in a batch, and where its review stands.

    An episode is in one batch of its project at most. ``version`` counts the decisions, so that a
    reviewer who looks at an older state is told instead of overwriting a colleague.
    """

    class State(models.TextChoices):
        OPEN = "open", "To review"
        APPROVED = "approved", "Approved"
        RETURNED = "returned", "Returned"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items")
    project_episode = models.OneToOneField(
        ProjectEpisode, on_delete=models.PROTECT, related_name="batch_item"
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    accepted_set = models.ForeignKey(
        AnnotationSet, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["batch", "project_episode__position", "project_episode"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="approved", accepted_set__isnull=False)
                | (~models.Q(state="approved") & models.Q(accepted_set=None)),
                name="approved_item_has_accepted_set",
            )
        ]

    def __str__(self) -> str:
        return f"{self.batch}: {self.project_episode.episode.key}"


class Verdict(models.Model):
    """A reviewer's decision on one annotation set, never changed: it stands, or is done again.

    Returning two annotators' work at once makes two rows of one ``request_id``.
    """

    class Decision(models.TextChoices):
        APPROVED = "approved", "Approved"
        RETURNED = "returned", "Returned"

    item = models.ForeignKey(BatchItem, on_delete=models.CASCADE, related_name="verdicts")
    decision = models.CharField(max_length=10, choices=Decision)
    annotation_set = models.ForeignKey(
        AnnotationSet, on_delete=models.PROTECT, related_name="verdicts"
    )
    comment = models.TextField(blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    request_id = models.UUIDField(help_text="given by the page, so that a double click counts once")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["item", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "request_id", "annotation_set"], name="verdict_once_a_request"
            ),
            models.CheckConstraint(
                condition=models.Q(decision="approved") | ~models.Q(comment=""),
                name="return_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} by {self.reviewer}"


class PairCounts(models.Model):
    """One additive count of one comparison on one episode (see review.measures.counts).

    ``label_class`` is "" for all classes together and "a>b" in confusions and outcomes. Gold comes
    first, so that offsets are the annotator's; of two annotators the one with the lower id does.
    Every comparison has its pooled event row, also when nothing was marked.
    """

    project_episode = models.ForeignKey(
        ProjectEpisode, on_delete=models.CASCADE, related_name="pair_counts"
    )
    first = models.ForeignKey(AnnotationSet, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(AnnotationSet, on_delete=models.CASCADE, related_name="+")
    against_gold = models.BooleanField(default=False)
    current = models.BooleanField(
        default=True, help_text="both sets are still their annotators' last submitted rounds"
    )
    measure = models.CharField(max_length=20)
    label_class = models.CharField(max_length=130)
    tolerance_ns = models.BigIntegerField(default=0, help_text="0 where none applies")
    matched = models.PositiveIntegerField()
    n_first = models.PositiveIntegerField()
    n_second = models.PositiveIntegerField()
    offsets_ns = models.JSONField(default=list, help_text="second minus first, matched pairs")
    similarity_ppm = models.PositiveBigIntegerField(
        default=0, help_text="summed similarity of texts, millionths"
    )

    class Meta:
        ordering = ["project_episode", "first", "second", "measure", "label_class"]
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second", "measure", "label_class"], name="pair_counts_once"
            ),
            models.CheckConstraint(
                condition=models.Q(matched__lte=models.F("n_first"))
                & models.Q(matched__lte=models.F("n_second")),
                name="pair_counts_possible",
            ),
        ]
        indexes = [models.Index(fields=["project_episode", "current", "against_gold"])]

    def __str__(self) -> str:
        return (
            f"{self.measure} {self.label_class}: {self.matched} of {self.n_first}, {self.n_second}"
        )


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

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="release_version_once"),
            models.CheckConstraint(
                condition=~models.Q(state="failed") | ~models.Q(reason=""),
                name="failed_release_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} v{self.version}"
