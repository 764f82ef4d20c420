"""Managers' dashboards: right after a correction, rebuilt identically, for managers alone."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_vite.core.asset_loader import (  # type: ignore[import-untyped]
    DjangoViteAssetLoader,
)
from pytest_django import DjangoAssertNumQueries, Settings

from annotation.models import Project
from review.models import DailyWork, OperationSettings
from review.selectors.dashboard import Wanted, sets_left, spread, sums
from review.services.daily_work import keep_daily_work
from tests.annotation.scene import Team
from tests.review.scene import approve, batch_of, hand_in, items_of, send_back


@pytest.fixture(autouse=True)
def pages_without_a_build(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DJANGO_VITE = {"default": {"dev_mode": True}}
    monkeypatch.setattr(DjangoViteAssetLoader, "_instance", None)


def now(project: Project, person: User | None = None) -> Wanted:
    today = timezone.localdate()
    return Wanted(today - timedelta(days=1), today, person.pk if person else None)


def rows(project: Project) -> list[dict[str, object]]:
    names = [one.attname for one in DailyWork._meta.local_concrete_fields if one.name != "id"]
    found = DailyWork.objects.filter(project=project).order_by("day", "annotator", "task")
    return list(found.values(*names))


def page(client: Client, user: User, project: Project, more: str = "") -> str:
    client.force_login(user)
    answer = client.get(f"/projects/{project.pk}/dashboard/{more}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_was_handed_in_counts_at_once(team: Team) -> None:
    hand_in(team.ada, team.project)
    keep_daily_work(team.project)
    found = sums(team.project, now(team.project))
    assert (found.submitted, found.labels, found.returned) == (1, 3, 0)
    assert sums(team.project, now(team.project, team.abe)).submitted == 0
    assert sets_left(team.project) == 5


def test_a_verdict_counts_at_once(team: Team) -> None:
    first, second, _ = items_of(batch_of(team))
    keep_daily_work(team.project)
    approve(team.ravi, first)
    send_back(team.ravi, second)
    keep_daily_work(team.project)
    found = sums(team.project, now(team.project))
    assert (found.submitted, found.accepted, found.returned) == (6, 1, 1)
    assert found.labels_accepted == 3
    assert found.accepted_h == pytest.approx(8.5 / 3600)


def test_a_rebuild_writes_the_same_rows(team: Team) -> None:
    hand_in(team.ada, team.project)
    keep_daily_work(team.project)
    hand_in(team.abe, team.project)
    keep_daily_work(team.project)
    kept = rows(team.project)
    DailyWork.objects.update(labels=77)
    call_command("rebuild_daily_work", stdout=io.StringIO())
    assert rows(team.project) == kept
    assert len(kept) == 2


def test_nothing_new_is_not_counted_again(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(team.ada, team.project)
    assert keep_daily_work(team.project)
    monkeypatch.setattr("review.services.daily_work.SLOWEST", timedelta(seconds=-1))
    DailyWork.objects.update(labels=77)
    keep_daily_work(team.project)
    DailyWork.objects.update(labels=77)
    assert not keep_daily_work(team.project)
    assert sums(team.project, now(team.project)).labels == 77


def test_the_page_shows_figures_with_n(team: Team, client: Client) -> None:
    hand_in(team.ada, team.project)
    shown = page(client, team.mei, team.project)
    assert "Episodes by state" in shown
    assert "5 first rounds are left" in shown
    assert '<th scope="col" class="num">n</th>' in shown


def test_the_empty_page_says_so(team: Team, client: Client) -> None:
    shown = page(client, team.mei, team.project)
    assert "Nothing was handed in" in shown
    assert "no telling" in shown


def test_a_number_leads_to_its_sets(team: Team, client: Client) -> None:
    hand_in(team.ada, team.project)
    shown = page(client, team.mei, team.project, f"sets/?person={team.ada.pk}")
    assert "episode_000000" in shown
    assert "No set was handed in" in page(
        client, team.mei, team.project, f"sets/?person={team.abe.pk}"
    )


def test_a_filter_that_makes_no_sense_is_named(team: Team, client: Client) -> None:
    shown = page(client, team.mei, team.project, "?first=2026-02-02&last=2026-01-01")
    assert "The first day comes after the last one." in shown
    assert page(client, team.mei, team.project, "?person=nobody&first=x")


def test_csv_runs_nothing(team: Team, client: Client) -> None:
    User.objects.filter(pk=team.ada.pk).update(first_name="=HYPERLINK(1)", last_name="")
    hand_in(team.ada, team.project)
    client.force_login(team.mei)
    answer = client.get(f"/projects/{team.project.pk}/dashboard/people.csv")
    lines = list(csv.reader(io.StringIO(answer.getvalue().decode())))
    assert lines[1][:2] == ["ada", "'=HYPERLINK(1)"]


@pytest.mark.parametrize("name", ["states", "days", "people", "lengths", "sets"])
def test_every_table_is_there_as_json(team: Team, client: Client, name: str) -> None:
    hand_in(team.ada, team.project)
    client.force_login(team.mei)
    answer = client.get(f"/projects/{team.project.pk}/dashboard/{name}.json")
    assert answer.json()["rows"]
    assert client.get(f"/projects/{team.project.pk}/dashboard/other.json").status_code == 404


def test_cost_is_that_of_accepted_hours(team: Team, client: Client) -> None:
    client.force_login(team.mei)
    path = f"/projects/{team.project.pk}/dashboard/settings/"
    assert client.post(path, {"hourly_cost": "-1", "currency": "EUR"}).status_code == 400
    assert client.post(path, {"hourly_cost": "18.50", "currency": "CHF"}).status_code == 302
    stored = OperationSettings.objects.get(project=team.project)
    assert (stored.hourly_cost_cents, stored.currency) == (1850, "CHF")
    approve(team.ravi, items_of(batch_of(team))[0])
    assert "CHF" in page(client, team.mei, team.project)


@pytest.mark.parametrize(
    ("who", "status"), [("ada", 403), ("ravi", 403), ("otto", 404), ("mei", 200), ("root", 200)]
)
def test_managers_alone_see_it(team: Team, client: Client, who: str, status: int) -> None:
    client.force_login(getattr(team, who))
    for more in ("", "sets/", "settings/", "days.csv"):
        assert client.get(f"/projects/{team.project.pk}/dashboard/{more}").status_code == status


def test_queries_do_not_grow_with_the_work(
    team: Team, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    batch_of(team)
    client.force_login(team.mei)
    with django_assert_max_num_queries(45):
        client.get(f"/projects/{team.project.pk}/dashboard/")
    with django_assert_max_num_queries(30):
        client.get(f"/projects/{team.project.pk}/dashboard/sets/")


def test_a_spread_is_its_quartiles() -> None:
    found = spread([1, 2, 3, 4, 5])
    assert found is not None
    assert (found.n, found.least, found.low, found.middle, found.high, found.greatest) == (
        5, 1, 2, 3, 4, 5,
    )  # fmt: skip
    assert spread([]) is None
