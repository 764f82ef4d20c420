"""A command that finds no server says in one line what to do."""

from pathlib import Path

import psycopg
import pytest
from django.db.utils import OperationalError
from kombu.exceptions import OperationalError as BrokerError

from config.embedded.advice import advice
from config.embedded.runfile import Child, RunFacts


@pytest.fixture(autouse=True)
def run_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOUCHLINE_RUN_FILE", str(tmp_path / "run.json"))
    return tmp_path / "run.json"


def _unreachable() -> OperationalError:
    error = OperationalError("connection failed: connection refused\nIs it running?")
    error.__cause__ = psycopg.OperationalError()
    return error


def test_without_a_stack_it_names_make_run() -> None:
    assert advice(_unreachable()) == (
        "PostgreSQL is not running: start it with `make run`, or set DATABASE_URL."
    )
    assert advice(BrokerError()) == (
        "Valkey is not running: start it with `make run`, or set REDIS_URL."
    )


def test_with_a_url_it_names_the_variable_and_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/x")
    assert advice(_unreachable()) == (
        "PostgreSQL does not answer at the address in DATABASE_URL: "
        "connection failed: connection refused"
    )


def test_a_stack_that_runs_without_its_database_points_to_the_logs(run_file: Path) -> None:
    this = Child.of(1)
    RunFacts(this, "http://127.0.0.1:8000", "/data", "", "", "").write(run_file)
    assert "/data/logs" in advice(_unreachable())


def test_a_run_file_of_a_dead_supervisor_counts_for_nothing(run_file: Path) -> None:
    RunFacts(Child(1, 12345), "http://127.0.0.1:8000", "/data", "", "", "").write(run_file)
    assert "make run" in advice(_unreachable())


def test_an_error_that_the_server_itself_reports_is_not_explained_away() -> None:
    error = OperationalError("disk full")
    error.__cause__ = psycopg.errors.DiskFull()
    assert advice(error) == ""
