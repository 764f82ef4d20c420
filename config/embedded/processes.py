"""Child processes that never outlive the supervisor."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from config.embedded.accounts import Account

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: between fork and exec a child must not import or take locks.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


def follow_parent(on_parent_death: signal.Signals, parent: int) -> Callable[[], None]:
    """A pre-exec step that has the kernel send the signal to this child when its parent dies.

    The kernel clears the setting on a change of user, so it has to run after setuid, as pre-exec
    steps do. Outside Linux there is no such call: there, children outlive a killed supervisor until
    the next start.
    """

    def prepare() -> None:
        if _libc is None:
            return
        _libc.prctl(_PR_SET_PDEATHSIG, int(on_parent_death), 0, 0, 0)
        # The parent may have died before the call above; then no signal would ever come.
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return prepare


def spawn(
    argv: Sequence[str],
    *,
    log: Path,
    on_parent_death: signal.Signals,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own (Ctrl-C reaches only us), its output added to the log.

    Call from the main thread: the parent-death signal follows the thread that forked.
    """
    with log.open("ab") as sink:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            # Threads are ruled out above, and the step takes no lock.
            preexec_fn=follow_parent(on_parent_death, os.getpid()),  # noqa: PLW1509
        )


def stop(
    process: subprocess.Popen[bytes],
    *steps: tuple[signal.Signals, float],
) -> int:
    """Send each signal in turn, waiting its seconds; SIGKILL to the whole session last."""
    for number, seconds in steps:
        if process.poll() is not None:
            return process.returncode
        process.send_signal(number)
        try:
            return process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def command_line(pid: int) -> list[str]:
    """The arguments of a running process; empty when there is none or it may not be seen."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    return [part.decode(errors="replace") for part in raw.split(b"\0") if part]


def working_in(folder: Path) -> list[int]:
    """The processes, as far as we may see them, whose working directory is the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if os.readlink(entry) == str(folder):
                found.append(int(entry.parent.name))
    return found


def is_running(pid: int) -> bool:
    """True while a process of that id exists (a zombie counts as ended)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return state != "Z"


def wait_until_gone(pid: int, seconds: float) -> bool:
    """True when the process ended within the time."""
    deadline = time.monotonic() + seconds
    while is_running(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
