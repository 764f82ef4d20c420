"""The editor's payload: everything its page needs to open, in the shape that payload.ts reads.

The parts are public, because review's page is made of the same ones.
"""

from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from annotation.labels.found import proposals
from annotation.labels.phrases import things_of
from annotation.labels.records import Label as LabelRecord
from annotation.labels.records import labels_to_json
from annotation.models import (
    AnnotationSet,
    Assignment,
    Project,
    ProjectEpisode,
    ReworkPoint,
)
from annotation.selectors.found import found_records
from annotation.selectors.guideline_pages import html_of
from annotation.selectors.guidelines import guideline_text
from annotation.selectors.labels import labels_of, schema_of
from annotation.selectors.phrases import memory_of, vocabulary
from annotation.selectors.preferences import preferences_json, preferences_of
from annotation.selectors.queue import progress_of
from episodes.models import Episode, Signal, Stream
from episodes.selectors.embodiments import lane_dimensions
from episodes.selectors.media import frame_index_of, sprite_json
from episodes.selectors.spectrograms import spectrogram_address

# Stands for an id in an address that the page fills in.
NOBODY = "00000000-0000-0000-0000-000000000000"
FALLBACK_PROFILE = "jpeg640"


def person_name(user: User) -> str:
    return user.get_full_name() or user.username


def annotate_payload(user: User, assignment: Assignment) -> dict[str, Any]:
    """The page of a person's own assignment: its last round, and nobody else's labels."""
    annotation_set = assignment.annotation_sets.select_related("schema").order_by("-round")[0]
    episode = _episode_of(assignment)
    project = assignment.project_episode.project
    labels = labels_of(annotation_set)
    editable = annotation_set.state == AnnotationSet.State.DRAFT
    return {
        "mode": "annotate",
        "project": project_part(project),
        "episode": episode_part(episode),
        "progress": _progress(assignment) if editable else None,
        "streams": streams_part(episode),
        "signals": signals_part(episode),
        "schema": annotation_set.schema.definition,
        "sets": [
            set_part(
                annotation_set,
                labels,
                name=person_name(user),
                editable=editable,
            )
        ],
        "found": _found(annotation_set, labels, episode) if editable else [],
        "returned": _returned(assignment, annotation_set) if editable else None,
        "urls": {
            **_urls(assignment, annotation_set),
            **talk_urls(assignment.project_episode),
            # Work that was sent back stays with who did it.
            **({} if assignment.rework else _skip_url(assignment)),
        },
        "lease": _lease(assignment) if editable else None,
        "user": user_part(user),
        "vocabulary": vocabulary(project, user),
        **_memory(assignment, editable=editable),
    }


def _episode_of(assignment: Assignment) -> Episode:
    """With what its page tells of it: who hands in waits for the next one's."""
    place = assignment.project_episode
    episodes = Episode.objects.select_related("task", "dataset__embodiment")
    place.episode = episodes.get(pk=place.episode_id)
    return place.episode


def round_payload(user: User, annotation_set: AnnotationSet) -> dict[str, Any]:
    """One round of somebody's labels, to be looked at and nothing else. Raises NotIndexed."""
    place = annotation_set.project_episode
    by = annotation_set.assignment.annotator if annotation_set.assignment else user
    history = reverse("set-history", args=[annotation_set.pk])
    return {
        "mode": "view",
        "project": project_part(place.project),
        "episode": episode_part(place.episode),
        "progress": None,
        "streams": streams_part(place.episode),
        "signals": signals_part(place.episode),
        "schema": annotation_set.schema.definition,
        "sets": [
            set_part(
                annotation_set, labels_of(annotation_set), name=person_name(by), editable=False
            )
        ],
        "returned": None,
        "urls": {"save": "", "submit": "", "heartbeat": "", "release": "", "queue": history},
        "lease": None,
        "user": user_part(user),
        "vocabulary": [],
    }


def project_part(project: Project) -> dict[str, Any]:
    text = guideline_text(project)
    return {
        "id": project.pk,
        "name": shown_name(project),
        "guideline": text,
        "guideline_html": html_of(project, text),
    }


def shown_name(project: Project) -> str:
    """A simulated project says so wherever its name is all that is shown."""
    marked = not project.simulated or "simulated" in project.name.lower()
    return project.name if marked else f"{project.name} (simulated)"


def talk_urls(place: ProjectEpisode) -> dict[str, str]:
    """Where the comments are, and how one goes on while a question waits for its answer."""
    return {
        "comments": reverse("api-comments", args=[place.project_id, place.episode_id]),
        "comment": reverse("api-comment", args=[NOBODY]).removesuffix(NOBODY),
        "next": reverse("project-next", args=[place.project_id]),
    }


def user_part(user: User) -> dict[str, Any]:
    """Who is at the editor, and how they like to work."""
    return {
        "id": user.pk,
        "name": person_name(user),
        "preferences": preferences_json(preferences_of(user)),
        "preferences_url": reverse("api-preferences"),
    }


