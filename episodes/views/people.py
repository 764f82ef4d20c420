"""Whose page it is."""

from django.contrib.auth.models import User
from django.http import HttpRequest


def person(request: HttpRequest) -> User:
    """The logged-in person; LoginRequiredMiddleware lets nobody else reach a page."""
    if not isinstance(request.user, User):
        raise TypeError("A page was reached without a person.")
    return request.user
