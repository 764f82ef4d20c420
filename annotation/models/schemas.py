"""Versioned taxonomies that labels are made under."""

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
