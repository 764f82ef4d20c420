"""Videos in S3-compatible object storage: django-storages' connection, Touchline's own errors.

The backend of ``STORAGES["media"]``. Names are those of ``data_files``; objects are immutable.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from episodes.byte_ranges import ByteRange
from episodes.media_errors import MediaMissing, StorageUnavailable

PIECE = 256 * 1024
ABSENT = ("404", "NoSuchKey", "NotFound")
# A page waits for no storage that is away: two tries of a few seconds, then 503.
CLIENT = Config(
    connect_timeout=3, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 2}
)


class MediaBucket(S3Storage):  # type: ignore[misc]  # the package has no types
    """One bucket and prefix. Every method raises StorageUnavailable when the storage is away."""

    def get_default_settings(self) -> dict[str, Any]:
        defaults: dict[str, Any] = super().get_default_settings()
        # None of Django's other uploads go here; signatures of today, and no public objects.
        own = {"client_config": None, "signature_version": "s3v4", "public_endpoint": ""}
        return {**defaults, **own, "file_overwrite": True, "default_acl": None}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        style: Any = {"addressing_style": self.addressing_style or "auto"}
        self.client_config = CLIENT.merge(
            Config(s3=style, signature_version=self.signature_version)
        )

    def object_size(self, name: str) -> int | None:
        """Bytes of the object; None where there is none."""
        try:
            with _answered("asked for"):
                return int(self.bucket.Object(self._key(name)).content_length)
        except MediaMissing:
            return None

    def put(self, source: Path, name: str, content_type: str) -> None:
        """Store a file; an object appears whole or not at all."""
        with _answered("written to"):
            extra = {"ContentType": content_type}
            self.bucket.upload_file(str(source), self._key(name), ExtraArgs=extra)

    def pieces(self, name: str, part: ByteRange) -> Iterator[bytes]:
        """The bytes of ``part``; the request is made, and fails, before the first is taken.

        Raises MediaMissing.
        """
        asked = f"bytes={part.start}-{part.end - 1}"
        with _answered("read from"):
            body = self.bucket.Object(self._key(name)).get(Range=asked)["Body"]
        return _read(body)

    def fetch(self, name: str, target: Path) -> str:
        """Write the whole object to ``target``; the sha256 of what came. Raises MediaMissing."""
        digest = hashlib.sha256()
        with _answered("read from"):
            body = self.bucket.Object(self._key(name)).get()["Body"]
            with target.open("wb") as file:
                for piece in body.iter_chunks(4 * 2**20):
                    digest.update(piece)
                    file.write(piece)
        return digest.hexdigest()

    def link(self, name: str, *, seconds: int) -> str:
        """An address that lets whoever has it read the object until the time is over."""
        client = self.bucket.meta.client
        if self.public_endpoint:
            client = self._create_session().client(
                "s3",
                region_name=self.region_name,
                endpoint_url=self.public_endpoint,
                config=self.client_config,
            )
        asked = {"Bucket": self.bucket.name, "Key": self._key(name)}
        return str(client.generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds))

    def listed(self, prefix: str) -> Iterator[tuple[str, int, datetime]]:
        """(name, bytes, time of change) of every object whose name begins with ``prefix``."""
        skipped = len(self._key(""))
        with _answered("listed in"):
            for found in self.bucket.objects.filter(Prefix=self._key(prefix)):
                yield found.key[skipped:], found.size, found.last_modified

    def remove(self, name: str) -> None:
        """Delete the object; one that is gone already is no error."""
        with _answered("deleted from"):
            self.bucket.Object(self._key(name)).delete()

    def _key(self, name: str) -> str:
        prefix = str(self.location).strip("/")
        return f"{prefix}/{name}" if prefix else name


def _read(body: Any) -> Iterator[bytes]:
    with _answered("read from"):
        yield from body.iter_chunks(PIECE)


@contextmanager
def _answered(done: str) -> Iterator[None]:
    """Map what the client library raises; a full disk of our own stays an OSError."""
    try:
        yield
    except ClientError as error:
        if str(error.response.get("Error", {}).get("Code")) in ABSENT:
            raise MediaMissing(
                "the video is not in the object storage",
                remedy="Restore the bucket, or import the dataset again.",
            ) from error
        raise _unavailable(done, error) from error
    except (BotoCoreError, Boto3Error) as error:
        raise _unavailable(done, error) from error


def _unavailable(done: str, error: Exception) -> StorageUnavailable:
    return StorageUnavailable(
        f"the video cannot be {done} the object storage: {error}",
        remedy="Try again in a moment. If it lasts, the operator checks TOUCHLINE_STORAGE,"
        " the keys and the storage's own health.",
    )
