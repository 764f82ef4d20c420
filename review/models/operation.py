"""How the work of a project goes: its daily sums, what it costs, its weekly report, a made-up one.

``DailyWork`` says nothing that the annotation sets do not say: it is written from them again
whenever they change (review.services.daily_work) and can be thrown away.
"""

from django.conf import settings
from django.db import models

from annotation.models import Project
from episodes.models import Dataset, Task


class DailyWork(models.Model):
    """What one person handed in on one day for one task.

    Everything is told of the sets that were handed in on ``day``, as they stand now: a set that is
    sent back next week counts in ``returned`` of the day on which it was handed in. ``held_ms`` is
    the time from claim to handing in of first rounds. ``worked_ms`` is the active time of those of
    them that have activity (``timed``), and the time from claim to handing in of the others.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="daily_work")
    task = models.ForeignKey(Task, null=True, on_delete=models.CASCADE, related_name="+")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    day = models.DateField()
    submitted = models.PositiveIntegerField(help_text="first rounds")
    reworked = models.PositiveIntegerField(help_text="later rounds")
    returned = models.PositiveIntegerField(help_text="of both, those sent back")
    accepted = models.PositiveIntegerField(help_text="of both, those that stand for their episode")
    labels = models.PositiveIntegerField()
    labels_accepted = models.PositiveIntegerField()
    held_ms = models.PositiveBigIntegerField(help_text="claim to handing in, first rounds")
    timed = models.PositiveIntegerField(default=0, help_text="first rounds with active time")
    worked_ms = models.PositiveBigIntegerField(
        default=0, help_text="active time of first rounds, of those without it held_ms"
    )
    rework_ms = models.PositiveBigIntegerField(default=0, help_text="active time of later rounds")
    lasted_ms = models.PositiveBigIntegerField(help_text="length of the episodes of first rounds")
    accepted_ms = models.PositiveBigIntegerField(help_text="length of the accepted episodes")

    class Meta:
        ordering = ["project", "day", "annotator", "task"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "day", "annotator", "task"],
                nulls_distinct=False,
                name="daily_work_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.annotator} on {self.day}: {self.submitted}"


class DailyLabels(models.Model):
    """How many labels of one class came in on one day for one task: of the sets handed in then."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="daily_labels")
    task = models.ForeignKey(Task, null=True, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    label_class = models.CharField(max_length=60)
    labels = models.PositiveIntegerField()
    returned = models.PositiveIntegerField(help_text="in sets that were sent back")
    accepted = models.PositiveIntegerField(help_text="in sets that stand for their episode")

    class Meta:
        ordering = ["project", "day", "label_class", "task"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "day", "label_class", "task"],
                nulls_distinct=False,
                name="daily_labels_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label_class} on {self.day}: {self.labels}"


class DailyWorkMark(models.Model):
    """Up to which change of a project its daily work is known."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="+")
    audit_id = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField()
    zone = models.CharField(max_length=64, blank=True, help_text="in which its days were counted")

    def __str__(self) -> str:
        return f"{self.project} at {self.looked_at}"


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
