"""The measuring half of bench_dashboards, in a Django of its own."""

import gc
import json
import os
import statistics
import sys
import time
import uuid
from pathlib import Path
from typing import Any
from uuid import UUID

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402

from annotation.models import (  # noqa: E402
    AnnotationSet,
    Assignment,
    AuditEntry,
    Label,
    Project,
    WorkCount,
)
from annotation.services.claim_next import claim_next  # noqa: E402
from annotation.services.queue_counts import rebuild_queue_counts  # noqa: E402
from annotation.services.work_counts import rebuild_work_counts, sweep_work_counts  # noqa: E402
from review.models import Batch, BatchItem, CountedSet, DailyLabels, PersonDay, TaskDay  # noqa: E402
from review.services.daily_work import rebuild_daily_work, sweep_daily_work  # noqa: E402
from review.services.verdicts import approve_episode  # noqa: E402
from tests.bench.dashboards_data import fill  # noqa: E402

ROUNDS = 21
APPROVED = 40
SLOW_MS = 150.0
YEAR = "first=2020-01-01"
DASHBOARD = "/projects/{project}/dashboard/"
# Streamed in full it is a million lines: the time to its first line is what a person waits for.
DASHBOARDS = {
    "work": "",
    "work, a year": f"?{YEAR}",
    "work, a person": "?person={person}",
    "work, a task": "?task={task}",
    "people": "people/",
    "people, a year": f"people/?{YEAR}",
    "backlog": "backlog/",
    "backlog, a task": "backlog/?task={task}",
    "labels": "labels/",
    "labels, a year": f"labels/?{YEAR}",
    "labels, a person": "labels/?person={person}",
    "sets": "sets/",
    "sets, accepted": "sets/?what=accepted",
    "sets, sent back, a person": "sets/?what=returned&person={person}",
    "sets, with a class": "sets/?label=release&task={task}",
    "weekly report": "report/",
    **{
        f"{name}.{kind}": f"{name}.{kind}"
        for name in (
            *("states", "days", "tasks", "people", "lengths", "stages", "backlog", "held"),
            *("aging", "forecast", "labels"),
        )
        for kind in ("csv", "json")
    },
    "sets.csv, first lines": "sets.csv",
}
REQUESTS = {
    **{name: f"{DASHBOARD}{path}" for name, path in DASHBOARDS.items()},
    "projects": "/projects/",
    "project": "/projects/{project}/",
    "project's people": "/projects/{project}/people/",
    "a person": "/projects/{project}/people/p007/",
    "queue": "/projects/{project}/episodes/",
    "queue, page 5000": "/projects/{project}/episodes/?page=5000",
    "queue, approved": "/projects/{project}/episodes/?progress=approved",
    "queue, a task": "/projects/{project}/episodes/?task={task}",
    "queue, a key": "/projects/{project}/episodes/?key=episode_0400000",
    "adding episodes": "/projects/{project}/episodes/add/",
    "skips": "/projects/{project}/skips/",
    "history": "/projects/{project}/history/",
    "activity": "/projects/{project}/activity/",
    "review": "/review/projects/{project}/",
    "new batch": "/review/projects/{project}/batches/new/",
    "batch": "/review/batches/{batch}/",
    "releases": "/review/projects/{project}/releases/",
    "calibration": "/review/projects/{project}/calibration/",
    "calibration, a person": "/review/projects/{project}/calibration/{person}/",
    "gold": "/review/projects/{project}/gold/",
    "quality": "/review/projects/{project}/quality/",
    "assignments by the API": "/api/v1/assignments?project={project}",
    "sets by the API": "/api/v1/annotation-sets?project={project}",
}
# Of somebody with five thousand sets.
OWN = {
    "own queue": "/queue/",
    "editor": "/annotate/{assignment}/",
    "own activity": "/activity/",
    "own calibration": "/calibration/",
    "own assignments by the API": "/api/v1/assignments",
}


