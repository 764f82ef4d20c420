"""Which user a server runs as: PostgreSQL refuses root, so root hands it to another account."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import EmbeddedError

# nobody is there nearly everywhere; the others serve where a container maps only a few users.
CANDIDATES = ("nobody", "postgres", "daemon", "www-data", "bin")


@dataclass(frozen=True)
class Account:
    """An unprivileged user that root starts a server as."""

    name: str
    uid: int
    gid: int

    def run(self, *argv: str) -> bool:
        """True when the command succeeds as this user: the kernel's own answer, ACLs included."""
        try:
            done = subprocess.run(
                argv,
                user=self.uid,
                group=self.gid,
                extra_groups=[],
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=30,
                check=False,
            )
        except (OSError, ValueError, subprocess.SubprocessError):
            return False
        return done.returncode == 0

    def can_write(self, directory: Path) -> bool:
        """True when this user may enter the directory and create files in it."""
        return self.run("test", "-w", str(directory), "-a", "-x", str(directory))

    def can_enter(self, directory: Path) -> bool:
        """True when this user may reach what lies under the directory."""
        return self.run("test", "-x", str(directory))

    def can_execute(self, binary: Path) -> bool:
        """True when this user can start the program, shared libraries included."""
        return self.run(str(binary), "--version")

    def own(self, path: Path) -> None:
        """Give the path (not what is under it) to this user."""
        os.chown(path, self.uid, self.gid)


def server_account() -> Account | None:
    """The account for servers that refuse root; None when the caller is an ordinary user."""
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        account = Account(name, entry.pw_uid, entry.pw_gid)
        if account.uid != 0 and account.run("true"):
            return account
    raise EmbeddedError(
        "PostgreSQL refuses to run as root, and no unprivileged account can be used here.",
        remedy="Run as an ordinary user, or set DATABASE_URL to a PostgreSQL server.",
    )
