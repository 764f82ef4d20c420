"""One submission scored again, with every question to the database: processor time.

    python -m tests.bench.bench_score

Two annotators and gold on one episode, ten contacts, eight instructions and an outcome each: three
comparisons, on a PostgreSQL of its own. Written to bench-results/score.json.
"""

import json
import os
import subprocess
import sys
import tempfile

from config.embedded.postgres import temporary_cluster
from tests.stack import CHECKOUT

RESULTS = CHECKOUT / "bench-results" / "score.json"
LIMIT_MS = 20.0


def main() -> int:
    with temporary_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": cluster.url("postgres"),
            "SECRET_KEY": "bench" * 12,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "TOUCHLINE_DATA_DIR": folder,
        }
        # A process of its own: settings are read when Django is first imported.
        command = [sys.executable, "-m", "tests.bench.score_run"]
        done = subprocess.run(
            command, env=environment, cwd=CHECKOUT, check=True, stdout=subprocess.PIPE
        )
    found = json.loads(done.stdout)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    for name, value in found.items():
        print(f"{name:12} {value}")
    return 0 if found["median_ms"] < LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
