"""Pause, resume, retry: by whom, and what the workers make of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from episodes.errors import ImportNotAllowed, ImportNotRunning, ImportUnknown
from episodes.models import Episode, ImportItem, ImportRun
from episodes.selectors.imports import ImportNote, import_notes, open_items, pace, progress
from episodes.services.exclusive import only_one
from episodes.services.imports import plan_import
from episodes.services.imports_control import pause_run, resume_run, retry_items
from episodes.services.imports_items import (
    MAX_ATTEMPTS,
    WAITING,
    finish_run,
    import_item,
    stranded_items,
    wait_after,
)
from episodes.services.imports_storing import write_episode
from episodes.tasks import start_import
from tests.episodes.test_import import bring_in
from tests.pure.formats.sets import cut, write_v21

pytestmark = pytest.mark.django_db
STATE = ImportItem.State


@pytest.fixture
def run(v21: Path, mei: User) -> ImportRun:
    return plan_import(path=v21, requested_by=mei)


@pytest.fixture
def at_mei(mei: User) -> Client:
    client = Client()
    client.force_login(mei)
    return client


def full(**_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_paused_import_begins_nothing(run: ImportRun, mei: User) -> None:
    first, second, third = open_items(run)
    import_item(item_id=first)
    pause_run(actor=mei, run_id=run.pk)
    assert import_item(item_id=second).state == STATE.PENDING
    with patch("episodes.tasks.import_item_task.delay") as sent:
        start_import(str(run.pk))
    assert not sent.called
    late = timezone.now() + WAITING + timedelta(minutes=1)
    assert stranded_items(now=late) == []
    resume_run(actor=mei, run_id=run.pk)
    assert len(stranded_items(now=late)) == 2
    assert import_item(item_id=second).state == STATE.DONE
    assert import_item(item_id=third).state == STATE.DONE
    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE


def test_what_is_at_work_when_paused_is_finished(run: ImportRun, mei: User) -> None:
    """The pause comes while the episode's videos are stored."""

    def paused_meanwhile(*facts: Any) -> Any:
        pause_run(actor=mei, run_id=run.pk)
        return write_episode(*facts)

    with patch("episodes.services.imports_bringing.write_episode", paused_meanwhile):
        item = import_item(item_id=open_items(run)[0])
    assert item.state == STATE.DONE
    run.refresh_from_db()
    assert run.state == ImportRun.State.PAUSED
    assert Episode.objects.count() == 1


