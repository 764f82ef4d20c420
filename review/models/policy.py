"""How the episodes of a project are reviewed, as its managers decide."""

from django.db import models

from annotation.models import Project


class ReviewPolicy(models.Model):
    """Without a row: names are shown, nothing is repeated, three in five make a quorum.

    ``blind`` hides the annotators' names until an episode is decided. ``repeat_percent`` of what a
    reviewer decides comes again unmarked. ``quorum_percent`` of the annotators make a consensus.
    """

    QUORUM = 60

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="review_policy")
    blind = models.BooleanField(default=False)
    repeat_percent = models.PositiveSmallIntegerField(default=0)
    quorum_percent = models.PositiveSmallIntegerField(default=QUORUM)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    repeat_percent__lte=20, quorum_percent__gt=50, quorum_percent__lte=100
                ),
                name="review_policy_possible",
            )
        ]

    def __str__(self) -> str:
        return f"review of {self.project}"
