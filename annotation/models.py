"""What people say about episodes: projects, schemas, assignments, annotation sets, labels."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models

from episodes.access import Viewer
from episodes.models import Episode, Stream


class LabelSchema(models.Model):
    """One version of a taxonomy; a change makes the next version, old labels stay under theirs."""

    name = models.SlugField(max_length=80)
    version = models.PositiveIntegerField()
    definition = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="label_schema_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: Viewer) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(pk__in=Membership.objects.filter(user=user).values("project"))


class Project(models.Model):
    """A labelling job: which episodes, under which schema, by how many people each."""

    name = models.CharField(max_length=200, unique=True)
    guideline = models.TextField(blank=True)
    schema = models.ForeignKey(LabelSchema, on_delete=models.PROTECT)
    overlap = models.PositiveSmallIntegerField(default=2, help_text="annotators an episode")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(overlap__gte=1), name="project_overlap_positive"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in a project; a manager may do what a reviewer may, not the reverse."""

    class Role(models.TextChoices):
        ANNOTATOR = "annotator", "Annotator"
        REVIEWER = "reviewer", "Reviewer"
        MANAGER = "manager", "Manager"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role)

    class Meta:
        ordering = ["project", "user"]
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="membership_once_a_project")
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"


class ProjectEpisode(models.Model):
    """An episode's place in a project's queue."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="project_episodes")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="project_episodes")
    position = models.PositiveIntegerField(default=0, help_text="order in the queue")

    class Meta:
        ordering = ["project", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "episode"], name="episode_once_a_project")
        ]
        indexes = [models.Index(fields=["project", "position", "id"])]

    def __str__(self) -> str:
        return f"{self.project}: {self.episode}"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def holding_a_slot(self, now: datetime) -> Self:
        """Those that count against the overlap: handed in, sent back, or at work under a lease.

        Rework keeps its slot without a lease: its earlier round was handed in already.
        """
        state = Assignment.State
        return self.filter(
            models.Q(state__in=[state.SUBMITTED, state.RETURNED])
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
    return_comment = models.TextField(blank=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
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
        ]

    def __str__(self) -> str:
        return f"{self.annotator} on {self.project_episode}"


class AnnotationSet(models.Model):
    """The labels of one round of one annotator on one episode, or a gold set.

    A draft takes diffs, each raising ``revision``; a submitted set is frozen. A returned episode
    gets the next ``round``, begun as a copy, and the earlier round stays as it was.
    """

    class Kind(models.TextChoices):
        ANNOTATOR = "annotator", "Annotator"
        GOLD = "gold", "Gold"

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
                condition=models.Q(kind="gold", assignment=None)
                | models.Q(kind="annotator", assignment__isnull=False),
                name="annotator_set_has_assignment",
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft", submitted_at=None)
                | models.Q(state="submitted", submitted_at__isnull=False),
                name="submitted_set_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} set {self.pk}, round {self.round}, revision {self.revision}"


class Label(models.Model):
    """One statement about the episode, on its clock (integer ns, half-open)."""

    class Kind(models.TextChoices):
        INSTANT = "instant", "Instant"
        SEGMENT = "segment", "Segment"
        SPAN = "span", "Span"
        OUTCOME = "outcome", "Outcome"

    class Source(models.TextChoices):
        HUMAN = "human", "Human"
        PROPOSAL = "proposal", "Proposal"
        PHYSICS = "physics", "Physics"

    pk_row = models.BigAutoField(primary_key=True)
    id = models.UUIDField(help_text="given by the client, so that a label arrives once")
    annotation_set = models.ForeignKey(
        AnnotationSet, on_delete=models.CASCADE, related_name="labels"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    label_class = models.CharField(max_length=60)
    start_ns = models.BigIntegerField(null=True, blank=True)
    end_ns = models.BigIntegerField(null=True, blank=True)
    effector = models.CharField(max_length=60, blank=True)
    text = models.TextField(blank=True, help_text="length is limited by the schema")
    attributes = models.JSONField(default=dict, blank=True)
    uncertainty_ns = models.BigIntegerField(default=0)
    source = models.CharField(max_length=10, choices=Source, default=Source.HUMAN)

    class Meta:
        ordering = ["annotation_set", "start_ns", "pk_row"]
        constraints = [
            # The same label id stands in each round of a set that was returned and copied.
            models.UniqueConstraint(fields=["annotation_set", "id"], name="label_once_a_set"),
            models.CheckConstraint(
                condition=models.Q(kind="outcome", start_ns=None, end_ns=None)
                | models.Q(kind="instant", start_ns__gte=0, end_ns=None)
                | models.Q(
                    kind__in=["segment", "span"], start_ns__gte=0, end_ns__gt=models.F("start_ns")
                ),
                name="label_times_fit_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(uncertainty_ns__gte=0), name="label_uncertainty_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label_class} {self.id}"


class LabelFrame(models.Model):
    """Where a label's edge lies in a camera's video: written when the set is frozen."""

    class Edge(models.TextChoices):
        START = "start", "Start"
        END = "end", "End"

    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="frames")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="+")
    edge = models.CharField(max_length=5, choices=Edge)
    frame = models.PositiveIntegerField(help_text="presentation position in the episode")
    pts = models.BigIntegerField(help_text="in the asset's time base")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["label", "stream", "edge"], name="label_frame_once")
        ]

    def __str__(self) -> str:
        return f"{self.edge} at frame {self.frame}"


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


class AuditEntry(models.Model):
    """Who did what to which record, and when."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    action = models.CharField(max_length=60)
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE)
    subject = models.CharField(max_length=120, help_text="kind and id of the record")
    facts = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["subject"]), models.Index(fields=["project", "-id"])]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
