"""Archives on their way in: chunk by chunk, so that an upload that was cut off can go on."""

import base64
import binascii
import hashlib
import os
import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from episodes.errors import (
    TouchlineError,
    UploadDamaged,
    UploadOutOfStep,
    UploadRefused,
    UploadUnknown,
)
from episodes.formats import questions
from episodes.formats.manifest import sha256_of
from episodes.models import ImportItem, ImportRun, Upload
from episodes.records import Answers, Question
from episodes.selectors.data_files import data_path
from episodes.selectors.imports import SINGLE_FILES
from episodes.services.archives import ArchiveLimits, dataset_root, unpack
from episodes.services.exclusive import only_one
from episodes.services.imports import (
    plan_import,
    remembered_answers,
    require_may_import,
    still_valid,
)

MAX_CHUNK_BYTES = 16 * 2**20
SHA256 = re.compile(r"[0-9a-f]{64}")
DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/=]+):")
ABANDONED = timedelta(days=7)
STUCK = timedelta(minutes=10)
SEND_AGAIN = "Send the chunk again from the byte given in “received”."


def upload_folder(upload: Upload) -> Path:
    return data_path(f"uploads/{upload.pk}")


def archive_path(upload: Upload) -> Path:
    """The bytes as they come in; the sender's own name is for the unpacked dataset alone."""
    return upload_folder(upload) / "archive.zip"


def is_archive(filename: str) -> bool:
    """Whether the file is to be unpacked; else it is the dataset itself."""
    name = filename.lower()
    return name.endswith(".zip") and not name.endswith(SINGLE_FILES)


def own_upload(*, actor: User, upload_id: UUID) -> Upload:
    """Raises UploadUnknown for somebody else's as well."""
    upload = Upload.objects.filter(pk=upload_id, owner=actor).first()
    if upload is None:
        raise UploadUnknown("There is no such upload.", remedy="Start the upload again.")
    return upload


def start_upload(
    *, actor: User, filename: str, size: int, sha256: str = "", dataset_name: str = ""
) -> Upload:
    """Announce an archive, or a dataset's one file, of ``size`` bytes.

    ``sha256`` (hex), where given, is checked at the end.
    Raises ImportNotAllowed, UploadRefused.
    """
    require_may_import(actor)
    name = PurePath(filename.replace("\\", "/")).name[:255]
    if not is_archive(name) and not name.lower().endswith(SINGLE_FILES):
        raise UploadRefused(
            f"“{name}” is no zip archive and no dataset of one file ({', '.join(SINGLE_FILES)}).",
            remedy="Zip the dataset's folder and upload that.",
        )
    limit = settings.TOUCHLINE_UPLOAD_MAX_BYTES
    if not 0 < size <= limit:
        raise UploadRefused(
            f"“{name}” has {size:,} bytes; 1 to {limit:,} can be uploaded.",
            remedy="Put the dataset's folder into an import root on the server instead.",
        )
    free = shutil.disk_usage(settings.TOUCHLINE_DATA_DIR).free
    if size > free:
        raise UploadRefused(
            f"“{name}” has {size:,} bytes, the server's disk has {free:,} left.",
            remedy="Ask the operator for more space.",
        )
    if sha256 and not SHA256.fullmatch(sha256):
        raise UploadRefused("sha256 has to be 64 hexadecimal digits.", remedy="Leave it out.")
    return Upload.objects.create(
        owner=actor, filename=name, size=size, sha256=sha256, dataset_name=dataset_name.strip()
    )


@transaction.atomic
def store_chunk(
    *, actor: User, upload_id: UUID, start: int, end: int, total: int, body: bytes, digest: str = ""
) -> Upload:
    """Append bytes [start, end) of ``total``; all of them or none are kept.

    ``digest`` is a Content-Digest header (RFC 9530, sha-256). A chunk that is stored already is
    accepted and not written again. Raises UploadOutOfStep, UploadDamaged, UploadRefused.
    """
    upload = own_upload(actor=actor, upload_id=upload_id)
    upload = Upload.objects.select_for_update().get(pk=upload.pk)
    _check_chunk(upload, start, end, total, body, digest)
    if end <= upload.received:
        return upload
    path = archive_path(upload)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b" if path.exists() else "x+b") as file:
        # Behind a crash the file may be longer than what was verified.
        file.truncate(start)
        file.seek(start)
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    upload.received = end
    upload.save(update_fields=["received", "updated_at"])
    return upload


