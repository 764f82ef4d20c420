"""From a clean clone to the first page: package caches empty, then warm, then a second start.

    python -m tests.bench.bench_setup

The seconds are those that `make run` itself prints, from make's start to the log-in page's answer;
beside them the processor's seconds until then, which other load on the machine hardly changes.
Written to bench-results/setup.json. Downloads about 400 MB.
"""

import contextlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from config.embedded import ports
from tests.config.supervised import descendants

CHECKOUT = Path(__file__).resolve().parents[2]
RESULTS = CHECKOUT / "bench-results" / "setup.json"
FIRST_PAGE = re.compile(r"\((\d+\.\d) s to the first page\)")
LONGEST_SECONDS = 900.0
FOREIGN = ("DATABASE_URL", "REDIS_URL", "TOUCHLINE_DATA_DIR", "TOUCHLINE_RUN_FILE", "MAKEFLAGS")


def clone(target: Path) -> None:
    """A clean clone of what is committed."""
    subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(target)], check=True)


@contextlib.contextmanager
def make_run(checkout: Path, caches: Path, log: Path) -> Iterator[dict[str, float]]:
    """`make run` in the clone; yields its own seconds to the first page, then stops it."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment = kept | {
        "TOUCHLINE_PORT": str(ports.free_port()),
        "UV_CACHE_DIR": str(caches / "uv"),
        "npm_config_cache": str(caches / "npm"),
        "PIP_CACHE_DIR": str(caches / "pip"),
    }
    with log.open("wb") as sink:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=checkout,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + LONGEST_SECONDS
        while not (found := FIRST_PAGE.search(log.read_text())):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"make run failed:\n{log.read_text()}")
            time.sleep(0.2)
        yield {"first_page_s": float(found[1]), "cpu_s": processor_seconds(process.pid)}
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.wait(90)


def processor_seconds(pid: int) -> float:
    """What a process, all below it and all that ended below it have used so far."""
    ticks = 0
    for each in (pid, *descendants(pid)):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return round(ticks / os.sysconf("SC_CLK_TCK"), 1)


def megabytes(folder: Path) -> float:
    """What a folder occupies on disk, in 10^6 bytes; a file with several names counts once."""
    done = subprocess.run(
        ["du", "-s", "--block-size=1000", str(folder)], capture_output=True, text=True, check=True
    )
    return round(int(done.stdout.split()[0]) / 1000, 1)


def measure(folder: Path) -> dict[str, Any]:
    """All figures, in seconds and megabytes."""
    caches, log = folder / "caches", folder / "log"
    result: dict[str, Any] = {}
    for name in ("caches_empty", "caches_warm"):
        checkout = folder / name
        clone(checkout)
        with make_run(checkout, caches, log) as result[name]:
            print(f"{name}: {result[name]}", flush=True)
    with make_run(checkout, caches, log) as result["second_start"]:
        print(f"second_start: {result['second_start']}", flush=True)
    result["size_mb"] = {
        "python_environment": megabytes(checkout / ".venv"),
        "node_modules": megabytes(checkout / "frontend" / "node_modules"),
        "bundle": megabytes(checkout / "frontend" / "static" / "build"),
        "data_after_the_demo": megabytes(checkout / ".touchline"),
        "git_checkout_without_history": megabytes_tracked(checkout),
    }
    return result


def megabytes_tracked(checkout: Path) -> float:
    """The committed files of the newest commit."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=checkout, capture_output=True, text=True, check=True
    )
    names = done.stdout.split("\0")[:-1]
    return round(sum((checkout / name).stat().st_size for name in names) / 1e6, 1)


def main() -> int:
    # Short, and reachable for PostgreSQL's account as a usual checkout is.
    folder = Path(tempfile.mkdtemp(prefix="tl-setup-"))
    folder.chmod(0o755)
    load = os.getloadavg()[0]
    try:
        result = measure(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    result["machine"] = {
        "cores": os.cpu_count(),
        "load_before": round(load, 2),
        "load_after": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(f"Written to {RESULTS.relative_to(CHECKOUT)}: {json.dumps(result)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
