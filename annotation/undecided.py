"""Decisions that are kept from who is to make them again: answered from above, by a class in
settings.

A reviewer decides some episodes twice without being told. Until they have, nothing may tell them
that the episode is decided, or how. Verdicts live in review, above this app, while its lists show
how far each episode is; so, as with ``annotation.seeding``, the app that knows provides a class of
this shape, and ``settings.TOUCHLINE_UNDECIDED`` names it.

``annotation.selectors.known`` is where everybody asks.
"""

from collections.abc import Collection
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.module_loading import import_string


class Undecided(Protocol):
    """Which episodes a person is to take for undecided."""

    def places(self, user: User) -> Collection[int]:
        """Their ids in the queues: a handful at most, of projects that the person reviews."""

    def news(self, user: User) -> QuerySet[Any]:
        """Where notifications lead that would tell the person of the decision: one column."""


@cache
def undecided() -> Undecided:
    found: Undecided = import_string(settings.TOUCHLINE_UNDECIDED)()
    return found
