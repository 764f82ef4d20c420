"""Managers' dashboards: right after a correction, rebuilt identically, for managers alone."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone
from django_vite.core.asset_loader import (  # type: ignore[import-untyped]
    DjangoViteAssetLoader,
)
from pytest_django import DjangoAssertNumQueries, Settings

from annotation.models import ActivitySpan, AnnotationSet, AuditEntry, Project
from annotation.services.update_project import update_project
from review.models import (
    CountedSet,
    DailyLabels,
    DailyWorkMark,
    OperationSettings,
    PersonDay,
    TaskDay,
)
from review.selectors import backlog, dashboard
from review.selectors.daily import SUMMED, Wanted, daily_of
from review.selectors.dashboard import Sums
from review.selectors.dashboard_tables import NAMES
from review.selectors.label_counts import class_counts
from review.selectors.sets_by_day import SetsByDay
from review.services.daily_work import keep_daily_work, rebuild_daily_work, sweep_daily_work
from tests.annotation.scene import Team, claimed
from tests.review.scene import (
    approve,
    batch_of,
    hand_in,
    hand_in_by_both,
    items_of,
    send_back,
)


@pytest.fixture(autouse=True)
def pages_without_a_build(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DJANGO_VITE = {"default": {"dev_mode": True}}
    monkeypatch.setattr(DjangoViteAssetLoader, "_instance", None)


def now(project: Project, person: User | None = None) -> Wanted:
    today = timezone.localdate()
    return Wanted(today - timedelta(days=1), today, person.pk if person else None)


def sums(project: Project, wanted: Wanted) -> Sums:
    return dashboard.sums(daily_of(project), wanted)


def rows(project: Project) -> list[dict[str, object]]:
    """In every grain."""
    found: list[dict[str, object]] = []
    for model in (CountedSet, PersonDay, TaskDay):
        names = [one.attname for one in model._meta.local_concrete_fields if one.name != "id"]
        found += model._default_manager.filter(project=project).order_by(*names).values(*names)
    return found


def page(client: Client, user: User, project: Project, more: str = "") -> str:
    client.force_login(user)
    answer = client.get(f"/projects/{project.pk}/dashboard/{more}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_was_handed_in_counts_at_once_and_nothing_is_written(team: Team) -> None:
    hand_in(team.ada, team.project)
    found = sums(team.project, now(team.project))
    assert (found.submitted, found.labels, found.returned) == (1, 3, 0)
    assert sums(team.project, now(team.project, team.abe)).submitted == 0
    assert backlog.sets_left(team.project) == 5
    assert not CountedSet.objects.exists()


def test_a_verdict_counts_at_once_over_what_is_stored(team: Team) -> None:
    first, second, _ = items_of(batch_of(team))
    keep_daily_work(team.project)
    approve(team.ravi, first)
    send_back(team.ravi, second)
    kept = rows(team.project)
    found = sums(team.project, now(team.project))
    assert (found.submitted, found.accepted, found.returned) == (6, 1, 1)
    assert found.labels_accepted == 3
    assert found.accepted_h == pytest.approx(8.5 / 3600)
    assert rows(team.project) == kept
    keep_daily_work(team.project)
    assert sums(team.project, now(team.project)) == found


def test_a_rebuild_writes_the_same_rows(team: Team) -> None:
    hand_in(team.ada, team.project)
    keep_daily_work(team.project)
    hand_in(team.abe, team.project)
    keep_daily_work(team.project)
    kept, labels = rows(team.project), list(DailyLabels.objects.values("label_class", "labels"))
    for model in (CountedSet, PersonDay, TaskDay, DailyLabels):
        model._default_manager.update(labels=77)
    call_command("rebuild_daily_work", stdout=io.StringIO())
    assert rows(team.project) == kept
    # Two people, each alone and for the task, which is one row of both.
    assert len(kept) == 5
    assert list(DailyLabels.objects.values("label_class", "labels")) == labels
    assert {one["labels"] for one in labels} == {2}


def test_nothing_new_is_not_counted_again(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(team.ada, team.project)
    assert sweep_daily_work() == 1
    monkeypatch.setattr("review.selectors.daily.SLOWEST", timedelta(seconds=-1))
    assert not keep_daily_work(team.project)
    for model in (CountedSet, TaskDay):
        model._default_manager.update(labels=77)
    assert sums(team.project, now(team.project)).labels == 77
    AuditEntry.objects.create(project=team.project, action="x.y", subject="z")
    assert sums(team.project, now(team.project)).labels == 3


def test_every_grain_is_corrected_alike(team: Team) -> None:
    """Whatever is asked for, what changed since the sums were stored is in it once."""
    first, second, _ = items_of(batch_of(team))
    keep_daily_work(team.project)
    approve(team.ravi, first)
    send_back(team.ravi, second)
    daily, asked = daily_of(team.project), [now(team.project), now(team.project, team.ada)]
    (task,) = {one.task_id for one in CountedSet.objects.all()}
    asked += [replace(one, task=task) for one in asked]
    grains = [("day",), ("annotator_id",), ("task_id",), ("day", "annotator_id", "task_id")]
    found = [daily.work(one, by) for one in asked for by in grains]
    paces = [daily.paces(one) for one in asked]
    assert found[1] == [
        {**row, "returned": one, "accepted": two}
        for row, one, two in zip(found[1], (1, 0), (1, 0), strict=True)
    ]
    keep_daily_work(team.project)
    DailyWorkMark.objects.update(looked_at=timezone.now() + timedelta(hours=1))
    settled = daily_of(team.project)
    assert settled.changed == []
    assert [settled.work(one, by) for one in asked for by in grains] == found
    assert [settled.paces(one) for one in asked] == paces


def test_the_migration_sums_what_was_stored_by_person_and_task(team: Team) -> None:
    batch_of(team)
    keep_daily_work(team.project)
    kept = rows(team.project)
    sums_of = ", ".join(f"sum({name}) AS {name}" for name in SUMMED)
    with connection.cursor() as cursor:
        # The table as it was, which this database has no more.
        cursor.execute(
            f"CREATE TEMPORARY TABLE review_dailywork ON COMMIT DROP AS SELECT project_id, day,"
            f" annotator_id, task_id, {sums_of} FROM review_countedset GROUP BY 1, 2, 3, 4"
        )
        for model in (PersonDay, TaskDay):
            model._default_manager.all().delete()
        for fill in import_module("review.migrations.0016_fill_days").FILLS:
            cursor.execute(fill)
    assert rows(team.project) == kept


def test_hours_are_active_time_where_there_is_activity(team: Team) -> None:
    first, second = (hand_in(one, team.project) for one in (team.ada, team.abe))
    assert first.assignment is not None
    begun = timezone.now() - timedelta(hours=1)
    AnnotationSet.objects.update(created_at=begun)
    found = sums(team.project, now(team.project))
    assert found.worked_h == pytest.approx(found.held_h)
    assert "there is no activity" in found.hours_are
    # Two windows at once: 10 minutes and 6 that overlap them by 4 are 12.
    for number, (start, length) in enumerate(((5, 10), (11, 6))):
        at = begun + timedelta(minutes=start)
        ActivitySpan.objects.create(
            id=f"00000000-0000-4000-8000-00000000000{number}",
            assignment=first.assignment,
            started_at=at,
            ended_at=at + timedelta(minutes=length),
            active_ms=length * 60_000,
        )
    rebuild_daily_work(team.project)
    found = sums(team.project, now(team.project))
    assert found.timed == 1
    assert sums(team.project, now(team.project, team.ada)).worked_h == pytest.approx(0.2)
    assert found.worked_h == pytest.approx(0.2 + (found.held_h / 2), rel=0.01)
    assert "active time of 1 of 2" in found.hours_are
    assert second.assignment is not None


def test_what_an_hour_costs_is_set_and_noted(team: Team, client: Client) -> None:
    client.force_login(team.mei)
    path = f"/projects/{team.project.pk}/dashboard/settings/"
    assert client.post(path, {"currency": "euros"}).status_code == 400
    assert client.post(path, {"currency": "EUR", "hourly_cost": "18.50"}).status_code == 302
    assert OperationSettings.objects.get(project=team.project).hourly_cost_cents == 1850
    assert AuditEntry.objects.filter(action="operation.changed", actor=team.mei).exists()


def test_days_begin_where_the_project_is(team: Team) -> None:
    hand_in(team.ada, team.project)
    late = timezone.now().replace(hour=23, minute=30) - timedelta(days=3)
    AnnotationSet.objects.update(submitted_at=late)
    rebuild_daily_work(team.project)
    assert CountedSet.objects.get().day == late.date()
    update_project(actor=team.mei, project=team.project, timezone="Asia/Tokyo")
    team.project.refresh_from_db()
    # Until the sweep came the stored days are the best there is.
    around = Wanted(late.date(), late.date() + timedelta(days=1))
    assert sums(team.project, around).submitted == 1
    sweep_daily_work()
    assert CountedSet.objects.get().day == late.date() + timedelta(days=1)


def test_stages_say_how_long_what_is_there_has_waited(team: Team) -> None:
    batch_of(team, 1)
    hand_in(team.ada, team.project)
    handed_in = AnnotationSet.objects.filter(submitted_at__isnull=False)
    handed_in.update(created_at=F("submitted_at") - timedelta(hours=2))
    team.project.project_episodes.update(added_at=timezone.now() - timedelta(days=3))
    found = {one.progress: one for one in backlog.stages(daily_of(team.project), now(team.project))}
    assert (found["waiting"].episodes, found["in_review"].episodes) == (1, 1)
    assert found["waiting"].median_s == pytest.approx(3 * 86_400, rel=0.01)
    assert found["labelling"].left == 3
    assert found["labelling"].left_median_s == pytest.approx(7200, rel=0.01)
    narrow = backlog.bottleneck(list(found.values()))
    assert narrow is not None
    assert narrow.progress == "waiting"
    (task,) = backlog.task_backlogs(team.project)
    assert task.episodes == 3
    assert dict(task.by_stage)["in_review"] == 1


def test_stages_of_a_queue_that_knows_no_times_say_so(team: Team) -> None:
    team.project.project_episodes.update(added_at=None)
    (waiting, *_) = backlog.stages(daily_of(team.project), now(team.project))
    assert (waiting.episodes, waiting.dated, waiting.median_s) == (3, 0, None)


def test_labels_by_class_and_state(team: Team) -> None:
    first, second, _ = items_of(batch_of(team))
    approve(team.ravi, first)
    keep_daily_work(team.project)
    send_back(team.ravi, second)
    counts = {
        one.label_class: one for one in class_counts(daily_of(team.project), now(team.project))
    }
    grasp = counts["grasp_closed"]
    assert (grasp.drafts, grasp.labels, grasp.returned, grasp.accepted) == (1, 6, 1, 1)
    of_abe = class_counts(daily_of(team.project), now(team.project, team.abe))
    assert {one.label_class: (one.labels, one.returned) for one in of_abe}["grasp_closed"] == (3, 0)


def test_two_sweeps_at_once_count_once(team: Team) -> None:
    hand_in(team.ada, team.project)
    sweep_daily_work()
    DailyWorkMark.objects.update(looked_at=timezone.now() - timedelta(days=1))
    sweep_daily_work()
    assert CountedSet.objects.count() == 1


def test_the_page_shows_figures_with_n(team: Team, client: Client) -> None:
    hand_in(team.ada, team.project)
    shown = page(client, team.mei, team.project)
    assert "Episodes by state" in shown
    assert "5 first rounds are left" in shown
    assert '<th scope="col" class="num">n</th>' in page(client, team.mei, team.project, "people/")


def test_the_empty_page_says_so(team: Team, client: Client) -> None:
    assert "no telling" in page(client, team.mei, team.project)
    assert "Nothing was handed in" in page(client, team.mei, team.project, "people/")
    assert "Nobody holds an episode" in page(client, team.mei, team.project, "backlog/")
    assert "No label yet" in page(client, team.mei, team.project, "labels/")


def test_a_number_leads_to_its_sets(team: Team, client: Client) -> None:
    hand_in(team.ada, team.project)
    shown = page(client, team.mei, team.project, f"sets/?person={team.ada.pk}")
    assert "episode_000000" in shown
    assert "No set was handed in" in page(
        client, team.mei, team.project, f"sets/?person={team.abe.pk}"
    )


def test_every_number_leads_to_its_sets(team: Team, client: Client) -> None:
    first, second, _ = items_of(batch_of(team))
    approve(team.ravi, first)
    send_back(team.ravi, second)
    for more, count in (
        ("?what=first", 6),
        ("?what=accepted", 1),
        ("?what=returned", 1),
        ("?what=rework", 0),
        ("?what=timed", 0),
        ("?label=grasp_closed", 6),
        ("?label=release", 0),
        ("?length=1", 6),
        ("?length=0", 0),
        (f"?what=accepted&person={team.abe.pk}", 0),
    ):
        shown = page(client, team.mei, team.project, f"sets/{more}")
        said = f"to {count} of {count}" if count else "No set was handed in"
        assert said in shown, more


def test_a_filter_that_makes_no_sense_is_named(team: Team, client: Client) -> None:
    shown = page(client, team.mei, team.project, "?first=2026-02-02&last=2026-01-01")
    assert "The first day comes after the last one." in shown
    assert page(client, team.mei, team.project, "?person=nobody&first=x")
    assert "Enter a valid date" in page(client, team.mei, team.project, "?last=2026-02-31")


def test_people_to_choose_from_are_text(team: Team, client: Client) -> None:
    User.objects.filter(pk=team.ada.pk).update(first_name="<b>Ada</b>", last_name="")
    shown = page(client, team.mei, team.project, f"?person={team.ada.pk}")
    assert f'<option value="{team.ada.pk}" selected>&lt;b&gt;Ada&lt;/b&gt;</option>' in shown
    assert f'<option value="{team.abe.pk}">' in shown
    assert '<select id="id_person" name="person">' in shown


def test_csv_runs_nothing(team: Team, client: Client) -> None:
    User.objects.filter(pk=team.ada.pk).update(first_name="=HYPERLINK(1)", last_name="")
    hand_in(team.ada, team.project)
    client.force_login(team.mei)
    answer = client.get(f"/projects/{team.project.pk}/dashboard/people.csv")
    lines = list(csv.reader(io.StringIO(answer.getvalue().decode())))
    assert lines[1][:2] == ["ada", "'=HYPERLINK(1)"]


@pytest.mark.parametrize("name", NAMES)
def test_every_table_is_there_as_json(team: Team, client: Client, name: str) -> None:
    hand_in(team.ada, team.project)
    claimed(team.abe, team.project)
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
    for more in (
        *("", "people/", "backlog/", "labels/", "sets/", "report/", "settings/", "days.csv"),
    ):
        assert client.get(f"/projects/{team.project.pk}/dashboard/{more}").status_code == status


def test_queries_do_not_grow_with_the_work(
    team: Team, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    batch_of(team)
    client.force_login(team.mei)
    for more, most in (
        *(("", 24), ("people/", 24), ("backlog/", 24), ("labels/", 22), ("sets/", 22)),
        ("report/", 36),
    ):
        client.get(f"/projects/{team.project.pk}/dashboard/{more}")
        with django_assert_max_num_queries(most):
            client.get(f"/projects/{team.project.pk}/dashboard/{more}")


def test_a_spread_is_its_quartiles_by_length(team: Team) -> None:
    """Minutes of 1 to 6 in one bin of length, that of episodes of 8.5 s; by SQL and by hand."""
    hand_in_by_both(team, 3)
    ended = timezone.now()
    for minutes, one in enumerate(AnnotationSet.objects.filter(state="submitted"), start=1):
        one.submitted_at, one.created_at = ended, ended - timedelta(minutes=minutes)
        one.save(update_fields=["submitted_at", "created_at"])
    ((at, found),) = dashboard.times_by_length(team.project, now(team.project))
    assert dashboard.length_name(at) == "5–10 s"
    assert (found.n, found.least, found.low, found.middle, found.high, found.greatest) == (
        6, 1, 2.25, 3.5, 4.75, 6,
    )  # fmt: skip
    assert dashboard.times_by_length(team.project, now(team.project, team.mei)) == []


def test_a_list_that_is_not_counted_says_that_there_is_more(
    team: Team, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.views.dashboard.PAGE", 2)
    batch_of(team)
    first = page(client, team.mei, team.project, "sets/?label=grasp_closed")
    assert "1 to 2, and more" in first
    last = page(client, team.mei, team.project, "sets/?label=grasp_closed&page=3")
    assert "5 to 6 of 6" in last
    assert "5 to 6 of 6" in page(client, team.mei, team.project, "sets/?page=9")
    assert "1 to 2, and more" in page(
        client, team.mei, team.project, "sets/?label=grasp_closed&page=x"
    )


def test_sets_are_downloaded_day_by_day_in_order(team: Team, client: Client) -> None:
    sets = [hand_in(one, team.project) for one in (team.ada, team.abe, team.ada)]
    for number, one in enumerate(sets):
        at = timezone.now() - timedelta(days=2 - number)
        AnnotationSet.objects.filter(pk=one.pk).update(submitted_at=at)
    rebuild_daily_work(team.project)
    client.force_login(team.mei)
    answer = client.get(f"/projects/{team.project.pk}/dashboard/sets.csv")
    lines = list(csv.reader(io.StringIO(answer.getvalue().decode())))
    assert [line[0] for line in lines[1:]] == [str(one.pk) for one in sets]


def test_pages_of_sets_read_their_own_days(
    team: Team, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    hand_in_by_both(team, 3)
    sets = list(AnnotationSet.objects.filter(state="submitted").order_by("pk"))
    for number, one in enumerate(sets):
        at = timezone.now() - timedelta(days=number // 2, hours=number % 2)
        AnnotationSet.objects.filter(pk=one.pk).update(submitted_at=at)
    rebuild_daily_work(team.project)
    today = timezone.localdate()
    wanted = Wanted(today - timedelta(days=9), today)
    every = list(dashboard.handed_in(team.project, wanted).order_by("-submitted_at", "pk"))
    listed = SetsByDay(daily_of(team.project), wanted, "")
    assert len(listed) == len(every) == 6
    for first in range(7):
        for last in range(first, 8):
            assert listed[first:last] == every[first:last], (first, last)
    assert listed[4] == every[4]
    with django_assert_num_queries(1):
        listed[1:5]
