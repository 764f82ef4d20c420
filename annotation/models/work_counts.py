"""How much people were given and have handed in."""

from django.conf import settings
from django.db import models

from annotation.models.projects import Project


class WorkCount(models.Model):
    """A person's assignments in a project, as far as they are counted; an expert's are none.

    ``given`` counts those of episodes whose labels count, whatever became of them; a purpose that
    counts and one that does not never change into each other once somebody has begun. Each
    assignment remembers what it was counted as (``counted_handed_in``): whoever reads adds those
    that are something else by now. See annotation.services.work_counts.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="work_counts")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    given = models.PositiveIntegerField(default=0)
    handed_in = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["project", "annotator"]
        constraints = [
            models.UniqueConstraint(fields=["project", "annotator"], name="work_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.annotator} in {self.project}: {self.handed_in}"
