"""A worker that lives but takes no tasks is told from one that is busy or just started."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from config.embedded import ports, pulse


@pytest.fixture
def healthz() -> Iterator[tuple[int, dict[str, Any]]]:
    """A web server whose /healthz says what the test puts into the report."""
    report: dict[str, Any] = {"worker": {"state": "ok", "seconds": 1.0}}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(report).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server.server_port, report
        server.shutdown()


@pytest.mark.parametrize(
    ("seconds", "up_seconds", "busy", "deaf"),
    [
        (1.0, 1000.0, False, False),
        (500.0, 1000.0, False, True),
        (500.0, 1000.0, True, False),
        (500.0, 30.0, False, False),
        (None, 1000.0, False, False),
    ],
)
def test_deafness(
    healthz: tuple[int, dict[str, Any]], monkeypatch: pytest.MonkeyPatch,
    seconds: float | None, up_seconds: float, busy: bool, deaf: bool,
) -> None:  # fmt: skip
    port, report = healthz
    report["worker"]["seconds"] = seconds
    monkeypatch.setattr(pulse, "has_active_tasks", lambda env: busy)
    assert pulse.is_deaf(port, {}, up_seconds) is deaf


def test_without_a_web_server_the_worker_is_not_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "has_active_tasks", lambda env: False)
    assert pulse.is_deaf(ports.free_port(), {}, 1000.0) is False
