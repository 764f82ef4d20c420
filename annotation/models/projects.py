"""Projects: which episodes, under which schema, and who works there."""

from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import NullIf
from django.db.models.lookups import IsNull
from django.utils import timezone

from annotation.models.schemas import LabelSchema
from episodes.access import Viewer
from episodes.models import Episode


def to_be_counted_as() -> NullIf:
    """On places: the progress that they are not counted under yet, null of all others.

    Migration 0025 keeps statistics of it: of a comparison of two columns the planner takes nearly
    all rows to be unequal, and reads them all.
    """
    return NullIf("progress", "counted_as")


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: Viewer) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(pk__in=Membership.objects.filter(user=user).values("project"))


class Project(models.Model):
    """A labelling job: which episodes, under which schema, by how many people each.

    ``overlap`` people label each of ``overlap_percent`` of its episodes, one person the others.
    Gold is mixed in with ``gold_first_percent`` over a person's first ``gold_first_episodes``,
    then with ``gold_percent`` (agreement.md, section 2). ``version`` counts changes, so that two
    managers who edit at once are told instead of overwriting each other.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        ARCHIVED = "archived", "Archived"

    name = models.CharField(max_length=200, unique=True)
    description = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    language = models.CharField(max_length=10, default="en", help_text="of texts in labels")
    timezone = models.CharField(
        max_length=64, blank=True, help_text="of its days and clock times; empty: the server's"
    )
    schema = models.ForeignKey(LabelSchema, on_delete=models.PROTECT)
    priority = models.SmallIntegerField(default=0, help_text="higher comes first")
    deadline = models.DateField(null=True, blank=True)
    overlap = models.PositiveSmallIntegerField(default=2, help_text="annotators an episode")
    overlap_percent = models.PositiveSmallIntegerField(
        default=100, help_text="share of episodes that so many people label"
    )
    gold_first_percent = models.PositiveSmallIntegerField(default=10)
    gold_first_episodes = models.PositiveSmallIntegerField(default=200)
    gold_percent = models.PositiveSmallIntegerField(default=5)
    training_required = models.BooleanField(default=False)
    qualification_required = models.BooleanField(default=False)
    skips_flagged = models.PositiveSmallIntegerField(
        default=2, help_text="so many skips put an episode before the managers"
    )
    simulated = models.BooleanField(default=False, help_text="made up, to be removed in one step")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(overlap__gte=1), name="project_overlap_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    overlap_percent__lte=100, gold_first_percent__lte=15, gold_percent__lte=15
                ),
                name="project_shares_possible",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """Where its days begin, and by whose clock its pages tell the time."""
        return ZoneInfo(self.timezone or settings.TIME_ZONE)


class Membership(models.Model):
    """A person's role in a project; a manager may do what a reviewer may, not the reverse."""

    class Role(models.TextChoices):
        ANNOTATOR = "annotator", "Annotator"
        REVIEWER = "reviewer", "Reviewer"
        MANAGER = "manager", "Manager"

    class Standing(models.TextChoices):
        """What work a person gets; decided by training, by the review app, or by a manager."""

        TRAINING = "training", "In training"
        QUALIFYING = "qualifying", "Qualifying"
        QUALIFIED = "qualified", "Qualified"
        PAUSED = "paused", "Paused"
        FAILED = "failed", "Not qualified"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role)
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.QUALIFIED)
    standing_reason = models.CharField(max_length=500, blank=True)
    standing_since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "user"]
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="membership_once_a_project")
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"


