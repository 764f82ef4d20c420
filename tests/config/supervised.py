"""A supervisor in a process of its own, for the tests that start, kill and stop one."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded import ports, runfile
from config.embedded.runfile import Child, RunFacts

CHECKOUT = Path(__file__).resolve().parents[2]
FOREIGN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "TOUCHLINE_WEB_WORKERS")
READY_SECONDS = 90.0


@dataclass
class Supervised:
    """One data folder and the supervisor that runs on it."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict)
    checkout: Path = CHECKOUT
    python: str = sys.executable
    user: int | None = None
    port: int = field(default_factory=ports.free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        return kept | {
            "TOUCHLINE_DATA_DIR": str(self.folder / "data"),
            "TOUCHLINE_RUN_FILE": str(self.folder / "run.json"),
            "TOUCHLINE_PORT": str(self.port),
            "TOUCHLINE_DEMO": "0",
            "TOUCHLINE_FOLLOW_PARENT": "1",
            "PYTHONUNBUFFERED": "1",
            **self.extra,
        }

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start `python -m config.embedded up`; its words go to said()."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "said.txt").open("wb") as sink:
            self.process = subprocess.Popen(
                [self.python, "-m", "config.embedded", "up"],
                cwd=self.checkout,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
            )
        return self.process

    def start(self) -> float:
        """Start and wait until it says that it is ready; the seconds that took."""
        began = time.monotonic()
        process = self.spawn()
        while "is ready" not in self.said():
            assert process.poll() is None, self.said()
            assert time.monotonic() < began + READY_SECONDS, self.said()
            time.sleep(0.05)
        return time.monotonic() - began

    def refuse(self) -> str:
        """Start one that is expected to refuse; what it said."""
        assert self.spawn().wait(READY_SECONDS) == 1, self.said()
        return self.said()

    def said(self) -> str:
        return (self.folder / "said.txt").read_text()

    def facts(self) -> RunFacts:
        found = runfile.read_facts(self.folder / "run.json")
        assert found is not None
        return found

    def page(self, path: str = "/login/") -> int:
        address = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(address, timeout=20) as answer:
            return int(answer.status)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal the supervisor and wait for its end; the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    def everyone(self) -> list[Child]:
        """The supervisor's children, their children, and so on."""
        assert self.process is not None
        return [Child.of(pid) for pid in descendants(self.process.pid)]


def descendants(pid: int) -> list[int]:
    """All processes below one, by what the kernel says of their parents."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def wait_for_end(children: Iterable[Child], seconds: float) -> list[Child]:
    """Those that still run after the time."""
    deadline = time.monotonic() + seconds
    left = [child for child in children if child.is_running()]
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = [child for child in left if child.is_running()]
    return left