def main() -> None:
    call_command("migrate", verbosity=0)
    began = time.monotonic()
    project = fill(int(sys.argv[1]))
    print(f"filled in {time.monotonic() - began:.0f} s", flush=True)
    late = _not_yet()
    began = time.monotonic()
    rebuild_daily_work(project)
    rebuild_queue_counts(project)
    rebuild_work_counts(project)
    rebuilt = time.monotonic() - began
    stored = _rows(project)
    _work_now(project, late)
    # What the filling left in memory is not the application's.
    gc.collect()
    gc.freeze()
    setup_test_environment()
    places = {
        "project": project.pk,
        "person": User.objects.get(username="p007").pk,
        "task": _task(project),
        "batch": Batch.objects.earliest("pk").pk,
        "assignment": _claimed(project),
    }
    results: dict[str, Any] = {"requests": {}, "statements": {}}
    for who, requests in (("mei", REQUESTS), ("p007", OWN)):
        client = Client()
        client.force_login(User.objects.get(username=who))
        for name, path in requests.items():
            address = path.format(**places)
            results["requests"][name] = _summary(_measured(client, address))
            if results["requests"][name]["p95_ms"] > SLOW_MS:
                results["statements"][name] = _statements(client, address)
    sweep_daily_work()
    sweep_work_counts()
    kept = _rows(project)
    rebuild_daily_work(project)
    rebuild_work_counts(project)
    results |= {
        "sets": AnnotationSet.objects.filter(state="submitted").count(),
        "labels": Label.objects.count(),
        "rebuild_s": round(rebuilt, 1),
        "rebuilt_the_same": kept == _rows(project) and kept != stored,
        "machine": {
            "cores": os.cpu_count(),
            "python": sys.version.split()[0],
            "load": [round(one, 1) for one in os.getloadavg()],
        },
    }
    Path(sys.argv[2]).write_text(json.dumps(results))


def _not_yet() -> list[Any]:
    """Forty sets that are handed in only after the sums were stored."""
    last = AnnotationSet.objects.filter(state="submitted", round=1).order_by("-submitted_at")
    late = list(last.values_list("pk", flat=True)[:40])
    sets = AnnotationSet.objects.filter(pk__in=late)
    Assignment.objects.filter(annotation_sets__in=sets).update(state="active")
    sets.update(state="draft", submitted_at=None)
    return late


def _work_now(project: Project, late: list[Any]) -> None:
    """They are handed in at this moment, and forty episodes of the last days are approved: what
    that touches is counted anew by every page."""
    sets = AnnotationSet.objects.filter(pk__in=late)
    sets.update(state="submitted", submitted_at=timezone.now())
    Assignment.objects.filter(annotation_sets__in=sets).update(state="submitted")
    AuditEntry.objects.create(project=project, action="annotation_set.submitted", subject="x")
    mei = User.objects.get(username="mei")
    for item in BatchItem.objects.filter(state="open").order_by("pk")[:APPROVED]:
        own = AnnotationSet.objects.filter(project_episode=item.project_episode_id)
        chosen = own.order_by("-round", "pk").values_list("pk", flat=True)[0]
        approve_episode(
            actor=mei,
            item_id=item.pk,
            annotation_set_id=chosen,
            version=item.version,
            request_id=uuid.uuid4(),
        )


def _measured(client: Client, address: str) -> list[float]:
    times = []
    for turn in range(ROUNDS + 1):
        began = time.perf_counter()
        answer = client.get(address)
        if answer.streaming:
            lines = iter(answer)
            for _ in range(100):
                if next(lines, None) is None:
                    break
        took = (time.perf_counter() - began) * 1000
        answer.close()
        assert answer.status_code == 200, (address, answer.status_code)
        if turn:
            times.append(took)
    return times


def _statements(client: Client, address: str) -> list[dict[str, Any]]:
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    slow = [one for one in captured.captured_queries if float(one["time"]) > 0.02]
    return [{"seconds": one["time"], "sql": one["sql"][:1500]} for one in slow]


def _claimed(project: Project) -> UUID:
    claim = claim_next(actor=User.objects.get(username="p007"), project=project)
    assert claim is not None
    return claim.assignment.pk


def _rows(project: Project) -> list[Any]:
    found: list[Any] = []
    for model in (CountedSet, PersonDay, TaskDay, DailyLabels, WorkCount):
        names = [one.attname for one in model._meta.local_concrete_fields if one.name != "id"]
        found += sorted(
            map(repr, model._default_manager.filter(project=project).values_list(*names))
        )
    return found


def _task(project: Project) -> int:
    row = CountedSet.objects.filter(project=project).first()
    assert row is not None
    assert row.task_id is not None
    return row.task_id


def _summary(times: list[float]) -> dict[str, float]:
    ranked = sorted(times)
    return {
        "requests": len(ranked),
        "p50_ms": round(statistics.median(ranked), 1),
        "p95_ms": round(ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))], 1),
    }


if __name__ == "__main__":
    main()
