"""A late camera from import to annotator: found, held back, corrected, handed out."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from annotation.models import Project
from annotation.services.add_episodes import add_episodes
from annotation.services.claim_next import claim_next
from episodes.models import Episode
from episodes.selectors.media import stream_part
from episodes.services.sync import measure_sync
from tests.episodes.sync_scene import bring_in_one, with_late_camera

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LATE_FRAMES, PERIOD_NS = 8, 20_000_000
KEY = "episode_000003"


@pytest.fixture
def demo(base_dir: Path, settings: Settings) -> Path:
    settings.TOUCHLINE_IMPORT_ROOTS = [base_dir, *settings.TOUCHLINE_IMPORT_ROOTS]
    return base_dir / "demo/so101_pick_place"


def sync_of(episode: Episode) -> tuple[str, bool]:
    measure_sync(episode_id=episode.pk)
    episode.refresh_from_db()
    return episode.sync, episode.held


def test_the_demo_is_in_step(demo: Path, mei: User) -> None:
    for key in ("episode_000000", KEY):
        episode = bring_in_one(demo, key, name=f"Demo {key}", by=mei)
        assert sync_of(episode) == ("green", False)


def test_a_late_camera(
    demo: Path, tmp_path: Path, mei: User, cast: dict[str, User], project: Project
) -> None:
    late = with_late_camera(demo, tmp_path / "late", "front", LATE_FRAMES)
    episode = bring_in_one(late, KEY, name="Late", by=mei)
    add_episodes(actor=mei, project=project, episode_ids=[episode.pk])

    assert sync_of(episode) == ("red", True)
    front, side = episode.sync_report.report["cameras"]
    assert front["lag"]["lag_ns"] == pytest.approx(LATE_FRAMES * PERIOD_NS, abs=PERIOD_NS // 2)
    assert side["lag"]["verdict"] == "green"
    assert claim_next(actor=cast["ada"], project=project) is None

    client = Client()
    client.force_login(mei)
    before = stream_part(episode.streams.get(camera="front")).times_ns
    answer = client.post(reverse("episode-sync-accept", args=[episode.pk]), {"camera": "front"})
    assert answer.status_code == 302
    episode.refresh_from_db()
    assert (episode.sync, episode.held) == ("unmeasured", True)
    moved = stream_part(episode.streams.get(camera="front")).times_ns - before
    assert set(moved.tolist()) == {-front["lag"]["lag_ns"]}

    verdict, held = sync_of(episode)
    assert verdict in ("green", "amber")
    assert not held
    assert claim_next(actor=cast["ada"], project=project) is not None
