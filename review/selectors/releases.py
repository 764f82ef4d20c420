"""Releases of a project, for its managers."""

from pathlib import Path
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils.text import slugify

from annotation.errors import NotFound
from annotation.models import Project
from annotation.roles import Role, require_role
from episodes.access import Viewer
from episodes.selectors.data_files import data_path
from review.errors import ReleaseNotReady
from review.models import Batch, Release


def managed_project(user: Viewer, project_id: int) -> Project:
    """Raises NotFound to outsiders, RoleMissing below manager."""
    project = Project.objects.visible_to(user).filter(pk=project_id).first()
    if project is None:
        raise NotFound("There is no such project.", remedy="Check the address.")
    require_role(user, project, Role.MANAGER)
    return project


def managed_release(user: Viewer, release_id: UUID) -> Release:
    """Raises NotFound to outsiders, RoleMissing below manager."""
    release = (
        Release.objects.select_related("project", "created_by", "signed_by")
        .filter(pk=release_id)
        .first()
    )
    if release is None:
        raise NotFound("There is no such release.", remedy="Check the address.")
    require_role(user, release.project, Role.MANAGER)
    return release


def releases_of(project: Project) -> QuerySet[Release]:
    """Newest first."""
    return (
        Release.objects.filter(project=project)
        .select_related("created_by", "signed_by")
        .order_by("-version")
    )


def releasable_batches(project: Project) -> QuerySet[Batch]:
    """Approved batches with ``episode_count``, last approved first."""
    return (
        Batch.objects.filter(project=project, state=Batch.State.APPROVED)
        .annotate(episode_count=Count("items"))
        .order_by("-approved_at", "-pk")
    )


def equal_release(release: Release) -> Release | None:
    """An earlier release of the project with the same content, if there is one."""
    if not release.content_sha256:
        return None
    return (
        Release.objects.filter(
            project=release.project_id,
            content_sha256=release.content_sha256,
            version__lt=release.version,
        )
        .order_by("version")
        .first()
    )


def release_folder(release: Release) -> Path:
    """Raises ReleaseNotReady."""
    if release.state != Release.State.READY:
        raise ReleaseNotReady(
            f"This release is {release.get_state_display().lower()}.",
            remedy=release.reason or "Wait until it is built.",
        )
    return data_path(release.path)


def archive_name(release: Release) -> str:
    return f"{slugify(release.project.name) or 'release'}-v{release.version}"
