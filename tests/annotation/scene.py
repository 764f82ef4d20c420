"""Parts of a scene: episodes with real frame indexes, label JSON, short forms of services."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.contrib.auth.models import User

from annotation.models import AnnotationSet, Assignment, Project, ProjectEpisode
from annotation.services.claim_next import claim_next
from annotation.services.save_labels import Saved, save_labels
from episodes.models import Dataset, Episode, FrameIndex, MediaAsset, Stream, Task
from episodes.video.frame_index import FrameIndexRecord

DURATION_NS = 8_500_000_000
FRAMES = 425
# 50 Hz in a time base of 1/12800 s, first PTS above zero.
TICKS, FIRST_PTS = 256, 512


@dataclass(frozen=True)
class Team:
    """A project with everybody in their role; otto belongs to none."""

    project: Project
    ada: User
    abe: User
    ravi: User
    mei: User
    otto: User
    root: User
    dataset: Dataset


def frame_index() -> FrameIndexRecord:
    rows = np.arange(FRAMES, dtype=np.int64)
    return FrameIndexRecord(
        codec="avc1.64001e",
        description=b"",
        width=320,
        height=240,
        rotation=0,
        time_base=(1, 12_800),
        duration_ticks=FRAMES * TICKS,
        file_size=FRAMES * 100 + 1000,
        off=1000 + rows * 100,
        size=np.full(FRAMES, 100, dtype=np.int64),
        pts=FIRST_PTS + rows * TICKS,
        key=rows % 15 == 0,
        discard=np.zeros(FRAMES, dtype=np.bool_),
    )


def make_dataset(name: str, owner: User | None = None) -> Dataset:
    return Dataset.objects.create(
        name=name, format="lerobot", source_path="/nowhere", fingerprint="0" * 64, owner=owner
    )


def make_asset(folder: Path, name: str) -> MediaAsset:
    asset = MediaAsset.objects.create(sha256=f"{name:0>64}", path=f"media/{name}.mp4", size=43_500)
    index = frame_index()
    path = folder / f"{name}.index"
    path.write_bytes(index.to_bytes())
    FrameIndex.objects.create(
        asset=asset,
        path=path.name,
        codec=index.codec,
        width=320,
        height=240,
        frames=FRAMES,
        max_gop=15,
        time_base_num=1,
        time_base_den=12_800,
    )
    return asset


def make_episodes(
    dataset: Dataset, count: int, asset: MediaAsset, *, cameras: tuple[str, ...] = ("front", "side")
) -> list[Episode]:
    task, _ = Task.objects.get_or_create(text="put the block on the goal position")
    episodes = Episode.objects.bulk_create(
        Episode(
            dataset=dataset,
            key=f"episode_{number:06d}",
            index=number,
            task=task,
            state=Episode.State.READY,
            duration_ns=DURATION_NS,
            rows=FRAMES,
            rate_num=50,
            content_sha256="0" * 64,
        )
        for number in range(count)
    )
    Stream.objects.bulk_create(
        Stream(
            episode=episode,
            asset=asset,
            camera=camera,
            source_key=f"observation.images.{camera}",
            role=Stream.Role.EXTERNAL,
            position=position,
            start_frame=0,
            frames=FRAMES,
            byte_start=1000,
            byte_end=43_500,
        )
        for episode in episodes
        for position, camera in enumerate(cameras)
    )
    return episodes


def queue_up(project: Project, episodes: list[Episode]) -> list[ProjectEpisode]:
    return ProjectEpisode.objects.bulk_create(
        ProjectEpisode(project=project, episode=episode, position=position)
        for position, episode in enumerate(episodes)
    )


def claimed(user: User, project: Project) -> Assignment:
    claim = claim_next(actor=user, project=project)
    assert claim is not None
    return claim.assignment


def draft_of(assignment: Assignment) -> AnnotationSet:
    return assignment.annotation_sets.get(state=AnnotationSet.State.DRAFT)


def label(kind: str, label_class: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "kind": kind,
        "label_class": label_class,
        "start_ns": None,
        "end_ns": None,
        **fields,
    }


def grasp(start_ns: int = 1_680_000_000) -> dict[str, Any]:
    return label("instant", "grasp_closed", start_ns=start_ns, effector="right")


def instruction(start_ns: int = 0, end_ns: int = DURATION_NS) -> dict[str, Any]:
    text = "move the gripper above the block"
    return label("segment", "instruction", start_ns=start_ns, end_ns=end_ns, text=text)


def outcome(name: str = "outcome_success") -> dict[str, Any]:
    return label("outcome", name)


def save(
    user: User, annotation_set: AnnotationSet, put: list[dict[str, Any]], **given: Any
) -> Saved:
    """Save on the set's present revision under a new request id, unless told otherwise."""
    annotation_set.refresh_from_db()
    options: dict[str, Any] = {
        "base_revision": annotation_set.revision,
        "request_id": uuid.uuid4(),
        "remove": [],
        **given,
    }
    return save_labels(actor=user, annotation_set_id=annotation_set.pk, put=put, **options)
