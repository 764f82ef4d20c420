"""Whose page it is."""

from django.contrib.auth.models import User
from django.http import HttpRequest

from episodes.access import asking_once


def person(request: HttpRequest) -> User:
    """The logged-in person; LoginRequiredMiddleware lets nobody else reach a page."""
    if not isinstance(request.user, User):
        raise TypeError("A page was reached without a person.")
    return request.user


def reader(request: HttpRequest) -> User:
    """The person of a page that only reads, for whom each thing is asked once."""
    return asking_once(person(request))
