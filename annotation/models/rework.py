"""What a reviewer found in a round that was sent back: the list that its rework goes through."""

from django.db import models

from annotation.models.work import AnnotationSet


class ReworkPoint(models.Model):
    """One thing to look at again. ``annotation_set`` is the round that the return has begun.

    ``label_id`` is a label of that round, none for something that is missing. ``finding`` is the
    review app's word for it, ``text`` says it in a sentence, ``comment`` is the reviewer's own.
    """

    annotation_set = models.ForeignKey(
        AnnotationSet, on_delete=models.CASCADE, related_name="rework_points"
    )
    position = models.PositiveSmallIntegerField()
    label_id = models.UUIDField(null=True, blank=True)
    at_ns = models.BigIntegerField(null=True, blank=True, help_text="none: the whole episode")
    finding = models.CharField(max_length=20)
    text = models.CharField(max_length=500)
    comment = models.CharField(max_length=2000, blank=True)

    class Meta:
        ordering = ["annotation_set", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["annotation_set", "position"], name="rework_point_once"
            ),
            models.CheckConstraint(
                condition=models.Q(at_ns=None) | models.Q(at_ns__gte=0),
                name="rework_point_in_episode",
            ),
        ]

    def __str__(self) -> str:
        return self.text
