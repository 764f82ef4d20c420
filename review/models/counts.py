"""Comparisons of two label sets, and their additive counts."""

import uuid

from django.conf import settings
from django.db import models

from annotation.models import AnnotationSet, LabelSchema, ProjectEpisode


class ScoredPair(models.Model):
    """A comparison that was counted, and when it stopped to speak for its annotators.

    Two sets never change, so neither do their counts; a next round, or corrected gold, retires the
    pair. So figures as of any moment can be computed again. The key follows from both sets: whoever
    counts a pair writes the same row.
    """

    class Retired(models.TextChoices):
        NOT = "", "Stands"
        ROUND = "round", "Handed in anew"
        GOLD = "gold", "Gold was corrected"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project_episode = models.ForeignKey(
        ProjectEpisode, on_delete=models.CASCADE, related_name="scored_pairs"
    )
    first = models.ForeignKey(AnnotationSet, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(AnnotationSet, on_delete=models.CASCADE, related_name="+")
    first_annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    second_annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    against_gold = models.BooleanField(default=False)
    handed_in_at = models.DateTimeField(help_text="when the later annotator handed in")
    schema = models.ForeignKey(
        LabelSchema, on_delete=models.PROTECT, related_name="+", help_text="the newer of both"
    )
    two_schemas = models.BooleanField(default=False, help_text="the sets have different versions")
    first_outcome = models.CharField(max_length=60, blank=True)
    second_outcome = models.CharField(max_length=60, blank=True)
    durations = models.JSONField(default=list, help_text="[layer, first says, second says, ns]")
    phases = models.JSONField(
        default=dict, help_text="by kind, a tenth of the episode each: [matched, first, second]"
    )
    scored_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    retired = models.CharField(max_length=10, choices=Retired, default=Retired.NOT, blank=True)

    class Meta:
        ordering = ["project_episode", "id"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_scored_once"),
            models.CheckConstraint(
                condition=models.Q(retired="", retired_at=None)
                | (~models.Q(retired="") & models.Q(retired_at__isnull=False)),
                name="retired_pair_says_why",
            ),
        ]
        indexes = [models.Index(fields=["project_episode", "against_gold", "retired"])]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}"


class PairCounts(models.Model):
    """One additive count of one comparison on one episode (see review.measures.counts).

    ``label_class`` is "" for all classes together and "a>b" in confusions and outcomes. Gold comes
    first, so that offsets are the annotator's; of two annotators the one with the lower id does.
    Every comparison has its pooled event row, also when nothing was marked.
    """

    pair = models.ForeignKey(ScoredPair, null=True, on_delete=models.CASCADE, related_name="counts")
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
