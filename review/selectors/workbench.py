"""The editor's payload for a reviewer: a lane for each annotator, the differences, the verdicts
given, and the reviewer's own draft of a consensus when one is begun."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.urls import reverse

from annotation.labels.records import Kind
from annotation.selectors import editor
from annotation.selectors.labels import labels_of
from review.measures.disagreements import Place
from review.measures.records import Tolerances
from review.models import Adjudication
from review.selectors.adjudications import sources_of
from review.selectors.episode import EpisodeReview
from review.selectors.lanes import Lane
from review.selectors.marks import mark_json


def review_payload(review: EpisodeReview, user: User) -> dict[str, Any]:
    """The editor's payload in review mode; only a draft of a consensus is editable.

    Raises NotIndexed.
    """
    place = review.item.project_episode
    draft = review.draft if review.decidable else None
    return {
        "mode": "review",
        "project": editor.project_part(review.item.batch.project),
        "episode": editor.episode_part(place.episode),
        "progress": None,
        "streams": editor.streams_part(place.episode),
        "signals": editor.signals_part(place.episode),
        "schema": _schema_json(review),
        "sets": [*_draft_part(draft), *(_lane_part(lane) for lane in review.lanes)],
        "returned": None,
        "differences": [_difference_json(one) for one in review.differences],
        "review": _review_part(review, draft),
        "urls": _urls(review, draft),
        "lease": None,
        "user": editor.user_part(user),
        "vocabulary": [],
    }


def marks_json(review: EpisodeReview) -> list[dict[str, Any]]:
    shown = {lane.annotation_set.pk: lane.shown for lane in review.lanes}
    return [mark_json(one, shown) for one in review.words]


def _review_part(review: EpisodeReview, draft: Adjudication | None) -> dict[str, Any]:
    judged = [lane.id for lane in review.annotators]
    return {
        "version": review.version,
        "decidable": review.decidable,
        "blind": review.blind,
        "lanes": judged,
        "marks": marks_json(review),
        "methods": _methods(review),
        "draft": None
        if draft is None
        else {
            "id": draft.pk,
            "method": draft.method,
            "sources": _draft_sources(draft, review),
        },
    }


def _methods(review: EpisodeReview) -> list[str]:
    """Ways to begin a consensus that this episode allows, the usual one first."""
    method = Adjudication.Method
    several = [method.SUGGESTED, method.REVIEWER, method.QUORUM]
    if len(review.annotators) == 2:
        several = [method.REVIEWER, method.SUGGESTED, method.QUORUM]
    return [one.value for one in (several if len(review.annotators) > 1 else [method.COPY])]


def _draft_sources(draft: Adjudication, review: EpisodeReview) -> dict[str, list[str]]:
    """By label of the draft: the labels in the lanes that it came from."""
    lanes = {lane.annotation_set.pk: lane for lane in review.lanes}
    found: dict[str, list[str]] = {}
    for label_id, rows in sources_of(draft.annotation_set).items():
        found[label_id] = [
            lanes[row.source_set_id].shown[str(row.source_label_id)]
            for row in rows
            if row.source_set_id in lanes
            and str(row.source_label_id) in lanes[row.source_set_id].shown
        ]
    return found


def _difference_json(one: Place) -> dict[str, Any]:
    return {
        "id": one.id,
        "code": one.code,
        "codes": list(one.codes),
        "at_ns": one.at_ns,
        "message": one.message,
        "label_ids": list(one.label_ids),
        "sides": {who: list(ids) for who, ids in one.sides.items()},
        "rank": one.rank,
    }


def _lane_part(lane: Lane) -> dict[str, Any]:
    return editor.set_part(lane.annotation_set, lane.labels, name=lane.name, editable=False)


def _draft_part(draft: Adjudication | None) -> list[dict[str, Any]]:
    if draft is None:
        return []
    own = draft.annotation_set
    return [editor.set_part(own, labels_of(own), name="Consensus", editable=True)]


def _schema_json(review: EpisodeReview) -> Any:
    """The newest version among the sets: what only an older one knows is named by its id. Its
    tolerances are those in force: by one key a label is right or at the wrong time."""
    sets = [lane.annotation_set for lane in review.lanes]
    newest = max(sets, key=lambda one: one.schema.version, default=None)
    definition = (newest.schema if newest else review.item.batch.project.schema).definition
    within = review.tolerances
    if within is None:
        return definition
    return {**definition, "classes": [_in_force(one, within) for one in definition["classes"]]}


def _in_force(known: dict[str, Any], within: Tolerances) -> dict[str, Any]:
    if known["kind"] == Kind.INSTANT:
        return {**known, "tolerance_ns": within.of(known["id"])}
    return {**known, "tolerance_ns": within.boundary_ns} if known.get("exclusive") else known


def _urls(review: EpisodeReview, draft: Adjudication | None) -> dict[str, str]:
    item = review.item
    addresses = {
        "save": "",
        "submit": "",
        "heartbeat": "",
        "release": "",
        "queue": reverse("batch-detail", args=[item.batch_id]),
        "verdict": f"{reverse('review-episode', args=[item.pk])}#verdict",
    }
    # Comments name who wrote them.
    if not review.blind:
        addresses |= editor.talk_urls(item.project_episode)
    if review.decidable:
        addresses["marks"] = reverse("api-label-verdicts", args=[item.pk])
        addresses["adjudications"] = reverse("api-adjudications", args=[item.pk])
    if draft is not None:
        version = urlencode({"version": review.version})
        addresses["save"] = reverse("api-adjudication-labels", args=[draft.pk])
        addresses["submit"] = f"{reverse('api-adjudication-accept', args=[draft.pk])}?{version}"
    return addresses
