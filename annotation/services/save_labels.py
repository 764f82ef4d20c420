"""Take a diff of labels into a draft."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotation.errors import LabelsInvalid, RequestReused, SetFrozen, StaleRevision
from annotation.labels.diff import Diff
from annotation.labels.findings import Finding
from annotation.labels.records import (
    LabelMalformed,
    ParsedLabels,
    labels_to_json,
    parse_labels,
    read_id,
)
from annotation.labels.schema import LabelSchema
from annotation.labels.validation import validate_count, validate_save
from annotation.models import AnnotationSet, Label, SetRevision
from annotation.selectors.labels import label_record, label_row, labels_of
from annotation.services.leases import keep_slot
from annotation.services.own import lock_set


@dataclass(frozen=True, slots=True)
class Saved:
    revision: int
    saved_at: datetime


def save_labels(
    *,
    actor: User,
    annotation_set_id: UUID,
    base_revision: int,
    request_id: UUID,
    put: object,
    remove: object,
    client_id: str = "",
) -> Saved:
    """Apply a diff given as JSON (``put``: labels, ``remove``: ids) that started from
    ``base_revision``; the draft's next revision is the answer.

    The same ``request_id`` again has the same answer and changes nothing. Raises LabelMalformed,
    LabelsInvalid, StaleRevision, SetFrozen, LeaseExpired, RequestReused, NotFound, RoleMissing.
    """
    parsed = parse_labels(put, where="put")
    removed = read_ids(remove)
    with transaction.atomic():
        locked = lock_set(actor, annotation_set_id, request_id)
        annotation_set = locked.annotation_set
        if locked.request_seen or annotation_set.revision != base_revision:
            # The same request twice at once: the second has waited for the first, and looks again.
            before = annotation_set.revisions.filter(request_id=request_id).first()
            if before is not None:
                return answer_again(before, parsed, removed)
        refuse_frozen(annotation_set)
        keep_slot(locked.assignment, timezone.now())
        refuse_stale(annotation_set, base_revision)
        return take_diff(
            annotation_set,
            parsed,
            removed,
            rules=SaveRules(locked.schema, locked.duration_ns, locked.labels),
            author=actor,
            request_id=request_id,
            client_id=client_id,
        )


@dataclass(frozen=True, slots=True)
class SaveRules:
    """What a diff is judged by; ``labels`` is how many the set holds before it."""

    schema: LabelSchema
    duration_ns: int
    labels: int


def take_diff(
    annotation_set: AnnotationSet,
    parsed: ParsedLabels,
    removed: tuple[str, ...],
    *,
    rules: SaveRules,
    author: User,
    request_id: UUID,
    client_id: str,
) -> Saved:
    """Judge a diff, write it into the locked draft, and remember it. Raises LabelsInvalid."""
    # Only what comes in is judged: what is stored was judged when it came.
    schema = rules.schema
    _refuse(validate_save(parsed.labels, schema, rules.duration_ns, fractional=parsed.fractional))
    diff = Diff(put=parsed.labels, remove=removed)
    if not diff:
        return Saved(annotation_set.revision, timezone.now())
    touched = _touched(annotation_set, diff)
    _refuse(validate_count(_count_after(rules.labels, touched, diff), schema))
    write_diff(annotation_set, diff, touched)
    revision = SetRevision.objects.create(
        annotation_set=annotation_set,
        number=annotation_set.revision,
        request_id=request_id,
        client_id=client_id,
        author=author,
        before=[label_record(row).to_json() for row in touched],
        **diff.to_json(),
    )
    return Saved(revision.number, revision.created_at)


def refuse_frozen(annotation_set: AnnotationSet) -> None:
    if annotation_set.state == AnnotationSet.State.SUBMITTED:
        raise SetFrozen(
            "These labels are handed in and take no more changes.",
            remedy="Take the next episode from the queue; a reviewer can send this one back.",
            revision=annotation_set.revision,
        )


def refuse_stale(annotation_set: AnnotationSet, base_revision: int) -> None:
    """Raises StaleRevision with what the set holds now, so that the editor can merge."""
    if annotation_set.revision != base_revision:
        raise StaleRevision(
            f"The labels are at revision {annotation_set.revision}, "
            f"the change was made on revision {base_revision}.",
            remedy="Merge your change into the current labels and save again.",
            revision=annotation_set.revision,
            labels=labels_to_json(labels_of(annotation_set)),
        )


def read_ids(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise LabelMalformed(
            "remove must be a list of label ids.",
            remedy="Send labels as the API documentation describes them.",
            field="remove",
        )
    return tuple(read_id(item, f"remove[{position}]") for position, item in enumerate(value))


def answer_again(before: SetRevision, parsed: ParsedLabels, removed: tuple[str, ...]) -> Saved:
    if before.put != labels_to_json(parsed.labels) or before.remove != list(removed):
        raise RequestReused(
            "This request id was used for another change.",
            remedy="Send each change under a request id of its own.",
        )
    return Saved(before.number, before.created_at)


def _refuse(findings: list[Finding]) -> None:
    if findings:
        raise LabelsInvalid(
            findings[0].message,
            remedy="Correct what the findings name and save again.",
            findings=[finding.to_json() for finding in findings],
        )


def _touched(annotation_set: AnnotationSet, diff: Diff) -> list[Label]:
    """The stored labels that the diff replaces or takes away."""
    ids = [UUID(label.id) for label in diff.put] + [UUID(label_id) for label_id in diff.remove]
    return list(Label.objects.filter(annotation_set=annotation_set, id__in=ids).order_by())


def _count_after(count: int, touched: list[Label], diff: Diff) -> int:
    """How many labels the set holds once the diff is in it."""
    before = {str(row.id) for row in touched}
    put = {label.id for label in diff.put}
    return count + len(put - before) - len((before & set(diff.remove)) - put)


def write_diff(annotation_set: AnnotationSet, diff: Diff, touched: list[Label]) -> None:
    """Store the diff and raise the revision."""
    gone = [row.pk for row in touched if str(row.id) in set(diff.remove)]
    if gone:
        # Nothing hangs on a draft's labels: frames are written when a set is frozen.
        rows = Label.objects.filter(pk__in=gone)
        rows._raw_delete(rows.db)
    Label.objects.bulk_create(
        [label_row(annotation_set, label) for label in diff.put],
        update_conflicts=True,
        unique_fields=["annotation_set", "id"],
        update_fields=[
            "kind",
            "label_class",
            "start_ns",
            "end_ns",
            "effector",
            "text",
            "attributes",
            "uncertainty_ns",
            "source",
        ],
    )
    annotation_set.revision += 1
    AnnotationSet.objects.filter(pk=annotation_set.pk).update(revision=annotation_set.revision)
