"""Two people's labels over one recording, to be looked at and nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from annotation.errors import NotFound
from annotation.labels.records import Label
from annotation.models import AnnotationSet, ProjectEpisode
from annotation.selectors import editor
from annotation.selectors.labels import labels_by_set, schema_of
from review.measures.differences import Difference, Side, differences
from review.models import ScoredPair
from review.selectors.compare import tolerances_between
from review.selectors.gold_item import reviewed_place
from review.selectors.lanes import Lane, lanes_of, real_names

LabelsOf = Mapping[UUID, Sequence[Label]]


def side_by_side(
    user: User,
    place: ProjectEpisode,
    lanes: Sequence[tuple[AnnotationSet, str]],
    labels: LabelsOf,
    found: Sequence[Difference],
    *,
    back: str,
) -> dict[str, Any]:
    """The editor with the sets under their names, none editable, and where they differ.

    Raises NotIndexed.
    """
    newest = max((one for one, _ in lanes), key=lambda one: one.schema.version)
    return {
        "mode": "view",
        "project": editor.project_part(place.project),
        "episode": editor.episode_part(place.episode),
        "progress": None,
        "streams": editor.streams_part(place.episode),
        "signals": editor.signals_part(place.episode),
        "schema": newest.schema.definition,
        "sets": [
            editor.set_part(one, tuple(labels[one.pk]), name=name, editable=False)
            for one, name in lanes
        ],
        "returned": None,
        "differences": [_difference_part(one, rank, labels) for rank, one in enumerate(found)],
        "urls": {"save": "", "submit": "", "heartbeat": "", "release": "", "queue": back},
        "lease": None,
        "user": editor.user_part(user),
        "vocabulary": [],
    }


def _difference_part(one: Difference, rank: int, labels: LabelsOf) -> dict[str, Any]:
    """In the shape that payload.ts reads: what each set says there, in time order."""
    ids = set(one.label_ids)
    return {
        "id": f"{one.code} {' '.join(one.label_ids)} {rank}",
        "code": one.code,
        "codes": [one.code],
        "at_ns": one.at_ns,
        "message": one.message,
        "label_ids": list(one.label_ids),
        "sides": {
            str(pk): [label.id for label in own if label.id in ids] for pk, own in labels.items()
        },
        "rank": rank,
    }


def compared_pair(user: User, pair_id: UUID) -> ScoredPair:
    """Raises NotFound to outsiders and to who labels the episode now, RoleMissing to annotators."""
    pair = (
        ScoredPair.objects.filter(pk=pair_id)
        .select_related(
            "first__schema",
            "first__assignment__annotator",
            "second__schema",
            "second__assignment__annotator",
        )
        .first()
    )
    if pair is None:
        raise NotFound("There is no such comparison.", remedy="Check the address.")
    pair.project_episode = reviewed_place(user, pair.project_episode_id)
    return pair


def pair_payload(user: User, pair: ScoredPair, *, back: str) -> dict[str, Any]:
    """Both sides of a comparison as they were counted. Raises NotIndexed."""
    sets = [pair.first, pair.second]
    lanes = lanes_of(sets, labels_by_set(sets), real_names(sets))
    newer = max(sets, key=lambda one: one.schema.version)
    one, other = (Side(lane.name, lane.labels) for lane in lanes)
    found = differences(
        one,
        other,
        schema_of(newer),
        tolerances_between(pair.first, pair.second),
    )
    return side_by_side(
        user,
        pair.project_episode,
        [(lane.annotation_set, lane.name) for lane in lanes],
        _by_set(lanes),
        found,
        back=back,
    )


def _by_set(lanes: Sequence[Lane]) -> LabelsOf:
    return {lane.annotation_set.pk: lane.labels for lane in lanes}
