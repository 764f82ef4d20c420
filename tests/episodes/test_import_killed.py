"""kill -9 of a worker in the middle of an episode, at each step: it comes in once, whole."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from episodes.models import Episode, FoundLabel, ImportItem, ImportRun, MediaAsset, Signal, Stream
from episodes.selectors.data_files import data_path
from episodes.selectors.imports import open_items
from episodes.selectors.media import stream_part
from episodes.services.garbage import collect_garbage
from episodes.services.imports import plan_import
from episodes.services.imports_items import RUNNING, import_item, stranded_items

CHECKOUT = Path(__file__).resolve().parents[2]
STATE = ImportItem.State
# The worker stops before or behind a step and says so; what it was at is then lost with it.
WORKER = """
import sys, time, django
django.setup()
from episodes.services import imports_bringing, imports_items
module, step, when, item_id = sys.argv[1:]
module = {"bringing": imports_bringing, "items": imports_items}[module]
real = getattr(module, step)
def stopping(*args, **kwargs):
    done = real(*args, **kwargs) if when == "behind" else None
    print("there", flush=True)
    time.sleep(60)
    return done
setattr(module, step, stopping)
imports_items.import_item(item_id=int(item_id))
"""
STEPS = [
    ("bringing", "content_sha256", "before"),
    ("bringing", "store_asset", "before"),
    ("bringing", "store_asset", "behind"),
    ("bringing", "write_episode", "behind"),
    ("bringing", "write_rows", "behind"),
    ("items", "_settle", "behind"),
]

pytestmark = pytest.mark.django_db(transaction=True)


def database_url() -> str:
    facts = connection.settings_dict
    host = quote(str(facts["HOST"]), safe="")
    user, password = quote(str(facts["USER"])), quote(str(facts["PASSWORD"]))
    return f"postgresql://{user}:{password}@{host}:{facts['PORT']}/{facts['NAME']}"


@contextmanager
def worker_at(module: str, step: str, when: str, item_id: int) -> Iterator[subprocess.Popen[str]]:
    """A process that stands still at the step; killed at the end, if it was not before."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(),
        "SECRET_KEY": "x" * 50,
        "TOUCHLINE_DATA_DIR": str(settings.TOUCHLINE_DATA_DIR),
    }
    words = [sys.executable, "-c", WORKER, module, step, when, str(item_id)]
    process = subprocess.Popen(
        words, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "there\n"
        yield process
    finally:
        process.kill()
        process.wait(20)
        process.stdout.close()


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step[2]}-{step[1].strip('_')}")
def test_an_episode_whose_worker_is_killed_comes_in_once(
    v30: Path, data_dir: Path, step: tuple[str, str, str]
) -> None:
    run = plan_import(path=v30)
    item_id = open_items(run)[0]
    with worker_at(*step, item_id) as process:
        # Meanwhile it is nobody else's: the lock is held.
        assert import_item(item_id=item_id).attempts <= 1
        os.kill(process.pid, signal.SIGKILL)
        process.wait(20)
    settled = step[1] == "_settle"
    late = timezone.now() + RUNNING + timedelta(seconds=1)
    assert (item_id in stranded_items(now=late)) is not settled
    wait_for_lock(item_id)
    for one in open_items(run):
        assert import_item(item_id=one).state in (STATE.DONE, STATE.SKIPPED)
    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE
    everything_is_there_once()
    collect_garbage(grace=timedelta(seconds=-5))
    everything_is_there_once()
    assert not any(data_path("work").iterdir()) if data_path("work").exists() else True


def wait_for_lock(item_id: int) -> None:
    """PostgreSQL notices a killed client when it next looks at its connection."""
    with connection.cursor() as cursor:
        for _ in range(100):
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid != %s",
                [connection.connection.info.backend_pid],
            )
            if cursor.fetchone()[0] == 0:
                return
            cursor.execute("SELECT pg_sleep(0.1)")
    raise AssertionError("The killed worker's lock is still held.")


def everything_is_there_once() -> None:
    assert [episode.index for episode in Episode.objects.all()] == [0, 1, 2]
    counts: dict[Any, int] = {Stream: 6, Signal: 6, MediaAsset: 2, FoundLabel: 0}
    assert {model: model.objects.count() for model in counts} == counts
    for signal_row in Signal.objects.all():
        table = pa.ipc.open_file(str(data_path(signal_row.path))).read_all()
        assert table.num_rows == signal_row.samples
    for stream in Stream.objects.all():
        assert stream_part(stream).frames == stream.frames
        assert data_path(stream.asset.path).stat().st_size == stream.asset.size
