"""How many episodes of a queue are how far."""

from django.db import models

from annotation.models.projects import Project, ProjectEpisode
from episodes.models import Task


class QueueCount(models.Model):
    """Episodes of a project by task and progress, as far as they are counted.

    Each place remembers what it was counted as (``counted_as``, ``counted_task``): whoever reads
    adds those that are something else by now, so that the figure is right at any moment. See
    annotation.services.queue_counts.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="queue_counts")
    task = models.ForeignKey(Task, null=True, on_delete=models.CASCADE, related_name="+")
    progress = models.CharField(max_length=10, choices=ProjectEpisode.Progress)
    episodes = models.PositiveIntegerField()

    class Meta:
        ordering = ["project", "task", "progress"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "task", "progress"],
                nulls_distinct=False,
                name="queue_count_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.episodes} {self.progress}"
