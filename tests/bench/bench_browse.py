"""The episode list over 100,000 episodes: pages, filters and full text, on PostgreSQL.

    python -m tests.bench.bench_browse [episodes]

Every request goes through Django's whole stack (session, middleware, templates) in one process: as
a manager who owns half of the datasets and manages a project, as an annotator of that project,
and as an administrator. Modules are loaded and kept from the garbage collector as gunicorn's
workers have it. Each kind is measured in several passes and its best pass counts: others
may be at work on the machine, whose load is reported. Written to bench-results/browse.json, with
the plan of each query of the slowest requests. Ends with 1 when a kind takes longer than the limit.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from config.embedded.postgres import temporary_cluster
from tests.stack import CHECKOUT

RESULTS = CHECKOUT / "bench-results" / "browse.json"
EPISODES = 100_000
LIMIT_MS = 100.0


def main() -> int:
    count = sys.argv[1] if len(sys.argv) > 1 else str(EPISODES)
    with temporary_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "browse.json"
        environment = {
            **os.environ,
            "DATABASE_URL": cluster.url("postgres"),
            "SECRET_KEY": "bench" * 12,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "TOUCHLINE_DATA_DIR": folder,
        }
        # A process of its own: settings are read when Django is first imported.
        command = [sys.executable, "-m", "tests.bench.browse_run", count, str(out)]
        done = subprocess.run(command, env=environment, cwd=CHECKOUT, check=False)
        if done.returncode != 0:
            return done.returncode
        results = json.loads(out.read_text())
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1))
    print(f"{'':34}" + "".join(f"{who + ' p95':>16}" for who in results["people"]))
    slow = 0
    for name, row in results["requests"].items():
        times = [row[who]["p95_ms"] for who in results["people"]]
        slow += sum(value > LIMIT_MS for value in times)
        print(f"{name:34}" + "".join(f"{value:>16}" for value in times))
    for who, row in results["people"].items():
        print(f"all of {who}: p95 {row['p95_ms']} ms over {row['requests']} requests")
    print(f"load {results['machine']['load']} on {results['machine']['cores']} cores")
    print(f"{slow} of the figures above {LIMIT_MS:.0f} ms")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
