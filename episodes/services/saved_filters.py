"""Filters that people keep under a name."""

from django.contrib.auth.models import User
from django.db import transaction

from episodes.errors import FilterUnknown, TooManyFilters
from episodes.models import SavedFilter
from episodes.selectors.filters import EpisodeFilter

MOST_SAVED = 50


@transaction.atomic
def save_filter(*, actor: User, name: str, wanted: EpisodeFilter) -> SavedFilter:
    """Keep a filter; one of the same name is replaced. Raises TooManyFilters."""
    # Two tabs that save at once are counted one after the other.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    others = SavedFilter.objects.filter(owner=actor).exclude(name=name)
    if others.count() >= MOST_SAVED:
        raise TooManyFilters(
            f"You have {MOST_SAVED} saved filters already.",
            remedy="Delete one that you no longer need.",
        )
    saved, _ = SavedFilter.objects.update_or_create(
        owner=actor, name=name, defaults={"query": wanted.to_query()}
    )
    return saved


def delete_filter(*, actor: User, filter_id: int) -> str:
    """The name it had. Raises FilterUnknown for what is not there or somebody else's."""
    saved = SavedFilter.objects.filter(owner=actor, pk=filter_id).first()
    if saved is None:
        raise FilterUnknown(
            "There is no such filter of yours.", remedy="It may be deleted already."
        )
    saved.delete()
    return saved.name