def _check_chunk(
    upload: Upload, start: int, end: int, total: int, body: bytes, digest: str
) -> None:
    if upload.state != Upload.State.RECEIVING:
        raise UploadOutOfStep(
            f"The upload of “{upload.filename}” is {upload.get_state_display().lower()}.",
            remedy="Follow its import, or start a new upload.",
            received=upload.received,
        )
    if total != upload.size or not 0 <= start < end <= total:
        raise UploadRefused(
            f"Bytes {start}-{end - 1} of {total} do not fit the {upload.size} bytes announced.",
            remedy="Start a new upload: the file is another one than before.",
        )
    if len(body) != end - start:
        raise UploadDamaged(
            f"Of the chunk's {end - start:,} bytes {len(body):,} arrived.",
            remedy=SEND_AGAIN,
            received=upload.received,
        )
    if digest and not _matches(digest, body):
        raise UploadDamaged(
            "The chunk arrived with other bytes than it was sent with.",
            remedy=SEND_AGAIN,
            received=upload.received,
        )
    if start > upload.received or start < upload.received < end:
        raise UploadOutOfStep(
            f"The chunk starts at byte {start:,}; {upload.received:,} bytes are stored.",
            remedy=SEND_AGAIN,
            received=upload.received,
        )


def _matches(digest: str, body: bytes) -> bool:
    found = DIGEST.search(digest)
    if found is None:
        return False
    try:
        return base64.b64decode(found.group(1), validate=True) == hashlib.sha256(body).digest()
    except binascii.Error:
        return False


@transaction.atomic
def close_upload(*, actor: User, upload_id: UUID) -> Upload:
    """All bytes are there: let it be checked and unpacked. Asking twice is the same as once.

    Raises UploadOutOfStep while bytes are missing.
    """
    upload = own_upload(actor=actor, upload_id=upload_id)
    upload = Upload.objects.select_for_update().get(pk=upload.pk)
    if upload.received < upload.size:
        raise UploadOutOfStep(
            f"Of {upload.size:,} bytes {upload.received:,} are stored.",
            remedy="Send the rest, then complete the upload.",
            received=upload.received,
        )
    if upload.state == Upload.State.RECEIVING:
        upload.state = Upload.State.CHECKING
        upload.save(update_fields=["state", "updated_at"])
    return upload


def unpack_upload(*, upload_id: UUID) -> ImportRun | None:
    """Check and unpack a closed upload, then plan its import; the run, or None.

    Where the dataset does not say everything and nobody answered for it before, the upload waits
    for answers. Idempotent: a second call finds the upload settled. What is wrong stays with the
    upload.
    """
    with only_one(f"upload {upload_id}") as mine:
        upload = Upload.objects.select_related("owner", "run").get(pk=upload_id)
        if not mine or upload.state != Upload.State.CHECKING:
            return upload.run
        try:
            root = _unpacked(upload)
            if unanswered(root, dataset_name(upload)):
                upload.state = Upload.State.ASKING
                upload.save()
                return None
            return _planned(upload, root, {})
        except TouchlineError as error:
            upload.state = Upload.State.REFUSED
            upload.reason_code, upload.reason = error.code, str(error)
            upload.remedy = error.remedy
            upload.save()
            shutil.rmtree(upload_folder(upload), ignore_errors=True)
            return None


