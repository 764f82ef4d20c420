"""Active time: placed by the server's clock, counted once, seen by managers and its person."""

import random
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from annotation.activity_time import Stretch, active_ms
from annotation.errors import NotFound, RoleMissing
from annotation.models import ActivitySpan, Assignment
from annotation.selectors.activity import own_activity, people_activity
from annotation.services.report_activity import Report, report_activity
from tests.annotation.scene import Team, claimed

pytestmark = pytest.mark.django_db
MINUTE = 60_000


@pytest.fixture
def at_work(team: Team) -> Assignment:
    """Ada has had the episode for five hours."""
    assignment = claimed(team.ada, team.project)
    Assignment.objects.filter(pk=assignment.pk).update(
        claimed_at=timezone.now() - timedelta(hours=5)
    )
    return assignment


def report(user: User, assignment: Assignment, *spans: tuple[int, int], **counts: int) -> int:
    return report_activity(
        actor=user,
        assignment_id=assignment.pk,
        spans=[Report(uuid.uuid4(), ago, length, **counts) for ago, length in spans],
    )


def test_hours_in_short_pieces_are_shown_whole(team: Team, at_work: Assignment) -> None:
    """3.87 h worked, reported each 15 s, is 3.87 h shown (cvat 6973 shows 1.91 h)."""
    pieces = 3 * 240 + 209
    report(team.ada, at_work, *[((pieces - i) * 15_000, 15_000) for i in range(pieces)])
    assert own_activity(team.ada).week.active_ms == pieces * 15_000
    assert round(pieces * 15 / 3600, 2) == 3.87


def test_two_windows_at_once_count_once(team: Team, at_work: Assignment) -> None:
    with_other = claimed(team.abe, team.project)
    report(team.ada, at_work, (10 * MINUTE, 5 * MINUTE), labels=2, undos=1)
    report(team.ada, at_work, (8 * MINUTE, 5 * MINUTE), labels=1)
    assert own_activity(team.ada).week.active_ms == pytest.approx(7 * MINUTE, abs=2_000)
    assert own_activity(team.ada).week.labels == 3
    assert own_activity(team.abe).week.active_ms == 0
    assert with_other.annotator == team.abe


def test_what_postgres_merges_is_what_python_merges(team: Team, at_work: Assignment) -> None:
    chance = random.Random(7)
    now = timezone.now()
    stretches = []
    for _ in range(200):
        start = chance.randrange(0, 3_600_000)
        stretches.append(Stretch(start, start + chance.randrange(1, 20_000)))
    began = now - timedelta(hours=2)
    ActivitySpan.objects.bulk_create(
        ActivitySpan(
            id=uuid.uuid4(),
            assignment=at_work,
            started_at=began + timedelta(milliseconds=one.start_ms),
            ended_at=began + timedelta(milliseconds=one.end_ms),
            active_ms=one.end_ms - one.start_ms,
        )
        for one in stretches
    )
    assert own_activity(team.ada).week.active_ms == active_ms(stretches)


def test_a_report_sent_twice_counts_once(team: Team, at_work: Assignment) -> None:
    same = [Report(uuid.uuid4(), MINUTE, 30_000, keystrokes=12)]
    assert report_activity(actor=team.ada, assignment_id=at_work.pk, spans=same) == 1
    assert report_activity(actor=team.ada, assignment_id=at_work.pk, spans=same) == 0
    assert own_activity(team.ada).week.keystrokes == 12


def test_no_time_before_the_claim_and_none_in_the_future(team: Team) -> None:
    """A browser whose clock is hours wrong, or that makes things up, gets no hours for it."""
    assignment = claimed(team.ada, team.project)
    report(team.ada, assignment, (9 * 3_600_000, 9 * 3_600_000), (10**12, 10**12), (0, 3_600_000))
    spans = ActivitySpan.objects.all()
    assert all(one.started_at >= assignment.claimed_at for one in spans)
    assert all(one.ended_at <= timezone.now() for one in spans)
    assert own_activity(team.ada).week.active_ms < 10_000


def test_nobody_reports_for_another(
    team: Team, at_work: Assignment, as_user: Callable[[User], Client]
) -> None:
    for person, error in ((team.abe, RoleMissing), (team.mei, RoleMissing), (team.otto, NotFound)):
        with pytest.raises(error):
            report(person, at_work, (MINUTE, 1_000))
    path = reverse("api-assignment-activity", args=[at_work.pk])
    body = {"spans": [{"id": str(uuid.uuid4()), "ago_ms": 20_000, "length_ms": 15_000}]}
    assert as_user(team.ada).post(path, body, "application/json").json() == {"new": 1}
    assert as_user(team.abe).post(path, body, "application/json").status_code == 403
    body["spans"][0]["length_ms"] = -1
    assert as_user(team.ada).post(path, body, "application/json").status_code == 400


def test_who_sees_whose_time(
    team: Team, at_work: Assignment, as_user: Callable[[User], Client]
) -> None:
    report(team.ada, at_work, (6 * MINUTE, 5 * MINUTE))
    mine = as_user(team.ada).get(reverse("my-activity")).content.decode()
    assert "0:05:00" in mine
    assert at_work.project_episode.episode.key in mine
    empty = as_user(team.abe).get(reverse("my-activity")).content.decode()
    assert "0:05:00" not in empty
    assert "Nothing in the last seven days" in empty
    page = reverse("project-activity", args=[team.project.pk])
    seen = as_user(team.mei).get(page).content.decode()
    assert "0:05:00" in seen
    assert "Ada" in seen
    for person, status in ((team.ada, 403), (team.ravi, 403), (team.otto, 404)):
        assert as_user(person).get(page).status_code == status


def test_queries_do_not_grow_with_what_is_shown(
    team: Team, at_work: Assignment, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    other = claimed(team.abe, team.project)
    for number in range(1, 6):
        report(team.ada, at_work, (number * MINUTE, 20_000))
        report(team.abe, other, (1, 1))
    with django_assert_num_queries(5):
        own_activity(team.ada)
    with django_assert_num_queries(3):
        people_activity(team.mei, team.project, timezone.now() - timedelta(days=6))