def episode_part(episode: Episode) -> dict[str, Any]:
    return {
        "id": str(episode.pk),
        "key": episode.key,
        "task": episode.task.text if episode.task else "",
        **_task_parts(episode),
        "duration_ns": episode.duration_ns,
        "rate": [episode.rate_num, episode.rate_den],
        "embodiment": episode.dataset.robot_type,
    }


def streams_part(episode: Episode) -> list[dict[str, Any]]:
    """Cameras in layout order; marks snap to the first one's frames. Raises NotIndexed."""
    streams = Stream.objects.filter(episode=episode).select_related("asset__frame_index")
    parts: list[dict[str, Any]] = []
    for stream in streams.order_by("position", "camera"):
        index = frame_index_of(stream.asset)
        layout = reverse("stream-pack-layout", args=[stream.pk, FALLBACK_PROFILE])
        parts.append(
            {
                "id": str(stream.pk),
                "camera": stream.camera,
                "role": stream.role,
                "width": index.width,
                "height": index.height,
                "index_url": reverse("stream-index", args=[stream.pk]),
                "pack_url": layout.removesuffix("index.json"),
                "sprite": sprite_json(stream),
                "reference": not parts,
            }
        )
    return parts


def signals_part(episode: Episode) -> list[dict[str, Any]]:
    """Units and names that the import left empty are those of the dataset's embodiment."""
    signals = list(Signal.objects.filter(episode=episode))
    dimensions = lane_dimensions(signals, episode.dataset.embodiment)
    return [
        {
            "id": str(signal.pk),
            "name": signal.name,
            "kind": signal.kind,
            "dimensions": dimensions[signal.name],
            "samples": signal.samples,
            "layout_url": reverse("signal-layout", args=[signal.pk]),
            "tile_url": reverse("signal-tile", args=[signal.pk, 0, 0]).removesuffix("0/0.bin"),
            "spectrogram_url": spectrogram_address(signal),
        }
        for signal in signals
    ]


def set_part(
    annotation_set: AnnotationSet,
    labels: tuple[LabelRecord, ...],
    *,
    name: str,
    editable: bool,
) -> dict[str, Any]:
    return {
        "id": str(annotation_set.pk),
        "name": name,
        "role": annotation_set.kind,
        "state": annotation_set.state,
        "revision": annotation_set.revision,
        "editable": editable,
        "labels": labels_to_json(labels),
        "round": annotation_set.round,
    }


def _memory(assignment: Assignment, *, editable: bool) -> dict[str, Any]:
    memory = memory_of(assignment) if editable else None
    return {
        "sequences": memory.sequences if memory else [],
        "previous": memory.previous if memory else None,
    }


def _task_parts(episode: Episode) -> dict[str, Any]:
    """``objects``: what texts are held to; ``names``: offered, and guessed where none are given."""
    task = episode.task
    return {
        "goals": task.goals if task else [],
        "objects": task.things if task else [],
        "names": things_of(task.text, task.things) if task else [],
        "phrases": task.phrases if task else [],
    }


def _found(
    annotation_set: AnnotationSet, labels: tuple[LabelRecord, ...], episode: Episode
) -> list[dict[str, Any]]:
    """Labels that the recording brought along, offered to a draft that has none of its own."""
    found = found_records(episode)
    if labels or not found:
        return []
    schema = schema_of(annotation_set)
    return labels_to_json(proposals(found, schema, str(episode.pk), episode.duration_ns))


def _progress(assignment: Assignment) -> dict[str, int]:
    progress = progress_of(assignment)
    return {"position": progress.position, "total": progress.total}


def _returned(assignment: Assignment, annotation_set: AnnotationSet) -> dict[str, Any] | None:
    if not assignment.rework or assignment.returned_by is None:
        return None
    points = ReworkPoint.objects.filter(annotation_set=annotation_set).order_by("position")
    return {
        "comment": assignment.return_comment,
        "by": person_name(assignment.returned_by),
        "points": [
            {
                "label_id": str(one.label_id) if one.label_id else None,
                "at_ns": one.at_ns,
                "finding": one.finding,
                "text": one.text,
                "comment": one.comment,
            }
            for one in points
        ],
    }


def _lease(assignment: Assignment) -> dict[str, Any] | None:
    left = (assignment.lease_expires_at - timezone.now()).total_seconds()
    if assignment.state != Assignment.State.ACTIVE or left <= 0:
        return None
    return {"expires_at": assignment.lease_expires_at.isoformat(), "seconds": round(left)}


def _skip_url(assignment: Assignment) -> dict[str, str]:
    return {"skip": reverse("api-assignment-skip", args=[assignment.pk])}


def _urls(assignment: Assignment, annotation_set: AnnotationSet) -> dict[str, str]:
    return {
        "save": reverse("api-set-labels", args=[annotation_set.pk]),
        "submit": reverse("api-set-submit", args=[annotation_set.pk]),
        "heartbeat": reverse("api-assignment-heartbeat", args=[assignment.pk]),
        "release": reverse("api-assignment-release", args=[assignment.pk]),
        "activity": reverse("api-assignment-activity", args=[assignment.pk]),
        "ahead": reverse("api-assignment-ahead", args=[assignment.pk]),
        "queue": reverse("queue"),
    }
