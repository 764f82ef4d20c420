"""Corrections of clocks: rows on top of the files, seen wherever frames have times."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.models import AuditEntry, Project, ProjectEpisode
from annotation.selectors.frames import camera_frames
from episodes.errors import ChangeNotAllowed
from episodes.models import ClockMap, Episode, Stream, SyncReport
from episodes.selectors.media import stream_part
from episodes.services.clocks import (
    CLOCK_CHANGED,
    accept_correction,
    decide,
    set_clock,
    undo_correction,
)
from episodes.services.exports import StoredSource
from episodes.services.sync import measure_sync
from episodes.sync_errors import CameraUnknown, NothingToCorrect, NotMeasured, ReasonMissing
from tests.episodes.test_import import bring_in

pytestmark = pytest.mark.django_db
MS = 1_000_000
Correct = Callable[..., ClockMap]


@pytest.fixture
def episode(v30: Path, mei: User, project: Project) -> Episode:
    bring_in(v30, by=mei)
    episode = Episode.objects.get(index=1)
    ProjectEpisode.objects.create(project=project, episode=episode)
    return episode


@pytest.fixture
def correct(episode: Episode, mei: User) -> Correct:
    def set_to(offset_ns: int, drift_ppm: float = 0.0, **given: Any) -> ClockMap:
        facts = {"actor": mei, "camera": "front", "reason": "seen at a contact", **given}
        return set_clock(episode_id=episode.pk, offset_ns=offset_ns, drift_ppm=drift_ppm, **facts)

    return set_to


def front(episode: Episode) -> Stream:
    return Stream.objects.select_related("asset__frame_index").get(episode=episode, camera="front")


def index_json(person: User, stream: Stream) -> Any:
    client = Client()
    client.force_login(person)
    return client.get(reverse("stream-index", args=[stream.pk])).json()


def test_every_place_takes_the_corrected_times(
    episode: Episode, correct: Correct, mei: User
) -> None:
    stream = front(episode)
    as_imported = stream_part(stream).times_ns
    correct(-40 * MS)
    moved = (as_imported - 40 * MS).tolist()
    assert stream_part(stream).times_ns.tolist() == moved
    assert index_json(mei, stream)["offset_ns"] == -40 * MS
    assert "times_ns" not in index_json(mei, stream)
    frames = {one.stream.camera: one for one in camera_frames(episode)}
    assert frames["front"].times_ns.tolist() == moved
    assert frames["wrist"].times_ns.tolist() == as_imported.tolist()
    assert StoredSource(episode.dataset).parts(episode.key)["front"].times_ns.tolist() == moved


def test_a_label_falls_on_another_frame_and_keeps_its_time(
    episode: Episode, correct: Correct
) -> None:
    at_ns = 100 * MS
    before = {one.stream.camera: one.at(at_ns)[0] for one in camera_frames(episode)}
    correct(-70 * MS)
    after = {one.stream.camera: one.at(at_ns)[0] for one in camera_frames(episode)}
    assert before == {"front": 3, "wrist": 3}
    assert after == {"front": 5, "wrist": 3}


def test_a_drift_is_given_to_the_editor_time_by_time(
    episode: Episode, correct: Correct, mei: User
) -> None:
    stream = front(episode)
    as_imported = stream_part(stream).times_ns.tolist()
    correct(5, 150.0)
    served = index_json(mei, stream)["times_ns"]
    assert served == stream_part(stream).times_ns.tolist()
    # 150 ppm are 3 / 20,000 of a time; halves up, in integers.
    assert served == [t + 5 + (3 * t + 10_000) // 20_000 for t in as_imported]


def test_the_newest_holds_and_history_stays(episode: Episode, correct: Correct, mei: User) -> None:
    stream = front(episode)
    start = int(stream_part(stream).times_ns[0])
    correct(10 * MS)
    correct(25 * MS)
    back = undo_correction(
        actor=mei, episode_id=episode.pk, camera="front", reason="was worse than before"
    )
    assert (back.offset_ns, back.method, back.created_by) == (10 * MS, "taken back", mei)
    assert int(stream_part(stream).times_ns[0]) == start + 10 * MS
    assert [row.offset_ns for row in stream.clock_maps.all()] == [10 * MS, 25 * MS, 10 * MS]


def test_undoing_the_first_goes_back_to_the_import(
    episode: Episode, correct: Correct, mei: User
) -> None:
    asked: dict[str, Any] = {
        "actor": mei,
        "episode_id": episode.pk,
        "camera": "front",
        "reason": "a mistake",
    }
    with pytest.raises(NothingToCorrect):
        undo_correction(**asked)
    correct(10 * MS, 3.0)
    back = undo_correction(**asked)
    assert (back.offset_ns, back.drift_ppm) == (0, 0.0)


def test_a_correction_waits_for_its_measurement_and_marks_the_labels(
    episode: Episode, correct: Correct
) -> None:
    measure_sync(episode_id=episode.pk)
    correct(10 * MS)
    episode.refresh_from_db()
    assert episode.sync == Episode.Sync.UNMEASURED
    assert episode.tags == [CLOCK_CHANGED]
    assert Episode.objects.filter(search=CLOCK_CHANGED.split()[0]).exists()
    correct(11 * MS)
    episode.refresh_from_db()
    assert episode.tags == [CLOCK_CHANGED]


def test_who_what_and_why_stand_in_the_audit_trail(
    episode: Episode, correct: Correct, mei: User
) -> None:
    correct(10 * MS)
    entry = AuditEntry.objects.get(action="episode.clock_corrected")
    assert (entry.actor, entry.subject) == (mei, f"episode:{episode.pk}")
    assert entry.facts["offset_ns"] == [0, 10 * MS]
    assert entry.facts["reason"] == "seen at a contact"


def test_only_a_measured_correction_of_now_is_accepted(episode: Episode, mei: User) -> None:
    asked: dict[str, Any] = {"actor": mei, "episode_id": episode.pk, "camera": "front"}
    with pytest.raises(NotMeasured):
        accept_correction(**asked)
    measure_sync(episode_id=episode.pk)
    with pytest.raises(NothingToCorrect):
        accept_correction(**asked)
    with pytest.raises(CameraUnknown):
        accept_correction(**asked | {"camera": "overhead"})
    assert not ClockMap.objects.exists()


@pytest.mark.parametrize("who", ["ada", "ravi", "otto"])
def test_managers_decide_and_nobody_else(
    episode: Episode, correct: Correct, cast: dict[str, User], who: str
) -> None:
    measure_sync(episode_id=episode.pk)
    with pytest.raises(ChangeNotAllowed):
        correct(10 * MS, actor=cast[who])
    with pytest.raises(ChangeNotAllowed):
        decide(
            actor=cast[who],
            episode_id=episode.pk,
            decision=SyncReport.Decision.RELEASED,
            reason="I want it",
        )
    assert not ClockMap.objects.exists()
    assert SyncReport.objects.get().decision == ""


def test_a_decision_says_why(episode: Episode, mei: User) -> None:
    asked: dict[str, Any] = {
        "actor": mei,
        "episode_id": episode.pk,
        "decision": SyncReport.Decision.HELD,
    }
    with pytest.raises(NotMeasured):
        decide(**asked, reason="not yet")
    first = measure_sync(episode_id=episode.pk)
    with pytest.raises(ReasonMissing):
        decide(**asked, reason="  ")
    decide(**asked, reason="the wrist camera was loose")
    report = SyncReport.objects.get()
    assert (report.decision, report.decided_by) == ("held", mei)
    assert first is not None
    assert report.measured_at == first.measured_at
    episode.refresh_from_db()
    assert episode.held
    assert AuditEntry.objects.get(action="episode.held").facts["verdict"] == "unknown"
