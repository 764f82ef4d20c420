"""Which of the site's rooms a person's roles open."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from annotation.roles import Role, at_least, roles_of
from episodes.access import episode_access


def _rooms(request: HttpRequest) -> dict[str, bool]:
    user = request.user
    if not user.is_authenticated:
        return {"reviews": False, "imports": False}
    reviews = any(at_least(role, Role.REVIEWER) for role in roles_of(user).values())
    return {
        "reviews": user.is_superuser or reviews,
        "imports": episode_access().may_import(user),
    }


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Template context: ``navigation.reviews``, ``navigation.imports``; asked only when shown."""
    return {"navigation": SimpleLazyObject(lambda: _rooms(request))}
