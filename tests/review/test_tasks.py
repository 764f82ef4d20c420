"""Background work: on the clock, by its registered name, and harmless when run twice."""

import pytest
from django.conf import settings

from config.celery import app
from review.models import PairCounts, Release
from review.services import releases
from review.tasks import build_release_task, score_pending_task, sweep_releases_task
from tests.annotation.scene import Team
from tests.review.scene import hand_in_by_both


@pytest.mark.parametrize("name", ["review.score_pending", "review.sweep_releases"])
def test_the_sweeps_are_on_the_clock_under_registered_names(name: str) -> None:
    assert name in app.tasks
    assert name in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


@pytest.mark.django_db
def test_the_scoring_sweep_twice_is_once(team: Team) -> None:
    hand_in_by_both(team, 1)
    score_pending_task()
    before = PairCounts.objects.count()
    score_pending_task()
    assert PairCounts.objects.count() == before > 0


@pytest.mark.django_db
def test_forgotten_releases_are_queued_again(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[str] = []
    monkeypatch.setattr(build_release_task, "delay", queued.append)
    monkeypatch.setattr(releases, "FORGOTTEN_AFTER", releases.FORGOTTEN_AFTER * 0)
    release = Release.objects.create(project=team.project, version=1, created_by=team.mei)
    sweep_releases_task()
    assert queued == [str(release.pk)]
