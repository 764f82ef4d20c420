"""Episodes whose right answer is known."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from annotation.models import AnnotationSet, ProjectEpisode


class GoldItemQuerySet(models.QuerySet["GoldItem"]):
    def newest(self) -> Self:
        """The version that is in force, of each episode."""
        newer = GoldItem.objects.filter(
            project_episode=models.OuterRef("project_episode"),
            version__gt=models.OuterRef("version"),
        )
        return self.filter(~models.Exists(newer))

    def in_use(self) -> Self:
        """Versions in force that people are measured by: not retired, not disputed."""
        disputed = GoldDispute.objects.filter(item=models.OuterRef("pk"), decision="")
        return self.newest().filter(~models.Exists(disputed), state=GoldItem.State.ACTIVE)


class GoldItem(models.Model):
    """An episode whose right answer is known; a correction makes the next version.

    ``annotation_set`` is the answer, ``alternatives`` are whole answers that count as right too:
    who is measured is compared with each and keeps the best. ``optional`` are ids of labels of
    weight 0: marked or not, they count for nothing. ``sources`` are the sets it was made from;
    their annotators are not measured by it. ``spread`` holds how far experts lie apart, by class
    (see review.measures.calibration.spread).
    """

    class State(models.TextChoices):
        ACTIVE = "active", "In use"
        RETIRED = "retired", "Retired"
        AMBIGUOUS = "ambiguous", "Ambiguous, not scored"

    project_episode = models.ForeignKey(
        ProjectEpisode, on_delete=models.CASCADE, related_name="gold_items"
    )
    annotation_set = models.OneToOneField(AnnotationSet, on_delete=models.PROTECT)
    version = models.PositiveIntegerField(default=1)
    origin = models.CharField(max_length=120, help_text="experts, or the physics of a simulation")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(blank=True, help_text="why this version")
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    state_reason = models.CharField(max_length=500, blank=True)
    state_since = models.DateTimeField(null=True, blank=True)
    alternatives = models.ManyToManyField(AnnotationSet, related_name="+", blank=True)
    sources = models.ManyToManyField(AnnotationSet, related_name="gold_made_of_it", blank=True)
    optional = ArrayField(models.UUIDField(), default=list, blank=True)
    spread = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GoldItemQuerySet.as_manager()

    class Meta:
        ordering = ["project_episode", "version"]
        constraints = [
            models.UniqueConstraint(fields=["project_episode", "version"], name="gold_version_once")
        ]

    def __str__(self) -> str:
        return f"gold {self.version} of {self.project_episode}"


class GoldDispute(models.Model):
    """Most people fail a gold item: the gold is likely wrong, and somebody decides.

    While it is open the item is neither handed out nor counted. ``passed`` of ``attempts`` are
    those it was opened on; after a decision only later attempts open another one.
    """

    class Decision(models.TextChoices):
        OPEN = "", "To be decided"
        KEPT = "kept", "Kept: the gold is right"
        CORRECTED = "corrected", "Corrected to a new version"
        RETIRED = "retired", "Retired"
        AMBIGUOUS = "ambiguous", "Ambiguous: not scored any more"

    item = models.ForeignKey(GoldItem, on_delete=models.CASCADE, related_name="disputes")
    passed = models.PositiveIntegerField()
    attempts = models.PositiveIntegerField()
    opened_at = models.DateTimeField(auto_now_add=True)
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.OPEN, blank=True)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["item", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(decision=""), name="one_open_dispute_an_item"
            ),
            models.CheckConstraint(
                condition=models.Q(decision="", decided_by=None, decided_at=None)
                | (
                    ~models.Q(decision="")
                    & ~models.Q(reason="")
                    & models.Q(decided_by__isnull=False, decided_at__isnull=False)
                ),
                name="decided_dispute_says_by_whom_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"dispute of {self.item}"
