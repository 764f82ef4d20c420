"""Make a release: ask for it, build it whole or not at all, give up on what was left behind."""

import hashlib
import json
import shutil
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from annotation.models import AnnotationSet, Project
from annotation.roles import Role, require_role
from annotation.services import audit
from episodes.errors import TouchlineError
from episodes.export_records import ExportRecord
from episodes.models import MediaAsset
from episodes.selectors.data_files import data_path
from episodes.services.exports import (
    DEFAULT_FORMAT,
    export_release,
    goes_out_untouched,
    release_writer,
)
from review.errors import NothingToRelease, ReleaseFailed
from review.models import Batch, Release, ReleaseItem
from review.selectors.release_content import (
    DatasetContent,
    ReleaseContent,
    one_moment,
    release_content,
)

FOLDER = "releases"
# A builder shows itself with every episode; copying the longest video takes far less than this.
STALE_AFTER = timedelta(minutes=15)
# A task is lost when the broker was away at the moment of the request.
FORGOTTEN_AFTER = timedelta(minutes=1)
MOST_ATTEMPTS = 3


@transaction.atomic
def request_release(
    *,
    actor: User,
    project: Project,
    batches: Iterable[Batch],
    format_id: str = DEFAULT_FORMAT,
) -> Release:
    """The project's next release, of approved batches, waiting to be built.

    Raises NothingToRelease, ExportFailed for an unknown format, NotFound, RoleMissing below
    manager.
    """
    require_role(actor, project, Role.MANAGER)
    release_writer(format_id)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    wanted = {batch.pk for batch in batches}
    approved = list(Batch.objects.filter(pk__in=wanted, project=project, state="approved"))
    if not approved or len(approved) < len(wanted):
        raise NothingToRelease(
            "A release is made of approved batches of the project.",
            remedy="Approve a batch first, then choose it.",
        )
    last = project.releases.aggregate(last=Max("version"))["last"] or 0
    release = Release.objects.create(
        project=project,
        version=last + 1,
        format=format_id,
        created_by=actor,
        episodes_total=sum(batch.items.count() for batch in approved),
    )
    release.batches.set(approved)
    audit.record(
        actor=actor,
        action="release.requested",
        project=project,
        subject=release,
        version=release.version,
        format=format_id,
        batches=[batch.name for batch in approved],
    )
    return release


def build_release(*, release_id: UUID) -> None:
    """Write a waiting release into the data folder; one builder at a time, others do nothing.

    The folder appears whole or not at all; what a killed build left is cleared. A reason the
    manager can act on is kept in the release; an error of Touchline's own is raised as well.
    """
    release = _claimed(release_id)
    if release is None:
        return
    target = data_path(f"{FOLDER}/{release.pk}")
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with one_moment():
            content = release_content(release)
        partial.mkdir(parents=True)
        manifest = _write(release, content, partial)
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    except TouchlineError as error:
        _fail(release, f"{error} {error.remedy}".strip())
    except OSError as error:
        _fail(release, f"The release cannot be written: {error}. Check space and rights on disk.")
    except Exception:
        _fail(release, "Touchline failed here. Tell your administrator the release and the time.")
        raise
    else:
        _finish(release, content, manifest)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def forgotten_releases() -> list[UUID]:
    """Releases that nobody builds, to be queued again; those tried too often are failed."""
    now = timezone.now()
    waiting = Release.objects.filter(state=Release.State.BUILDING).filter(
        Q(heartbeat_at=None, created_at__lt=now - FORGOTTEN_AFTER)
        | Q(heartbeat_at__lt=now - STALE_AFTER)
    )
    waiting.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=Release.State.FAILED,
        reason=f"Its worker stopped {MOST_ATTEMPTS} times. Look at the worker's log, try again.",
        finished_at=now,
    )
    return list(waiting.values_list("pk", flat=True))


def _claimed(release_id: UUID) -> Release | None:
    """Compare and set: the release, unless it is done or somebody else builds it."""
    now = timezone.now()
    free = Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - STALE_AFTER)
    claimed = Release.objects.filter(free, pk=release_id, state=Release.State.BUILDING).update(
        heartbeat_at=now, attempts=F("attempts") + 1
    )
    if not claimed:
        return None
    return Release.objects.select_related("project__schema").get(pk=release_id)


