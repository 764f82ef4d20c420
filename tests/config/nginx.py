"""A real nginx on deploy/nginx.conf.template, for the tests that need one."""

import contextlib
import os
import re
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded import processes

TEMPLATE = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf.template"
ACCEL_PREFIX = "/_data/"


def nginx_binary() -> str:
    """The path of nginx; the test is skipped where there is none."""
    found = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if not found:
        pytest.skip("needs nginx (apt-get install nginx)")
    return found


def free_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for_port(port: int, seconds: float = 20.0) -> None:
    """Return once something listens there."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on port {port}")


def render(values: dict[str, str]) -> str:
    """What envsubst makes of the template: names that are not given stay as they are."""
    return re.sub(r"\$\{(\w+)\}", lambda name: values.get(name[1], name[0]), TEMPLATE.read_text())


@contextlib.contextmanager
def running_nginx(folder: Path, *, web: str, data_dir: Path) -> Iterator[str]:
    """nginx before the web server at ``web`` (host:port); yields its own http://127.0.0.1:PORT."""
    binary = nginx_binary()
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "nginx.conf"
    config.write_text(
        render(
            {
                "TOUCHLINE_NGINX_LISTEN": f"127.0.0.1:{port}",
                "TOUCHLINE_NGINX_RUN_DIR": str(folder),
                "TOUCHLINE_WEB": web,
                "TOUCHLINE_DATA_DIR": str(data_dir),
                "TOUCHLINE_UPLOAD_MAX_BYTES": str(2**30),
            }
        )
    )
    """nginx before the web server at ``web`` (host:port); yields http://127.0.0.1:PORT."""
    user = "user root; " if os.geteuid() == 0 else ""
    process = processes.spawn(
        [binary, "-c", str(config), "-p", str(folder), "-g", f"{user}daemon off;"],
        log=folder / "nginx.log",
        on_parent_death=signal.SIGTERM,
    )
    try:
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        processes.stop(process, (signal.SIGTERM, 5.0))
