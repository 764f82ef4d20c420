"""The read-only editor of an episode's page: the recording, and the labels its viewer may see."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, Q
from django.urls import reverse

from annotation.labels.found import proposals
from annotation.labels.records import labels_to_json
from annotation.labels.schema import LabelSchema, core_schema
from annotation.models import AnnotationSet
from annotation.selectors import editor
from annotation.selectors.found import found_records
from annotation.selectors.labels import labels_by_set, schema_of
from episodes.models import Episode
from review.selectors.episode_standing import seen_sets
from review.selectors.sets import name_of

FOUND_ID = "found"


def view_payload(user: User, episode: Episode) -> dict[str, Any]:
    """The editor's payload in view mode, no set editable. Raises NotIndexed."""
    sets = shown_sets(user, episode)
    labels = labels_by_set(sets)
    newest = max(sets, key=lambda one: one.schema.version, default=None)
    schema = core_schema() if newest is None else schema_of(newest)
    parts = [
        editor.set_part(one, labels[one.pk], name=name_of(one), editable=False) for one in sets
    ]
    return {
        "mode": "view",
        "project": {"id": 0, "name": episode.dataset.name, "guideline": ""},
        "episode": editor.episode_part(episode),
        "progress": None,
        "streams": editor.streams_part(episode),
        "signals": editor.signals_part(episode),
        "schema": schema.to_json(),
        "sets": parts + _found_part(episode, schema),
        "returned": None,
        "urls": {
            "save": "",
            "submit": "",
            "heartbeat": "",
            "release": "",
            "queue": reverse("episode-list"),
        },
        "lease": None,
        "user": editor.user_part(user),
        "vocabulary": [],
    }


def shown_sets(user: User, episode: Episode) -> list[AnnotationSet]:
    """The last submitted round of each annotator, the last gold, and the consensus that stands,
    as far as ``user`` may see."""
    submitted = (
        AnnotationSet.objects.filter(
            seen_sets(user),
            project_episode__episode=episode,
            state=AnnotationSet.State.SUBMITTED,
        )
        .filter(
            ~Q(kind=AnnotationSet.Kind.CONSENSUS) | Q(pk=F("project_episode__accepted_set")),
        )
        .select_related("assignment__annotator", "schema")
        .order_by("project_episode", "assignment", "-round")
    )
    last: dict[tuple[int, object, str], AnnotationSet] = {}
    for one in submitted:
        last.setdefault((one.project_episode_id, one.assignment_id, one.kind), one)
    return list(last.values())


def _found_part(episode: Episode, schema: LabelSchema) -> list[dict[str, Any]]:
    """What the recording brought along, as one more set, where the schema has words for it."""
    found = proposals(found_records(episode), schema, str(episode.pk), episode.duration_ns)
    if not found:
        return []
    return [
        {
            "id": FOUND_ID,
            "name": "Found in the recording",
            "role": "found",
            "state": "submitted",
            "revision": 0,
            "editable": False,
            "labels": labels_to_json(found),
            "round": 1,
        }
    ]
