"""System checks: a wrong set-up is named at start, with its number and its remedy."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

UNSAFE_KEY_PREFIXES = ("unsafe-", "django-insecure-")
NEEDED_DECODERS = ("h264", "hevc", "av1", "vp9")
NEEDED_ENCODERS = ("libx264",)


def data_folder_is_writable(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """touchline.E001: imports, sprites and releases have nowhere to go."""
    folder = Path(settings.TOUCHLINE_DATA_DIR)
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"The data folder {folder} cannot be written to.",
            hint="Give this user the folder, or name another one in TOUCHLINE_DATA_DIR.",
            id="touchline.E001",
        )
    ]


def front_end_is_built(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """touchline.W002: pages would come without styles and without the editor."""
    manifest = Path(settings.VITE_MANIFEST)
    if manifest.exists():
        return []
    return [
        Warning(
            f"The front end is not built: {manifest.name} is missing from {manifest.parent}.",
            hint="Run `make frontend` (make run does it too).",
            id="touchline.W002",
        )
    ]


def _codec_exists(name: str, mode: str) -> bool:
    try:
        av.Codec(name, mode)  # type: ignore[arg-type]
    except ValueError:
        return False
    return True


def video_codecs_are_there(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """touchline.E003: PyAV was built without a codec that recordings come in."""
    missing = [name for name in NEEDED_DECODERS if not _codec_exists(name, "r")]
    missing += [name for name in NEEDED_ENCODERS if not _codec_exists(name, "w")]
    if not missing:
        return []
    return [
        Error(
            f"PyAV lacks the codecs {', '.join(missing)}.",
            hint="Install PyAV's own wheel (requirements/base.txt), not one built from source.",
            id="touchline.E003",
        )
    ]


def object_storage_is_set_up(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """touchline.E004 and W005: half of what an object storage needs is set."""
    access, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    found: list[CheckMessage] = []
    if settings.TOUCHLINE_STORAGE and bool(access) != bool(secret):
        found.append(
            Error(
                "Only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set.",
                hint="Set both, or neither where the machine's role gives access to the bucket.",
                id="touchline.E004",
            )
        )
    if settings.TOUCHLINE_STORAGE_PRESIGNED and not settings.TOUCHLINE_STORAGE:
        found.append(
            Warning(
                "TOUCHLINE_STORAGE_PRESIGNED is set, but TOUCHLINE_STORAGE is not: videos come"
                " from the data folder.",
                hint="Set TOUCHLINE_STORAGE=s3://bucket/prefix, or unset the other.",
                id="touchline.W005",
            )
        )
    return found


def deployment_is_safe(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """touchline.E010 to E014: what must not be true of a server that others reach."""
    found: list[CheckMessage] = []
    if settings.DEBUG:
        found.append(Error("DEBUG is on.", hint="Unset DEBUG.", id="touchline.E010"))
    key = settings.SECRET_KEY
    if key.startswith(UNSAFE_KEY_PREFIXES) or len(key) < 40:
        found.append(
            Error(
                "SECRET_KEY is short or a known one.",
                hint="Set SECRET_KEY to the output of "
                "`python -c 'import secrets; print(secrets.token_urlsafe(64))'`.",
                id="touchline.E011",
            )
        )
    if "*" in settings.ALLOWED_HOSTS:
        found.append(
            Error(
                "ALLOWED_HOSTS accepts any host name.",
                hint="Name the hosts of this site in ALLOWED_HOSTS, separated by commas.",
                id="touchline.E012",
            )
        )
    if not settings.DATABASE_URL or not settings.REDIS_URL:
        found.append(
            Error(
                "DATABASE_URL or REDIS_URL is not set.",
                hint="Set both: a deployment has no embedded servers.",
                id="touchline.E013",
            )
        )
    if not settings.MEDIA_ACCEL_PREFIX:
        found.append(
            Warning(
                "Django itself sends the videos: MEDIA_ACCEL_PREFIX is not set.",
                hint="Behind deploy/nginx.conf.template set MEDIA_ACCEL_PREFIX=/_data/.",
                id="touchline.W014",
            )
        )
    return found
