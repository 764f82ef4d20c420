"""What annotators ask for through gunicorn and PostgreSQL, with 1, 8 and 50 clients side by side.

claim: the next episode. create: the first label of a draft. save: a diff of it. submit. list: the
first 30 episodes of a list. Each client works through its episodes, or until its time is over.

    python -m tests.bench.bench_api

The reference of the same run is /healthz, which asks nothing of the records. Written to
bench-results/api.json.
"""

import http.client
import json
import os
import re
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.stack import CHECKOUT, Stack, running_stack

RESULTS = CHECKOUT / "bench-results" / "api.json"
SAVES_EACH = 3
LISTED = 30
# Episodes of a client, fewer where many work: about as many requests in all.
EPISODES = {1: 30, 8: 15, 50: 4}
CLIENTS = tuple(EPISODES)
MOST_SECONDS = 45.0
# The server lets go of a connection that is idle for 5 s; the last of 50 logs in later than that.
IDLE_SECONDS = 2
ASKED = ("reference", "list", "claim", "create", "save", "submit")
PASSWORD = "bench-bench-bench"
PROJECTS = {count: f"Bench with {count} clients" for count in CLIENTS}

# Runs inside the stack's own Django: the demo's episodes copied row by row onto the same media.
SEED = """
from django.contrib.auth.models import User
from annotation.models import Project
from annotation.services.add_episodes import add_episodes
from annotation.services.create_project import create_project
from annotation.services.set_membership import set_membership
from episodes.models import Episode, Stream
admin = User.objects.filter(is_superuser=True).first()
originals = list(Episode.objects.ready().prefetch_related("streams"))
each = {episodes!r}
for count, name in {projects!r}.items():
    project = create_project(actor=admin, name=name, overlap=1)
    ids = []
    for number in range(count * each[count]):
        source = originals[number % len(originals)]
        copy = Episode.objects.get(pk=source.pk)
        streams = list(source.streams.all())
        copy.pk, copy.key, copy.index = None, f"bench-{{count}}-{{number}}", 10000 + number
        copy.id = __import__("uuid").uuid4()
        copy._state.adding = True
        copy.save()
        for stream in streams:
            stream.pk, stream.episode = __import__("uuid").uuid4(), copy
            stream._state.adding = True
            stream.save()
        ids.append(copy.pk)
    add_episodes(actor=admin, project=project, episode_ids=ids)
    for number in range(count):
        user, made = User.objects.get_or_create(username=f"bench{{number}}")
        if made:
            user.set_password({password!r})
            user.save()
        set_membership(actor=admin, project=project, user=user, role="annotator")
    print(f"project {{count}} {{project.pk}}")
"""


@dataclass
class Client:
    """One annotator with a session and a kept-alive connection."""

    host: str
    name: str
    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    times: dict[str, list[float]] = field(default_factory=dict)
    used_at: float = 0.0

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(self.host, timeout=60)
        self.request("GET", "/login/")
        form = {
            "username": self.name,
            "password": PASSWORD,
            "csrfmiddlewaretoken": self.cookies["csrftoken"].value,
        }
        status, _ = self.request("POST", "/login/", urlencode(form), form=True)
        assert status == 302, f"{self.name} could not log in: {status}"
        self.times.clear()

    def request(
        self, method: str, path: str, body: str | None = None, *, form: bool = False, what: str = ""
    ) -> tuple[int, bytes]:
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        headers = {
            "Content-Type": kind,
            "Cookie": "; ".join(f"{key}={item.value}" for key, item in self.cookies.items()),
        }
        if "csrftoken" in self.cookies:
            headers["X-CSRFToken"] = self.cookies["csrftoken"].value
        begin = time.perf_counter()
        if begin - self.used_at > IDLE_SECONDS:
            self.connection.close()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        self.used_at = time.perf_counter()
        if what:
            self.times.setdefault(what, []).append(time.perf_counter() - begin)
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies.load(line)
        return answer.status, content

    def send(self, method: str, path: str, body: dict[str, Any], what: str) -> dict[str, Any]:
        status, content = self.request(method, path, json.dumps(body), what=what)
        assert status in (200, 201), f"{what}: {status} {content[:500]!r}"
        document: dict[str, Any] = json.loads(content)
        return document


