"""Keys of programs that act for a person, and answers kept for requests sent twice."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone


class ApiToken(models.Model):
    """What a program shows instead of a log-in; only its digest is kept.

    It may do what its person may, within ``scopes``.
    """

    class Scope(models.TextChoices):
        READ = "read", "Read everything that you may see"
        LABEL = "label", "Take episodes, save and hand in labels"
        REVIEW = "review", "Decide on work in review"
        MANAGE = "manage", "Change projects, people and datasets"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=80, help_text="what it is for")
    hint = models.CharField(max_length=12, help_text="its first letters, to tell it by")
    digest = models.CharField(max_length=64, unique=True, help_text="sha256")
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="to the minute")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                condition=models.Q(revoked_at=None),
                name="token_name_once_a_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"

    @property
    def alive(self) -> bool:
        return self.revoked_at is None and (
            self.expires_at is None or self.expires_at > timezone.now()
        )


class IdempotentRequest(models.Model):
    """A request with an Idempotency-Key and how it was answered, kept for a day.

    ``status`` 0: it is being worked on.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="sha256 of method, path and body")
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    media_type = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_a_person")
        ]
        indexes = [models.Index(fields=["created_at"])]

    def __str__(self) -> str:
        return f"{self.key} of {self.user}"
