"""A part that ends is started again with growing pauses, and given up after a bounded number."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded import processes, supervisor
from config.embedded.errors import EmbeddedError
from config.embedded.places import Places
from config.embedded.services import Service
from config.embedded.supervisor import BACK_OFF_SECONDS, RESTART_LIMIT, Running, Supervisor


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    """A supervisor whose run file lies in the test's folder."""
    monkeypatch.setenv("TOUCHLINE_RUN_FILE", str(tmp_path / "run.json"))
    monkeypatch.setattr(supervisor, "ROUND_SECONDS", 0.01)
    (tmp_path / "logs").mkdir()
    made = Supervisor(Places(tmp_path, tmp_path, tmp_path, None), 8000, 0.0)
    yield made
    made.stop()


def _service(name: str, log: Path, program: str) -> Service:
    def spawn() -> subprocess.Popen[bytes]:
        return processes.spawn(
            [sys.executable, "-c", program], log=log, on_parent_death=signal.SIGKILL
        )

    return Service(name, log, spawn, lambda process: None, ((signal.SIGTERM, 5.0),))


def test_a_part_that_keeps_ending_is_given_up_and_its_log_is_named(
    watched: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "BACK_OFF_SECONDS", (0.0,) * len(BACK_OFF_SECONDS))
    log = tmp_path / "logs" / "odd.log"
    service = _service("odd part", log, "print('no such thing'); raise SystemExit(3)")
    watched.running.append(Running(service, service.spawn()))
    with pytest.raises(EmbeddedError) as caught:
        watched.keep_up()
    assert f"ended {RESTART_LIMIT + 1} times" in caught.value.message
    assert "the last time with 3" in caught.value.message
    assert "no such thing" in caught.value.message
    assert str(log) in caught.value.remedy
    assert log.read_text().count("no such thing") == RESTART_LIMIT + 1


def test_the_pauses_grow(watched: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str],
                         monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    clock = [100.0]
    monkeypatch.setattr("config.embedded.supervisor.time.monotonic", lambda: clock[0])
    service = _service("odd part", tmp_path / "odd.log", "raise SystemExit(1)")
    each = Running(service, service.spawn())
    pauses = []
    for _ in range(RESTART_LIMIT):
        each.process.wait()
        watched._look_after(each)
        pauses.append(round(each.restart_at - clock[0], 3))
        clock[0] = each.restart_at
        watched._look_after(each)
    assert tuple(pauses) == BACK_OFF_SECONDS
    assert "starting it again in 8.0 s" in capsys.readouterr().out


def test_ends_long_ago_are_forgiven(watched: Supervisor, tmp_path: Path,
                                    monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    clock = [100.0]
    monkeypatch.setattr("config.embedded.supervisor.time.monotonic", lambda: clock[0])
    service = _service("odd part", tmp_path / "odd.log", "pass")
    each = Running(service, service.spawn())
    for _ in range(3 * RESTART_LIMIT):
        each.process.wait()
        watched._look_after(each)
        clock[0] += supervisor.RESTART_WINDOW_SECONDS
        watched._look_after(each)
    assert len(each.ends) <= 2


def test_a_stubborn_part_is_killed_in_the_end(tmp_path: Path) -> None:
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"  # noqa: E501
    log = tmp_path / "log"
    process = _service("stubborn", log, program).spawn()
    while "up" not in log.read_text():
        assert process.poll() is None
    assert processes.stop(process, (signal.SIGTERM, 0.2)) == -signal.SIGKILL
