"""Stored labels as values."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from annotation.labels import records
from annotation.labels.schema import LabelSchema
from annotation.models import AnnotationSet, Label

# The fields of a record, in their order.
_VALUES = (
    *("id", "kind", "label_class", "start_ns", "end_ns", "effector", "text", "attributes"),
    *("uncertainty_ns", "source"),
)


def label_record(row: Label) -> records.Label:
    return records.Label(
        id=str(row.id),
        kind=records.Kind(row.kind),
        label_class=row.label_class,
        start_ns=row.start_ns,
        end_ns=row.end_ns,
        effector=row.effector,
        text=row.text,
        attributes=row.attributes,
        uncertainty_ns=row.uncertainty_ns,
        source=records.Source(row.source),
    )


def _record(row: Sequence[Any]) -> records.Label:
    pk, kind, label_class, start, end, effector, text, attributes, uncertainty, source = row
    return records.Label(
        str(pk), records.Kind(kind), label_class, start, end, effector, text, attributes,
        uncertainty, records.Source(source),
    )  # fmt: skip


def label_row(annotation_set: AnnotationSet, label: records.Label) -> Label:
    """An unsaved row of the set."""
    return Label(
        annotation_set=annotation_set,
        id=UUID(label.id),
        kind=label.kind.value,
        label_class=label.label_class,
        start_ns=label.start_ns,
        end_ns=label.end_ns,
        effector=label.effector,
        text=label.text,
        attributes=dict(label.attributes),
        uncertainty_ns=label.uncertainty_ns,
        source=label.source.value,
    )


def labels_of(annotation_set: AnnotationSet) -> tuple[records.Label, ...]:
    """The labels of one set, in time order."""
    rows = Label.objects.filter(annotation_set=annotation_set)
    return records.ordered(label_record(row) for row in rows)


def labels_by_set(sets: Iterable[AnnotationSet]) -> dict[UUID, tuple[records.Label, ...]]:
    """The labels of several sets in one query, by set id; sets without labels are there too."""
    return labels_by_id(one.pk for one in sets)


def labels_by_id(sets: Iterable[UUID]) -> dict[UUID, tuple[records.Label, ...]]:
    """The same by the sets' ids. Values, not rows of a model: these are read by the thousand."""
    found: dict[UUID, list[records.Label]] = {one: [] for one in sets}
    rows = Label.objects.filter(annotation_set__in=list(found)).order_by()
    for owner, *row in rows.values_list("annotation_set", *_VALUES):
        found[owner].append(_record(row))
    return {owner: records.ordered(own) for owner, own in found.items()}


def schema_of(annotation_set: AnnotationSet) -> LabelSchema:
    """The schema version the set was made under."""
    return schema_from_text(json.dumps(annotation_set.schema.definition))


@lru_cache(maxsize=32)
def schema_from_text(definition: str) -> LabelSchema:
    """A stored definition, read.

    Every save needs the schema, and reading it strictly costs more than the rest of a save's
    checks. The key is the whole text, so that no edit of a stored definition is ever missed.
    """
    return LabelSchema.from_json(json.loads(definition))
