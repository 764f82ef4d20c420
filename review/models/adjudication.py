"""A consensus of several annotators' sets, what its labels came from, and whether it stands."""

from django.conf import settings
from django.db import models

from annotation.models import AnnotationSet
from review.models.batches import BatchItem
from review.models.marks import ReviewRepeat
from review.models.policy import ReviewPolicy


class Adjudication(models.Model):
    """A reviewer's consensus of one episode. Its set begins as a draft of its own.

    Of several drafts one at most comes to stand; a decision that replaces it, or takes it back,
    makes it ``undone``. The labels of an undone one stay to be read.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        ACCEPTED = "accepted", "Accepted"
        UNDONE = "undone", "Taken back"
        DROPPED = "dropped", "Given up"

    class Method(models.TextChoices):
        REVIEWER = "reviewer", "What all agree on; I decide the rest"
        QUORUM = "quorum", "By quorum, at the median time"
        SUGGESTED = "suggested", "By quorum, the rest suggested"
        COPY = "copy", "A corrected copy of one set"

    item = models.ForeignKey(BatchItem, on_delete=models.CASCADE, related_name="adjudications")
    annotation_set = models.OneToOneField(
        AnnotationSet, on_delete=models.PROTECT, related_name="adjudication"
    )
    sources = models.ManyToManyField(AnnotationSet, related_name="adjudicated_in")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    method = models.CharField(max_length=10, choices=Method)
    quorum_percent = models.PositiveSmallIntegerField(default=ReviewPolicy.QUORUM)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    repeat = models.ForeignKey(
        ReviewRepeat, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    request_id = models.UUIDField(unique=True)
    accept_request_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=2000, blank=True)

    class Meta:
        ordering = ["item", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "reviewer"],
                condition=models.Q(state="draft"),
                name="one_consensus_draft_a_reviewer",
            ),
            models.UniqueConstraint(
                fields=["item"],
                condition=models.Q(state="accepted", repeat=None),
                name="one_consensus_stands",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["undone", "dropped"], ended_at__isnull=False)
                | models.Q(state__in=["draft", "accepted"], ended_at=None),
                name="ended_consensus_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} consensus of {self.item}"


class LabelSource(models.Model):
    """A label that a label of a consensus came from. A label without any is the reviewer's own."""

    class How(models.TextChoices):
        AGREED = "agreed", "Agreed by a quorum"
        SUGGESTED = "suggested", "Suggested without a quorum"
        TAKEN = "taken", "Chosen by the reviewer"

    annotation_set = models.ForeignKey(
        AnnotationSet, on_delete=models.CASCADE, related_name="label_sources"
    )
    label_id = models.UUIDField(help_text="a label of the consensus")
    source_set = models.ForeignKey(AnnotationSet, on_delete=models.PROTECT, related_name="+")
    source_label_id = models.UUIDField()
    how = models.CharField(max_length=10, choices=How)

    class Meta:
        ordering = ["annotation_set", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["annotation_set", "label_id", "source_set", "source_label_id"],
                name="label_source_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label_id} from {self.source_label_id}"
