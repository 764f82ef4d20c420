"""A real Touchline for browser tests and benches: gunicorn, a worker, PostgreSQL, Valkey."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
START_SECONDS = 120.0
# What the caller's own environment may say about another stack.
FOREIGN = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"}
# Reads pieces of Python, each a line of JSON; answers with what one printed and how it failed.
ANSWER = """
import contextlib, io, json, sys, traceback
for line in sys.stdin:
    printed, failure = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(printed):
            exec(json.loads(line), {})
    except Exception:
        failure = traceback.format_exc()
    print(json.dumps([printed.getvalue(), failure]), flush=True)
"""


class Shell:
    """A manage.py shell that stays: loading the application takes longer than what is asked."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", ANSWER],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, words: str) -> str:
        """What the Python printed; it fails the test where it raises."""
        asked, said = self._process.stdin, self._process.stdout
        assert asked is not None
        assert said is not None
        asked.write(json.dumps(words) + "\n")
        asked.flush()
        printed, failure = json.loads(said.readline())
        assert failure == "", failure
        return str(printed)

    def close(self) -> None:
        self._process.communicate(timeout=60)


@dataclass(frozen=True)
class Stack:
    """A running Touchline: its address, its data folder and what its commands need."""

    address: str
    data_dir: Path
    environment: dict[str, str]
    log: Path
    shell: Shell


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running_stack(folder: Path) -> Iterator[Stack]:
    """The embedded stack with its demo project in ``folder``; stopped at the end."""
    with starting_stack(folder) as stack:
        yield stack()


@contextlib.contextmanager
def starting_stack(folder: Path, words: str = "") -> Iterator[Callable[[], Stack]]:
    """As ``running_stack``, but it starts beside what the caller does until it asks for it.

    ``words`` is Python that its shell runs as soon as it is there.
    """
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
    address, log = f"http://127.0.0.1:{port}", folder / "supervisor.log"
    with contextlib.ExitStack() as ends, log.open("wb") as sink:
        beside = ends.enter_context(ThreadPoolExecutor(1))
        process = subprocess.Popen(
            [sys.executable, "-m", "config.embedded", "up"],
            cwd=CHECKOUT,
            env=environment,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
        ends.callback(process.wait, 60)
        ends.callback(process.send_signal, signal.SIGTERM)

        def running() -> Stack:
            _wait(process, address, log)
            shell = Shell(environment)
            ends.callback(shell.close)
            shell.run(words)
            return Stack(address, folder / "data", environment, log, shell)

        yield beside.submit(running).result


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