class ProjectEpisode(models.Model):
    """An episode's place in a project's queue.

    ``overlap`` is how many people label it, decided by the project's policy when it is added.
    ``progress``, ``slots_taken``, ``has_slot``, ``outcomes`` and ``said_by`` follow from its
    assignments and their sets, ``review``, ``accepted_set`` and ``overlap``. They are kept because
    lists, dashboards and the queue ask for them over a hundred thousand episodes: services write
    them in the transaction of the change (annotation.services.progress), ``manage.py
    rebuild_progress`` writes them anew.
    """

    class Progress(models.TextChoices):
        """How far the episode is, in the order of the work."""

        WAITING = "waiting", "Waiting"
        LABELLING = "labelling", "Being labelled"
        SUBMITTED = "submitted", "Handed in"
        IN_REVIEW = "in_review", "In review"
        RETURNED = "returned", "Sent back"
        APPROVED = "approved", "Approved"

    class Review(models.TextChoices):
        """What the review says of it; written by the review app."""

        NONE = "", "Not in a batch"
        OPEN = "open", "In a batch"
        APPROVED = "approved", "Approved"

    class Purpose(models.TextChoices):
        PRODUCTION = "production", "Production"
        EVALUATION = "evaluation", "Evaluation"
        TRAINING = "training", "Training"
        QUALIFICATION = "qualification", "Qualification"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="project_episodes")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="project_episodes")
    position = models.PositiveIntegerField(default=0, help_text="order in the queue")
    purpose = models.CharField(max_length=13, choices=Purpose, default=Purpose.PRODUCTION)
    priority = models.SmallIntegerField(default=0, help_text="higher comes first")
    overlap = models.PositiveSmallIntegerField(default=2, help_text="people who label it")
    reserved_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reserved_until = models.DateField(
        null=True, blank=True, help_text="last day of the reservation; nobody's from then on"
    )
    added_at = models.DateTimeField(
        auto_now_add=True, null=True, help_text="unknown of episodes queued by early versions"
    )
    progress = models.CharField(max_length=10, choices=Progress, default=Progress.WAITING)
    review = models.CharField(max_length=10, choices=Review, default=Review.NONE, blank=True)
    slots_taken = models.PositiveSmallIntegerField(
        default=0,
        help_text="people who count against the overlap; a lapsed lease until it is swept",
    )
    has_slot = models.BooleanField(default=True, help_text="fewer slots are taken than its overlap")
    accepted_set = models.ForeignKey(
        "annotation.AnnotationSet",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="the set that stands for an approved episode; written by the review app",
    )
    outcomes = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        help_text="classes of the accepted set, else of each annotator's last handed-in round",
    )
    said_by = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        help_text="the same by who said it, ANNOTATOR:CLASS: annotators know of their own alone",
    )
    counted_as = models.CharField(
        max_length=10, blank=True, default="", help_text="the progress that QueueCount has it under"
    )
    counted_task = models.BigIntegerField(null=True, blank=True, help_text="the task, likewise")

    class Meta:
        ordering = ["project", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "episode"], name="episode_once_a_project")
        ]
        indexes = [
            models.Index(fields=["project", "position", "id"]),
            # The queue: whoever asks for the next episode reads its beginning.
            models.Index(
                "project",
                models.F("priority").desc(),
                "position",
                "id",
                include=["episode"],
                condition=models.Q(has_slot=True),
                name="queue_by_urgency",
            ),
            GinIndex(fields=["outcomes"], name="queue_by_outcome"),
            GinIndex(fields=["said_by"], name="queue_by_own_outcome"),
            models.Index(
                fields=["project", "progress"], include=["episode"], name="queue_by_progress"
            ),
            # What waits for a batch, in its order: few of a queue, and often the last of it.
            models.Index(
                fields=["project", "position", "id"],
                condition=models.Q(progress="submitted"),
                name="queue_handed_in",
            ),
            # What people learn and are tested by: a handful of a queue.
            models.Index(
                fields=["project"],
                condition=models.Q(purpose__in=["training", "qualification"]),
                name="queue_to_learn_by",
            ),
            models.Index(
                fields=["project"],
                condition=models.Q(IsNull(to_be_counted_as(), False)),
                name="queue_to_count",
            ),
            models.Index(
                fields=["reserved_for", "reserved_until"],
                condition=models.Q(reserved_for__isnull=False),
                name="queue_reserved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.episode}"
