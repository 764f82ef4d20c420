"""Change what is written about episodes: tags, holding back, facts. Each leaves its trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import CharField, F, Func, QuerySet, Value
from django.utils import timezone

from episodes.access import episode_access
from episodes.errors import ChangeNotAllowed, TooManyEpisodes
from episodes.models import Episode, SyncReport
from episodes.selectors.episodes import changeable
from episodes.services.search import index_search

# What one request may change: seconds of work, and as far as lists count.
MOST_AT_ONCE = 10_000
MAX_TAGS = 20


@dataclass(frozen=True, slots=True)
class Changed:
    """How many episodes were changed, were so already, or are not the person's to change."""

    changed: int
    already: int
    refused: int


def require_may_change(actor: User) -> None:
    """Raises ChangeNotAllowed to who manages nothing."""
    if not episode_access().may_import(actor):
        raise ChangeNotAllowed(
            "Changing episodes is a manager's work.",
            remedy="Ask a manager of the project.",
        )


def refuse_too_many(count: int) -> None:
    """Raises TooManyEpisodes."""
    if count > MOST_AT_ONCE:
        raise TooManyEpisodes(
            f"More than {MOST_AT_ONCE:,} episodes are not changed at once.",
            remedy="Narrow the filter, for example to one dataset, and go on in parts.",
        )


def tag_episodes(*, actor: User, episodes: QuerySet[Episode], tag: str) -> Changed:
    """Raises ChangeNotAllowed, TooManyEpisodes."""
    added = Func(
        F("tags"), Value(tag), function="array_append", output_field=ArrayField(CharField())
    )
    with transaction.atomic():
        mine, found = _locked(actor, episodes)
        fresh = [one for one in mine if tag not in one.tags and len(one.tags) < MAX_TAGS]
        _write(actor, fresh, "episode.tagged", {"tag": tag}, tags=added)
    return Changed(len(fresh), len(mine) - len(fresh), found - len(mine))


def untag_episodes(*, actor: User, episodes: QuerySet[Episode], tag: str) -> Changed:
    """Raises ChangeNotAllowed, TooManyEpisodes."""
    left = Func(
        F("tags"), Value(tag), function="array_remove", output_field=ArrayField(CharField())
    )
    with transaction.atomic():
        mine, found = _locked(actor, episodes)
        tagged = [one for one in mine if tag in one.tags]
        _write(actor, tagged, "episode.untagged", {"tag": tag}, tags=left)
    return Changed(len(tagged), len(mine) - len(tagged), found - len(mine))


def hold_episodes(*, actor: User, episodes: QuerySet[Episode], held: bool) -> Changed:
    """Hold back from annotators, or release to them; work that has begun goes on.

    The sync report keeps the decision, so that a later measurement does not undo it.
    Raises ChangeNotAllowed, TooManyEpisodes.
    """
    decision = SyncReport.Decision.HELD if held else SyncReport.Decision.RELEASED
    with transaction.atomic():
        mine, found = _locked(actor, episodes)
        other = [one for one in mine if one.held != held]
        _write(actor, other, "episode.held" if held else "episode.released", {}, held=held)
        SyncReport.objects.filter(episode__in=[one.pk for one in other]).update(
            decision=decision,
            decided_by=actor,
            decided_at=timezone.now(),
            reason="Decided from the episode list.",
        )
    return Changed(len(other), len(mine) - len(other), found - len(mine))


@transaction.atomic
def change_facts(*, actor: User, episode_id: UUID, facts: dict[str, Any]) -> Episode:
    """Set scene, things, operator, session or tags of one episode. Raises ChangeNotAllowed."""
    mine, _ = _locked(actor, Episode.objects.filter(pk=episode_id))
    if not mine:
        raise ChangeNotAllowed(
            "The facts of this episode are not yours to change.",
            remedy="Ask the dataset's owner, or a manager of a project it is in.",
        )
    (episode,) = mine
    changed = {
        name: [getattr(episode, name), value]
        for name, value in facts.items()
        if getattr(episode, name) != value
    }
    if changed:
        new = {name: after for name, (_before, after) in changed.items()}
        _write(actor, [episode], "episode.changed", changed, **new)
    return episode


def _locked(actor: User, episodes: QuerySet[Episode]) -> tuple[list[Episode], int]:
    """The episodes that ``actor`` may change, locked, and how many were asked for."""
    require_may_change(actor)
    ids = list(episodes.order_by().values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    refuse_too_many(len(ids))
    # By id, so that two people who change the same episodes wait and do not deadlock.
    mine = changeable(actor, Episode.objects.filter(pk__in=ids)).order_by("pk")
    locked = mine.select_for_update(no_key=True, of=("self",)).defer("search")
    return list(locked), len(ids)


def _write(
    actor: User, episodes: Sequence[Episode], action: str, facts: dict[str, Any], **new: Any
) -> None:
    if not episodes:
        return
    ids = [one.pk for one in episodes]
    Episode.objects.filter(pk__in=ids).update(**new)
    if set(new) != {"held"}:
        index_search(episodes=ids)
    episode_access().record(actor=actor, action=action, subjects=episodes, facts=facts)
