"""Keep how a person likes to work."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from annotation.errors import StalePreferences
from annotation.models import Preferences
from annotation.selectors.preferences import preferences_json


@transaction.atomic
def save_preferences(*, actor: User, base_version: int, values: dict[str, Any]) -> Preferences:
    """Replace the actor's own preferences, read at ``base_version``, by ``values``.

    Raises StalePreferences when another window was faster.
    """
    # The first save of two windows at once: one makes the row, the other finds it.
    Preferences.objects.get_or_create(user=actor)
    kept = Preferences.objects.select_for_update().get(user=actor)
    if kept.version != base_version:
        raise StalePreferences(
            "The preferences were changed in another window.",
            remedy="Start from the ones sent along and save again.",
            **preferences_json(kept),
        )
    kept.values = values
    kept.version += 1
    kept.save()
    return kept
