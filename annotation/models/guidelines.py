"""What annotators of a project are told, version by version."""

from django.conf import settings
from django.db import models

from annotation.models.projects import Project


class GuidelineVersion(models.Model):
    """A guideline in Markdown, never changed: an edit makes the next number.

    ``must_acknowledge``: annotators confirm having read it before they get another episode.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="guidelines")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    summary = models.CharField(max_length=300, blank=True, help_text="what changed")
    must_acknowledge = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["project", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="guideline_version_once")
        ]

    def __str__(self) -> str:
        return f"guideline {self.number} of {self.project}"


class GuidelineAcknowledgement(models.Model):
    """A person has read a version."""

    version = models.ForeignKey(
        GuidelineVersion, on_delete=models.CASCADE, related_name="acknowledgements"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["version", "at"]
        constraints = [
            models.UniqueConstraint(fields=["version", "user"], name="guideline_acknowledged_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} has read {self.version}"


class GuidelinePicture(models.Model):
    """A picture shown in guidelines of a project, stored once by its content."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField(help_text="bytes")
    path = models.CharField(max_length=500, help_text="relative to the data folder")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["project", "name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="guideline_picture_name_once")
        ]

    def __str__(self) -> str:
        return self.name
