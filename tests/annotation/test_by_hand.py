"""Managers hand out by hand: reservations with a last day, taking back, standings, leaving."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.errors import NotFound, NotReleasable, NotReservable, RoleMissing
from annotation.models import (
    AnnotationSet,
    Assignment,
    AuditEntry,
    Membership,
    Notification,
    ProjectEpisode,
)
from annotation.services.reserve import end_reservations, reserve
from annotation.services.set_membership import set_membership
from annotation.services.standing import set_standing
from annotation.services.take_back import take_back
from annotation.tasks import expire_leases_task
from tests.annotation.pages import queries, text
from tests.annotation.scene import Team, claimed, draft_of

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
HANDED = Notification.Kind.HANDED


def places(team: Team, *numbers: int) -> list[int]:
    rows = team.project.project_episodes.filter(position__in=numbers)
    return list(rows.values_list("pk", flat=True))


def give(team: Team, user: User | None, *numbers: int, days: int | None = None) -> int:
    until = None if days is None else timezone.localdate() + timedelta(days=days)
    done = reserve(
        actor=team.mei, project=team.project, places=places(team, *numbers), user=user, until=until
    )
    return done.reserved


def test_who_is_given_episodes_is_told_and_sees_it(team: Team, as_user: Browser) -> None:
    give(team, team.ada, 1, 2, days=3)
    (told,) = Notification.objects.filter(user=team.ada, kind=HANDED)
    assert "gave you 2 episodes in Blocks until" in told.text
    shown = text(as_user(team.ada).get(reverse("queue")))
    assert "2 episodes are reserved for you, the first until" in shown
    assert "reserved for you" not in text(as_user(team.abe).get(reverse("queue")))


def test_a_reservation_ends_after_its_last_day(team: Team) -> None:
    give(team, team.ada, 1, 2, days=0)
    assert end_reservations() == 0
    ProjectEpisode.objects.filter(pk__in=places(team, 1)).update(
        reserved_until=timezone.localdate() - timedelta(days=1)
    )
    expire_leases_task()
    expire_leases_task()
    left = ProjectEpisode.objects.get(reserved_for=team.ada)
    assert left.position == 2
    assert AuditEntry.objects.filter(action="project.reservations_ended", actor=None).count() == 1
    (told,) = Notification.objects.filter(user=team.mei, kind=HANDED)
    assert "1 episode was reserved for" in told.text


def test_a_day_that_is_over_is_refused(team: Team) -> None:
    with pytest.raises(NotReservable, match="is over"):
        give(team, team.ada, 0, days=-1)


def test_a_claimed_or_freed_reservation_keeps_no_day(team: Team) -> None:
    give(team, team.ada, 0, 1, days=3)
    claimed(team.ada, team.project)
    set_membership(actor=team.mei, project=team.project, user=team.ada, role=None)
    assert not ProjectEpisode.objects.exclude(reserved_until=None).exists()


def test_taking_back_counts_only_what_was_reserved(team: Team) -> None:
    give(team, team.ada, 1)
    assert give(team, None, 0, 1, 2) == 1
    assert AuditEntry.objects.filter(action="project.reservations_taken_back").count() == 1


def test_the_queue_gives_the_ticked_and_takes_them_back(team: Team, as_user: Browser) -> None:
    client = as_user(team.mei)
    url = reverse("project-change-episodes", args=[team.project.pk])
    body = {"action": "reserve", "place": places(team, 0, 2), "person": "ada"}
    assert "Episodes given to Ada: 2." in text(client.post(url, body, follow=True))
    body |= {"until": "2020-01-01", "place": places(team, 1)}
    assert "2020-01-01 is over." in text(client.post(url, body, follow=True))
    nobody = {"action": "reserve", "place": places(team, 1), "person": ""}
    assert "Choose the person" in text(client.post(url, nobody, follow=True))
    stranger = {**nobody, "person": "otto"}
    assert "Nobody of this name is in the project." in text(client.post(url, stranger, follow=True))
    listed = reverse("project-episodes", args=[team.project.pk])
    shown = text(client.get(listed, {"reserved": "ada"}))
    assert "episode_000002" in shown
    assert "episode_000001" not in shown
    back = {"action": "unreserve", "everything": "1", "filter": "reserved=ada"}
    assert "Reservations taken back: 2." in text(client.post(url, back, follow=True))


def test_what_somebody_holds_is_taken_back(team: Team) -> None:
    held = claimed(team.ada, team.project)
    take_back(actor=team.mei, assignment_id=held.pk, reason="She is ill.")
    take_back(actor=team.mei, assignment_id=held.pk)
    held.refresh_from_db()
    assert held.state == Assignment.State.RELEASED
    assert AnnotationSet.objects.filter(assignment=held).exists()
    assert ProjectEpisode.objects.get(pk=held.project_episode_id).slots_taken == 0
    entry = AuditEntry.objects.get(action="assignment.taken_back")
    assert (entry.facts["held_by"], entry.facts["reason"]) == ("ada", "She is ill.")
    assert "took episode_000000 back" in Notification.objects.get(user=team.ada, kind=HANDED).text
    assert claimed(team.ada, team.project).project_episode.position == 1


def test_rework_is_taken_back_and_holds_nothing_up(team: Team) -> None:
    held = claimed(team.ada, team.project)
    Assignment.objects.update(state=Assignment.State.RETURNED, rework=True)
    take_back(actor=team.mei, assignment_id=held.pk)
    assert ProjectEpisode.objects.get(pk=held.project_episode_id).progress == "waiting"


def test_what_is_handed_in_is_not_taken_back(team: Team) -> None:
    held = claimed(team.ada, team.project)
    Assignment.objects.update(state=Assignment.State.SUBMITTED)
    with pytest.raises(NotReleasable, match="handed in"):
        take_back(actor=team.mei, assignment_id=held.pk)


def test_taking_back_is_for_managers(team: Team) -> None:
    held = claimed(team.ada, team.project)
    for user, error in ((team.ada, RoleMissing), (team.ravi, RoleMissing), (team.otto, NotFound)):
        with pytest.raises(error):
            take_back(actor=user, assignment_id=held.pk)


def test_a_person_is_shown_and_given_another_standing(team: Team, as_user: Browser) -> None:
    client = as_user(team.mei)
    page = reverse("project-person", args=[team.project.pk, "ada"])
    claimed(team.ada, team.project)
    give(team, team.ada, 2)
    shown = text(client.get(page))
    assert "1 episode at hand returns to the queue" in shown
    assert "1 reservation ends." in shown
    url = reverse("project-person-standing", args=[team.project.pk, "ada"])
    refused = client.post(url, {"standing": "paused", "reason": ""})
    assert refused.status_code == 400
    assert client.post(url, {"standing": "paused", "reason": "Ask me first."}).status_code == 302
    shown = text(client.get(page))
    assert "Paused since" in shown
    assert "Ask me first." in shown
    assert "Ask me first." in text(client.get(reverse("project-people", args=[team.project.pk])))
    assert AuditEntry.objects.get(action="membership.standing_changed").actor == team.mei
    assert client.get(reverse("project-person", args=[team.project.pk, "otto"])).status_code == 404


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        ("paused", "Your work here is paused since"),
        ("failed", "You are not qualified for this project"),
        ("training", "You are in training."),
        ("qualifying", "You are qualifying."),
    ],
)
def test_ones_own_page_says_in_plain_words_why_there_is_nothing(
    team: Team, as_user: Browser, standing: str, said: str
) -> None:
    set_standing(
        actor=team.mei, project=team.project, user=team.ada, standing=standing, reason="As agreed."
    )
    shown = text(as_user(team.ada).get(reverse("queue")))
    assert said in shown
    assert "“As agreed.”" in shown
    assert said not in text(as_user(team.abe).get(reverse("queue")))


def test_leaving_says_what_came_back(team: Team, as_user: Browser) -> None:
    held = claimed(team.ada, team.project)
    give(team, team.ada, 2)
    url = reverse("project-person-remove", args=[team.project.pk, "ada"])
    assert as_user(team.ravi).post(url).status_code == 403
    shown = text(as_user(team.mei).post(url, follow=True))
    assert "Episodes back in the queue: 1. Reservations ended: 1. Sets that stay: 0." in shown
    assert not Membership.objects.filter(user=team.ada).exists()
    assert draft_of(held).assignment == held
    last = reverse("project-person-remove", args=[team.project.pk, "mei"])
    assert "only manager" in text(as_user(team.mei).post(last, follow=True))


def test_a_persons_page_asks_a_fixed_number_of_questions(team: Team, as_user: Browser) -> None:
    client, page = as_user(team.mei), reverse("project-person", args=[team.project.pk, "ada"])
    give(team, team.ada, 0)
    client.get(page)
    with queries() as few:
        client.get(page)
    give(team, team.ada, 1, 2)
    with queries() as many:
        client.get(page)
    assert len(many) == len(few) <= 20


def test_programs_reserve_take_back_and_set_standings(team: Team, as_user: Browser) -> None:
    mei = as_user(team.mei)
    url = reverse("api-reservations", args=[team.project.pk])
    body = {"places": places(team, 1, 2), "username": "ada", "until": "2099-01-01"}
    assert as_user(team.ravi).post(url, body, content_type="application/json").status_code == 403
    assert as_user(team.otto).post(url, body, content_type="application/json").status_code == 404
    answer = mei.post(url, body, content_type="application/json")
    assert answer.json() == {"reserved": 2, "had": 0, "full": 0}
    rows = as_user(team.ravi).get(url).json()["results"]
    assert {row["reserved_until"] for row in rows} == {"2099-01-01"}
    gone = mei.post(url, {**body, "username": None}, content_type="application/json")
    assert gone.json()["reserved"] == 2
    unknown = mei.post(url, {**body, "username": "otto"}, content_type="application/json")
    assert unknown.status_code == 404
    held = claimed(team.ada, team.project)
    back = reverse("api-assignment-take-back", args=[held.pk])
    assert as_user(team.ada).post(back, {}, content_type="application/json").status_code == 403
    assert mei.post(back, {}, content_type="application/json").status_code == 204
    stand = reverse("api-member-standing", args=[team.project.pk, "ada"])
    wanted = {"standing": "paused", "reason": "A pause."}
    assert as_user(team.ravi).put(stand, wanted, content_type="application/json").status_code == 403
    answer = mei.put(stand, wanted, content_type="application/json")
    assert (answer.json()["standing"], answer.json()["standing_reason"]) == ("paused", "A pause.")
    bad = mei.put(stand, {"standing": "asleep", "reason": "x"}, content_type="application/json")
    assert bad.status_code == 400
