"""What an episode consists of: videos with their frame indexes, cameras, signals."""

import uuid

from django.db import models

from episodes.models.recordings import Episode


class MediaAsset(models.Model):
    """A source video, immutable, known by its sha256; several episodes may share it.

    It is copied into the storage, or stays where it was recorded and is referred to.
    """

    class Place(models.TextChoices):
        STORED = "stored", "In Touchline's storage"
        REFERENCE = "reference", "Where it was imported from"

    place = models.CharField(max_length=10, choices=Place, default=Place.STORED)
    sha256 = models.CharField(max_length=64, unique=True)
    path = models.CharField(
        max_length=1000, help_text="in the storage; of a reference the whole path"
    )
    size = models.BigIntegerField(help_text="bytes")
    modified_ns = models.BigIntegerField(
        null=True, blank=True, help_text="of a reference: its time of change when it was hashed"
    )
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


class Proxy(models.Model):
    """What the editor shows of a video whose key frames lie far apart: its pictures, coded anew.

    Positions and PTS are those of the source. It can be removed and made again; ``error`` says
    why there is none, and the source is shown then.
    """

    source = models.OneToOneField(MediaAsset, on_delete=models.CASCADE, related_name="proxy")
    # Two sources with the same pictures have one proxy.
    asset = models.ForeignKey(
        MediaAsset, null=True, blank=True, on_delete=models.SET_NULL, related_name="stands_for"
    )
    error = models.CharField(max_length=500, blank=True)
    remedy = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name_plural = "proxies"

    def __str__(self) -> str:
        return f"proxy of {self.source}"


class Stream(models.Model):
    """A camera of an episode: a range of presentation positions in an asset, on its own clock."""

    class Role(models.TextChoices):
        EXTERNAL = "external", "External"
        WRIST = "wrist", "Wrist"
        EGOCENTRIC = "egocentric", "Egocentric"
        UNKNOWN = "unknown", "Unknown"

    class Modality(models.TextChoices):
        RGB = "rgb", "Colour"
        DEPTH = "depth", "Depth"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="streams")
    asset = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="streams")
    camera = models.CharField(max_length=120)
    source_key = models.CharField(max_length=200, help_text="feature name in the source")
    role = models.CharField(max_length=12, choices=Role, default=Role.UNKNOWN)
    modality = models.CharField(max_length=6, choices=Modality, default=Modality.RGB)
    depth_unit_m = models.FloatField(
        null=True, blank=True, help_text="metres a unit of a depth picture"
    )
    assembled = models.BooleanField(
        default=False, help_text="the video was made of the source's single pictures"
    )
    paced = models.BooleanField(
        default=True, help_text="frame i belongs to row i of the step table"
    )
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
        IMU = "imu", "Inertial"
        TACTILE = "tactile", "Tactile"
        AUDIO = "audio", "Audio"
        HAND_POSE = "hand_pose", "Hand pose"
        OTHER = "other", "Other"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="signals")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.OTHER)
    dimensions = models.JSONField(help_text="[{name, unit, group}], in column order")
    samples = models.PositiveIntegerField()
    start_ns = models.BigIntegerField(default=0, help_text="first sample, episode clock")
    end_ns = models.BigIntegerField(default=0, help_text="last sample, episode clock")
    path = models.CharField(max_length=500, help_text="relative to the data folder")

    class Meta:
        ordering = ["episode", "name"]
        constraints = [
            models.UniqueConstraint(fields=["episode", "name"], name="signal_once_an_episode")
        ]

    def __str__(self) -> str:
        return self.name
