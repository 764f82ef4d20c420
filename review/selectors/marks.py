"""What reviewers said of single labels, as it stands: nothing superseded, nothing taken back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from annotation.labels.records import Label
from annotation.labels.schema import LabelSchema
from annotation.services.return_for_rework import Point
from review.models import BatchItem, LabelVerdict, ReviewRepeat

Word = LabelVerdict.Word

# What an annotator reads in the list of a rework.
_SAID = {
    Word.WRONG_TIME: "the time is not right",
    Word.WRONG_CLASS: "the class is not right",
    Word.MISSING: "it is missing",
    Word.EXTRA: "there is nothing to mark here",
    Word.NOT_VISIBLE: "it cannot be seen in the picture",
}


def marks_of(item: BatchItem, repeat: ReviewRepeat | None = None) -> QuerySet[LabelVerdict]:
    """Those that stand, in the order they were given; of a repeat only its own."""
    return last_words(item, repeat).exclude(verdict=Word.WITHDRAWN)


def last_words(item: BatchItem, repeat: ReviewRepeat | None = None) -> QuerySet[LabelVerdict]:
    """The last word on each label, those taken back included: a next one supersedes it."""
    return (
        LabelVerdict.objects.filter(item=item, repeat=repeat, superseded_by=None)
        .select_related("reviewer")
        .order_by("pk")
    )


def last_mark(
    item: BatchItem,
    repeat: ReviewRepeat | None,
    annotation_set_id: UUID,
    label_id: UUID | None,
    at_ns: int | None,
) -> LabelVerdict | None:
    """The latest word on a label, also one that was taken back."""
    return (
        last_words(item, repeat)
        .filter(
            annotation_set=annotation_set_id,
            label_id=label_id,
            **({} if label_id else {"at_ns": at_ns}),
        )
        .last()
    )


def mark_json(mark: LabelVerdict, shown: Mapping[UUID, Mapping[str, str]]) -> dict[str, Any]:
    """``shown`` gives the id of a stored label in the lanes, by set and stored id."""
    label_id = str(mark.label_id) if mark.label_id else None
    return {
        "id": mark.pk,
        "set": str(mark.annotation_set_id),
        "label_id": _shown(mark, label_id, shown),
        "at_ns": mark.at_ns,
        "verdict": mark.verdict,
        "comment": mark.comment,
        "by": mark.reviewer.get_full_name() or mark.reviewer.username,
    }


def _shown(
    mark: LabelVerdict, label_id: str | None, shown: Mapping[UUID, Mapping[str, str]]
) -> str | None:
    if label_id is None:
        return None
    if mark.verdict == Word.MISSING:
        # A label of another lane; its own set has none.
        others = (names for pk, names in shown.items() if pk != mark.annotation_set_id)
        return next((names[label_id] for names in others if label_id in names), label_id)
    return shown.get(mark.annotation_set_id, {}).get(label_id, label_id)


def points_of(
    marks: Iterable[LabelVerdict], labels: Sequence[Label], schema: LabelSchema
) -> list[Point]:
    """The rework's list: what is not right, in the order of time, the whole episode first.

    ``labels`` are those of every lane, under the ids they are stored with.
    """
    by_id = {label.id: label for label in labels}
    wrong = [mark for mark in marks if mark.verdict in _SAID]
    wrong.sort(key=lambda mark: (-1 if mark.at_ns is None else mark.at_ns, mark.pk))
    return [_point(mark, by_id, schema) for mark in wrong]


def _point(mark: LabelVerdict, by_id: Mapping[str, Label], schema: LabelSchema) -> Point:
    label = by_id.get(str(mark.label_id))
    missing = mark.verdict == Word.MISSING
    return Point(
        text=f"{_naming(label, schema)}: {_SAID[Word(mark.verdict)]}.",
        finding=mark.verdict,
        at_ns=mark.at_ns,
        # The other annotator's label is nothing that this one could find.
        label_id=None if missing else mark.label_id,
        comment=mark.comment,
    )


def _naming(label: Label | None, schema: LabelSchema) -> str:
    if label is None:
        return "A label"
    known = schema.class_by_id.get(label.label_class)
    name = known.name if known else label.label_class
    return f"{name} “{label.text}”" if label.text else name


def words_of(points: Sequence[Point]) -> str:
    """The list as a comment, for where no list is shown: mails, the history of verdicts."""
    lines = []
    for one in points:
        where = "whole episode" if one.at_ns is None else f"{one.at_ns / 1e9:.3f} s"
        lines.append(f"{where}: {one.text}" + (f" {one.comment}" if one.comment else ""))
    return "\n".join(lines)
