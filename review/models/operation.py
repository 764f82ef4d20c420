"""How the work of a project goes: what it costs, its weekly report, a made-up one."""

from django.conf import settings
from django.db import models

from annotation.models import Project
from episodes.models import Dataset


class OperationSettings(models.Model):
    """What a manager decides about a project's figures; without a row nothing is decided."""

    project = models.OneToOneField(
        Project, on_delete=models.CASCADE, related_name="operation_settings"
    )
    hourly_cost_cents = models.PositiveIntegerField(
        null=True, blank=True, help_text="of one hour of labelling, in hundredths of the currency"
    )
    currency = models.CharField(max_length=3, default="EUR", help_text="ISO 4217")
    weekly_report = models.BooleanField(default=False, help_text="by e-mail to the managers")

    def __str__(self) -> str:
        return f"operation of {self.project}"


class WeeklyReport(models.Model):
    """That a week's report of a project goes to somebody, once.

    ``taken_at`` is when a worker began to send it: one that died is followed by another after a
    while, and a letter that was sent is never sent again.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="weekly_reports")
    monday = models.DateField(help_text="first day of the week it is about")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["project", "-monday", "recipient"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "monday", "recipient"], name="weekly_report_once_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.project}, week of {self.monday}, to {self.recipient}"


class SimulatedOperation(models.Model):
    """What a simulation made, so that all of it can be removed in one step.

    A row without ``filled_at`` is an order: a sweep fills the project, ``stage`` by stage and part
    by part. What was stored stays: whoever goes on, goes on from ``place``.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="simulation")
    dataset = models.ForeignKey(
        Dataset, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    months = models.PositiveSmallIntegerField(default=3)
    people_wanted = models.PositiveSmallIntegerField(default=12)
    sets_a_day = models.PositiveSmallIntegerField(default=5, help_text="of one person")
    seed = models.PositiveIntegerField(default=1)
    last = models.DateField(
        null=True, blank=True, help_text="last day of the plan, known once the fill has begun"
    )
    stage = models.CharField(max_length=10, blank=True, help_text="what is filled next")
    place = models.PositiveIntegerField(default=0, help_text="how far that is")
    ordered_at = models.DateTimeField(auto_now_add=True)
    filled_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"simulation of {self.project}"
