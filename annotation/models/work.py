"""Work on episodes: a person's hold, and the sets of labels that come of it."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import NullIf
from django.db.models.lookups import IsNull

from annotation.models.projects import ProjectEpisode
from annotation.models.schemas import LabelSchema


def handed_in_uncounted() -> NullIf:
    """On assignments: whether they are handed in, null of those that are counted as just that.

    Migration 0029 keeps statistics of it, as 0025 does of what is to be counted in queues.
    """
    handed_in = models.ExpressionWrapper(
        models.Q(state="submitted"), output_field=models.BooleanField()
    )
    return NullIf(handed_in, "counted_handed_in")


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def of_annotators(self) -> Self:
        """Without what experts answer for the gold: that is no labelling of the queue, and nobody
        is shown gold by making it. Their sets are of a kind of their own, see AnnotationSet."""
        return self.filter(expert=False)

    def holding_a_slot(self, now: datetime) -> Self:
        """Those that count against the overlap: handed in, sent back, or at work under a lease.

        Rework keeps its slot without a lease: its earlier round was handed in already. So does who
        waits for the answer to a question that blocks the episode. Work beyond the overlap takes
        none.
        """
        state = Assignment.State
        return self.filter(beyond_overlap=False).filter(
            models.Q(state__in=[state.SUBMITTED, state.RETURNED, state.WAITING])
            | models.Q(state=state.ACTIVE, lease_expires_at__gt=now)
            | models.Q(state=state.ACTIVE, rework=True)
        )


class Assignment(models.Model):
    """A person's hold on an episode: one of its project's overlap slots, kept alive by a lease."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        SUBMITTED = "submitted", "Submitted"
        RETURNED = "returned", "Returned"
        EXPIRED = "expired", "Expired"
        RELEASED = "released", "Released"
        WAITING = "waiting", "Waits for an answer"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project_episode = models.ForeignKey(
        ProjectEpisode, on_delete=models.CASCADE, related_name="assignments"
    )
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments"
    )
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    lease_expires_at = models.DateTimeField()
    claimed_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    rework = models.BooleanField(default=False, help_text="handed in before and sent back")
    beyond_overlap = models.BooleanField(
        default=False, help_text="takes no slot: training, qualification, mixed in"
    )
    expert = models.BooleanField(
        default=False, help_text="answered for the gold: beyond the overlap, by who reviews"
    )
    return_comment = models.TextField(blank=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    counted_handed_in = models.BooleanField(
        null=True, blank=True, help_text="what WorkCount has it as; null: not counted yet"
    )

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["project_episode", "claimed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["project_episode", "annotator"], name="episode_once_an_annotator"
            )
        ]
        indexes = [
            models.Index(fields=["annotator", "state"]),
            models.Index(
                fields=["lease_expires_at"],
                condition=models.Q(state="active"),
                name="lease_of_active",
            ),
            # What people have at hand: few of all that there ever were.
            models.Index(
                fields=["annotator"],
                condition=models.Q(state__in=["active", "returned", "waiting"]),
                name="work_at_hand",
            ),
            models.Index(
                fields=["annotator"],
                condition=models.Q(IsNull(handed_in_uncounted(), False), expert=False),
                name="work_to_count",
            ),
            # Programs list work with the newest first.
            models.Index(models.F("claimed_at").desc(), "id", name="work_newest"),
            # What somebody handed in last, of thousands.
            models.Index(
                "annotator",
                models.F("submitted_at").desc(),
                condition=models.Q(submitted_at__isnull=False),
                name="work_handed_in_last",
            ),
            models.Index(
                fields=["project_episode"],
                condition=models.Q(expert=True),
                name="work_of_experts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.annotator} on {self.project_episode}"


class AnnotationSet(models.Model):
    """The labels of one round of one annotator on one episode, a gold set, or a consensus.

    A draft takes diffs, each raising ``revision``; a submitted set is frozen. A returned episode
    gets the next ``round``, begun as a copy, and the earlier round stays as it was. A consensus is
    made by a reviewer from annotators' sets, which it leaves as they are. What an expert answers
    for the gold is no annotator's: it is compared with nobody, and no side of review or release.
    """

    class Kind(models.TextChoices):
        ANNOTATOR = "annotator", "Annotator"
        EXPERT = "expert", "Expert"
        GOLD = "gold", "Gold"
        CONSENSUS = "consensus", "Consensus"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Submitted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project_episode = models.ForeignKey(
        ProjectEpisode, on_delete=models.CASCADE, related_name="annotation_sets"
    )
    assignment = models.ForeignKey(
        Assignment, null=True, blank=True, on_delete=models.CASCADE, related_name="annotation_sets"
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ANNOTATOR)
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=0)
    schema = models.ForeignKey(LabelSchema, on_delete=models.PROTECT)
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submit_request_id = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering = ["project_episode", "created_at"]
        constraints = [
            models.UniqueConstraint(fields=["assignment", "round"], name="set_once_a_round"),
            models.UniqueConstraint(
                fields=["assignment"],
                condition=models.Q(state="draft"),
                name="one_draft_an_assignment",
            ),
            models.UniqueConstraint(
                fields=["project_episode", "round"],
                condition=models.Q(kind="gold"),
                name="gold_once_a_round",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["gold", "consensus"], assignment=None)
                | models.Q(kind__in=["annotator", "expert"], assignment__isnull=False),
                name="annotator_set_has_assignment",
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft", submitted_at=None)
                | models.Q(state="submitted", submitted_at__isnull=False),
                name="submitted_set_has_its_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["submitted_at"],
                condition=models.Q(state="submitted"),
                name="set_by_time_handed_in",
            ),
            models.Index(
                fields=["created_at"], condition=models.Q(round__gt=1), name="set_by_time_sent_back"
            ),
            models.Index(
                fields=["submitted_at"],
                condition=models.Q(state="submitted", round__gt=1),
                name="set_by_time_reworked",
            ),
            models.Index(models.F("created_at").desc(), "id", name="set_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} set {self.pk}, round {self.round}, revision {self.revision}"


class SetRevision(models.Model):
    """One accepted diff: the history of a draft, and the answer to a request sent twice."""

    annotation_set = models.ForeignKey(
        AnnotationSet, on_delete=models.CASCADE, related_name="revisions"
    )
    number = models.PositiveIntegerField()
    request_id = models.UUIDField()
    client_id = models.CharField(max_length=64, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    put = models.JSONField(default=list)
    remove = models.JSONField(default=list)
    before = models.JSONField(default=list, help_text="the labels touched, as they were")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["annotation_set", "number"]
        constraints = [
            models.UniqueConstraint(fields=["annotation_set", "number"], name="revision_once"),
            models.UniqueConstraint(fields=["annotation_set", "request_id"], name="request_once"),
        ]

    def __str__(self) -> str:
        return f"revision {self.number}"
