"""The measuring half of bench_browse, in a Django of its own."""

import gc
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from tests.bench.browse_data import fill  # noqa: E402

ROUNDS, PASSES = 8, 3
SLOW_MS = 60.0
REQUESTS = {
    "list": "",
    "one dataset": "dataset=7",
    "task": "task=pick up the red",
    "task, rare": "task=insert the metal screw into",
    "robot": "robot=so101",
    "domain and licence": "domain=sim&licence=apache-2.0",
    "consent": "consent=given",
    "sync": "sync=red",
    "sync and scene": "sync=amber&scene=kitchen 3",
    "operator": "operator=operator 07",
    "session": "session=session 0123",
    "object": "thing=bowl",
    "tag": "tag=occluded",
    "tag, rare": "tag=once",
    "held back": "handing=held",
    "provenance": "provenance=laboratory 3",
    "in no project": "label=none",
    "waiting": "label=waiting",
    "being labelled": "label=labelling",
    "handed in": "label=submitted",
    "in review": "label=in_review",
    "sent back": "label=returned",
    "quarantine": "state=quarantined",
    "approved": "label=approved",
    "outcome": "outcome=outcome_failure",
    "outcome, rare": "outcome=outcome_unclear",
    "text": "q=pick up the red block",
    "text, beginnings": "q=scr met",
    "text, common": "q=the",
    "text, rare": "q=unrepeatable",
    "text, nothing": "q=zebra",
    "text, without": "q=drawer -open",
    "text, key": "q=episode_004711",
    "text, label and sync": "q=cup&label=submitted&sync=green",
    "text, tag and domain": "q=wipe&tag=night&domain=real",
    "label, outcome and robot": "label=approved&outcome=outcome_success&robot=so101",
    "everything at once": "q=block&label=labelling&sync=green&domain=real&tag=fast",
}
# Pages as a whole: with navigation, saved filters and what the filters offer.
WHOLE = {
    "whole page": "/episodes/",
    "whole page, text and label": "/episodes/?q=cup&label=approved",
    "whole page, a dataset": "/datasets/7/",
    "datasets": "/datasets/",
}


def main() -> None:
    call_command("migrate", verbosity=0)
    began = time.monotonic()
    fill(int(sys.argv[1]))
    print(f"filled in {time.monotonic() - began:.0f} s", flush=True)
    setup_test_environment()
    people = {name: User.objects.get(username=name) for name in ("mei", "ada", "root")}
    results: dict[str, Any] = {"episodes": int(sys.argv[1]), "requests": {}, "plans": {}}
    everything: dict[str, list[float]] = {name: [] for name in people}
    # As deploy/gunicorn.conf.py does before its workers begin.
    assert get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    partial = {name: f"/episodes/?{query}" for name, query in REQUESTS.items()}
    for name, address in (partial | WHOLE).items():
        rows = {}
        for who, user in people.items():
            client = Client(headers={} if name in WHOLE else {"HX-Request": "true"})
            client.force_login(user)
            times = min((measure(client, address) for _ in range(PASSES)), key=max)
            everything[who] += times
            rows[who] = summary(times)
            if rows[who]["p95_ms"] > SLOW_MS:
                results["plans"][f"{name}, {who}"] = plans(client, address)
        results["requests"][name] = rows
    results["people"] = {who: summary(times) for who, times in everything.items()}
    load = [round(one, 1) for one in os.getloadavg()]
    results["machine"] = {
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
        "load": load,
    }
    Path(sys.argv[2]).write_text(json.dumps(results))


def measure(client: Client, address: str) -> list[float]:
    """Milliseconds of the first page and of those that follow; beyond the last, the first again."""
    times: list[float] = []
    place: dict[str, str] = {}
    client.get(address)
    for _ in range(ROUNDS):
        began = time.perf_counter()
        answer = client.get(address, query_params=place | dict(parse_qsl(urlsplit(address).query)))
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, answer.status_code
        page = answer.context.get("page")
        place = {"at": str(page.after)} if page and page.after else {}
    return times


def plans(client: Client, address: str) -> list[dict[str, Any]]:
    """EXPLAIN ANALYZE of what the first page asks that takes more than 5 ms."""
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    slow = [one["sql"] for one in captured.captured_queries if float(one["time"]) > 0.005]
    found = []
    with connection.cursor() as cursor:
        for sql in slow:
            if not sql.startswith("SELECT"):
                continue
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}")
            found.append({"sql": sql[-1500:], "plan": [row[0] for row in cursor.fetchall()]})
    return found


def summary(times: list[float]) -> dict[str, float]:
    ranked = sorted(times)
    return {
        "requests": len(ranked),
        "p50_ms": round(statistics.median(ranked), 1),
        "p95_ms": round(ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))], 1),
    }


if __name__ == "__main__":
    main()