def answer_upload(*, actor: User, upload_id: UUID, answers: Answers) -> ImportRun:
    """Plan the import of an upload that waits for answers. Answering twice is answering once.

    Raises UploadUnknown, UploadOutOfStep, and what ``plan_import`` raises: the upload then waits
    on, so that the answers can be corrected.
    """
    upload = own_upload(actor=actor, upload_id=upload_id)
    with only_one(f"upload {upload_id}") as mine:
        upload.refresh_from_db()
        if upload.run is not None:
            return upload.run
        if not mine or upload.state != Upload.State.ASKING:
            raise UploadOutOfStep(
                f"The upload of “{upload.filename}” asks nothing now.",
                remedy="Open its page again.",
                received=upload.received,
            )
        return _planned(upload, upload_source(upload), answers)


def _planned(upload: Upload, root: Path, answers: Answers) -> ImportRun:
    run = plan_import(
        path=root, name=dataset_name(upload), answers=answers, requested_by=upload.owner
    )
    upload.run, upload.state = run, Upload.State.COMPLETE
    upload.save()
    return run


def dataset_name(upload: Upload) -> str:
    """As it was asked for, else the file's name without its ending, which may be of two words."""
    name = PurePath(upload.filename).name
    ending = next((one for one in SINGLE_FILES if name.lower().endswith(one)), "")
    plain = name[: -len(ending)] if ending else PurePath(name).stem
    return upload.dataset_name or plain


def upload_source(upload: Upload) -> Path:
    """The dataset's folder or file in an unpacked upload."""
    return dataset_root(upload_folder(upload) / "tree")


def upload_questions(upload: Upload) -> tuple[Question, ...]:
    """What an upload waits for; nothing in another state."""
    if upload.state != Upload.State.ASKING:
        return ()
    return questions(upload_source(upload))


def unanswered(root: Path, name: str) -> bool:
    """Whether the source asks something that was not answered for the dataset before."""
    asked = questions(root)
    known = still_valid(asked, remembered_answers(root, name))
    return any(question.id not in known for question in asked)


def _unpacked(upload: Upload) -> Path:
    """The dataset, unpacked anew; a single file only takes its own name."""
    archive, tree = archive_path(upload), upload_folder(upload) / "tree"
    single = tree / upload.filename
    if not is_archive(upload.filename) and single.is_file() and not archive.exists():
        return single  # moved by a worker that was killed before it could say so
    size = archive.stat().st_size if archive.is_file() else 0
    if size != upload.size or (upload.sha256 and sha256_of(archive) != upload.sha256):
        raise UploadDamaged(
            f"“{upload.filename}” did not arrive as it was sent.", remedy="Upload it again."
        )
    shutil.rmtree(tree, ignore_errors=True)
    if is_archive(upload.filename):
        return unpack(archive, tree, ArchiveLimits(settings.TOUCHLINE_UPLOAD_MAX_BYTES))
    tree.mkdir()
    return archive.rename(single)


def stuck_uploads(*, now: datetime | None = None) -> list[UUID]:
    """Closed uploads that no worker has settled for a while."""
    late = (now or timezone.now()) - STUCK
    stuck = Upload.objects.filter(state=Upload.State.CHECKING, updated_at__lt=late)
    return list(stuck.values_list("pk", flat=True))


def discard_uploads(*, now: datetime | None = None) -> int:
    """Remove the files of uploads whose import is over, and of those that nobody went on with.

    While episodes are in quarantine their files stay for a week, so that they can be tried again.
    """
    old = (now or timezone.now()) - ABANDONED
    done = Q(state=Upload.State.COMPLETE, run__state=ImportRun.State.DONE)
    stayed_out = ImportItem.objects.filter(run=OuterRef("run"), state=ImportItem.State.QUARANTINED)
    over = done & (~Q(Exists(stayed_out)) | Q(run__finished_at__lt=old))
    gone = Q(state=Upload.State.COMPLETE, run__isnull=True)
    waiting = [Upload.State.RECEIVING, Upload.State.ASKING]
    abandoned = Q(state__in=waiting, updated_at__lt=old)
    count = 0
    for upload in Upload.objects.filter(over | gone | abandoned):
        folder = upload_folder(upload)
        if folder.exists():
            shutil.rmtree(folder, ignore_errors=True)
            count += 1
    Upload.objects.filter(abandoned).delete()
    return count
