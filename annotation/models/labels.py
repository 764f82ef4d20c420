"""Labels, on the clock of their episode and in the frames of its cameras."""

from django.db import models

from annotation.models.work import AnnotationSet
from episodes.models import Stream


class Label(models.Model):
    """One statement about the episode, on its clock (integer ns, half-open)."""

    class Kind(models.TextChoices):
        INSTANT = "instant", "Instant"
        SEGMENT = "segment", "Segment"
        SPAN = "span", "Span"
        OUTCOME = "outcome", "Outcome"
        TAG = "tag", "Tag"

    class Source(models.TextChoices):
        HUMAN = "human", "Human"
        PROPOSAL = "proposal", "Proposal"
        PHYSICS = "physics", "Physics"

    pk_row = models.BigAutoField(primary_key=True)
    id = models.UUIDField(help_text="given by the client, so that a label arrives once")
    annotation_set = models.ForeignKey(
        AnnotationSet, on_delete=models.CASCADE, related_name="labels"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    label_class = models.CharField(max_length=60)
    start_ns = models.BigIntegerField(null=True, blank=True)
    end_ns = models.BigIntegerField(null=True, blank=True)
    effector = models.CharField(max_length=60, blank=True)
    text = models.TextField(blank=True, help_text="length is limited by the schema")
    attributes = models.JSONField(default=dict, blank=True)
    uncertainty_ns = models.BigIntegerField(default=0)
    source = models.CharField(max_length=10, choices=Source, default=Source.HUMAN)

    class Meta:
        ordering = ["annotation_set", "start_ns", "pk_row"]
        constraints = [
            # The same label id stands in each round of a set that was returned and copied.
            models.UniqueConstraint(fields=["annotation_set", "id"], name="label_once_a_set"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["outcome", "tag"], start_ns=None, end_ns=None)
                | models.Q(kind="instant", start_ns__gte=0, end_ns=None)
                | models.Q(
                    kind__in=["segment", "span"], start_ns__gte=0, end_ns__gt=models.F("start_ns")
                ),
                name="label_times_fit_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(uncertainty_ns__gte=0), name="label_uncertainty_not_negative"
            ),
        ]
        indexes = [
            models.Index(
                fields=["label_class", "annotation_set"],
                condition=models.Q(kind="outcome"),
                name="outcome_labels",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label_class} {self.id}"


class LabelFrame(models.Model):
    """Where a label's edge lies in a camera's video: written when the set is frozen."""

    class Edge(models.TextChoices):
        START = "start", "Start"
        END = "end", "End"

    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="frames")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="+")
    edge = models.CharField(max_length=5, choices=Edge)
    frame = models.PositiveIntegerField(help_text="presentation position in the episode")
    pts = models.BigIntegerField(help_text="in the asset's time base")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["label", "stream", "edge"], name="label_frame_once")
        ]

    def __str__(self) -> str:
        return f"{self.edge} at frame {self.frame}"
