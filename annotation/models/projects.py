"""Projects: which episodes, under which schema, and who works there."""

from typing import Self

from django.conf import settings
from django.db import models

from annotation.models.schemas import LabelSchema
from episodes.access import Viewer
from episodes.models import Episode


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: Viewer) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(pk__in=Membership.objects.filter(user=user).values("project"))


class Project(models.Model):
    """A labelling job: which episodes, under which schema, by how many people each."""

    name = models.CharField(max_length=200, unique=True)
    guideline = models.TextField(blank=True)
    schema = models.ForeignKey(LabelSchema, on_delete=models.PROTECT)
    overlap = models.PositiveSmallIntegerField(default=2, help_text="annotators an episode")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(overlap__gte=1), name="project_overlap_positive"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in a project; a manager may do what a reviewer may, not the reverse."""

    class Role(models.TextChoices):
        ANNOTATOR = "annotator", "Annotator"
        REVIEWER = "reviewer", "Reviewer"
        MANAGER = "manager", "Manager"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role)

    class Meta:
        ordering = ["project", "user"]
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="membership_once_a_project")
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"


class ProjectEpisode(models.Model):
    """An episode's place in a project's queue."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="project_episodes")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="project_episodes")
    position = models.PositiveIntegerField(default=0, help_text="order in the queue")

    class Meta:
        ordering = ["project", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "episode"], name="episode_once_a_project")
        ]
        indexes = [models.Index(fields=["project", "position", "id"])]

    def __str__(self) -> str:
        return f"{self.project}: {self.episode}"
