"""The embedded stack's life in one data folder: the tests build on each other, in this order."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from config.embedded.runfile import Child
from tests.config.supervised import CHECKOUT, Supervised, descendants, wait_for_end

pytestmark = pytest.mark.slow


def test_a_start_serves_the_log_in_page_and_says_where(stack: Supervised) -> None:
    stack.start()
    said = stack.said()
    assert f"http://127.0.0.1:{stack.port}" in said
    assert "s to the first page" in said
    assert stack.page() == 200
    assert stack.page("/healthz") == 200
    assert set(stack.facts().children) == {"PostgreSQL", "Valkey", "worker", "web server"}


def test_its_secrets_are_for_its_owner_only(stack: Supervised) -> None:
    for name in ("run.json", "data/secret_key", "data/valkey/valkey.conf"):
        assert stat.S_IMODE((stack.folder / name).stat().st_mode) == 0o600, name
    everyone = " ".join(_command_lines(stack))
    assert stack.facts().secret_key not in everyone
    assert stack.facts().redis_url.split(":")[2].split("@")[0] not in everyone


def _command_lines(stack: Supervised) -> list[str]:
    paths = [Path(f"/proc/{child.pid}/cmdline") for child in stack.everyone()]
    return [path.read_text() for path in paths if path.exists()]


def test_postgresql_runs_as_an_ordinary_user(stack: Supervised) -> None:
    pid = stack.facts().children["PostgreSQL"].pid
    assert Path(f"/proc/{pid}").stat().st_uid != 0


def test_commands_reach_it_without_any_export(stack: Supervised) -> None:
    done = _manage(stack, "shell", "-c", "from django.contrib.auth.models import User; "
                   "print(User.objects.create_user('ada').pk)")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1].isdigit()


def _manage(stack: Supervised, *words: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "TOUCHLINE_RUN_FILE": str(stack.folder / "run.json")}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=CHECKOUT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_second_start_says_that_it_runs_and_where(stack: Supervised) -> None:
    second = Supervised(stack.folder / "second", extra=dict(stack.environment))
    said = second.refuse()
    assert f"already running at http://127.0.0.1:{stack.port} (pid {stack.process.pid})" in said  # type: ignore[union-attr]
    assert stack.page() == 200


def test_a_taken_port_is_named_with_who_holds_it(stack: Supervised, short_folder: Path) -> None:
    other = Supervised(short_folder / "other", port=stack.port)
    said = other.refuse()
    assert f"Port {stack.port} of 127.0.0.1 is taken by" in said
    assert "gunicorn" in said
    assert f"TOUCHLINE_PORT={stack.port + 1} make run" in said


@pytest.mark.parametrize("name", ["web server", "worker", "Valkey", "PostgreSQL"])
def test_a_part_that_is_killed_comes_back(stack: Supervised, name: str) -> None:
    before = stack.facts().children[name]
    below = [Child.of(pid) for pid in descendants(before.pid)]
    os.kill(before.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while stack.facts().children[name] == before or not _well(stack):
        assert time.monotonic() < deadline, stack.said()
        time.sleep(0.1)
    assert f"The {name} ended (-9)" in stack.said()
    assert wait_for_end(below, 10) == []


def _well(stack: Supervised) -> bool:
    try:
        return stack.page("/healthz") == 200 and stack.page() == 200
    except OSError:
        return False


def test_a_killed_supervisor_leaves_no_orphan(stack: Supervised) -> None:
    _wait_for_pool(stack)
    everyone = stack.everyone()
    assert len(everyone) > 12
    stack.stop(signal.SIGKILL)
    left = wait_for_end(everyone, 15)
    assert left == [], [Path(f"/proc/{child.pid}/cmdline").read_text() for child in left]


def _wait_for_pool(stack: Supervised) -> None:
    """The worker's pool and clock are its children: there have to be some to be orphaned."""
    worker = stack.facts().children["worker"].pid
    deadline = time.monotonic() + 20
    while len(_children(worker)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_without_it_commands_say_what_to_start(stack: Supervised) -> None:
    done = _manage(stack, "showmigrations")
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        "PostgreSQL is not running: start it with `make run`, or set DATABASE_URL."
    )


def test_the_next_start_recovers_and_keeps_the_data(stack: Supervised) -> None:
    stack.start()
    with psycopg.connect(stack.facts().database_url) as connection:
        names = connection.execute("SELECT username FROM auth_user").fetchall()
    assert ("ada",) in names
    assert stack.page() == 200


def test_sigterm_stops_in_order_and_returns_zero(stack: Supervised) -> None:
    children = stack.facts().children
    everyone = stack.everyone()
    stack.process.send_signal(signal.SIGTERM)  # type: ignore[union-attr]
    ended: list[str] = []
    deadline = time.monotonic() + 40
    while len(ended) < len(children) and time.monotonic() < deadline:
        for name, child in children.items():
            if name not in ended and not child.is_running():
                ended.append(name)
        time.sleep(0.002)
    assert stack.process.wait(20) == 0  # type: ignore[union-attr]
    assert ended == ["web server", "worker", "Valkey", "PostgreSQL"]
    assert wait_for_end(everyone, 0) == []
    assert not (stack.folder / "run.json").exists()
    assert stack.said().rstrip().endswith("Stopped.")


def test_ctrl_c_during_the_start_stops_it_too(stack: Supervised) -> None:
    process = stack.spawn()
    deadline = time.monotonic() + 20
    while "Preparing" not in stack.said():
        assert time.monotonic() < deadline, stack.said()
        time.sleep(0.02)
    everyone = [*stack.everyone(), Child.of(process.pid)]
    assert stack.stop(signal.SIGINT) == 0
    assert wait_for_end(everyone, 5) == []
