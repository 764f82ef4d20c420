"""Batches, their episodes, and what reviewers decided."""

from django.conf import settings
from django.db import models

from annotation.models import AnnotationSet, Project, ProjectEpisode


class Batch(models.Model):
    """Episodes that are reviewed and approved together."""

    class State(models.TextChoices):
        OPEN = "open", "In review"
        APPROVED = "approved", "Approved"

    class Mode(models.TextChoices):
        """What a reviewer looks at before the batch can be signed off."""

        ALL = "all", "Every episode"
        SAMPLE = "sample", "A sample by plan"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="batches")
    name = models.CharField(max_length=200)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.ALL)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    remark = models.TextField(blank=True, help_text="what whoever signed it off said about it")

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
        indexes = [
            # Lists of batches count these without reading the rows.
            models.Index(fields=["batch", "state"], include=["id"], name="item_by_state")
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
        UNDONE = "undone", "Taken back"

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
        indexes = [models.Index(fields=["created_at"], name="verdict_by_time")]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} by {self.reviewer}"
