"""Who may see which episode: a policy from above, named in settings as authentication backends are.

The episodes app stands at the bottom and knows no projects; the app that does provides a class
of this shape, and ``settings.TOUCHLINE_EPISODE_ACCESS`` names it.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model, Q
from django.utils.module_loading import import_string

Viewer = User | AnonymousUser
Answer = TypeVar("Answer")
_ASKED = "asked_once"


class EpisodeAccess(Protocol):
    """Conditions on the episodes app's own tables; an anonymous viewer sees nothing."""

    def episodes(self, user: Viewer) -> Q:
        """The condition on Episode that holds for what ``user`` may see."""

    def all_episodes(self, user: Viewer) -> Q:
        """The same condition, for a query that goes through all of them and not row by row."""

    def datasets(self, user: Viewer) -> Q:
        """The condition on Dataset that holds for what ``user`` may see."""

    def may_import(self, user: Viewer) -> bool:
        """Whether ``user`` may bring recordings in."""

    def changeable_episodes(self, user: Viewer) -> Q:
        """The condition on Episode that holds for those whose facts ``user`` may change."""

    def changeable_datasets(self, user: Viewer) -> Q:
        """The condition on Dataset that holds for those whose facts ``user`` may change."""

    def record(
        self, *, actor: User, action: str, subjects: Sequence[Model], facts: dict[str, Any]
    ) -> None:
        """Note in the audit trail who did what to which records; call it in the transaction."""


def asking_once(user: User) -> User:
    """The person of a page that only reads: what they may is asked once, not by each selector.

    Services never see such a person: a change could make the answer untrue.
    """
    if not hasattr(user, _ASKED):
        setattr(user, _ASKED, {})
    return user


def asked(user: Viewer, question: str, ask: Callable[[], Answer]) -> Answer:
    """What ``ask`` answers, remembered for the page of a person who is ``asking_once``."""
    answers = getattr(user, _ASKED, None)
    if answers is None:
        return ask()
    if question not in answers:
        answers[question] = ask()
    found: Answer = answers[question]
    return found


@cache
def episode_access() -> EpisodeAccess:
    policy: EpisodeAccess = import_string(settings.TOUCHLINE_EPISODE_ACCESS)()
    return policy
