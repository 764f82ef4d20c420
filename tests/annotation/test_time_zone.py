"""A project's pages, days and deadlines go by its own clock, and say so."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.models import AuditEntry, ProjectEpisode
from annotation.selectors.project_pages import project_entries
from annotation.services.reserve import end_reservations
from annotation.services.update_project import update_project
from tests.annotation.pages import text
from tests.annotation.scene import Team

# Half past one of the next day in Tokyo.
LATE = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)


@pytest.fixture
def tokyo(team: Team) -> Team:
    update_project(actor=team.mei, project=team.project, timezone="Asia/Tokyo")
    team.project.refresh_from_db()
    return team


def test_clock_times_are_the_projects_and_named(
    tokyo: Team, as_user: Callable[[User], Client]
) -> None:
    AuditEntry.objects.filter(project=tokyo.project).update(created_at=LATE)
    page = text(as_user(tokyo.mei).get(reverse("project-history", args=[tokyo.project.pk])))
    assert "2026-03-03 01:30" in page
    assert "Times are those of Asia/Tokyo." in page


def test_elsewhere_they_are_the_servers(tokyo: Team, as_user: Callable[[User], Client]) -> None:
    assert "Times are those of UTC." in text(as_user(tokyo.mei).get(reverse("project-list")))


def test_days_of_the_history_begin_there(tokyo: Team) -> None:
    AuditEntry.objects.filter(project=tokyo.project).update(created_at=LATE)
    there = project_entries(tokyo.project, {"since": date(2026, 3, 3)})
    assert there.exists()
    assert not project_entries(tokyo.project, {"until": date(2026, 3, 2)}).exists()
    assert project_entries(tokyo.project, {"until": date(2026, 3, 3)}).count() == there.count()


def test_a_last_day_is_over_where_the_project_is(
    tokyo: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ProjectEpisode.objects.filter(project=tokyo.project).earliest("pk")
    ProjectEpisode.objects.filter(pk=place.pk).update(
        reserved_for=tokyo.ada, reserved_until=date(2026, 3, 2)
    )
    local = timezone.localdate
    monkeypatch.setattr(timezone, "localdate", lambda timezone: local(LATE, timezone=timezone))
    type(tokyo.project).objects.update(timezone="America/Los_Angeles")
    assert end_reservations() == 0
    type(tokyo.project).objects.update(timezone="Asia/Tokyo")
    assert end_reservations() == 1


def test_what_is_no_zone_is_refused(team: Team, as_user: Callable[[User], Client]) -> None:
    mei, url = as_user(team.mei), reverse("project-update", args=[team.project.pk])
    body = {
        field.name: field.value()
        for field in mei.get(url).context["form"]
        if field.value() is not None and field.value() is not False
    }
    refused = mei.post(url, body | {"timezone": "Mars/Olympus"})
    assert refused.status_code == 400
    assert "There is no such time zone." in text(refused)
    assert mei.post(url, body | {"timezone": "Europe/Berlin"}).status_code == 302
    team.project.refresh_from_db()
    assert team.project.zone.key == "Europe/Berlin"
    api = f"/api/v1/projects/{team.project.pk}"
    change = {"version": team.project.version, "timezone": "Mars/Olympus"}
    assert mei.patch(api, change, content_type="application/json").status_code == 400
