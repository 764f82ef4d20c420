"""Workers die, messages get lost, two of them start at once: every episode comes in once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection, connections
from django.utils import timezone

from config.celery import app
from episodes.models import Episode, ImportItem, ImportRun, Stream
from episodes.selectors.imports import open_items
from episodes.services.exclusive import only_one
from episodes.services.imports import plan_import
from episodes.services.imports_items import (
    MAX_ATTEMPTS,
    RUNNING,
    WAITING,
    import_item,
    stranded_items,
)
from episodes.tasks import import_item_task, start_import, sweep_imports

STATE = ImportItem.State


@pytest.fixture
def at_once() -> Iterator[None]:
    """Tasks run where they are sent."""
    before = app.conf.task_always_eager
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = before


@pytest.mark.django_db
def test_the_tasks_bring_a_dataset_in(v30: Path, at_once: None) -> None:
    run = plan_import(path=v30)
    start_import.delay(str(run.pk))
    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE
    assert Episode.objects.ready().count() == 3
    assert not Stream.objects.filter(sprite_path="").exists()
    for item in run.items.all():
        import_item_task.delay(item.pk)
    assert Episode.objects.count() == 3
    assert set(run.items.values_list("attempts", flat=True)) == {1}


@pytest.mark.django_db
def test_tasks_of_what_was_deleted_do_nothing(v30: Path, at_once: None) -> None:
    run = plan_import(path=v30)
    run_id, items = run.pk, open_items(run)
    run.delete()
    start_import.delay(str(run_id))
    import_item_task.delay(items[0])
    assert not Episode.objects.exists()


@pytest.mark.django_db
def test_the_sweep_picks_up_what_a_dead_worker_left(v30: Path, at_once: None) -> None:
    run = plan_import(path=v30)
    long_ago = timezone.now() - timedelta(hours=1)
    run.items.filter(position=0).update(state=STATE.RUNNING, attempts=1, updated_at=long_ago)
    run.items.filter(position=1).update(updated_at=long_ago)
    sweep_imports.delay()
    assert list(run.items.values_list("state", flat=True)) == [
        STATE.DONE,
        STATE.DONE,
        STATE.PENDING,
    ]
    assert run.items.get(position=0).attempts == 2


@pytest.mark.django_db
def test_the_sweep_leaves_a_working_queue_alone(v30: Path) -> None:
    run = plan_import(path=v30)
    now = timezone.now()
    assert stranded_items(now=now) == []
    assert len(stranded_items(now=now + WAITING + timedelta(seconds=1))) == 3
    later = now + WAITING + timedelta(seconds=2)
    assert stranded_items(now=later) == []
    run.items.update(state=STATE.RUNNING)
    assert len(stranded_items(now=later + RUNNING)) == 3


@pytest.mark.django_db
def test_an_episode_that_kills_every_worker_is_set_aside(v30: Path) -> None:
    run = plan_import(path=v30)
    run.items.filter(position=0).update(state=STATE.RUNNING, attempts=MAX_ATTEMPTS)
    item = import_item(item_id=open_items(run)[0])
    assert (item.state, item.reason_code) == (STATE.QUARANTINED, "import_failed")
    assert item.remedy


@pytest.mark.django_db
def test_a_full_disk_leaves_the_item_waiting(v30: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    run = plan_import(path=v30)
    monkeypatch.setattr("episodes.services.imports_bringing.store_asset", full)
    with pytest.raises(OSError, match="No space"):
        import_item(item_id=open_items(run)[0])
    item = run.items.get(position=0)
    assert item.state == STATE.PENDING
    assert "No space" in item.reason
    monkeypatch.undo()
    assert import_item(item_id=item.pk).state == STATE.DONE
    item.refresh_from_db()
    assert item.reason == ""


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_item(v30: Path) -> None:
    run = plan_import(path=v30)
    item_id = open_items(run)[0]
    start = Barrier(2)

    def work(_: int) -> None:
        try:
            start.wait()
            import_item(item_id=item_id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    item = ImportItem.objects.get(pk=item_id)
    assert (item.state, item.attempts) == (STATE.DONE, 1)
    assert Episode.objects.count() == 1
    assert Stream.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_dataset_at_once(v30: Path) -> None:
    start = Barrier(2)

    def work(_: int) -> None:
        try:
            start.wait()
            run = plan_import(path=v30)
            for item_id in open_items(run):
                import_item(item_id=item_id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    assert Episode.objects.count() == 3
    for run in ImportRun.objects.all():
        for item_id in open_items(run):  # those whose lock the other one held
            import_item(item_id=item_id)
    states = set(ImportItem.objects.values_list("state", flat=True))
    assert states == {STATE.DONE, STATE.SKIPPED}
    assert Episode.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_lock_goes_with_its_connection(v30: Path) -> None:
    """What a kill -9 of a worker does to its connection."""

    def hold() -> bool:
        with only_one("episode") as mine:
            connection.close()
            return mine

    with ThreadPoolExecutor(1) as pool:
        try:
            pool.submit(hold).result()
        finally:
            pool.submit(connections.close_all).result()
    with only_one("episode") as mine:
        assert mine
