"""What was recorded: datasets, episodes, streams, media, signals, and how they came in."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models

from episodes.access import Viewer, episode_access


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def visible_to(self, user: Viewer) -> Self:
        return self.filter(episode_access().datasets(user)).distinct()


class Dataset(models.Model):
    """A collection of episodes with one origin, one licence and one embodiment."""

    class Domain(models.TextChoices):
        REAL = "real", "Real"
        SIM = "sim", "Simulated"
        HUMAN = "human", "Human"
        UNKNOWN = "unknown", "Unknown"

    name = models.CharField(max_length=200, unique=True)
    format = models.CharField(max_length=40)
    format_version = models.CharField(max_length=40, blank=True)
    embodiment = models.CharField(max_length=120, blank=True, help_text="robot type of the source")
    domain = models.CharField(max_length=10, choices=Domain, default=Domain.UNKNOWN)
    licence = models.CharField(max_length=200, blank=True)
    source_path = models.TextField(help_text="folder the dataset was read from")
    fingerprint = models.CharField(
        max_length=64, help_text="sha256 over the source's metadata files"
    )
    source_metadata = models.JSONField(default=dict, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Task(models.Model):
    """The canonical instruction that an episode carries out."""

    text = models.CharField(max_length=500, unique=True)

    def __str__(self) -> str:
        return self.text


class EpisodeQuerySet(models.QuerySet["Episode"]):
    def visible_to(self, user: Viewer) -> Self:
        return self.filter(episode_access().episodes(user)).distinct()

    def ready(self) -> Self:
        return self.filter(state=Episode.State.READY)


class Episode(models.Model):
    """One recording from reset to reset. Its clock is integer ns from 0 to ``duration_ns``."""

    class State(models.TextChoices):
        IMPORTING = "importing", "Importing"
        READY = "ready", "Ready"
        QUARANTINED = "quarantined", "Quarantined"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="episodes")
    key = models.CharField(max_length=200, help_text="the episode's name in its source")
    index = models.PositiveIntegerField(help_text="place in the source's order, from 0")
    task = models.ForeignKey(Task, null=True, blank=True, on_delete=models.PROTECT)
    state = models.CharField(max_length=12, choices=State, default=State.IMPORTING)
    duration_ns = models.BigIntegerField()
    rows = models.PositiveIntegerField(help_text="rows of the source's step table")
    rate_num = models.PositiveIntegerField(help_text="nominal rate, numerator, Hz")
    rate_den = models.PositiveIntegerField(default=1)
    content_sha256 = models.CharField(max_length=64, help_text="over signals and media hashes")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EpisodeQuerySet.as_manager()

    class Meta:
        ordering = ["dataset", "index"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "key"], name="episode_key_once_a_dataset"),
            models.CheckConstraint(
                condition=models.Q(duration_ns__gt=0), name="episode_duration_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(rate_num__gt=0, rate_den__gt=0), name="episode_rate_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset} {self.key}"


class MediaAsset(models.Model):
    """A source video, immutable, stored once under its sha256; several episodes may share it."""

    sha256 = models.CharField(max_length=64, unique=True)
    path = models.CharField(max_length=500, help_text="relative to the data folder")
    size = models.BigIntegerField(help_text="bytes")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.sha256[:12]


class FrameIndex(models.Model):
    """The per-frame byte index of an asset; the rows themselves are a file named by ``path``."""

    asset = models.OneToOneField(MediaAsset, on_delete=models.CASCADE, related_name="frame_index")
    schema_version = models.PositiveSmallIntegerField(default=1)
    path = models.CharField(max_length=500, help_text="relative to the data folder")
    codec = models.CharField(max_length=60, help_text="WebCodecs codec string")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    rotation = models.PositiveSmallIntegerField(default=0, help_text="clockwise degrees to display")
    frames = models.PositiveIntegerField()
    max_gop = models.PositiveIntegerField(help_text="longest distance between key frames, frames")
    time_base_num = models.PositiveIntegerField()
    time_base_den = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"index of {self.asset}"


class Stream(models.Model):
    """A camera of an episode: a range of presentation positions in an asset, on its own clock."""

    class Role(models.TextChoices):
        EXTERNAL = "external", "External"
        WRIST = "wrist", "Wrist"
        EGOCENTRIC = "egocentric", "Egocentric"
        UNKNOWN = "unknown", "Unknown"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="streams")
    asset = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="streams")
    camera = models.CharField(max_length=120)
    source_key = models.CharField(max_length=200, help_text="feature name in the source")
    role = models.CharField(max_length=12, choices=Role, default=Role.UNKNOWN)
    position = models.PositiveSmallIntegerField(default=0, help_text="order in the layout")
    start_frame = models.PositiveIntegerField(help_text="first presentation position in the asset")
    frames = models.PositiveIntegerField()
    byte_start = models.BigIntegerField(help_text="first byte of the slice's packets")
    byte_end = models.BigIntegerField(help_text="one past the last byte")
    clock_offset_ns = models.BigIntegerField(default=0, help_text="stream clock to episode clock")
    sprite_path = models.CharField(max_length=500, blank=True)
    sprite = models.JSONField(default=dict, blank=True, help_text="layout of the filmstrip")

    class Meta:
        ordering = ["episode", "position"]
        constraints = [
            models.UniqueConstraint(fields=["episode", "camera"], name="camera_once_an_episode"),
            models.CheckConstraint(condition=models.Q(frames__gt=0), name="stream_has_frames"),
        ]

    def __str__(self) -> str:
        return self.camera


class Signal(models.Model):
    """A time series of an episode, kept as Arrow IPC: ``t_ns`` int64 and one column a dimension."""

    class Kind(models.TextChoices):
        STATE = "state", "State"
        ACTION = "action", "Action"
        GRIPPER = "gripper", "Gripper"
        END_EFFECTOR = "ee", "End effector"
        FORCE = "force", "Force"
        OTHER = "other", "Other"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="signals")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.OTHER)
    dimensions = models.JSONField(help_text="[{name, unit, group}], in column order")
    samples = models.PositiveIntegerField()
    path = models.CharField(max_length=500, help_text="relative to the data folder")

    class Meta:
        ordering = ["episode", "name"]
        constraints = [
            models.UniqueConstraint(fields=["episode", "name"], name="signal_once_an_episode")
        ]

    def __str__(self) -> str:
        return self.name


class ImportRun(models.Model):
    """One attempt to bring a dataset in, with an item an episode."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source_path = models.TextField()
    source_stamp = models.CharField(
        max_length=64, blank=True, help_text="sha256 over names, sizes and times of its files"
    )
    dataset_name = models.CharField(max_length=200)
    format = models.CharField(max_length=40, blank=True)
    dataset = models.ForeignKey(Dataset, null=True, blank=True, on_delete=models.SET_NULL)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
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
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    reason_code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    remedy = models.TextField(blank=True)
    episode = models.ForeignKey(Episode, null=True, blank=True, on_delete=models.SET_NULL)
    attempts = models.PositiveSmallIntegerField(default=0)
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
