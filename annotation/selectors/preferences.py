"""How a person likes to work."""

from typing import Any

from django.contrib.auth.models import User

from annotation.models import Preferences


def preferences_of(user: User) -> Preferences:
    """What the person chose; version 0 and nothing chosen when they never did."""
    kept = Preferences.objects.filter(user=user).first()
    return kept or Preferences(user=user)


def preferences_json(kept: Preferences) -> dict[str, Any]:
    return {"version": kept.version, "values": kept.values}
