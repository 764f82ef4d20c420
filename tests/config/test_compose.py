"""docker-compose.yml: what it promises, and every service's own command line on real programs."""

import json
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.config.composed import CHECKOUT, Composed, services

VARIABLES = {
    "POSTGRES_PASSWORD": "pw0123456789",
    "VALKEY_PASSWORD": "vk0123456789",
    "SECRET_KEY": "k" * 60,
    "ALLOWED_HOSTS": "127.0.0.1",
    "SECURE_COOKIES": "0",
    "TOUCHLINE_WEB_WORKERS": "1",
    "TOUCHLINE_WORKER_CONCURRENCY": "1",
}
APPLICATION = ("migrate", "web", "worker", "beat")


def test_a_missing_secret_is_refused_by_name() -> None:
    for name in ("POSTGRES_PASSWORD", "VALKEY_PASSWORD", "SECRET_KEY", "ALLOWED_HOSTS"):
        without = {key: value for key, value in VARIABLES.items() if key != name}
        with pytest.raises(KeyError, match=name):
            services(without)


def test_the_example_names_every_variable_that_is_required() -> None:
    example = (CHECKOUT / "deploy" / "env.example").read_text()
    for name in ("POSTGRES_PASSWORD", "VALKEY_PASSWORD", "SECRET_KEY", "ALLOWED_HOSTS"):
        assert re.search(rf"^{name}=", example, re.MULTILINE), name


@pytest.mark.parametrize("name", sorted(services(VARIABLES)))
def test_every_service_is_hardened(name: str) -> None:
    service: dict[str, Any] = services(VARIABLES)[name]
    assert service["user"] not in ("root", "0", "0:0", "")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert ":" in service["image"]
    assert not service["image"].endswith(":latest")
    assert "healthcheck" in service or service["restart"] == "no"
    assert service["command"]


def test_only_nginx_is_reachable_from_outside() -> None:
    assert [name for name, each in services(VARIABLES).items() if "ports" in each] == ["nginx"]


def test_every_path_that_the_image_copies_is_there_and_sent_to_the_builder() -> None:
    dockerfile = (CHECKOUT / "Dockerfile").read_text()
    ignored = (CHECKOUT / ".dockerignore").read_text()
    for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (CHECKOUT / source).exists(), source
            top = source.strip("/").split("/")[0]
            assert f"!{top}\n" in ignored, top


@pytest.fixture(scope="module")
def composed(short_folder: Path) -> Iterator[Composed]:
    """Everything up, in compose's order."""
    if not shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"):
        pytest.skip("needs nginx (apt-get install nginx)")
    folder = short_folder / "composed"
    folder.mkdir()
    made = Composed(folder, VARIABLES)
    try:
        made.initialise_database()
        made.start("db")
        made.start("broker")
        _until(lambda: _database_is_up(made), made, "db")
        assert made.run("migrate") == 0, made.log("migrate").read_text()
        for name in ("web", "worker", "beat", "nginx"):
            made.start(name)
        yield made
    finally:
        made.stop()


def _database_is_up(composed: Composed) -> bool:
    environment = composed.environment("db")
    address = f"host={environment['PGHOST']} port={environment['PGPORT']} user=touchline"
    try:
        with psycopg.connect(f"{address} dbname=postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE touchline")
    except psycopg.errors.DuplicateDatabase:
        return True
    except psycopg.OperationalError:
        return False
    return True


def _until(condition: Callable[[], bool], composed: Composed, name: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert composed.running[name].poll() is None, composed.log(name).read_text()
        assert time.monotonic() < deadline, composed.log(name).read_text()[-3000:]
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["web", "nginx", "worker", "beat", "db", "broker"])
def test_its_own_health_check_passes(composed: Composed, name: str) -> None:
    program = {"db": "pg_isready", "broker": "valkey-cli", "nginx": "wget"}.get(name)
    if program and not shutil.which(program, path=composed.environment(name)["PATH"]):
        pytest.skip(f"{program}, which is part of the image, is not installed here")
    _until(lambda: composed.healthy(name), composed, name)


@pytest.mark.slow
def test_the_log_in_page_comes_through_nginx(composed: Composed) -> None:
    with urllib.request.urlopen(_address(composed, "/login/"), timeout=20) as answer:
        assert answer.status == 200
        assert answer.headers["Server"] == "nginx"
        assert b"password" in answer.read()


def _address(composed: Composed, path: str) -> str:
    return f"http://127.0.0.1:{composed.port['nginx']}{path}"


@pytest.mark.slow
def test_what_beat_sends_a_worker_does(composed: Composed) -> None:
    def worker_has_reported() -> bool:
        with urllib.request.urlopen(_address(composed, "/healthz"), timeout=20) as answer:
            report = json.load(answer)
        return bool(report["worker"]["state"] == "ok")

    _until(worker_has_reported, composed, "worker")


@pytest.mark.slow
def test_the_internal_location_is_closed_from_outside(composed: Composed) -> None:
    (composed.folder / "data" / "secret.bin").write_bytes(b"x")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(_address(composed, "/_data/secret.bin"), timeout=20)
    assert caught.value.code == 404


@pytest.mark.slow
def test_the_broker_refuses_without_its_password_and_hides_it(composed: Composed) -> None:
    pid = composed.running["broker"].pid
    line = Path(f"/proc/{pid}/cmdline").read_bytes()
    assert line.startswith(b"valkey-server"), "the shell has to be replaced, or signals end there"
    assert VARIABLES["VALKEY_PASSWORD"].encode() not in line


@pytest.mark.slow
def test_without_the_broker_the_web_server_is_unhealthy(composed: Composed) -> None:
    composed.running["broker"].terminate()
    assert composed.running["broker"].wait(15) == 0
    assert not composed.healthy("web")
    composed.start("broker")
    _until(lambda: composed.healthy("web"), composed, "web")
