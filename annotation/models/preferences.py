"""How a person likes to work: kept for them on whatever machine they sit at."""

from django.conf import settings
from django.db import models


class Preferences(models.Model):
    """A person's language, keys and arrangements.

    The shape of ``values`` is that of the API's request.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    values = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"preferences of {self.user_id}, version {self.version}"
