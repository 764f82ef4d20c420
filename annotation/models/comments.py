"""What people say to each other about an episode, and what the application tells them."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone

from annotation.models.projects import Project, ProjectEpisode
from annotation.models.work import AnnotationSet

TEXT_LENGTH = 4000


class Comment(models.Model):
    """A remark, or an answer to one (``parent`` is the thread's first remark, never an answer).

    ``concerning`` is the annotator whose work the thread is about; nobody: everybody who holds the
    episode. Who may read what is decided in annotation.selectors.comments.
    """

    id = models.UUIDField(primary_key=True, help_text="given by the client: it arrives once")
    project_episode = models.ForeignKey(
        ProjectEpisode, on_delete=models.CASCADE, related_name="comments"
    )
    annotation_set = models.ForeignKey(
        AnnotationSet, null=True, blank=True, on_delete=models.CASCADE, related_name="comments"
    )
    label_id = models.UUIDField(null=True, blank=True, help_text="Label.id within the set")
    at_ns = models.BigIntegerField(null=True, blank=True, help_text="none: the whole episode")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="answers"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    concerning = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    text = models.TextField()
    blocks = models.BooleanField(
        default=False, help_text="nobody gets the episode while it is unresolved"
    )
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["project_episode", "created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent=None)
                | models.Q(blocks=False, resolved_at=None, resolved_by=None),
                name="comment_answer_neither_blocks_nor_resolves",
            ),
            models.CheckConstraint(
                condition=models.Q(resolved_at=None, resolved_by=None)
                | models.Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="comment_resolved_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(label_id=None) | models.Q(annotation_set__isnull=False),
                name="comment_label_is_of_a_set",
            ),
            models.CheckConstraint(
                condition=models.Q(at_ns=None) | models.Q(at_ns__gte=0),
                name="comment_time_not_negative",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("text"), TEXT_LENGTH),
                name="comment_text_not_endless",
            ),
        ]
        indexes = [
            models.Index(
                fields=["project_episode"],
                condition=models.Q(blocks=True, resolved_at=None),
                name="comment_open_question",
            )
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:60]}"


class Mention(models.Model):
    """Somebody named with @ in a comment."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "user"], name="mentioned_once_a_comment")
        ]

    def __str__(self) -> str:
        return f"@{self.user}"


class Notification(models.Model):
    """Something a person should know, written in the transaction of what it tells of."""

    class Kind(models.TextChoices):
        MENTIONED = "mentioned", "You are mentioned"
        ANSWERED = "answered", "An answer, or a remark on your work"
        RETURNED = "returned", "Work is sent back"
        GUIDELINE = "guideline", "A guideline is published"
        STANDING = "standing", "Your standing changed"
        BATCH = "batch", "A batch is decided"
        SKIPPED = "skipped", "An episode is skipped again and again"
        HANDED = "handed", "Episodes are given to you, or taken back"
        WEBHOOK = "webhook", "A webhook is paused"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    text = models.CharField(max_length=500)
    url = models.CharField(max_length=300, help_text="path of the page it leads to")
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True, help_text="taken into a digest")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"]),
            models.Index(
                fields=["user"], condition=models.Q(read_at=None), name="notification_unread"
            ),
            models.Index(
                fields=["user", "id"],
                condition=models.Q(read_at=None, mailed_at=None),
                name="notification_to_mail",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.text}"


class DigestChoice(models.Model):
    """How often somebody wants what they have not read by e-mail; without a row: daily."""

    class Every(models.TextChoices):
        OFF = "off", "Never"
        HOURLY = "hourly", "Every hour"
        DAILY = "daily", "Once a day"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    every = models.CharField(max_length=6, choices=Every, default=Every.DAILY)
    sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user}: {self.get_every_display().lower()}"
