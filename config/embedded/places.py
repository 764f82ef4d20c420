"""Where the embedded stack keeps its things."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.embedded.accounts import Account, server_account
from config.embedded.errors import EmbeddedError
from config.embedded.postgres import socket_folder_fits
from config.embedded.runfile import CHECKOUT

LOG_LIMIT = 10 * 2**20
# For the cluster alone, when its account cannot enter the data folder.
FALLBACKS = (Path("/var/lib/touchline"), Path("/var/tmp"))


@dataclass(frozen=True)
class Places:
    """Folders of one stack.

    ``data`` holds media, logs and keys. ``server`` holds the PostgreSQL cluster: the same folder,
    unless the account that PostgreSQL runs as cannot get there.
    """

    data: Path
    server: Path
    sockets: Path
    account: Account | None

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def cluster(self) -> Path:
        return self.server / "postgres"

    @property
    def valkey(self) -> Path:
        return self.data / "valkey"

    def log(self, name: str) -> Path:
        """The log of a part, begun afresh once it has grown large."""
        path = self.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".log.1"))
        return path


def data_folder() -> Path:
    """TOUCHLINE_DATA_DIR, else .touchline in the checkout."""
    return Path(os.environ.get("TOUCHLINE_DATA_DIR") or CHECKOUT / ".touchline").resolve()


def prepare_places() -> Places:
    """Make the folders, closed to other users."""
    data, account = data_folder(), server_account()
    try:
        for folder in (data, data / "logs", data / "media"):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
    except OSError as error:
        raise EmbeddedError(
            f"The data folder {data} cannot be used: {error.strerror}.",
            remedy="Choose one that you may write to with TOUCHLINE_DATA_DIR.",
        ) from None
    # Root's PostgreSQL account passes through to its own folder; it cannot list.
    data.chmod(0o711 if account else 0o700)
    server = _server_folder(data, account)
    return Places(data, server, _socket_folder(server, account), account)


def _server_folder(data: Path, account: Account | None) -> Path:
    if account is None:
        return data
    fallbacks = [parent / _name(data) for parent in FALLBACKS]
    for place in (data, *fallbacks):
        if (place / "postgres" / "PG_VERSION").exists():
            if account.can_enter(place):
                return place
            raise EmbeddedError(
                f"The database in {place} can no longer be reached by the account {account.name}.",
                remedy="Let others pass through the folders above it (chmod o+x), "
                f"or move it: mv {place}/postgres {fallbacks[0]}/",
            )
    if account.can_enter(data):
        return data
    for place in fallbacks:
        if _own_folder(place, 0o711) and account.can_enter(place):
            return place
    raise EmbeddedError(
        f"The account {account.name}, which PostgreSQL has to run as, can enter neither {data} nor "
        + " nor ".join(map(str, fallbacks))
        + ".",
        remedy="Set TOUCHLINE_DATA_DIR to a folder that it can reach, or set DATABASE_URL.",
    )


def _socket_folder(server: Path, account: Account | None) -> Path:
    if socket_folder_fits(server / "sockets"):
        return server / "sockets"
    parent = Path(tempfile.gettempdir()) / f"{_name(server)}-{os.geteuid()}"
    if not _own_folder(parent, 0o711 if account else 0o700):
        raise EmbeddedError(
            f"{parent} belongs to another user, and {server} is too long a path for a unix socket.",
            remedy="Set TOUCHLINE_DATA_DIR to a shorter path.",
        )
    return parent / "s"


def _name(folder: Path) -> str:
    return "touchline-" + hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]


def _own_folder(folder: Path, mode: int) -> bool:
    """Make the folder, or accept one that is ours and no link: others can write beside it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            return False
        folder.chmod(mode)
    except OSError:
        return False
    return True


def secret_key(data: Path) -> str:
    """The stack's own random key, made once."""
    path = data / "secret_key"
    if not path.exists():
        part = data / f".secret_key-{os.getpid()}"
        part.touch(0o600)
        part.write_text(secrets.token_urlsafe(48))
        part.replace(path)
    return path.read_text().strip()


def lock(data: Path) -> IO[str] | None:
    """The supervisor's lock, freed by the kernel however it ends; None when another holds it."""
    handle = (data / "supervisor.lock").open("a")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle
