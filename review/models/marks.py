"""What reviewers say of single labels, and the episodes they are asked about a second time."""

from django.conf import settings
from django.db import models

from annotation.models import AnnotationSet
from review.models.batches import BatchItem, Verdict


class ReviewRepeat(models.Model):
    """A decided episode that its reviewer decides again without being told; nothing follows of it.

    ``first`` is the decision that stands. What is said the second time is kept here and in the
    label verdicts that name the repeat; the episode stays as it was decided.
    """

    class State(models.TextChoices):
        OPEN = "open", "To be decided again"
        DECIDED = "decided", "Decided twice"
        VOID = "void", "Changed meanwhile"

    item = models.ForeignKey(BatchItem, on_delete=models.CASCADE, related_name="repeats")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    first = models.OneToOneField(Verdict, on_delete=models.CASCADE, related_name="repeat")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    decision = models.CharField(max_length=10, choices=Verdict.Decision, blank=True)
    chosen_set = models.ForeignKey(
        AnnotationSet, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    request_id = models.UUIDField(null=True, blank=True)
    drawn_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["item", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "reviewer"],
                condition=models.Q(state="open"),
                name="one_open_repeat_a_reviewer",
            ),
            models.CheckConstraint(
                condition=models.Q(state="decided", decided_at__isnull=False)
                & ~models.Q(decision="")
                | ~models.Q(state="decided") & models.Q(decided_at=None),
                name="decided_repeat_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} again for {self.reviewer}"


class LabelVerdict(models.Model):
    """What a reviewer says of one label of one set. Never changed: a later one supersedes it.

    Of ``missing`` the label is one of another set that ``annotation_set`` has no counterpart of,
    or none at all, with a time. ``withdrawn`` says that nothing is said any more.
    """

    class Word(models.TextChoices):
        OK = "ok", "Right"
        WRONG_TIME = "wrong_time", "Wrong time"
        WRONG_CLASS = "wrong_class", "Wrong class"
        MISSING = "missing", "Missing"
        EXTRA = "extra", "Extra"
        NOT_VISIBLE = "not_visible", "Not visible"
        WITHDRAWN = "withdrawn", "Taken back"

    item = models.ForeignKey(BatchItem, on_delete=models.CASCADE, related_name="label_verdicts")
    annotation_set = models.ForeignKey(
        AnnotationSet, on_delete=models.PROTECT, related_name="label_verdicts"
    )
    label_id = models.UUIDField(null=True, blank=True)
    at_ns = models.BigIntegerField(null=True, blank=True)
    verdict = models.CharField(max_length=12, choices=Word)
    comment = models.CharField(max_length=2000, blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    repeat = models.ForeignKey(
        ReviewRepeat, null=True, blank=True, on_delete=models.CASCADE, related_name="marks"
    )
    request_id = models.UUIDField(unique=True)
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["item", "id"]
        constraints = [
            # Of two first words on one label at once, one has to see the other's.
            models.UniqueConstraint(
                fields=["annotation_set", "label_id", "at_ns", "repeat"],
                condition=models.Q(supersedes=None),
                nulls_distinct=False,
                name="first_verdict_once_a_label",
            ),
            models.CheckConstraint(
                condition=models.Q(label_id__isnull=False)
                | models.Q(verdict__in=["missing", "withdrawn"], at_ns__isnull=False),
                name="verdict_names_its_label",
            ),
            models.CheckConstraint(
                condition=models.Q(at_ns=None) | models.Q(at_ns__gte=0),
                name="verdict_in_episode",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.label_id or self.at_ns}"
