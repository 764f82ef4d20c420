"""Additive counts of comparisons."""

from django.db import models

from annotation.models import AnnotationSet, ProjectEpisode


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
