"""Decided episodes that their reviewer is to decide again (see annotation.undecided)."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import User
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from review.selectors.batches import open_repeats


class HiddenRepeats:
    """What was drawn to be decided a second time, until it is."""

    def places(self, user: User) -> Collection[int]:
        return set(open_repeats(user).values_list("item__project_episode", flat=True))

    def news(self, user: User) -> QuerySet[Any]:
        """That their batch was signed off. Asked at every page, and so within its own query."""
        before, after = reverse("batch-detail", args=[0]).rsplit("0", 1)
        batch = Cast("item__batch_id", CharField())
        address = Concat(Value(before), batch, Value(after))
        return open_repeats(user).annotate(address=address).values("address")
