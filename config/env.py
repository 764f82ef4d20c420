"""Typed readers of environment variables; a value that cannot be read stops the start."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is not a yes or a no. Use 1 or 0.")


def integer(name: str, default: int, *, low: int | None = None, high: int | None = None) -> int:
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.") from None
    if (low is not None and number < low) or (high is not None and number > high):
        raise ImproperlyConfigured(f"{name}={number} is outside {low}..{high}.")
    return number


def words(name: str, default: list[str] | None = None) -> list[str]:
    """A comma-separated list."""
    value = text(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else default or []


def paths(name: str, default: list[Path]) -> list[Path]:
    """A list of folders separated as PATH is."""
    value = text(name)
    return [Path(part).resolve() for part in value.split(os.pathsep) if part] if value else default


# Many people ask small questions at once: to compile a plan, or to start workers for it, takes
# longer than the answer.
_SMALL_QUESTIONS = "-c jit=off -c max_parallel_workers_per_gather=0"


def database(url: str) -> dict[str, object]:
    """Django's DATABASES entry from ``postgresql://user:password@host:port/name``.

    A host of ``%2Frun%2Fdir`` or a query ``?host=/run/dir`` names a unix socket's folder;
    ``?options=`` stands in place of those that a connection begins with.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"DATABASE_URL names {parts.scheme or 'nothing'!r}: Touchline needs "
            "postgresql://user:password@host:port/name."
        )
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    host = unquote(query.pop("host", "")) or unquote(parts.hostname or "")
    port = query.pop("port", "") or str(parts.port or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "touchline",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "options": _SMALL_QUESTIONS,
            **{key: unquote(value) for key, value in query.items()},
        },
    }


def object_storage(url: str) -> dict[str, object]:
    """Django's STORAGES entry from ``s3://bucket/prefix`` and the usual AWS variables."""
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.hostname or parts.query or "@" in parts.netloc:
        raise ImproperlyConfigured(
            "TOUCHLINE_STORAGE has to be s3://bucket or s3://bucket/prefix; keys and the endpoint"
            " have variables of their own."
        )
    style = text("TOUCHLINE_STORAGE_ADDRESSING", "auto")
    if style not in {"auto", "path", "virtual"}:
        raise ImproperlyConfigured(
            f"TOUCHLINE_STORAGE_ADDRESSING={style!r} is none of auto, path, virtual."
        )
    return {
        "BACKEND": "episodes.object_storage.MediaBucket",
        "OPTIONS": {
            "bucket_name": parts.netloc,
            "location": parts.path.strip("/"),
            "access_key": text("AWS_ACCESS_KEY_ID") or None,
            "secret_key": text("AWS_SECRET_ACCESS_KEY") or None,
            "security_token": text("AWS_SESSION_TOKEN") or None,
            "region_name": text("AWS_REGION", text("AWS_DEFAULT_REGION")) or None,
            "endpoint_url": text("AWS_ENDPOINT_URL_S3", text("AWS_ENDPOINT_URL")) or None,
            "addressing_style": style,
            "public_endpoint": text("TOUCHLINE_STORAGE_PUBLIC_ENDPOINT"),
        },
    }


@dataclass(frozen=True, slots=True)
class Mail:
    """Where letters go."""

    backend: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    tls: bool = False
    ssl: bool = False


_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def mail(url: str) -> Mail:
    """``smtp://``, ``smtp+tls://`` or ``smtps://user:password@host:port``; ``console:`` prints."""
    parts = urlsplit(url)
    if parts.scheme == "console":
        return Mail("django.core.mail.backends.console.EmailBackend")
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in _MAIL_PORTS or not parts.hostname or port == -1 or parts.query:
        # The address may hold a password: it is not repeated here.
        raise ImproperlyConfigured(
            "EMAIL_URL has to be smtp://host:25, smtp+tls://user:password@host:587, "
            "smtps://user:password@host:465 or console:."
        )
    return Mail(
        "django.core.mail.backends.smtp.EmailBackend",
        host=parts.hostname,
        port=port or _MAIL_PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtp+tls",
        ssl=parts.scheme == "smtps",
    )


def address(name: str, default: str) -> str:
    """An address of a site, without a slash at its end."""
    value = text(name, default).rstrip("/")
    if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname:
        raise ImproperlyConfigured(f"{name}={value!r} is not like https://touchline.example.com.")
    return value
