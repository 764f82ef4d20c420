"""The private PostgreSQL: start after a crash, foreign clusters, binaries out of reach."""

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from config.embedded import postgres, processes
from config.embedded.errors import EmbeddedError
from config.embedded.postgres import Binaries, Cluster, temporary_cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One cluster for this module; tests stop and start it."""
    with temporary_cluster() as running:
        running.ensure_database("kept")
        yield running


def test_it_has_the_same_text_rules_on_every_machine(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url("kept")) as connection:
        row = connection.execute("SELECT upper('é'), 'B' < 'a', current_setting('TimeZone')")
        assert row.fetchone() == ("É", True, "UTC")


def test_no_port_is_open_and_its_socket_is_closed_to_others(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url("kept")) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert cluster.sockets.stat().st_mode & 0o077 == 0


def test_an_existing_database_is_left_alone(cluster: Cluster) -> None:
    cluster.ensure_database("kept")
    assert cluster.initialise() is False


def _crash(cluster: Cluster) -> int:
    """kill -9 of the server; the pid that its pid file still names."""
    pid = int((cluster.data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    assert processes.wait_until_gone(pid, 10)
    return pid


def test_it_recovers_from_a_crash(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url("kept")) as connection:
        # Off in a test cluster, whose last moments may be lost.
        connection.execute("SET synchronous_commit TO on")
        connection.execute("CREATE TABLE IF NOT EXISTS t AS SELECT 7 AS x")
    _crash(cluster)
    cluster.start()
    with psycopg.connect(cluster.url("kept")) as connection:
        assert connection.execute("SELECT x FROM t").fetchone() == (7,)


def test_a_pid_file_that_names_a_stranger_is_dropped(cluster: Cluster) -> None:
    _crash(cluster)
    pid_file = cluster.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    cluster.recover()
    assert not pid_file.exists()
    cluster.start()
    assert cluster.answers()


def test_a_server_that_was_left_behind_is_stopped_first(cluster: Cluster) -> None:
    before = int((cluster.data / "postmaster.pid").read_text().split()[0])
    cluster.start()
    after = int((cluster.data / "postmaster.pid").read_text().split()[0])
    assert after != before
    assert cluster.answers()


def test_another_version_s_cluster_is_refused(cluster: Cluster) -> None:
    older = replace(cluster, binaries=Binaries(cluster.binaries.folder, 17, "PATH"))
    with pytest.raises(EmbeddedError, match="was made by PostgreSQL 18, not by 17"):
        older.initialise()


def test_a_failing_initdb_names_its_log(cluster: Cluster, tmp_path: Path) -> None:
    false = shutil.which("false")
    assert false is not None
    (tmp_path / "initdb").symlink_to(false)
    broken = replace(
        cluster,
        data=tmp_path / "data",
        log=tmp_path / "log",
        binaries=Binaries(tmp_path, 18, "PATH"),
        account=None,
    )
    with pytest.raises(EmbeddedError) as caught:
        broken.initialise()
    assert str(tmp_path / "log") in caught.value.remedy


def test_without_any_postgresql_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_major_version", lambda folder: 0)
    with pytest.raises(EmbeddedError, match="No PostgreSQL") as caught:
        postgres.find_binaries()
    assert "DATABASE_URL" in caught.value.remedy
