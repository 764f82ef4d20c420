"""How good annotators are believed to be, what followed from it, and by which tolerances."""

from django.conf import settings
from django.db import models

from annotation.models import AcceptancePolicy, GuidelineVersion, Project

# Kinds of labels that accuracy is told apart by; bars are set for the same ones.
LabelType = AcceptancePolicy.LabelType


class Calibration(models.Model):
    """A person's accuracy on one kind of label, measured by gold in the order of handing in.

    Says nothing that PairCounts does not say: a sweep writes it anew whenever the counts change.
    ``since`` is where counting begins again after a pause. The prior of ``mean`` is what the others
    reach; ``lower`` and ``upper`` are one-sided 95 % bounds. ``cusum`` is S after the last gold
    episode, ``doubtful_from`` the first hand-in after the last one at which S was 0. ``timing``
    lists for each class the signed offset to gold and whether its EWMA left the limits.
    """

    class State(models.TextChoices):
        INSUFFICIENT = "insufficient", "Not enough data"
        GOOD = "good", "Good"
        WARN = "warn", "Below the bar on average"
        PAUSE = "pause", "Below the bar"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="calibrations")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    label_type = models.CharField(max_length=10, choices=LabelType, blank=True)
    state = models.CharField(max_length=12, choices=State)
    bar_ppm = models.PositiveIntegerField(help_text="millionths")
    right = models.FloatField()
    total = models.FloatField(help_text="labels, halves where one side has one more")
    episodes = models.PositiveIntegerField()
    deff = models.FloatField(help_text="design effect of the project's gold labels of this kind")
    n_effective = models.FloatField()
    mean = models.FloatField()
    lower = models.FloatField()
    upper = models.FloatField()
    cusum = models.FloatField()
    alarm = models.BooleanField(default=False)
    doubtful_from = models.DateTimeField(null=True, blank=True)
    timing = models.JSONField(default=list, blank=True)
    since = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(help_text="when the last counted set was handed in")

    class Meta:
        ordering = ["project", "annotator", "label_type"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "annotator", "label_type"], name="calibration_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.annotator} in {self.project}: {self.get_label_type_display()}"


class CalibrationMark(models.Model):
    """Which counts a project's calibrations were computed from."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="+")
    seen = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.project}: {self.seen}"


class CalibrationDecision(models.Model):
    """A pause, a resumption or a decided qualification, and why; no actor is the sweep.

    ``good_until``: up to there the work of a paused person is trusted; what they handed in from
    there until ``created_at`` is to be reviewed. None trusts nothing.
    """

    class Kind(models.TextChoices):
        PAUSED = "paused", "Paused"
        RESUMED = "resumed", "Resumed"
        QUALIFIED = "qualified", "Qualified by a reviewer"
        FAILED = "failed", "Not qualified by a reviewer"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.CharField(max_length=500)
    good_until = models.DateTimeField(null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["project", "annotator", "id"]
        indexes = [models.Index(fields=["project", "annotator", "id"], name="decisions_in_order")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="calibration_decision_says_why"
            )
        ]

    def __str__(self) -> str:
        return f"{self.annotator} {self.kind} in {self.project}"


class ClassTolerance(models.Model):
    """A class's tolerance from a version of the guideline on, until a later one sets another.

    Frozen with that version: what was handed in while it was in force is compared by it. No
    guideline stands for the time before the first version, the class "" for the boundaries of
    instructions.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tolerances")
    guideline = models.ForeignKey(
        GuidelineVersion, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    label_class = models.CharField(max_length=60)
    tolerance_ns = models.PositiveBigIntegerField()
    frames = models.PositiveIntegerField(null=True, blank=True)
    offsets = models.PositiveIntegerField(help_text="distances between experts it was taken from")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["project", "label_class", "guideline"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "guideline", "label_class"],
                nulls_distinct=False,
                name="class_tolerance_once_a_guideline",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label_class} in {self.project}: {self.tolerance_ns / 1e6:g} ms"
