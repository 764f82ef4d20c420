"""Pictures of guidelines: checked, stored once by content, taken away again."""

import hashlib
import re
from pathlib import PurePath

from django.contrib.auth.models import User
from django.db import transaction

from annotation.errors import PictureRefused
from annotation.models import GuidelinePicture, Project
from annotation.roles import Role, require_role
from annotation.services import audit
from episodes.selectors.data_files import data_path
from episodes.video.files import write_whole

MOST_BYTES = 5 * 2**20
MOST_PICTURES = 500
# By how a file begins, whatever it is called. SVG is a document that can run scripts.
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", b"", "image/png", "png"),
    (b"\xff\xd8\xff", b"", "image/jpeg", "jpg"),
    (b"RIFF", b"WEBP", "image/webp", "webp"),
)


def media_type(content: bytes) -> tuple[str, str] | None:
    """Type and extension of a PNG, JPEG or WebP file; None for anything else."""
    for start, then, kind, extension in _BEGINNINGS:
        if content.startswith(start) and content[8 : 8 + len(then)] == then:
            return kind, extension
    return None


def picture_name(filename: str) -> str:
    """The name under which a guideline shows it, without what would need quoting there."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", PurePath(filename.replace("\\", "/")).name)
    return plain.strip("-.")[-120:] or "picture"


@transaction.atomic
def add_picture(
    *, actor: User, project: Project, filename: str, content: bytes
) -> GuidelinePicture:
    """The picture; the same content under the same name again is the same. Managers only.

    A name never gets another content, since earlier versions of the guideline show it. Raises
    PictureRefused, NotFound, RoleMissing.
    """
    require_role(actor, project, Role.MANAGER)
    name = picture_name(filename)
    kind = _checked(name, content)
    sha256 = hashlib.sha256(content).hexdigest()
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    there = GuidelinePicture.objects.filter(project=project, name=name).first()
    if there is not None:
        if there.sha256 == sha256:
            return there
        raise PictureRefused(
            f"There is another picture named {name} in this project.",
            remedy="Rename the file and upload it again; earlier versions keep theirs.",
        )
    if GuidelinePicture.objects.filter(project=project).count() >= MOST_PICTURES:
        raise PictureRefused(
            f"The project has {MOST_PICTURES} pictures, which is the most.",
            remedy="Remove some that no guideline shows.",
        )
    path = f"guidelines/{sha256[:2]}/{sha256}.{kind[1]}"
    # A file without a row harms nobody, a row without its file would.
    write_whole(data_path(path), content)
    picture = GuidelinePicture.objects.create(
        project=project,
        name=name,
        sha256=sha256,
        media_type=kind[0],
        size=len(content),
        path=path,
    )
    audit.record(
        actor=actor,
        action="guideline.picture_added",
        project=project,
        subject=picture,
        name=name,
    )
    return picture


def _checked(name: str, content: bytes) -> tuple[str, str]:
    if len(content) > MOST_BYTES:
        raise PictureRefused(
            f"{name} has {len(content) / 2**20:.1f} MB; a picture may have "
            f"{MOST_BYTES // 2**20} MB.",
            remedy="Save it smaller and upload it again.",
        )
    kind = media_type(content)
    if kind is None:
        raise PictureRefused(
            f"{name} is no PNG, JPEG or WebP picture.",
            remedy="Save it as one of these and upload it again.",
        )
    return kind
