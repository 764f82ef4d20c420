"""Take a diff of labels into a reviewer's draft of a consensus."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from annotation.labels.records import parse_labels
from annotation.models import AnnotationSet, Label
from annotation.selectors.labels import schema_of
from annotation.services.save_labels import (
    Saved,
    SaveRules,
    answer_again,
    read_ids,
    refuse_stale,
    take_diff,
)
from review.models import Adjudication, LabelSource
from review.selectors.adjudications import reviewed_adjudication
from review.selectors.lanes import alias
from review.services.adjudication import lock_draft


def save_consensus(
    *,
    actor: User,
    adjudication_id: int,
    base_revision: int,
    request_id: UUID,
    put: object,
    remove: object,
    client_id: str = "",
) -> Saved:
    """Like ``annotation.services.save_labels``, of one's own draft of a consensus.

    A label under the id of a label of one of its sources is one that the reviewer chose. Raises
    LabelMalformed, LabelsInvalid, StaleRevision, AdjudicationClosed, RequestReused, NotFound,
    RoleMissing.
    """
    parsed = parse_labels(put, where="put")
    removed = read_ids(remove)
    found = reviewed_adjudication(actor, adjudication_id)
    with transaction.atomic():
        before = found.annotation_set.revisions.filter(request_id=request_id).first()
        if before is not None:
            return answer_again(before, parsed, removed)
        own = lock_draft(found, actor)
        # The same request twice at once: the second has waited for the first, and looks again.
        before = own.revisions.filter(request_id=request_id).first()
        if before is not None:
            return answer_again(before, parsed, removed)
        refuse_stale(own, base_revision)
        rules = SaveRules(
            schema=schema_of(own),
            duration_ns=own.project_episode.episode.duration_ns,
            labels=Label.objects.filter(annotation_set=own).count(),
        )
        saved = take_diff(
            own,
            parsed,
            removed,
            rules=rules,
            author=actor,
            request_id=request_id,
            client_id=client_id,
        )
        _note_taken(found, own, [label.id for label in parsed.labels])
        return saved


def _note_taken(found: Adjudication, own: AnnotationSet, label_ids: list[str]) -> None:
    known = set(
        LabelSource.objects.filter(annotation_set=own, label_id__in=label_ids).values_list(
            "label_id", flat=True
        )
    )
    fresh = {one for one in label_ids if UUID(one) not in known}
    if not fresh:
        return
    sources = Label.objects.filter(annotation_set__in=found.sources.all()).order_by("pk_row")
    rows = []
    for set_id, label_id in sources.values_list("annotation_set", "id"):
        shown = next(
            (one for one in (str(label_id), alias(set_id, str(label_id))) if one in fresh), ""
        )
        if shown:
            fresh.discard(shown)
            rows.append(
                LabelSource(
                    annotation_set=own,
                    label_id=UUID(shown),
                    source_set_id=set_id,
                    source_label_id=label_id,
                    how=LabelSource.How.TAKEN,
                )
            )
    LabelSource.objects.bulk_create(rows)
