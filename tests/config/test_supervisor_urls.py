"""DATABASE_URL and REDIS_URL replace the embedded servers."""

import secrets
from pathlib import Path

import pytest

from config.embedded import ports, processes, valkey
from config.embedded.postgres import temporary_cluster
from config.embedded.valkey import Valkey
from tests.config.supervised import Supervised

pytestmark = pytest.mark.slow


def test_servers_named_by_urls_are_used_and_not_started(short_folder: Path) -> None:
    server = Valkey(
        valkey.find_binary(),
        short_folder / "valkey",
        short_folder / "valkey.log",
        ports.free_port(),
        secrets.token_urlsafe(8),
    )
    process = server.spawn()
    try:
        server.wait_ready(process)
        with temporary_cluster() as cluster:
            cluster.ensure_database("elsewhere")
            extra = {"DATABASE_URL": cluster.url("elsewhere"), "REDIS_URL": server.url}
            stack = Supervised(short_folder / "urls", extra=extra)
            stack.start()
            assert set(stack.facts().children) == {"worker", "web server"}
            assert not (stack.folder / "data" / "postgres").exists()
            assert stack.page("/healthz") == 200
            assert stack.stop() == 0
            assert process.poll() is None
            assert cluster.answers()
    finally:
        processes.stop(process, *valkey.STOP_STEPS)


def test_a_url_that_leads_nowhere_is_said_at_the_start(short_folder: Path) -> None:
    nowhere = f"postgresql://a:b@127.0.0.1:{ports.free_port()}/x"
    stack = Supervised(short_folder / "nowhere", extra={"DATABASE_URL": nowhere})
    said = stack.refuse()
    assert "Preparing the database failed" in said
    assert "Connection refused" in said
    assert str(stack.folder / "data" / "logs" / "prepare.log") in said
