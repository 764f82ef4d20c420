"""Which of the site's rooms a person's roles open."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from annotation.models import Membership
from episodes.access import episode_access


def _rooms(request: HttpRequest) -> dict[str, bool]:
    user = request.user
    if not user.is_authenticated:
        return {"reviews": False, "imports": False}
    reviewing = (Membership.Role.REVIEWER, Membership.Role.MANAGER)
    return {
        "reviews": user.is_superuser or user.memberships.filter(role__in=reviewing).exists(),
        "imports": episode_access().may_import(user),
    }


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Template context: ``navigation.reviews``, ``navigation.imports``; asked only when shown."""
    return {"navigation": SimpleLazyObject(lambda: _rooms(request))}
