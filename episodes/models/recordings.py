"""Datasets, tasks and episodes: what was recorded, where, by whom, and may it be used."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from episodes.access import Viewer, episode_access
from episodes.models.embodiments import Embodiment


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def visible_to(self, user: Viewer) -> Self:
        return self.filter(episode_access().datasets(user))


class Dataset(models.Model):
    """A collection of episodes with one origin, one licence and one embodiment."""

    class Domain(models.TextChoices):
        REAL = "real", "Real"
        SIM = "sim", "Simulated"
        HUMAN = "human", "Human"
        UNKNOWN = "unknown", "Unknown"

    class Consent(models.TextChoices):
        UNKNOWN = "unknown", "Unknown"
        GIVEN = "given", "Given by everyone shown"
        NOT_NEEDED = "not_needed", "Nobody is shown"
        WITHDRAWN = "withdrawn", "Withdrawn"

    name = models.CharField(max_length=200, unique=True)
    format = models.CharField(max_length=40)
    format_version = models.CharField(max_length=40, blank=True)
    robot_type = models.CharField(max_length=120, blank=True, help_text="in the source's words")
    embodiment = models.ForeignKey(
        Embodiment, null=True, blank=True, on_delete=models.PROTECT, related_name="datasets"
    )
    domain = models.CharField(max_length=10, choices=Domain, default=Domain.UNKNOWN)
    licence = models.CharField(max_length=200, blank=True)
    provenance = models.TextField(blank=True, help_text="who recorded it, where, how it got here")
    consent = models.CharField(max_length=12, choices=Consent, default=Consent.UNKNOWN)
    source_path = models.TextField(help_text="folder the dataset was read from")
    fingerprint = models.CharField(
        max_length=64, help_text="sha256 over the source's metadata files"
    )
    source_metadata = models.JSONField(default=dict, blank=True)
    answers = models.JSONField(
        default=dict, blank=True, help_text="what the files do not say, by question"
    )
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
    """The canonical instruction that an episode carries out.

    ``goals``: its predicates, true or not at the end, each ``{"id", "text"}``; labels answer them
    by id. ``things``: what it is about, each by its full name. ``phrases``: the atomic instructions
    that usually carry it out, in their order; ``{0}`` stands for the first of the things.
    """

    text = models.CharField(max_length=500, unique=True)
    goals = models.JSONField(default=list, blank=True)
    things = models.JSONField(default=list, blank=True)
    phrases = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return self.text


class EpisodeQuerySet(models.QuerySet["Episode"]):
    def visible_to(self, user: Viewer) -> Self:
        return self.filter(episode_access().episodes(user))

    def ready(self) -> Self:
        return self.filter(state=Episode.State.READY)

    def to_hand_out(self) -> Self:
        """Ready, not held for its clocks, and of people who still agree to it."""
        withdrawn = Dataset.objects.filter(consent=Dataset.Consent.WITHDRAWN)
        return self.ready().filter(held=False).exclude(dataset__in=withdrawn)


class Episode(models.Model):
    """One recording from reset to reset. Its clock is integer ns from 0 to ``duration_ns``."""

    class State(models.TextChoices):
        IMPORTING = "importing", "Importing"
        READY = "ready", "Ready"
        QUARANTINED = "quarantined", "Quarantined"

    class Sync(models.TextChoices):
        """The sync report's verdict; unknown was measured and could not be told."""

        UNMEASURED = "unmeasured", "Not measured yet"
        GREEN = "green", "In step"
        AMBER = "amber", "Look at it"
        RED = "red", "Out of step"
        UNKNOWN = "unknown", "Unknown"

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
    content_recipe = models.PositiveSmallIntegerField(
        default=0, help_text="how content_sha256 was computed; 0: not written down then"
    )
    scene = models.CharField(max_length=120, blank=True)
    things = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, help_text="objects in the scene"
    )
    operator = models.CharField(max_length=120, blank=True)
    session = models.CharField(max_length=120, blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    sync = models.CharField(max_length=10, choices=Sync, default=Sync.UNMEASURED)
    held = models.BooleanField(
        default=False, help_text="not handed out to annotators until a manager decides"
    )
    search = SearchVectorField(null=True, editable=False, help_text="instruction, key and facts")
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
        indexes = [
            GinIndex(fields=["search"], name="episode_search"),
            GinIndex(fields=["tags"], name="episode_tags"),
            GinIndex(fields=["things"], name="episode_things"),
            models.Index(fields=["task"], name="episode_task"),
            models.Index(fields=["sync"], name="episode_sync"),
            # With what lists filter by most: they are walked without the wide rows.
            models.Index(
                fields=["-created_at", "id"],
                include=["dataset", "sync", "held", "state"],
                name="episode_newest",
            ),
            # With what a dataset's totals are made of.
            models.Index(
                fields=["dataset", "index", "id"],
                include=["rows", "duration_ns"],
                name="episode_in_order",
            ),
            models.Index(fields=["scene"], name="episode_scene"),
            models.Index(fields=["operator"], name="episode_operator"),
            models.Index(fields=["session"], name="episode_session"),
            models.Index(
                fields=["-created_at", "id"], condition=models.Q(held=True), name="episode_held"
            ),
            # Few are: without it each look for them would read them all.
            models.Index(
                fields=["-created_at", "id"],
                condition=~models.Q(state="ready"),
                name="episode_not_ready",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset} {self.key}"


class FoundLabel(models.Model):
    """A label that the dataset brought along: kept as it is, offered to annotators as a draft."""

    class Kind(models.TextChoices):
        INSTANT = "instant", "Instant"
        SEGMENT = "segment", "Segment"
        SPAN = "span", "Span"
        OUTCOME = "outcome", "Outcome"
        TAG = "tag", "Tag"

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="found_labels")
    position = models.PositiveIntegerField(help_text="order in the source")
    kind = models.CharField(max_length=8, choices=Kind)
    label_class = models.CharField(max_length=80, help_text="the source's own word")
    origin = models.CharField(max_length=120, help_text="field of the source")
    start_ns = models.BigIntegerField(null=True, blank=True)
    end_ns = models.BigIntegerField(null=True, blank=True)
    text = models.CharField(max_length=500, blank=True)
    effector = models.CharField(max_length=80, blank=True, help_text="the source's own word")
    attributes = models.JSONField(default=dict, blank=True, help_text="what else the source says")
    uncertainty_ns = models.PositiveBigIntegerField(default=0, help_text="plus or minus, in ns")

    class Meta:
        ordering = ["episode", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "position"], name="found_label_once_an_episode"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["outcome", "tag"]) | models.Q(start_ns__isnull=False),
                name="found_label_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label_class} ({self.origin})"


class SavedFilter(models.Model):
    """A person's filter over episodes, as the query of its address."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters"
    )
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["owner", "name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_filter_once_a_person")
        ]

    def __str__(self) -> str:
        return self.name
