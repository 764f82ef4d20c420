"""The parts of the stack: how each starts, when it is ready, how it stops."""

from __future__ import annotations

import http.client
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.embedded import ports, postgres, processes, valkey
from config.embedded.errors import EmbeddedError
from config.embedded.places import Places
from config.embedded.postgres import Cluster, binaries_for
from config.embedded.runfile import CHECKOUT
from config.embedded.valkey import Valkey

WORKER = "worker"
FIRST_PAGE = "/login/"
START_SECONDS = 60.0

StopSteps = tuple[tuple[signal.Signals, float], ...]


@dataclass(frozen=True)
class Service:
    """One part of the stack under supervision."""

    name: str
    log: Path
    spawn: Callable[[], subprocess.Popen[bytes]]
    ready: Callable[[subprocess.Popen[bytes]], None]
    stop_steps: StopSteps
    # Lower ranks are stopped first.
    stop_rank: int = 0


def database(places: Places) -> tuple[Service, Cluster]:
    """PostgreSQL on a cluster that is made now if there is none."""
    cluster = Cluster(
        data=places.cluster,
        sockets=places.sockets,
        log=places.log("postgres"),
        binaries=binaries_for(places.account, places.server / "bin"),
        account=places.account,
    )
    cluster.initialise()
    service = Service(
        "PostgreSQL",
        cluster.log,
        cluster.spawn,
        cluster.wait_ready,
        postgres.STOP_STEPS,
        stop_rank=3,
    )
    return service, cluster


def broker(places: Places) -> tuple[Service, Valkey]:
    """Valkey on a port of its own, kept over restarts within this run."""
    server = Valkey(
        binary=valkey.find_binary(),
        folder=places.valkey,
        log=places.log("valkey"),
        port=ports.free_port(),
        password=secrets.token_urlsafe(24),
    )
    service = Service(
        "Valkey",
        server.log,
        server.spawn,
        server.wait_ready,
        valkey.STOP_STEPS,
        stop_rank=2,
    )
    return service, server


def worker(places: Places, env: dict[str, str]) -> Service:
    """One Celery worker with the periodic tasks' clock inside."""
    log = places.log("worker")
    argv = [
        *(sys.executable, "-m", "celery", "-A", "config", "worker", "--beat"),
        *("--loglevel", "INFO", "--hostname", "embedded@%h"),
        # There is no second worker to look for.
        *("--without-mingle", "--without-gossip"),
    ]
    return Service(
        WORKER,
        log,
        # A killed supervisor leaves no time to finish tasks; the broker hands them out again. Any
        # gentler signal waits for the worker's loop, which may be asking for the broker just gone.
        lambda: processes.spawn(
            argv, log=log, on_parent_death=signal.SIGKILL, env=env, cwd=CHECKOUT
        ),
        _stays_up,
        ((signal.SIGTERM, 15.0), (signal.SIGQUIT, 5.0)),
        stop_rank=1,
    )


def web(places: Places, env: dict[str, str], port: int) -> Service:
    """gunicorn; ready when the log-in page comes."""
    log = places.log("web")
    argv = [
        *(sys.executable, "-m", "gunicorn", "config.wsgi"),
        *("--config", str(CHECKOUT / "deploy" / "gunicorn.conf.py")),
    ]
    env = {**env, "TOUCHLINE_BIND": f"{ports.HOST}:{port}"}

    def first_page(process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while (status := page_status(port, FIRST_PAGE)) != 200:
            # An answer other than 200 will not get better: the application is loaded.
            if status or process.poll() is not None or time.monotonic() > deadline:
                said = f"answers {status} to" if status else "does not answer"
                raise EmbeddedError(
                    f"The web server {said} {FIRST_PAGE}:\n{tail(log)}",
                    remedy=f"The whole log is {log}.",
                )
            time.sleep(0.05)

    return Service(
        "web server",
        log,
        lambda: processes.spawn(
            argv, log=log, on_parent_death=signal.SIGQUIT, env=env, cwd=CHECKOUT
        ),
        first_page,
        ((signal.SIGTERM, 10.0), (signal.SIGQUIT, 3.0)),
    )


def page_status(port: int, path: str, timeout: float = 20.0) -> int:
    """The HTTP status of a page; 0 when nothing answers."""
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _stays_up(process: subprocess.Popen[bytes]) -> None:
    """The worker needs no page to be ready: its failures show in the supervisor's rounds."""


class Preparation:
    """The process that makes database and static files ready, then seeds the demo."""

    def __init__(self, places: Places, env: dict[str, str], *, demo: bool) -> None:
        self.log = places.log("prepare")
        self._migrated = places.logs / "migrated"
        self._said = places.logs / "seed.txt"
        for left in (self._migrated, self._said):
            left.unlink(missing_ok=True)
        self.process = processes.spawn(
            [
                *(sys.executable, "-m", "config.embedded.prepare"),
                *(str(self._migrated), str(self._said), "demo" if demo else "plain"),
            ],
            log=self.log,
            on_parent_death=signal.SIGKILL,
            env=env,
            cwd=CHECKOUT,
        )

    def wait_migrated(self) -> None:
        """Return once the application can work with the database; the demo may still be coming."""
        while not self._migrated.exists():
            if self.process.poll() is not None:
                self._check()
                return
            time.sleep(0.02)

    def wait(self) -> str:
        """Return once all is done, with what the demo says (its log-ins)."""
        self.process.wait()
        self._check()
        return self._said.read_text().strip() if self._said.exists() else ""

    def _check(self) -> None:
        if self.process.returncode != 0:
            raise EmbeddedError(
                f"Preparing the database failed ({self.process.returncode}):\n{tail(self.log)}",
                remedy=f"The whole report is in {self.log}.",
            )

    def stop(self) -> None:
        processes.stop(self.process, (signal.SIGTERM, 5.0))


def tail(log: Path, lines: int = 12) -> str:
    """The end of a log, indented for quoting."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - 8192))
            text = stream.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
