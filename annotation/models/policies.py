"""What holds for one task of a project, and what work must reach to be accepted."""

from django.db import models

from annotation.models.projects import Project
from episodes.models import Task


class TaskPolicy(models.Model):
    """A task's own priority, deadline and tolerance; empty means the project's or the schema's."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="task_policies")
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="+")
    priority = models.SmallIntegerField(default=0, help_text="higher comes first")
    deadline = models.DateField(null=True, blank=True)
    tolerance_ns = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="of contact instants"
    )
    boundary_tolerance_ns = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["project", "task"]
        constraints = [models.UniqueConstraint(fields=["project", "task"], name="task_policy_once")]

    def __str__(self) -> str:
        return f"{self.task} in {self.project}"


class AcceptancePolicy(models.Model):
    """The bar for one kind of label, of one task or all, of evaluation episodes or the rest.

    The most exact row holds: task and kind before task, task before kind, kind before neither.
    ``bar_ppm`` is the agreement that the lower one-sided bound at ``confidence_ppm`` must reach.
    """

    class LabelType(models.TextChoices):
        ALL = "", "All labels"
        CONTACT = "instant", "Contact instants"
        INSTRUCTION = "segment", "Instructions"
        FAILURE = "span", "Failures and recoveries"
        OUTCOME = "outcome", "Outcomes"

    class Plan(models.TextChoices):
        BOUND = "bound", "Confidence bound"
        BINOMIAL = "binomial", "Binomial plan"
        HYPERGEOMETRIC = "hypergeometric", "Hypergeometric plan"
        Z14 = "z14", "Z1.4-style plan"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="acceptance")
    task = models.ForeignKey(
        Task, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    label_type = models.CharField(
        max_length=10, choices=LabelType, default=LabelType.ALL, blank=True
    )
    evaluation = models.BooleanField(default=False, help_text="for evaluation episodes")
    bar_ppm = models.PositiveIntegerField(default=950_000, help_text="millionths")
    confidence_ppm = models.PositiveIntegerField(default=950_000, help_text="millionths")
    plan = models.CharField(max_length=14, choices=Plan, default=Plan.BOUND)
    most_defects = models.PositiveSmallIntegerField(default=2, help_text="c of the plan (n, c)")

    class Meta:
        ordering = ["project", "task", "label_type", "evaluation"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "task", "label_type", "evaluation"],
                nulls_distinct=False,
                name="acceptance_policy_once",
            ),
            models.CheckConstraint(
                condition=models.Q(bar_ppm__gt=0, bar_ppm__lt=1_000_000)
                & models.Q(confidence_ppm__gte=500_000, confidence_ppm__lt=1_000_000),
                name="acceptance_policy_possible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_label_type_display()} at {self.bar_ppm / 10_000:g} %"
