"""A real Touchline for browser tests and benches: gunicorn, a worker, PostgreSQL, Valkey."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
START_SECONDS = 120.0
# What the caller's own environment may say about another stack.
FOREIGN = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"}


@dataclass(frozen=True)
class Stack:
    """A running Touchline: its address, its data folder and what its commands need."""

    address: str
    data_dir: Path
    environment: dict[str, str]
    log: Path

    def manage(self, *words: str) -> str:
        """Run a manage.py command against this stack and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=CHECKOUT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running_stack(folder: Path) -> Iterator[Stack]:
    """The embedded stack with its demo project in ``folder``; stopped at the end."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN} | {
        "TOUCHLINE_DATA_DIR": str(folder / "data"),
        "TOUCHLINE_RUN_FILE": str(folder / "run.json"),
        "TOUCHLINE_PORT": str(port),
        # The demo's own project is what tests look at.
        "TOUCHLINE_SIMULATION": "0",
        # A test run that is killed takes its stack along.
        "TOUCHLINE_FOLLOW_PARENT": "1",
    }
    log = folder / "supervisor.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.embedded", "up"],
            cwd=CHECKOUT,
            env=environment,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(process, address, log)
        yield Stack(address, folder / "data", environment, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        if "is ready" in log.read_text():
            with urllib.request.urlopen(f"{address}/login/", timeout=5) as answer:
                assert answer.status == 200
            return
        time.sleep(0.1)
    raise AssertionError(f"The stack did not come up:\n{log.read_text()}")
