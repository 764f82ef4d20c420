"""Consensus sets of an episode: the reviewer's own draft, the one that stands, where labels
came from."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from annotation.errors import NotFound
from annotation.labels.records import Label as LabelRecord
from annotation.models import AnnotationSet, Label
from annotation.roles import Role, require_role
from episodes.access import Viewer
from review.measures.consensus.dawid_skene import DawidSkene, dawid_skene
from review.models import Adjudication, BatchItem, LabelSource, ReviewRepeat
from review.selectors.batches import open_repeats, with_standing

State = Adjudication.State


def adjudications_of(item: BatchItem) -> QuerySet[Adjudication]:
    """Newest first; those of hidden repeats are nobody's business."""
    return (
        Adjudication.objects.filter(item=item, repeat=None)
        .select_related("annotation_set__schema", "reviewer", "ended_by")
        .prefetch_related("sources")
        .order_by("-pk")
    )


def draft_of(item: BatchItem, user: User, repeat: ReviewRepeat | None) -> Adjudication | None:
    drafts = Adjudication.objects.filter(item=item, reviewer=user, repeat=repeat, state=State.DRAFT)
    return drafts.select_related("annotation_set__schema").prefetch_related("sources").first()


def reviewed_adjudication(user: Viewer, adjudication_id: int) -> Adjudication:
    """Raises NotFound to outsiders, RoleMissing to annotators; a draft is its reviewer's alone."""
    found = (
        Adjudication.objects.select_related(
            "annotation_set__schema", "reviewer", "item__batch__project"
        )
        .prefetch_related("sources")
        .filter(pk=adjudication_id)
        .first()
    )
    if found is None:
        raise NotFound("There is no such consensus.", remedy="Check the address.")
    require_role(user, found.item.batch.project, Role.REVIEWER)
    hidden = found.state == State.DRAFT or found.repeat_id is not None
    # Of what is to be decided again without being told there is nothing but one's new draft.
    before = found.repeat_id is None and open_repeats(user).filter(item=found.item_id).exists()
    if before or (hidden and found.reviewer_id != user.pk):
        raise NotFound("There is no such consensus.", remedy="Check the address.")
    return found


def item_of(adjudication: Adjudication) -> BatchItem:
    return with_standing(BatchItem.objects.filter(pk=adjudication.item_id)).get()


def sources_of(annotation_set: AnnotationSet) -> dict[str, list[LabelSource]]:
    """Where each label came from, by its id; a label that is not there is the reviewer's own."""
    found: dict[str, list[LabelSource]] = defaultdict(list)
    rows = LabelSource.objects.filter(annotation_set=annotation_set)
    for row in rows.select_related("source_set__assignment__annotator").order_by("pk"):
        found[str(row.label_id)].append(row)
    return found


def provenance(
    annotation_set: AnnotationSet, labels: Sequence[LabelRecord]
) -> list[dict[str, Any]]:
    """For each label of a consensus: which labels of which sets, and how they came in.

    ``changed`` is set where the consensus says something else than every label it came from.
    """
    rows = sources_of(annotation_set)
    sets = {row.source_set_id for own in rows.values() for row in own}
    stored = {
        (row.annotation_set_id, str(row.id)): row
        for row in Label.objects.filter(annotation_set__in=sets).order_by()
    }
    return [
        {
            "label_id": label.id,
            "sources": [
                {
                    "annotation_set": str(row.source_set_id),
                    "label_id": str(row.source_label_id),
                    "how": row.how,
                }
                for row in rows.get(label.id, ())
            ],
            "changed": not any(
                _says_the_same(label, stored.get((row.source_set_id, str(row.source_label_id))))
                for row in rows.get(label.id, ())
            ),
        }
        for label in labels
    ]


def _says_the_same(label: LabelRecord, row: Label | None) -> bool:
    return row is not None and (
        label.label_class,
        label.start_ns,
        label.end_ns,
        label.effector,
        label.text,
        dict(label.attributes),
    ) == (row.label_class, row.start_ns, row.end_ns, row.effector, row.text, row.attributes)


def outcome_model(item: BatchItem) -> DawidSkene:
    """What the confusions of the project's annotators make of their outcomes, all episodes."""
    last = (
        AnnotationSet.objects.filter(
            project_episode__project=item.batch.project_id,
            kind=AnnotationSet.Kind.ANNOTATOR,
            state=AnnotationSet.State.SUBMITTED,
        )
        .order_by("assignment_id", "-round")
        .distinct("assignment_id")
    )
    named = (
        Label.objects.filter(kind=Label.Kind.OUTCOME, annotation_set__in=last.values("pk"))
        .order_by("annotation_set", "pk_row")
        .values_list(
            "annotation_set__project_episode",
            "annotation_set__assignment__annotator",
            "label_class",
        )
    )
    votes = {(place, who): said for place, who, said in reversed(list(named))}
    return dawid_skene((str(place), str(who), said) for (place, who), said in votes.items())


def outcome_weights(item: BatchItem) -> dict[str, float]:
    """The outcome that the model holds likeliest of this episode, with its probability."""
    place = str(item.project_episode_id)
    return {
        one.value: one.probability for one in outcome_model(item).suggestions if one.item == place
    }


def unknown_sources(adjudication: Adjudication, current: Sequence[AnnotationSet]) -> list[UUID]:
    """Source sets that are no annotator's last round any more."""
    last = {one.pk for one in current}
    return [one.pk for one in adjudication.sources.all() if one.pk not in last]
