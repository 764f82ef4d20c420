"""The weekly report: once a week and manager, in the project's language and at its hour."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection
from django.test import Client
from django_vite.core.asset_loader import (  # type: ignore[import-untyped]
    DjangoViteAssetLoader,
)
from pytest_django import Settings

from annotation.models import AnnotationSet, Membership, Project
from review.models import OperationSettings, WeeklyReport
from review.report_words import ENGLISH, GERMAN
from review.selectors.daily import Wanted, daily_of
from review.selectors.dashboard import sums
from review.services.daily_work import rebuild_daily_work
from review.services.weekly_reports import send_weekly_reports
from tests.annotation.scene import Team
from tests.review.scene import hand_in

MONDAY = date(2026, 3, 2)
# The Monday after, at seven.
MORNING = datetime(2026, 3, 9, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def pages_without_a_build(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DJANGO_VITE = {"default": {"dev_mode": True}}
    monkeypatch.setattr(DjangoViteAssetLoader, "_instance", None)


@pytest.fixture
def reported(team: Team) -> Team:
    """A project whose report is switched on, with one set handed in on the Tuesday."""
    hand_in(team.ada, team.project)
    AnnotationSet.objects.update(
        created_at=datetime(2026, 3, 3, 9, tzinfo=UTC),
        submitted_at=datetime(2026, 3, 3, 10, tzinfo=UTC),
    )
    rebuild_daily_work(team.project)
    OperationSettings.objects.create(project=team.project, weekly_report=True)
    User.objects.filter(username__in=["mei", "ada", "ravi"]).update(email="x@example.com")
    User.objects.filter(pk=team.mei.pk).update(email="mei@example.com")
    return team


def test_it_goes_to_managers_once(reported: Team) -> None:
    assert send_weekly_reports(MORNING) == 1
    assert send_weekly_reports(MORNING + timedelta(hours=5)) == 0
    (letter,) = mail.outbox
    assert letter.to == ["mei@example.com"]
    assert letter.subject == "Blocks: 1 handed in, 0 accepted in the week of 2026-03-02"
    row = WeeklyReport.objects.get()
    assert (row.monday, row.recipient) == (MONDAY, reported.mei)
    assert row.sent_at is not None


def test_figures_are_those_of_the_dashboard_with_their_addresses(reported: Team) -> None:
    send_weekly_reports(MORNING)
    (letter,) = mail.outbox
    found = sums(daily_of(reported.project), Wanted(MONDAY, MONDAY + timedelta(days=6)))
    assert f"First rounds: {found.submitted} (Week before: 0)" in letter.body
    assert f"Hours of work: {found.hours:.1f}" in letter.body
    html, kind = letter.alternatives[0]  # type: ignore[attr-defined]
    assert kind == "text/html"
    base = f"http://localhost:8000/projects/{reported.project.pk}/dashboard"
    assert f"{base}/sets/?first=2026-03-02&amp;last=2026-03-08&amp;what=first" in html
    assert f"{base}/?first=2026-03-02&last=2026-03-08" in letter.body
    assert f"{base}/settings/" in letter.extra_headers["List-Unsubscribe"]


def test_before_the_morning_the_week_before_is_due(reported: Team) -> None:
    send_weekly_reports(MORNING.replace(hour=5))
    assert WeeklyReport.objects.get().monday == MONDAY - timedelta(days=7)
    send_weekly_reports(MORNING)
    assert len(mail.outbox) == 2


def test_the_morning_is_that_of_the_project(reported: Team) -> None:
    Project.objects.update(timezone="America/Los_Angeles")
    send_weekly_reports(MORNING)
    assert WeeklyReport.objects.get().monday == MONDAY - timedelta(days=7)


def test_it_speaks_the_projects_language(reported: Team) -> None:
    Project.objects.update(language="de")
    send_weekly_reports(MORNING)
    (letter,) = mail.outbox
    assert letter.subject == "Blocks: 1 abgegeben, 0 angenommen in der Woche vom 02.03.2026"
    assert "Arbeitsstunden: 1,0" in letter.body
    assert GERMAN.keys() == ENGLISH.keys()


def test_another_language_gets_english(reported: Team) -> None:
    Project.objects.update(language="ja")
    send_weekly_reports(MORNING)
    assert "handed in" in mail.outbox[0].subject


@pytest.mark.parametrize("state", ["off", "archived", "no address", "no manager"])
def test_who_gets_none(reported: Team, state: str) -> None:
    if state == "off":
        OperationSettings.objects.update(weekly_report=False)
    elif state == "archived":
        Project.objects.update(state=Project.State.ARCHIVED)
    elif state == "no address":
        User.objects.update(email="")
    else:
        Membership.objects.filter(user=reported.mei).update(role="reviewer")
    assert send_weekly_reports(MORNING) == 0
    assert mail.outbox == []


def test_a_server_that_refuses_is_tried_again(
    reported: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        assert send_weekly_reports(MORNING) == 0
    assert WeeklyReport.objects.get().sent_at is None
    assert send_weekly_reports(MORNING) == 1


def test_what_a_dead_worker_took_is_sent_after_a_while(reported: Team) -> None:
    WeeklyReport.objects.create(
        project=reported.project, monday=MONDAY, recipient=reported.mei, taken_at=MORNING
    )
    assert send_weekly_reports(MORNING + timedelta(minutes=30)) == 0
    assert send_weekly_reports(MORNING + timedelta(minutes=90)) == 1


def test_the_preview_shows_the_letter_and_writes_nothing(reported: Team, client: Client) -> None:
    client.force_login(reported.mei)
    path = f"/projects/{reported.project.pk}/dashboard/report/"
    shown = client.get(path, {"day": "2026-03-05"}).content.decode()
    assert "1 handed in, 0 accepted in the week of 2026-03-02" in shown
    assert "srcdoc=" in shown
    assert "It is sent every Monday" in shown
    assert not WeeklyReport.objects.exists()
    send_weekly_reports(MORNING)
    assert "Sent to Mei on" in client.get(path, {"day": "2026-03-05"}).content.decode()
    assert client.get(path, {"day": "soon"}).status_code == 200


def test_it_is_switched_on_in_the_settings(team: Team, client: Client) -> None:
    client.force_login(team.mei)
    path = f"/projects/{team.project.pk}/dashboard/settings/"
    client.post(path, {"currency": "EUR", "weekly_report": "on"})
    assert OperationSettings.objects.get().weekly_report
    assert "checked" in client.get(path).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_letter(team: Team, person: Callable[..., User]) -> None:
    OperationSettings.objects.create(project=team.project, weekly_report=True)
    for number in range(6):
        user = person(f"manager{number}", email=f"m{number}@example.com")
        Membership.objects.create(project=team.project, user=user, role="manager")
    begin, sent = Barrier(2), []

    def work() -> None:
        begin.wait()
        sent.append(send_weekly_reports(MORNING))
        connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sum(sent) == 6
    assert sorted(one.to[0] for one in mail.outbox) == [f"m{n}@example.com" for n in range(6)]
    assert send_weekly_reports(MORNING) == 0
