"""A schema changed piece by piece: what the editor page does to a definition. Pure.

Each function gives a new definition; what others of it name is let go of or refused in words, so
that a definition read by ``LabelSchema.from_json`` can be read again after any of them.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TypeVar

from annotation.labels.reading import SchemaMalformed
from annotation.labels.schema import (
    MAX_ID,
    Attribute,
    AttributeType,
    Condition,
    LabelClass,
    LabelSchema,
)

UP, DOWN = -1, 1
# What an address can carry and a person can read.
_ID = re.compile(r"[A-Za-z0-9_-]+")
_Item = TypeVar("_Item", LabelClass, Attribute)


def id_for(name: str, taken: Collection[str]) -> str:
    """A free id that resembles the name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[: MAX_ID - 4] or "item"
    number, found = 1, stem
    while found in taken:
        number += 1
        found = f"{stem}_{number}"
    return found


def require_plain_ids(schema: LabelSchema) -> None:
    """Raises SchemaMalformed for ids that have no page of their own."""
    every = [
        *schema.class_by_id,
        *(attribute.id for item in schema.classes for attribute in item.attributes),
    ]
    for name in every:
        if not _ID.fullmatch(name):
            raise SchemaMalformed(
                f"The id {name} has other characters than letters, digits, - and _.",
                remedy="Give it another id in the file.",
                field="schema.classes",
            )


def put_class(schema: LabelSchema, item: LabelClass) -> LabelSchema:
    """In the place of the class with its id; a new one comes after the last of its kind."""
    if item.id in schema.class_by_id:
        classes = tuple(item if one.id == item.id else one for one in schema.classes)
        return replace(schema, classes=classes)
    before = [place for place, one in enumerate(schema.classes) if one.kind == item.kind]
    at = before[-1] + 1 if before else len(schema.classes)
    return replace(schema, classes=(*schema.classes[:at], item, *schema.classes[at:]))


def drop_class(schema: LabelSchema, class_id: str) -> LabelSchema:
    """Others no longer follow it and no longer lead to it."""
    kept = (one for one in schema.classes if one.id != class_id)
    classes = tuple(
        replace(
            one,
            follows="" if one.follows == class_id else one.follows,
            next="" if one.next == class_id else one.next,
        )
        for one in kept
    )
    return replace(schema, classes=classes)


def move_class(schema: LabelSchema, class_id: str, by: int) -> LabelSchema:
    """Past its neighbour of the same kind; at the end of its kind it stays."""
    item = schema.class_by_id[class_id]
    same = iter(_moved(schema.classes_of(item.kind), class_id, by))
    classes = tuple(next(same) if one.kind == item.kind else one for one in schema.classes)
    return replace(schema, classes=classes)


def put_attribute(item: LabelClass, attribute: Attribute) -> LabelClass:
    """In the place of the field with its id, or last. Raises SchemaMalformed."""
    here = any(one.id == attribute.id for one in item.attributes)
    attributes = (
        tuple(attribute if one.id == attribute.id else one for one in item.attributes)
        if here
        else (*item.attributes, attribute)
    )
    return _with(item, attributes)


def drop_attribute(item: LabelClass, attribute_id: str) -> LabelClass:
    """Raises SchemaMalformed when another field depends on it."""
    return _with(item, tuple(one for one in item.attributes if one.id != attribute_id))


def move_attribute(item: LabelClass, attribute_id: str, by: int) -> LabelClass:
    """Raises SchemaMalformed where a field would come before the one that it depends on."""
    return _with(item, _moved(item.attributes, attribute_id, by))


def _moved(items: Sequence[_Item], item_id: str, by: int) -> tuple[_Item, ...]:
    found = list(items)
    at = next(place for place, one in enumerate(found) if one.id == item_id)
    to = min(max(at + by, 0), len(found) - 1)
    found.insert(to, found.pop(at))
    return tuple(found)


def _with(item: LabelClass, attributes: tuple[Attribute, ...]) -> LabelClass:
    before: dict[str, Attribute] = {}
    for attribute in attributes:
        for condition in (attribute.required_when, attribute.shown_when):
            if condition is not None:
                _refuse_broken(attribute, condition, before.get(condition.attribute))
        before[attribute.id] = attribute
    return replace(item, attributes=attributes)


def _refuse_broken(attribute: Attribute, condition: Condition, other: Attribute | None) -> None:
    if other is None or other.per:
        raise SchemaMalformed(
            f"The field {attribute.name} depends on the field {condition.attribute}, which has to "
            "stand before it and to have one value a label.",
            remedy=f"Change when {attribute.name} is asked first.",
            field=f"attributes.{attribute.id}",
        )
    if other.type != AttributeType.CHOICE:
        return
    gone = set(condition.values) - {choice.id for choice in other.choices}
    if gone:
        raise SchemaMalformed(
            f"The field {attribute.name} depends on {other.name} being "
            f"{', '.join(sorted(map(str, gone)))}, which is not among its choices.",
            remedy=f"Change when {attribute.name} is asked first.",
            field=f"attributes.{attribute.id}",
        )
