"""Whether the worker takes tasks: a connection that died half-way leaves it alive but deaf."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping

from config.embedded import ports
from config.embedded.runfile import CHECKOUT

ROUND_SECONDS = 30.0
# Well above the interval of heartbeats: a busy machine or a restarted broker is not deafness.
LATE_SECONDS = 120.0
ANSWER_SECONDS = 5.0


def heartbeat_age(port: int) -> float:
    """Seconds since a worker last did a task, as /healthz tells it; 0 when it cannot be told."""
    address = f"http://{ports.HOST}:{port}/healthz"
    try:
        with urllib.request.urlopen(address, timeout=ANSWER_SECONDS) as answer:
            report = json.load(answer)
    except (OSError, ValueError):
        # The web server, the database or the broker is away: then the worker is not the culprit.
        return 0.0
    return float(report["worker"]["seconds"] or 0.0)


def has_active_tasks(env: Mapping[str, str]) -> bool:
    """True when a worker answers that tasks are running in it."""
    try:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "celery", "-A", "config", "inspect", "active"),
                *("--json", "--timeout", str(ANSWER_SECONDS)),
            ],
            cwd=CHECKOUT,
            env=dict(env),
            capture_output=True,
            timeout=60,
            check=False,
        )
        active = json.loads(done.stdout) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        return False
    return any(active.values())


def is_deaf(port: int, env: Mapping[str, str], up_seconds: float) -> bool:
    """True when the worker had the time for a heartbeat, shows none and runs no long task."""
    late = min(heartbeat_age(port), up_seconds) > LATE_SECONDS
    return late and not has_active_tasks(env)
