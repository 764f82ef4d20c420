"""Samples that decide on a batch: drawn from a seed and stored before anybody looks at them.

How a sample stands follows from its episodes' verdicts (review.selectors.acceptance); what was
counted when it was closed is kept here.
"""

from django.conf import settings
from django.db import models

from annotation.models import AnnotationSet
from review.models.batches import Batch, BatchItem


class Sample(models.Model):
    """One sample of a batch and the plan (n, c) it was drawn for, frozen at the draw.

    A failed sample is followed by full review, or by rework and a fresh one with the next
    ``number``; nothing is ever added to it. ``lot`` is what the plan speaks for: the episodes that
    no reviewer had approved at the draw. ``bad_share_ppm`` of a plan by AQL is that of the policy,
    for comparison only.
    """

    class Plan(models.TextChoices):
        HYPERGEOMETRIC = "hypergeometric", "Bound, for this batch's size"
        BINOMIAL = "binomial", "Bound, for any size"
        Z14 = "z14", "Z1.4-style, by AQL"

    class State(models.TextChoices):
        OPEN = "open", "In review"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"

    class FollowUp(models.TextChoices):
        """What a person decided about a failed sample."""

        NONE = "", "Not decided"
        FULL = "full", "Full review"
        REWORK = "rework", "Rework, then a fresh sample"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="samples")
    number = models.PositiveSmallIntegerField()
    plan = models.CharField(max_length=14, choices=Plan)
    n = models.PositiveIntegerField()
    c = models.PositiveIntegerField(help_text="errors allowed")
    lot = models.PositiveIntegerField()
    bad_share_ppm = models.PositiveIntegerField(help_text="most bad episodes wanted, millionths")
    confidence_ppm = models.PositiveIntegerField(help_text="millionths")
    aql_percent = models.FloatField(null=True, blank=True)
    policy = models.JSONField(default=dict, help_text="the acceptance policy as it was at the draw")
    seed = models.CharField(max_length=64)
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    drawn_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    looked_at = models.PositiveIntegerField(default=0, help_text="when it was closed")
    errors = models.PositiveIntegerField(default=0, help_text="when it was closed")
    closed_at = models.DateTimeField(null=True, blank=True)
    follow_up = models.CharField(max_length=10, choices=FollowUp, default=FollowUp.NONE, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="why it goes on this way after it failed")

    class Meta:
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="sample_once_a_batch"),
            models.UniqueConstraint(
                fields=["batch"], condition=models.Q(state="open"), name="one_open_sample_a_batch"
            ),
            models.CheckConstraint(
                condition=models.Q(n__gte=1, n__lte=models.F("lot"), c__lt=models.F("n")),
                name="sample_plan_possible",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", closed_at=None)
                | (~models.Q(state="open") & models.Q(closed_at__isnull=False)),
                name="closed_sample_says_when",
            ),
            models.CheckConstraint(
                condition=models.Q(follow_up="", decided_by=None, decided_at=None)
                | models.Q(
                    ~models.Q(follow_up=""),
                    state="failed",
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="what_follows_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"sample {self.number} of {self.batch}: {self.n} episodes, {self.c} errors allowed"


class SampleItem(models.Model):
    """An episode of a sample. ``proposed_set`` would stand without a review, and is held against
    what the reviewer decides; ``after_verdict`` is the newest verdict before the draw, 0 for none.
    """

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="items")
    item = models.ForeignKey(BatchItem, on_delete=models.CASCADE, related_name="sampled")
    order = models.PositiveIntegerField(help_text="place in the draw")
    annotators = models.CharField(max_length=500, help_text="stratum: whose work it is")
    task = models.CharField(max_length=500, blank=True, help_text="stratum: which task")
    proposed_set = models.ForeignKey(AnnotationSet, on_delete=models.PROTECT, related_name="+")
    after_verdict = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["sample", "order"]
        constraints = [
            models.UniqueConstraint(fields=["sample", "item"], name="sampled_once"),
            models.UniqueConstraint(fields=["sample", "order"], name="sample_order_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item}, place {self.order} of sample {self.sample_id}"
