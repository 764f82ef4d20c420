"""What moved: robots, hands and simulated ones, and what each number of theirs means."""

from django.db import models


class Embodiment(models.Model):
    """A robot, a human hand or a simulated robot with its state and action spaces."""

    class Kind(models.TextChoices):
        ROBOT = "robot", "Robot"
        HUMAN_HAND = "human_hand", "Human hand"
        SIM = "sim", "Simulated robot"

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ROBOT)
    template = models.CharField(
        max_length=60, blank=True, help_text="the template its dimensions were taken from"
    )
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ActionDimension(models.Model):
    """One number of an embodiment's state or action: what it measures, in which unit and frame."""

    class Space(models.TextChoices):
        STATE = "state", "State"
        ACTION = "action", "Action"

    embodiment = models.ForeignKey(Embodiment, on_delete=models.CASCADE, related_name="dimensions")
    space = models.CharField(max_length=6, choices=Space)
    position = models.PositiveSmallIntegerField(help_text="column of the signal, from 0")
    name = models.CharField(max_length=120)
    quantity = models.CharField(max_length=40, blank=True, help_text="what it measures")
    unit = models.CharField(max_length=20, blank=True, help_text="empty is unknown")
    frame = models.CharField(max_length=60, blank=True, help_text="frame of reference")
    lower = models.FloatField(null=True, blank=True, help_text="limit, in the unit")
    upper = models.FloatField(null=True, blank=True, help_text="limit, in the unit")
    positive = models.CharField(max_length=80, blank=True, help_text="what a larger value means")

    class Meta:
        ordering = ["embodiment", "space", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["embodiment", "space", "position"], name="dimension_once_a_column"
            ),
            models.CheckConstraint(
                condition=models.Q(lower__isnull=True)
                | models.Q(upper__isnull=True)
                | models.Q(lower__lt=models.F("upper")),
                name="dimension_limits_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DimensionStatistics(models.Model):
    """What a dataset's values of one dimension are, over all of its episodes."""

    dataset = models.ForeignKey(
        "episodes.Dataset", on_delete=models.CASCADE, related_name="dimension_statistics"
    )
    signal = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()
    count = models.BigIntegerField()
    minimum = models.FloatField()
    maximum = models.FloatField()
    q01 = models.FloatField()
    q99 = models.FloatField()
    findings = models.JSONField(default=list, blank=True, help_text="[{code, severity, message}]")

    class Meta:
        ordering = ["dataset", "signal", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "signal", "position"], name="statistics_once_a_dimension"
            )
        ]

    def __str__(self) -> str:
        return f"{self.signal}[{self.position}]"
