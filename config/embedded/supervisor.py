"""Starts the stack in order, keeps it up, stops it in order."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections import deque
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn

from config.embedded import ports, processes, pulse, runfile, services
from config.embedded.errors import EmbeddedError
from config.embedded.places import Places, lock, prepare_places, secret_key
from config.embedded.runfile import CHECKOUT, Child, RunFacts
from config.embedded.services import Preparation, Service

DEFAULT_PORT = 8000
# A part that ends this often within the window is broken, not unlucky.
RESTART_LIMIT = 5
RESTART_WINDOW_SECONDS = 120.0
BACK_OFF_SECONDS = (0.2, 1.0, 2.0, 4.0, 8.0)
ROUND_SECONDS = 0.2
ORPHAN_SECONDS = 20.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Ctrl-C, a closed terminal or SIGTERM."""


def say(message: str) -> None:
    # A terminal that was closed must not keep the parts from being stopped in order.
    with contextlib.suppress(OSError):
        print(message, flush=True)


def _request_stop(number: int, frame: FrameType | None) -> NoReturn:
    # Once is enough: a second signal must not break off the orderly stop.
    for each in STOP_SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise StopRequested


@dataclass
class Running:
    """A service and its process, with the times at which it ended unexpectedly."""

    service: Service
    process: subprocess.Popen[bytes]
    ends: deque[float] = field(default_factory=deque)
    restart_at: float = 0.0
    started_at: float = field(default_factory=time.monotonic)


def web_port() -> int:
    """TOUCHLINE_PORT, else 8000."""
    said = os.environ.get("TOUCHLINE_PORT") or str(DEFAULT_PORT)
    if not said.isdigit() or not 1 <= int(said) <= 65535:
        raise EmbeddedError(
            f"TOUCHLINE_PORT={said!r} is not a port.", remedy="Use a number from 1024 to 65535."
        )
    return int(said)


class Supervisor:
    """One embedded stack."""

    def __init__(self, places: Places, port: int, started_at: float) -> None:
        self.places = places
        self.port = port
        self.started_at = started_at
        self.running: list[Running] = []
        self.preparation: Preparation | None = None
        self.facts = RunFacts(
            supervisor=Child.of(os.getpid()),
            address=f"http://{ports.HOST}:{port}",
            data_dir=str(places.data),
            database_url=os.environ.get("DATABASE_URL", ""),
            redis_url=os.environ.get("REDIS_URL", ""),
            secret_key=os.environ.get("SECRET_KEY") or secret_key(places.data),
        )

    def start(self) -> None:
        """Bring everything up; returns when the demo is there and the log-in page was served."""
        if not self.facts.database_url:
            service, cluster = services.database(self.places)
            self._launch(service)
            cluster.ensure_database()
            self.facts.database_url = cluster.url()
        if not self.facts.redis_url:
            service, server = services.broker(self.places)
            self._launch(service)
            self.facts.redis_url = server.url
        self._write_facts()
        env = self.environment()
        demo = os.environ.get("TOUCHLINE_DEMO", "1") != "0"
        say("Preparing the database and the demo ..." if demo else "Preparing the database ...")
        self.preparation = services.Preparation(self.places, env, demo=demo)
        self.preparation.wait_migrated()
        # While the demo is seeded; the worker waits, or its first tasks would slow both down.
        self._launch(services.web(self.places, env, self.port))
        log_ins = self.preparation.wait()
        self._launch(services.worker(self.places, env))
        self._announce(log_ins)

    def environment(self) -> dict[str, str]:
        """What the children read; the run file is for commands, which nobody hands anything."""
        return {
            **os.environ,
            "DATABASE_URL": self.facts.database_url,
            "REDIS_URL": self.facts.redis_url,
            "SECRET_KEY": self.facts.secret_key,
            "TOUCHLINE_DATA_DIR": self.facts.data_dir,
            "PYTHONUNBUFFERED": "1",
        }

    def _launch(self, service: Service) -> None:
        process = service.spawn()
        self.running.append(Running(service, process))
        self._write_facts()
        service.ready(process)

    def _write_facts(self) -> None:
        self.facts.children = {
            each.service.name: Child.of(each.process.pid) for each in self.running
        }
        self.facts.write()

    def _announce(self, log_ins: str) -> None:
        seconds = time.time() - self.started_at
        say(f"\nTouchline is ready: {self.facts.address}   ({seconds:.1f} s to the first page)")
        if log_ins:
            say(log_ins)
        say(f"Data and logs: {self.places.data}")
        if self.places.server != self.places.data:
            say(
                f"Database:      {self.places.server} (as {self._account()}, who cannot enter here)"
            )
        say("Ctrl-C stops everything; the data stays.\n")

    def _account(self) -> str:
        return self.places.account.name if self.places.account else "you"

    def keep_up(self) -> NoReturn:
        """Restart what ends, until a signal or a part that keeps ending."""
        next_pulse = time.monotonic() + pulse.ROUND_SECONDS
        while True:
            for each in self.running:
                self._look_after(each)
            if time.monotonic() >= next_pulse:
                self._feel_pulse()
                next_pulse = time.monotonic() + pulse.ROUND_SECONDS
            time.sleep(ROUND_SECONDS)

    def _feel_pulse(self) -> None:
        for each in self.running:
            if each.service.name != services.WORKER or each.process.poll() is not None:
                continue
            if pulse.is_deaf(self.port, self.environment(), time.monotonic() - each.started_at):
                say("The worker runs but takes no tasks; ending it.")
                processes.stop(each.process, *each.service.stop_steps)

    def _look_after(self, each: Running) -> None:
        code = each.process.poll()
        if code is None:
            return
        now = time.monotonic()
        if not each.restart_at:
            each.ends.append(now)
            while each.ends[0] < now - RESTART_WINDOW_SECONDS:
                each.ends.popleft()
            if len(each.ends) > RESTART_LIMIT:
                raise EmbeddedError(
                    f"The {each.service.name} ended {len(each.ends)} times within "
                    f"{RESTART_WINDOW_SECONDS:.0f} s, the last time with {code}:\n"
                    f"{services.tail(each.service.log)}",
                    remedy=f"The whole log is {each.service.log}.",
                )
            pause = BACK_OFF_SECONDS[len(each.ends) - 1]
            each.restart_at = now + pause
            say(f"The {each.service.name} ended ({code}); starting it again in {pause} s.")
        elif now >= each.restart_at:
            each.restart_at = 0.0
            each.process = each.service.spawn()
            each.started_at = now
            self._write_facts()

    def in_stop_order(self) -> list[Running]:
        return sorted(self.running, key=lambda each: each.service.stop_rank)

    def stop(self) -> None:
        """Stop whoever asks before whoever answers: web server, worker, Valkey, PostgreSQL."""
        if self.preparation:
            self.preparation.stop()
        for each in self.in_stop_order():
            processes.stop(each.process, *each.service.stop_steps)
        runfile.run_file().unlink(missing_ok=True)


