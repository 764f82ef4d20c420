"""A project's work by day: what each handed-in set counts for, and the sums by person and by task.

Nothing here says what the annotation sets do not say: it is written from them again whenever they
change (review.services.daily_work) and can be thrown away.
"""

from django.conf import settings
from django.db import models

from annotation.models import AnnotationSet, Project
from episodes.models import Task


class WorkSums(models.Model):
    """What was handed in on ``day``, as it stands now.

    A set that is sent back next week counts in ``returned`` of the day on which it was handed in.
    ``held_ms`` is the time from claim to handing in of first rounds. ``worked_ms`` is the active
    time of those of them that have activity (``timed``), and the time from claim to handing in of
    the others.
    """

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
        abstract = True


class CountedSet(WorkSums):
    """What one handed-in set counts for on its day: as if it were all that was handed in.

    Everything that it names is held by its set; a row is written for each of a million sets, and
    to look up again what the set has looked up costs more than the row itself.
    """

    annotation_set = models.OneToOneField(
        AnnotationSet, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        related_name="counted_sets",
        db_constraint=False,
        db_index=False,
    )
    task = models.ForeignKey(
        Task,
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        ordering = ["project", "day", "annotation_set"]
        indexes = [
            models.Index(fields=["project", "day"], name="counted_set_by_day"),
            models.Index(fields=["annotator", "day"], name="counted_set_by_person"),
            models.Index(fields=["task", "day"], name="counted_set_by_task"),
        ]

    def __str__(self) -> str:
        return f"{self.annotation_set_id} on {self.day}"


class PersonDay(WorkSums):
    """What one person handed in on one day: the sum of their sets."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="person_days")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        ordering = ["project", "day", "annotator"]
        constraints = [
            models.UniqueConstraint(fields=["project", "day", "annotator"], name="person_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.annotator} on {self.day}: {self.submitted}"


class TaskDay(WorkSums):
    """What everybody handed in on one day for one task: the sum of its sets."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="task_days")
    task = models.ForeignKey(Task, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["project", "day", "task"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "day", "task"], nulls_distinct=False, name="task_day_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.task} on {self.day}: {self.submitted}"


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