def between_look_and_claim(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """An item is read, then something happens, then it is claimed."""

    @contextmanager
    def late(name: str) -> Iterator[bool]:
        happens()
        with only_one(name) as mine:
            yield mine

    monkeypatch.setattr("episodes.services.imports_items.only_one", late)


def test_a_pause_between_the_look_and_the_claim_holds(
    run: ImportRun, mei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    between_look_and_claim(monkeypatch, lambda: pause_run(actor=mei, run_id=run.pk))
    item = import_item(item_id=open_items(run)[0])
    assert (item.state, item.attempts) == (STATE.PENDING, 0)
    run.refresh_from_db()
    assert run.state == ImportRun.State.PAUSED
    assert not Episode.objects.exists()


def test_what_another_worker_tried_meanwhile_waits_for_its_time(
    run: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    item_id = open_items(run)[0]
    theirs = run.items.filter(pk=item_id)
    between_look_and_claim(monkeypatch, lambda: theirs.update(attempts=1))
    item = import_item(item_id=item_id)
    assert (item.state, item.attempts) == (STATE.PENDING, 1)
    assert not Episode.objects.exists()


def test_pausing_and_resuming_twice_is_once(run: ImportRun, mei: User) -> None:
    for _ in range(2):
        assert pause_run(actor=mei, run_id=run.pk).state == ImportRun.State.PAUSED
    for _ in range(2):
        assert resume_run(actor=mei, run_id=run.pk).state == ImportRun.State.RUNNING


def test_an_import_that_is_over_is_neither_paused_nor_resumed(v21: Path, mei: User) -> None:
    run = bring_in(v21, by=mei)
    for steer in (pause_run, resume_run):
        with pytest.raises(ImportNotRunning, match="is over"):
            steer(actor=mei, run_id=run.pk)


def test_a_repaired_episode_comes_in_by_retry(v21: Path, mei: User) -> None:
    cut(v21 / "data/chunk-000/episode_000001.parquet", 0.5)
    run = bring_in(v21, by=mei)
    write_v21(v21)
    retry_items(actor=mei, run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.finished_at) == (ImportRun.State.RUNNING, None)
    (item_id,) = open_items(run)
    item = import_item(item_id=item_id)
    assert (item.state, item.reason, item.attempts) == (STATE.DONE, "", 1)
    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE
    assert Episode.objects.count() == 3


def test_one_of_two_is_tried_again(v21: Path, mei: User) -> None:
    for number in (1, 2):
        cut(v21 / f"data/chunk-000/episode_00000{number}.parquet", 0.5)
    run = bring_in(v21, by=mei)
    second = run.items.get(position=2)
    retry_items(actor=mei, run_id=run.pk, item_id=second.pk)
    assert open_items(run) == [second.pk]
    assert import_item(item_id=second.pk).state == STATE.QUARANTINED


def test_an_episode_of_another_import_is_not_retried(v21: Path, v30: Path, mei: User) -> None:
    cut(v21 / "data/chunk-000/episode_000001.parquet", 0.5)
    broken, other = bring_in(v21, by=mei), bring_in(v30, by=mei)
    item = broken.items.get(position=1)
    retry_items(actor=mei, run_id=other.pk, item_id=item.pk)
    item.refresh_from_db()
    assert item.state == STATE.QUARANTINED


def test_waits_grow_and_the_sweep_keeps_to_them(
    run: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("episodes.services.imports_bringing.store_asset", full)
    item_id = open_items(run)[0]
    before = timezone.now()
    with pytest.raises(OSError, match="No space"):
        import_item(item_id=item_id)
    item = run.items.get(pk=item_id)
    assert item.not_before is not None
    assert item.not_before >= before + timedelta(seconds=10)
    assert item_id not in open_items(run)
    assert item_id not in stranded_items(now=item.not_before - timedelta(seconds=1))
    assert item_id in stranded_items(now=item.not_before + timedelta(seconds=1))
    waits = [wait_after(attempt).total_seconds() for attempt in range(1, MAX_ATTEMPTS)]
    assert all(later >= 3 * sooner for sooner, later in pairwise(waits))


def test_what_fails_every_time_is_quarantined_and_retried_by_hand(
    run: ImportRun, mei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("episodes.services.imports_bringing.store_asset", full)
    item_id = open_items(run)[0]
    for _ in range(MAX_ATTEMPTS - 1):
        with pytest.raises(OSError, match="No space"):
            import_item(item_id=item_id)
    item = import_item(item_id=item_id)
    assert (item.state, item.reason_code) == (STATE.QUARANTINED, "import_failed")
    assert "No space" in item.reason
    monkeypatch.undo()
    retry_items(actor=mei, run_id=run.pk, item_id=item_id)
    assert import_item(item_id=item_id).state == STATE.DONE


def test_pace_is_of_the_last_minutes(run: ImportRun) -> None:
    assert pace(run) is None
    first, second, _ = open_items(run)
    import_item(item_id=first)
    import_item(item_id=second)
    run.refresh_from_db()
    started = timezone.now() - timedelta(seconds=60)
    ImportRun.objects.filter(pk=run.pk).update(created_at=started)
    run.refresh_from_db()
    found = pace(run, now=started + timedelta(seconds=60))
    assert found is not None
    assert found.episodes_a_minute == pytest.approx(2)
    assert found.frames_a_second == pytest.approx(15 / 60)
    assert found.left == timedelta(seconds=20)  # of 5 frames, after 15 in a minute
    assert pace(run, now=started + timedelta(hours=1)) is None
    run.items.update(frames=0)
    found = pace(run, now=started + timedelta(seconds=60))
    assert found is not None
    assert found.left == timedelta(seconds=30)  # of one episode, after two


def test_frames_are_told_where_the_source_lists_them(run: ImportRun, at_mei: Client) -> None:
    import_item(item_id=open_items(run)[0])
    found = progress(run)
    assert (found.frames, found.settled_frames) == (20, 6)
    address = reverse("import-progress", args=[run.pk])
    assert "6 of 20" in at_mei.get(address).content.decode()
    last = run.items.get(position=2)
    ImportItem.objects.filter(pk=last.pk).update(frames=0)
    assert progress(run).frames is None
    ImportItem.objects.filter(pk=last.pk).update(state=STATE.QUARANTINED)
    assert progress(run).frames == 15


def test_the_same_note_of_many_episodes_is_told_once(run: ImportRun, at_mei: Client) -> None:
    """In the words of the first where it is of one alone."""
    for item in run.items.all():
        said = [f"{item.key} was cut.", "A camera is black."][: 2 - item.position // 2]
        said += ["The clock … runs."] if item.position == 0 else []
        run.items.filter(pk=item.pk).update(state=STATE.DONE, reason="\n".join(said))
    keys = tuple(f"episode_00000{n}" for n in range(3))
    assert import_notes(run) == [
        ImportNote("… was cut.", keys, 3),
        ImportNote("A camera is black.", keys[:2], 2),
        ImportNote("The clock … runs.", keys[:1], 1),
    ]
    page = at_mei.get(reverse("import-progress", args=[run.pk])).content.decode()
    assert page.count("was cut.") == 1
    assert "episode_000000, episode_000001, episode_000002</td>" in page


def test_of_many_episodes_the_first_are_named(run: ImportRun) -> None:
    first = run.items.get(position=0)
    run.items.update(state=STATE.DONE, reason="A camera is black.")
    ImportItem.objects.bulk_create(
        ImportItem(run=run, key=f"more {n}", position=10 + n, state=STATE.DONE, reason=note)
        for n, note in enumerate(["A camera is black."] * 4)
    )
    (note,) = import_notes(run)
    assert (note.keys[0], len(note.keys), note.episodes, note.further) == (first.key, 5, 7, 2)


@pytest.mark.parametrize("name", ["ada", "ravi", "otto"])
def test_who_may_not_steer(run: ImportRun, cast: dict[str, User], name: str) -> None:
    for steer in (pause_run, resume_run, retry_items):
        with pytest.raises(ImportNotAllowed):
            steer(actor=cast[name], run_id=run.pk)
    client = Client()
    client.force_login(cast[name])
    item = run.items.get(position=0)
    for address in addresses(run, item):
        assert client.post(address).status_code == 403
    run.refresh_from_db()
    assert run.state == ImportRun.State.PLANNED


def test_another_managers_import_is_unknown(v21: Path, cast: dict[str, User]) -> None:
    run = plan_import(path=v21, requested_by=cast["root"])
    for steer in (pause_run, resume_run, retry_items):
        with pytest.raises(ImportUnknown):
            steer(actor=cast["mei"], run_id=run.pk)
    client = Client()
    client.force_login(cast["mei"])
    for address in addresses(run, run.items.get(position=0)):
        assert client.post(address).status_code == 404


def addresses(run: ImportRun, item: ImportItem) -> list[str]:
    names = ("import-pause", "import-resume", "import-retry")
    found = [reverse(name, args=[run.pk]) for name in names]
    return [*found, reverse("import-retry-item", args=[run.pk, item.pk])]


def test_buttons_are_posted(run: ImportRun, at_mei: Client) -> None:
    for address in addresses(run, run.items.get(position=0)):
        assert at_mei.get(address).status_code == 405
    page = at_mei.get(reverse("import-run", args=[run.pk])).content.decode()
    assert ">Pause</button>" in page
    assert at_mei.post(addresses(run, run.items.get(position=0))[0]).status_code == 302
    page = at_mei.get(reverse("import-run", args=[run.pk])).content.decode()
    assert ">Resume</button>" in page
    assert reverse("import-progress", args=[run.pk]) not in page


def test_retry_buttons_on_the_page(
    v21: Path, mei: User, at_mei: Client, django_capture_on_commit_callbacks: Any
) -> None:
    cut(v21 / "data/chunk-000/episode_000001.parquet", 0.5)
    run = bring_in(v21, by=mei)
    page = at_mei.get(reverse("import-run", args=[run.pk])).content.decode()
    assert 'Try again<span class="visually-hidden"> with episode_000001</span>' in page
    assert "Try all of them again" in page
    with (
        patch("episodes.tasks.start_import.delay") as sent,
        django_capture_on_commit_callbacks(execute=True),
    ):
        assert at_mei.post(reverse("import-retry", args=[run.pk])).status_code == 302
    sent.assert_called_once_with(str(run.pk))
    assert len(open_items(run)) == 1


def test_a_paused_import_whose_last_episode_ends_is_over(run: ImportRun, mei: User) -> None:
    for item_id in open_items(run):
        import_item(item_id=item_id)
    ImportRun.objects.filter(pk=run.pk).update(state=ImportRun.State.PAUSED)
    finish_run(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE
