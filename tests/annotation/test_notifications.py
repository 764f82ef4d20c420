"""Who is told what, on the page and by e-mail."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from annotation.models import DigestChoice, Membership, Notification
from annotation.roles import Role
from annotation.services.guidelines import publish_guideline
from annotation.services.notify import choose_digest, mark_read, notify
from annotation.services.return_for_rework import return_for_rework
from annotation.services.send_digests import send_digests
from annotation.services.set_membership import set_membership
from tests.annotation.scene import Team
from tests.review.scene import hand_in

pytestmark = pytest.mark.django_db
Kind = Notification.Kind


def tell(team: Team, *people: User, text: str = "Look at this", minutes_ago: int = 10) -> None:
    notify(people, kind=Kind.MENTIONED, project=team.project, text=text, url="/queue/")
    Notification.objects.filter(mailed_at=None).update(
        created_at=timezone.now() - timedelta(minutes=minutes_ago)
    )


@pytest.fixture
def with_addresses(team: Team) -> Team:
    for user in (team.ada, team.abe, team.ravi):
        user.email = f"{user.username}@example.com"
        user.save()
    return team


def told(user: User) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in Notification.objects.filter(user=user)]


def test_returned_work_and_a_new_guideline_are_told(team: Team) -> None:
    handed_in = hand_in(team.ada, team.project)
    return_for_rework(actor=team.ravi, annotation_set_id=handed_in.pk, comment="One grasp more")
    assert told(team.ada) == [(Kind.RETURNED, "Ravi sent your work back: One grasp more")]
    publish_guideline(actor=team.mei, project=team.project, text="Mark all", summary="All grasps")
    for user in (team.ada, team.abe, team.ravi):
        assert told(user)[0][0] == Kind.GUIDELINE
    assert told(team.mei) == told(team.otto) == []


def test_a_role_is_told_to_whom_it_is_given(team: Team) -> None:
    set_membership(actor=team.mei, project=team.project, user=team.abe, role=Role.REVIEWER)
    set_membership(actor=team.mei, project=team.project, user=team.abe, role=Role.REVIEWER)
    assert told(team.abe) == [(Kind.STANDING, "In Blocks you are now Reviewer, qualified.")]


def test_the_page_shows_ones_own_and_marks_them_read(
    team: Team, as_user: Callable[[User], Client]
) -> None:
    tell(team, team.ada, text="For Ada")
    tell(team, team.abe, text="For Abe")
    ada = as_user(team.ada)
    page = ada.get(reverse("notification-list")).content.decode()
    assert "For Ada" in page
    assert "For Abe" not in page
    count = reverse("notification-count")
    assert "1<span" in ada.get(count).content.decode()
    mine, others = Notification.objects.get(user=team.ada), Notification.objects.get(user=team.abe)
    assert ada.post(reverse("notification-open", args=[others.pk])).status_code == 404
    opened = ada.post(reverse("notification-open", args=[mine.pk]))
    assert opened["Location"] == "/queue/"
    assert ada.get(count).content.decode().strip() == ""
    others.refresh_from_db()
    assert others.read_at is None
    assert "Nothing yet" in as_user(team.otto).get(reverse("notification-list")).content.decode()


def test_marking_all_read_leaves_others_alone(
    team: Team, as_user: Callable[[User], Client]
) -> None:
    tell(team, team.ada, team.abe)
    as_user(team.ada).post(reverse("notification-read"))
    assert Notification.objects.get(user=team.ada).read_at is not None
    assert Notification.objects.get(user=team.abe).read_at is None
    assert mark_read(actor=team.ada) == 0


def test_the_list_costs_the_same_however_long(
    team: Team, as_user: Callable[[User], Client], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ada = as_user(team.ada)
    for number in range(60):
        tell(team, team.ada, text=f"Number {number}")
    with django_assert_num_queries(8):
        page = ada.get(reverse("notification-list"))
    assert "Page 1 of 2" in page.content.decode()


def test_a_digest_goes_out_once(with_addresses: Team, settings: Settings) -> None:
    settings.TOUCHLINE_URL = "https://touchline.example.com"
    team = with_addresses
    tell(team, team.ada, text="<b>First</b>")
    tell(team, team.ada, text="Second")
    assert (send_digests(), send_digests()) == (1, 0)
    (letter,) = mail.outbox
    assert isinstance(letter, EmailMultiAlternatives)
    assert (letter.to, letter.subject) == (["ada@example.com"], "Touchline: 2 new")
    assert "<b>First</b>" in letter.body
    assert "https://touchline.example.com/queue/" in letter.body
    html = str(letter.alternatives[0][0])
    assert "&lt;b&gt;First&lt;/b&gt;" in html
    assert "https://touchline.example.com/notifications/" in html


def test_a_day_or_an_hour_lies_between_two_letters(with_addresses: Team) -> None:
    team = with_addresses
    choose_digest(actor=team.abe, every="hourly")
    tell(team, team.ada, team.abe)
    send_digests()
    tell(team, team.ada, team.abe)
    assert send_digests() == 0
    DigestChoice.objects.update(sent_at=timezone.now() - timedelta(hours=2))
    assert send_digests() == 1
    DigestChoice.objects.update(sent_at=timezone.now() - timedelta(hours=25))
    assert send_digests() == 1
    assert [one.to[0][:3] for one in mail.outbox] == ["ada", "abe", "abe", "ada"]


def test_no_letter_for_what_is_read_fresh_or_not_wanted(
    with_addresses: Team, as_user: Callable[[User], Client]
) -> None:
    team = with_addresses
    off = as_user(team.ravi).post(reverse("notification-list"), {"every": "off"})
    assert off.status_code == 302
    wrong = as_user(team.ravi).post(reverse("notification-list"), {"every": "weekly"})
    assert wrong.status_code == 400
    tell(team, team.ada, team.abe, team.ravi, team.mei)
    mark_read(actor=team.ada)
    Membership.objects.filter(user=team.abe).delete()
    assert send_digests() == 0
    tell(team, team.ada, minutes_ago=0)
    assert send_digests() == 0
    assert mail.outbox == []


def test_what_the_server_of_letters_refuses_goes_out_later(
    with_addresses: Team, settings: Settings
) -> None:
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    tell(with_addresses, with_addresses.ada)
    assert send_digests() == 0
    settings.EMAIL_BACKEND = backend
    assert send_digests() == 1
    assert len(mail.outbox) == 1


def long_text() -> Any:
    return "x" * 4000


def test_a_long_comment_is_shortened_not_refused(team: Team) -> None:
    tell(team, team.ada, text=long_text())
    assert len(Notification.objects.get().text) == 500
