"""gunicorn, the same in the embedded stack and in compose."""

import gc
import os
import signal
from typing import Any

from django.urls import get_resolver

from config.embedded import processes

bind = os.environ.get("TOUCHLINE_BIND") or "0.0.0.0:8000"
workers = int(os.environ.get("TOUCHLINE_WEB_WORKERS") or 2)
threads = int(os.environ.get("TOUCHLINE_WEB_THREADS") or 4)
worker_class = "gthread"
# One load of the application for all workers: half the time to the first page, shared memory.
preload_app = True
timeout = 60
graceful_timeout = 8
keepalive = 5
# Worker heartbeats are file times: on a disk a slow fsync can look like a hung worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
# gunicorn would open a control socket in the home folder, which a container does not have.
control_socket_disable = True
accesslog = None
proc_name = "touchline-web"

_master = os.getpid()


def when_ready(server: Any) -> None:
    """Load every view before the workers fork: otherwise each does it in its first request."""
    server.log.info("%d addresses loaded", len(get_resolver().url_patterns))
    # The code and its tables live as long as the process. Going through all of them in every full
    # collection took one request in ten 150 ms longer than the others, and unshared the memory.
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """No worker outlives a killed master."""
    processes.follow_parent(signal.SIGTERM, _master)()
