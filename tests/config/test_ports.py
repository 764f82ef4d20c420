"""A port that cannot be used is named with who holds it and the way out."""

import os
import socket

import pytest

from config.embedded import ports
from config.embedded.errors import EmbeddedError
from config.embedded.supervisor import web_port


def test_a_free_port_passes() -> None:
    ports.require_free(ports.free_port(), "TOUCHLINE_PORT")


def test_a_taken_port_names_its_holder_and_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert ports.listener(port) == os.getpid()
        with pytest.raises(EmbeddedError) as caught:
            ports.require_free(port, "TOUCHLINE_PORT")
    assert f"pid {os.getpid()}" in caught.value.message
    assert caught.value.remedy.endswith(f"TOUCHLINE_PORT={port + 1} make run")


def test_a_port_taken_on_all_addresses_counts() -> None:
    with socket.create_server(("0.0.0.0", 0)) as server, pytest.raises(EmbeddedError):
        ports.require_free(server.getsockname()[1], "TOUCHLINE_PORT")


@pytest.mark.parametrize("said", ["eighty", "0", "65536", "-1", "80.0"])
def test_a_port_that_is_none_is_refused(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_PORT", said)
    with pytest.raises(EmbeddedError, match="is not a port"):
        web_port()


def test_8000_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_PORT", "")
    assert web_port() == 8000