def _write(release: Release, content: ReleaseContent, folder: Path) -> dict[str, Any]:
    if not content.episodes:
        raise ReleaseFailed("No approved episode is left in its batches.", remedy="Approve some.")
    _show(release, 0, content.episodes)
    before, summaries = 0, []
    for one in content.datasets:
        summaries.append(_write_dataset(release, content, one, folder, before))
        before += len(one.episodes)
    schema = content.record.schema
    return {
        "label_schema": {"name": schema["name"], "version": schema["version"]},
        "approved_until": content.record.created_at,
        "batches": content.record.provenance["batches"],
        "people": _people(content),
        "datasets": summaries,
    }


def _write_dataset(
    release: Release, content: ReleaseContent, one: DatasetContent, folder: Path, before: int
) -> dict[str, Any]:
    def progress(done: int, total: int) -> None:
        _show(release, before + done, content.episodes)

    written = export_release(
        dataset=one.dataset,
        episodes=one.episodes,
        out=folder / one.folder,
        release=content.record,
        format_id=release.format,
        progress=progress,
    )
    if goes_out_untouched(one.dataset, one.episodes):
        _refuse_changed_videos(written)
    return {
        "name": one.dataset.name,
        "folder": one.folder,
        "episodes": written.episodes,
        "frames": written.frames,
        "bytes": sum(file.size for file in written.files),
        "manifest_sha256": written.manifest_sha256,
        "notices": [notice.message for notice in written.notices],
        "files": [
            {"path": f"{one.folder}/{file.path}", "size": file.size, "sha256": file.sha256}
            for file in written.files
        ],
    }


def _show(release: Release, done: int, total: int) -> None:
    """Progress, and a sign that the builder lives."""
    Release.objects.filter(pk=release.pk).update(
        episodes_done=done, episodes_total=total, heartbeat_at=timezone.now()
    )


def _refuse_changed_videos(written: ExportRecord) -> None:
    """Labels were put on the bytes that were imported; other bytes must not go out under them."""
    videos = {file.sha256: file.path for file in written.files if file.path.endswith(".mp4")}
    known = MediaAsset.objects.filter(sha256__in=videos).values_list("sha256", flat=True)
    for changed in videos.keys() - set(known):
        raise ReleaseFailed(
            f"The stored video behind {videos[changed]} is not the one that was imported.",
            remedy="Restore the data folder from its backup, or import the dataset again.",
        )


def _people(content: ReleaseContent) -> dict[str, list[str]]:
    """By name: of a consensus everybody whose labels it was made from."""
    said = [item.provenance for one in content.datasets for item in one.episodes]
    annotators = [one["annotator"] for one in said]
    annotators += [who for one in said for who in one.get("consensus", {}).get("annotators", [])]
    return {
        "annotators": _names(annotators),
        "reviewers": _names(one["reviewer"] for one in said),
    }


def _names(people: Iterable[dict[str, Any] | None]) -> list[str]:
    return sorted({person["username"] for person in people if person})


def _finish(release: Release, content: ReleaseContent, manifest: dict[str, Any]) -> None:
    lines = [
        f"{file['sha256']}  {file['path']}\n"
        for dataset in manifest["datasets"]
        for file in dataset["files"]
    ]
    facts = json.dumps([dataset["manifest_sha256"] for dataset in manifest["datasets"]])
    digest = hashlib.sha256("".join([*sorted(lines), facts]).encode()).hexdigest()
    _end(
        release,
        _items(release, content),
        state=Release.State.READY,
        path=f"{FOLDER}/{release.pk}",
        manifest=manifest,
        content_sha256=digest,
    )


def _items(release: Release, content: ReleaseContent) -> list[ReleaseItem]:
    """Which set of which episode went out, so that its report speaks of the same."""
    ids = [item.provenance["annotation_set"] for one in content.datasets for item in one.episodes]
    places = AnnotationSet.objects.filter(pk__in=ids).values_list("project_episode", "pk")
    return [
        ReleaseItem(release=release, project_episode_id=place, annotation_set_id=pk)
        for place, pk in places.order_by("project_episode_id")
    ]


def _fail(release: Release, reason: str) -> None:
    _end(release, [], state=Release.State.FAILED, reason=reason)


@transaction.atomic
def _end(
    release: Release, items: list[ReleaseItem], *, state: Release.State, **fields: Any
) -> None:
    """Once: a release that a second worker has ended already stays as it is."""
    ended = Release.objects.filter(pk=release.pk, state=Release.State.BUILDING).update(
        state=state, finished_at=timezone.now(), **fields
    )
    if ended:
        ReleaseItem.objects.bulk_create(items, batch_size=1000)
        audit.record(
            actor=None,
            action="release.finished",
            project=release.project,
            subject=release,
            state=state.value,
            version=release.version,
        )
