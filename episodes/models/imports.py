"""How recordings came in: imports, their items, uploads."""

import uuid

from django.conf import settings
from django.db import models

from episodes.models.recordings import Dataset, Episode


class ImportRun(models.Model):
    """One attempt to bring a dataset in, with an item an episode."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    class Mode(models.TextChoices):
        COPY = "copy", "Copy the videos"
        REFERENCE = "reference", "Leave the videos where they are"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source_path = models.TextField()
    source_stamp = models.CharField(
        max_length=64, blank=True, help_text="sha256 over names, sizes and times of its files"
    )
    dataset_name = models.CharField(max_length=200)
    format = models.CharField(max_length=40, blank=True)
    dataset = models.ForeignKey(Dataset, null=True, blank=True, on_delete=models.SET_NULL)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.COPY)
    answers = models.JSONField(default=dict, blank=True, help_text="by question")
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    remedy = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"import of {self.dataset_name}"


class ImportItem(models.Model):
    """One episode of an import: done, already there, or quarantined with its reason."""

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Imported"
        SKIPPED = "skipped", "Already imported"
        QUARANTINED = "quarantined", "Quarantined"

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="items")
    key = models.CharField(max_length=200)
    position = models.PositiveIntegerField()
    frames = models.PositiveIntegerField(
        default=0, help_text="as the source lists it; 0 where only reading the episode tells"
    )
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    remedy = models.TextField(blank=True)
    episode = models.ForeignKey(Episode, null=True, blank=True, on_delete=models.SET_NULL)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(
        null=True, blank=True, help_text="when a failed try may be repeated"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="import_item_once_a_run")
        ]
        indexes = [models.Index(fields=["run", "state"])]

    def __str__(self) -> str:
        return self.key


class Upload(models.Model):
    """An archive on its way in: whole, verified chunks only, so that a cut-off upload can go on."""

    class State(models.TextChoices):
        RECEIVING = "receiving", "Receiving"
        CHECKING = "checking", "Unpacking"
        ASKING = "asking", "Waiting for answers"
        COMPLETE = "complete", "Complete"
        REFUSED = "refused", "Refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    filename = models.CharField(max_length=255)
    size = models.BigIntegerField(help_text="bytes announced")
    received = models.BigIntegerField(default=0, help_text="bytes stored and verified")
    sha256 = models.CharField(max_length=64, blank=True, help_text="as announced by the sender")
    dataset_name = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVING)
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    remedy = models.TextField(blank=True)
    run = models.ForeignKey(ImportRun, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(received__gte=0, received__lte=models.F("size")),
                name="upload_received_within_size",
            )
        ]

    def __str__(self) -> str:
        return self.filename
