"""Free ports, and who holds one that is not."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from pathlib import Path

from config.embedded import processes
from config.embedded.errors import EmbeddedError

HOST = "127.0.0.1"


def free_port() -> int:
    """A port of 127.0.0.1 that nothing uses at this moment."""
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def require_free(port: int, variable: str) -> None:
    """Refuse a port that cannot be bound, naming who holds it and the way out."""
    with socket.socket() as probe:
        # As gunicorn binds: connections of an earlier run that linger in TIME_WAIT do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            return
        except OSError as error:
            reason = error
    if reason.errno == errno.EACCES:
        raise EmbeddedError(
            f"Port {port} needs more rights than you have.",
            remedy=f"Choose one above 1023: {variable}=8001 make run",
        )
    if reason.errno != errno.EADDRINUSE:
        raise EmbeddedError(f"Port {port} cannot be used: {reason}.")
    pid = listener(port)
    command = " ".join(processes.command_line(pid))[:80] if pid else ""
    holder = f"`{command}` (pid {pid})" if command else "a program of another user"
    raise EmbeddedError(
        f"Port {port} of {HOST} is taken by {holder}.",
        remedy=f"Stop that program, or choose another port: {variable}={port + 1} make run",
    )


def listener(port: int) -> int:
    """The pid that listens on the port; 0 when it cannot be seen."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == "0A" and int(columns[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{columns[9]}]")
    for folder in Path("/proc").glob("[0-9]*/fd"):
        with contextlib.suppress(OSError):
            for handle in folder.iterdir():
                with contextlib.suppress(OSError):
                    if os.readlink(handle) in inodes:
                        return int(folder.parent.name)
    return 0
