"""Change what is written about a dataset: licence, provenance, consent, domain."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from episodes.access import episode_access
from episodes.models import Dataset
from episodes.selectors.datasets import require_changeable

EDITABLE = ("domain", "licence", "consent", "provenance")


@transaction.atomic
def change_dataset(*, actor: User, dataset_id: int, facts: dict[str, Any]) -> Dataset:
    """``facts`` by name of EDITABLE. Episodes of a withdrawn consent are handed out no more.

    Raises ChangeNotAllowed.
    """
    dataset = Dataset.objects.select_for_update(no_key=True).get(pk=dataset_id)
    require_changeable(actor, dataset)
    changed = {
        name: [getattr(dataset, name), facts[name]]
        for name in EDITABLE
        if name in facts and getattr(dataset, name) != facts[name]
    }
    if changed:
        for name, (_before, after) in changed.items():
            setattr(dataset, name, after)
        dataset.save(update_fields=list(changed))
        episode_access().record(
            actor=actor, action="dataset.changed", subjects=[dataset], facts=changed
        )
    return dataset
