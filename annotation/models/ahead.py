"""What an editor fetches before it is claimed."""

from django.conf import settings
from django.db import models

from annotation.models.projects import Project, ProjectEpisode


class LookAhead(models.Model):
    """The episode that a person's editor has fetched ahead, because it would probably come next.

    It holds no slot: others are offered other episodes first while there are any, and this one
    when there are none.
    """

    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    project_episode = models.ForeignKey(ProjectEpisode, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "annotator"], name="look_ahead_once_a_project"
            )
        ]

    def __str__(self) -> str:
        return f"{self.annotator} ahead to {self.project_episode}"