def _clear_predecessor() -> None:
    """End what a killed supervisor's children have not ended themselves yet."""
    facts = runfile.read_facts()
    if facts is None:
        return
    deadline = time.monotonic() + ORPHAN_SECONDS
    while left := [child for child in facts.children.values() if child.is_running()]:
        if time.monotonic() > deadline:
            for child in left:
                os.kill(child.pid, signal.SIGKILL)
            break
        time.sleep(0.1)
    runfile.run_file().unlink(missing_ok=True)


def up() -> int:
    """Run the stack until a signal ends it. The exit code of the command."""
    started_at = float(os.environ.get("TOUCHLINE_STARTED_AT") or time.time())
    os.chdir(CHECKOUT)
    port = web_port()
    places = prepare_places()
    held = lock(places.data)
    facts = runfile.read_facts()
    if held is None or (facts and facts.supervisor.is_running()):
        where = f" at {facts.address} (pid {facts.supervisor.pid})" if facts else ""
        raise EmbeddedError(
            f"Touchline is already running{where}.",
            remedy="Open that address, or stop it there with Ctrl-C (from elsewhere: `make stop`).",
        )
    with held:
        _clear_predecessor()
        ports.require_free(port, "TOUCHLINE_PORT")
        return _run(Supervisor(places, port, started_at))


def _run(supervisor: Supervisor) -> int:
    for number in STOP_SIGNALS:
        # nohup has the hang-up ignored, and means it.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _request_stop)
    if os.environ.get("TOUCHLINE_FOLLOW_PARENT"):
        # Started by make: when that is killed, nobody is left to stop us with Ctrl-C.
        processes.follow_parent(signal.SIGTERM, os.getppid())()
    try:
        supervisor.start()
        supervisor.keep_up()
    except StopRequested:
        names = ", ".join(each.service.name for each in supervisor.in_stop_order())
        say(f"\nStopping: {names} ...")
        return 0
    except EmbeddedError as error:
        say(f"\nTouchline stops: {error}")
        return 1
    finally:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        supervisor.stop()
        say("Stopped.")
