"""/healthz: what it says when all is well, and when a part is away."""

import time

import pytest
import redis
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from pytest_django.fixtures import Settings

from config import health


class Store(dict[str, bytes]):
    """A broker that answers."""

    def set(self, key: str, value: str) -> None:
        self[key] = value.encode()


class Away:
    """A broker that does not."""

    def get(self, key: str) -> None:
        raise redis.ConnectionError


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    made = Store()
    monkeypatch.setattr(health, "broker", lambda: made)
    return made


@pytest.mark.django_db
def test_all_is_well_right_after_a_heartbeat(store: Store, client: Client) -> None:
    health.record_heartbeat()
    answer = client.get("/healthz")
    assert answer.status_code == 200
    report = answer.json()
    assert (report["status"], report["database"], report["broker"]) == ("ok", "ok", "ok")
    assert report["worker"]["state"] == "ok"
    assert report["worker"]["seconds"] < 5
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_late_worker_is_told_without_an_outage(store: Store, client: Client) -> None:
    store.set(health.HEARTBEAT_KEY, repr(time.time() - health.LATE_SECONDS - 1))
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["worker"]["state"] == "late"


@pytest.mark.django_db
def test_before_the_first_heartbeat_the_worker_is_unknown(store: Store, client: Client) -> None:
    assert client.get("/healthz").json()["worker"] == {"state": "unknown", "seconds": None}


@pytest.mark.django_db
def test_without_the_broker_it_is_unavailable(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "broker", Away)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["broker"] == "unreachable"


@pytest.mark.django_db
def test_without_the_database_it_is_unavailable(
    store: Store, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "unreachable"


@pytest.mark.django_db
def test_probes_need_neither_a_host_name_nor_https_nor_a_log_in(
    store: Store, client: Client, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["touchline.example"]
    assert client.get("/healthz", headers={"host": "10.1.2.3"}).status_code == 200
    assert client.head("/healthz", headers={"host": "10.1.2.3"}).status_code == 200


@pytest.mark.django_db
def test_other_methods_are_no_probe(store: Store, client: Client) -> None:
    assert client.post("/healthz").status_code != 200