def work(client: Client, project: str, episodes: int) -> None:
    """Look at the list, claim, save three diffs, submit: as often as there are episodes."""
    until = time.monotonic() + MOST_SECONDS
    for _ in range(episodes):
        if time.monotonic() > until:
            return
        status, _ = client.request("GET", f"/api/v1/episodes?page_size={LISTED}", what="list")
        assert status == 200, status
        claimed = client.send("POST", f"/api/v1/projects/{project}/claim", {}, "claim")
        status, page = client.request("GET", urlsplit(claimed["url"]).path)
        assert status == 200, status
        found = re.search(rb'id="timeline-payload"[^>]*>(.*?)</script>', page, re.S)
        assert found, "the editor's page has no payload"
        payload = json.loads(found.group(1))
        revision = payload["sets"][0]["revision"]
        for number in range(SAVES_EACH):
            diff = {
                "base_revision": revision,
                "request_id": str(uuid.uuid4()),
                "client_id": client.name,
                "put": labels(payload, number),
                "remove": [],
            }
            what = "save" if number else "create"
            saved = client.send("PATCH", payload["urls"]["save"], diff, what)
            revision = saved["revision"]
        body = {"base_revision": revision, "request_id": str(uuid.uuid4())}
        client.send("POST", payload["urls"]["submit"], body, "submit")


def labels(payload: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """Three diffs that together make a set fit to be submitted."""
    half = payload["episode"]["duration_ns"] // 2
    goals = payload["episode"]["goals"]
    blank: dict[str, Any] = {
        "end_ns": None,
        "effector": "",
        "text": "",
        "attributes": {},
        "uncertainty_ns": 0,
        "source": "human",
    }
    made: list[list[dict[str, Any]]] = [
        [{"kind": "instant", "label_class": "grasp_closed", "start_ns": half, "effector": "right"}],
        [
            {
                "kind": "segment",
                "label_class": "instruction",
                "start_ns": 0,
                "end_ns": half,
                "effector": "right",
                "text": "pick up the red block",
            }
        ],
        [
            {
                "kind": "outcome",
                "label_class": "outcome_success",
                "start_ns": None,
                "attributes": {f"goal.{goal['id']}": "met" for goal in goals},
            }
        ],
    ]
    return [{**blank, "id": str(uuid.uuid4()), **label} for label in made[number]]


def together(clients: list[Client], job: Callable[[Client], None]) -> float:
    """Seconds that all clients took, side by side; the first failure is raised."""
    begin = time.perf_counter()
    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(job, clients))
    return time.perf_counter() - begin


def summary(clients: list[Client], what: str) -> dict[str, float]:
    times = sorted(value for client in clients for value in client.times[what])
    mean = statistics.fmean(times)
    return {
        "requests": len(times),
        # Clients wait for each answer, so this is the rate at which such requests are served.
        "requests_per_s": round(len(clients) / mean, 1),
        "p50_ms": round(1000 * statistics.median(times), 2),
        "p95_ms": round(1000 * times[min(len(times) - 1, int(0.95 * len(times)))], 2),
    }


def measure(stack: Stack) -> dict[str, Any]:
    seed = SEED.format(projects=PROJECTS, episodes=EPISODES, password=PASSWORD)
    said = stack.shell.run(seed)
    projects = {int(count): pk for count, pk in re.findall(r"^project (\d+) (\S+)$", said, re.M)}
    host = urlsplit(stack.address).netloc
    results: dict[str, Any] = {}
    for count in CLIENTS:
        clients = [Client(host, f"bench{number}") for number in range(count)]

        def reference(client: Client) -> None:
            for _ in range(EPISODES[count]):  # noqa: B023
                client.request("GET", "/healthz", what="reference")

        together(clients, reference)
        seconds = together(
            clients,
            lambda client: work(client, projects[count], EPISODES[count]),  # noqa: B023
        )
        rows = {what: summary(clients, what) for what in ASKED}
        for row in rows.values():
            row["ratio_to_reference"] = round(row["p50_ms"] / rows["reference"]["p50_ms"], 2)
        results[f"{count} clients"] = {"seconds": round(seconds, 2), **rows}
    return results


def main() -> None:
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="touchline-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running_stack(folder) as stack:
            results = measure(stack)
    results["machine"] = {
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
        "load_before": round(load, 2),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1))
    print(f"{'':12}{'':12}{'req/s':>9}{'p50 ms':>9}{'p95 ms':>9}{'x reference':>13}")
    for count in CLIENTS:
        for what, row in results[f"{count} clients"].items():
            if isinstance(row, dict):
                print(
                    f"{count:>3} client(s) {what:12}{row['requests_per_s']:>8}{row['p50_ms']:>9}"
                    f"{row['p95_ms']:>9}{row['ratio_to_reference']:>13}"
                )


if __name__ == "__main__":
    main()
