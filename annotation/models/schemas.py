"""Versioned taxonomies that labels are made under."""

from django.conf import settings
from django.db import models


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


class SchemaDraft(models.Model):
    """A definition that a manager is at work on: theirs alone, and gone once it is stored.

    ``version`` counts its changes, so that two tabs do not overwrite each other.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="schema_drafts"
    )
    based_on = models.ForeignKey(
        LabelSchema, null=True, blank=True, on_delete=models.SET_NULL, related_name="drafts"
    )
    definition = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-changed_at"]

    def __str__(self) -> str:
        return f"{self.definition.get('name')} v{self.definition.get('version')}, a draft"
