"""Measuring clocks: what is kept, once, and never better than it is."""

from pathlib import Path

import pyarrow as pa
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from config.celery import app
from episodes.models import Dataset, Episode, Stream, SyncReport
from episodes.selectors.data_files import data_path
from episodes.selectors.sync import unmeasured_episodes
from episodes.services import sync
from episodes.services.change_episodes import hold_episodes
from episodes.services.clocks import decide, set_clock
from episodes.services.sync import measure_sync
from episodes.tasks_media import prepare_stream
from episodes.tasks_sync import measure_sync_task
from episodes.video.motion import measure_motion
from tests.episodes.test_import import bring_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def episode(v30: Path, mei: User) -> Episode:
    bring_in(v30, by=mei)
    return Episode.objects.get(index=1)


def measured(episode: Episode, *, again: bool = False) -> SyncReport:
    report = measure_sync(episode_id=episode.pk, again=again)
    assert report is not None
    episode.refresh_from_db()
    return report


def test_what_cannot_be_told_is_unknown_and_handed_out(episode: Episode) -> None:
    """Nine grey pictures say nothing of a lag."""
    report = measured(episode)
    assert (report.verdict, episode.sync, episode.held) == ("unknown", "unknown", False)
    assert [one["name"] for one in report.report["signals"]] == ["observation.state", "action"]
    assert [one["name"] for one in report.report["cameras"]] == ["front", "wrist"]
    assert report.report["failures"] == []


def test_measured_once(episode: Episode) -> None:
    first = measured(episode)
    measure_sync_task(str(episode.pk))
    assert SyncReport.objects.get().measured_at == first.measured_at
    assert measured(episode, again=True).measured_at > first.measured_at
    assert SyncReport.objects.count() == 1


def test_a_camera_that_cannot_be_read_is_named_and_no_pass(episode: Episode) -> None:
    stream = episode.streams.get(camera="wrist")
    data_path(stream.asset.path).unlink()
    report = measured(episode)
    assert report.verdict == "unknown"
    (failure,) = report.report["failures"]
    assert (failure["stream"], failure["code"]) == ("wrist", "media_missing")
    assert failure["remedy"]
    assert [one["name"] for one in report.report["cameras"]] == ["front"]


def test_a_damaged_signal_is_named(episode: Episode) -> None:
    signal = episode.signals.get(name="action")
    data_path(signal.path).write_bytes(b"no arrow")
    (failure,) = measured(episode).report["failures"]
    assert failure["stream"] == "action"


def test_what_nobody_foresaw_is_kept_as_unknown_and_raised(
    episode: Episode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(sync, "measure_motion", broken)
    with pytest.raises(RuntimeError, match="out of luck"):
        measure_sync(episode_id=episode.pk)
    episode.refresh_from_db()
    report = SyncReport.objects.get()
    assert (episode.sync, report.verdict) == ("unknown", "unknown")
    assert "out of luck" in report.report["failures"][0]["message"]
    assert not unmeasured_episodes(Episode.objects.filter(pk=episode.pk)).exists()


def test_red_is_held_until_somebody_decides(episode: Episode, mei: User) -> None:
    """Signals whose stamps go back are red whatever the cameras say."""
    backward(episode)
    report = measured(episode)
    assert (report.verdict, episode.held) == ("red", True)
    assert not Episode.objects.to_hand_out().filter(pk=episode.pk).exists()
    decide(actor=mei, episode_id=episode.pk, decision=RELEASED, reason="stamps are not used")
    measured(episode, again=True)
    assert (episode.sync, episode.held) == ("red", False)


def test_held_by_hand_before_it_was_measured(episode: Episode, mei: User) -> None:
    hold_episodes(actor=mei, episodes=Episode.objects.filter(pk=episode.pk), held=True)
    report = measured(episode)
    assert (report.decision, episode.held) == (SyncReport.Decision.HELD, True)


def test_a_clock_corrected_meanwhile_is_not_reported_on(
    episode: Episode, mei: User, monkeypatch: pytest.MonkeyPatch
) -> None:

    def slow(*given: object) -> object:
        correct = {"offset_ns": 7, "drift_ppm": 0.0, "reason": "seen at a contact"}
        set_clock(actor=mei, episode_id=episode.pk, camera="front", **correct)  # type: ignore[arg-type]
        return measure_motion(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(sync, "measure_motion", slow)
    assert measure_sync(episode_id=episode.pk) is None
    episode.refresh_from_db()
    assert (episode.sync, SyncReport.objects.count()) == ("unmeasured", 0)


def test_filmstrips_come_first(episode: Episode) -> None:
    waiting = unmeasured_episodes(Episode.objects.all())
    assert not waiting.exists()
    Stream.objects.filter(episode=episode).update(sprite_path="sprites/x.jpg")
    assert waiting.get() == episode
    measured(episode)
    assert not waiting.exists()


def test_the_command_measures_what_is_not_measured(
    episode: Episode, capsys: pytest.CaptureFixture[str]
) -> None:
    measured(episode)
    call_command("measure_sync", dataset=Dataset.objects.get().name)
    said = capsys.readouterr().out
    assert "2/2" in said
    assert "2 episodes measured: 2 unknown." in said
    call_command("measure_sync", again=True)
    assert "3 episodes measured" in capsys.readouterr().out
    with pytest.raises(CommandError, match="There are: bricks3"):
        call_command("measure_sync", dataset="tiles")


def test_measuring_goes_last_in_the_queue() -> None:
    """Imports and filmstrips have the broker's first place, which is 0."""
    assert app.amqp.router.route({}, measure_sync_task.name)["priority"] == 9
    assert "priority" not in app.amqp.router.route({}, prepare_stream.name)


RELEASED = SyncReport.Decision.RELEASED


def backward(episode: Episode) -> None:
    """Rewrite the episode's action with a stamp that goes back."""
    signal = episode.signals.get(name="action")
    path = data_path(signal.path)
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
    times = table.column(0).to_pylist()
    times[5] = times[3]
    table = table.set_column(0, table.schema.field(0), pa.array(times, pa.int64()))
    path.unlink()
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
