"""Who did what, and when."""

from django.conf import settings
from django.db import models

from annotation.models.projects import Project


class AuditEntry(models.Model):
    """Who did what to which record, and when."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    action = models.CharField(max_length=60)
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE)
    subject = models.CharField(max_length=120, help_text="kind and id of the record")
    facts = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["subject"]), models.Index(fields=["project", "-id"])]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
