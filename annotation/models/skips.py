"""Why people did not want to label an episode."""

from django.conf import settings
from django.db import models

from annotation.models.projects import ProjectEpisode


class Skip(models.Model):
    """A person gave an episode back for a reason. History: it is written once."""

    class Reason(models.TextChoices):
        UNCLEAR_TASK = "unclear_task", "It is not clear what the task is"
        BAD_VIDEO = "bad_video", "The picture is missing, frozen or too dark"
        BAD_SIGNALS = "bad_signals", "The signals are missing or do not fit the picture"
        NOT_AN_EPISODE = "not_an_episode", "There is no attempt at the task in it"
        GUIDELINE = "guideline", "The guideline does not say how to label it"
        OTHER = "other", "Something else"

    project_episode = models.ForeignKey(
        ProjectEpisode, on_delete=models.CASCADE, related_name="skips"
    )
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=15, choices=Reason)
    text = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project_episode", "annotator"], name="skip_once_an_annotator"
            ),
            models.CheckConstraint(
                condition=~models.Q(reason="other", text=""), name="other_skip_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.annotator} skipped {self.project_episode}"


class SkipDecision(models.Model):
    """What a manager did about an episode that people skipped. Skips before it are settled."""

    class Decision(models.TextChoices):
        HANDED = "handed", "Handed to somebody"
        HELD = "held", "Held back"
        PUT_BACK = "put_back", "Put back"

    project_episode = models.ForeignKey(
        ProjectEpisode, on_delete=models.CASCADE, related_name="skip_decisions"
    )
    decision = models.CharField(max_length=8, choices=Decision)
    handed_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["project_episode", "-created_at"], name="skip_decision_newest")
        ]

    def __str__(self) -> str:
        return f"{self.project_episode}: {self.get_decision_display()}"
