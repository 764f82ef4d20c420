"""Whose labels lie beside each other, under which names, each label under an id of its own.

Labels that a recording brought along have the same id in everybody's set. Beside each other they
need different ones: of those that an earlier lane has too, the later gets one made of the set's id
and its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from uuid import UUID, uuid5

from annotation.labels.records import Label
from annotation.models import AnnotationSet
from review.selectors.sets import name_of


@dataclass(frozen=True)
class Lane:
    """One set under the name that the viewer may know it by."""

    annotation_set: AnnotationSet
    name: str
    labels: tuple[Label, ...]
    stored: Mapping[str, str]

    @property
    def id(self) -> str:
        return str(self.annotation_set.pk)

    @cached_property
    def shown(self) -> dict[str, str]:
        """The id in the lane by the stored one."""
        return {stored: shown for shown, stored in self.stored.items()}


def lanes_of(
    sets: Sequence[AnnotationSet],
    labels: Mapping[UUID, Sequence[Label]],
    names: Mapping[UUID, str],
) -> tuple[Lane, ...]:
    taken: set[str] = set()
    lanes = []
    for one in sets:
        own: list[Label] = []
        stored: dict[str, str] = {}
        for label in labels[one.pk]:
            shown = alias(one.pk, label.id) if label.id in taken else label.id
            stored[shown] = label.id
            own.append(replace(label, id=shown))
        taken |= stored.keys()
        lanes.append(Lane(one, names[one.pk], tuple(own), stored))
    return tuple(lanes)


def alias(set_id: UUID, label_id: str) -> str:
    return str(uuid5(set_id, label_id))


def stored_id(set_id: UUID, label_ids: Iterable[str], shown: str) -> str | None:
    """The id of the set's label that is called ``shown``; None when it has no such label."""
    for label_id in label_ids:
        if shown in (label_id, alias(set_id, label_id)):
            return label_id
    return None


def blind_names(item_id: int, sets: Sequence[AnnotationSet]) -> dict[UUID, str]:
    """Names that tell nothing, in an order that is another one for every episode."""
    drawn = sorted(sets, key=lambda one: _draw(item_id, one))
    return {one.pk: f"Annotator {number}" for number, one in enumerate(drawn, 1)}


def real_names(sets: Iterable[AnnotationSet]) -> dict[UUID, str]:
    return {one.pk: name_of(one) for one in sets}


def _draw(item_id: int, one: AnnotationSet) -> bytes:
    # By the assignment: another round of the same person keeps the name it had.
    text = f"lane:{item_id}:{one.assignment_id}"
    return blake2b(text.encode(), digest_size=8).digest()
