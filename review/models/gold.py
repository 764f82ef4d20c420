"""Episodes whose right answer is known."""

from django.db import models

from annotation.models import AnnotationSet, ProjectEpisode


class GoldItem(models.Model):
    """An episode whose right answer is known; a correction makes the next version."""

    project_episode = models.ForeignKey(
        ProjectEpisode, on_delete=models.CASCADE, related_name="gold_items"
    )
    annotation_set = models.OneToOneField(AnnotationSet, on_delete=models.PROTECT)
    version = models.PositiveIntegerField(default=1)
    origin = models.CharField(max_length=120, help_text="experts, or the physics of a simulation")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["project_episode", "version"]
        constraints = [
            models.UniqueConstraint(fields=["project_episode", "version"], name="gold_version_once")
        ]

    def __str__(self) -> str:
        return f"gold {self.version} of {self.project_episode}"
