"""Skipped episodes: who and why, put before the managers, decided by them, settled."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.errors import NotFound, NotReservable, RoleMissing, SkipUndecided
from annotation.models import (
    Assignment,
    AuditEntry,
    Notification,
    Project,
    ProjectEpisode,
    Skip,
    SkipDecision,
)
from annotation.selectors.editor import annotate_payload
from annotation.selectors.skips import flagged_count
from annotation.services.claim_next import claim_next
from annotation.services.decide_skips import decide_skips
from annotation.services.skip import skip
from tests.annotation.pages import queries, text
from tests.annotation.scene import Team, claimed
from tests.stack import CHECKOUT

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
SKIPPED = Notification.Kind.SKIPPED


def first(team: Team) -> ProjectEpisode:
    return team.project.project_episodes.get(position=0)


def skipped_by(team: Team, *users: User) -> ProjectEpisode:
    for user in users:
        held = claimed(user, team.project)
        skip(actor=user, assignment_id=held.pk, reason="bad_video", text="<b>black</b>")
    return first(team)


def decide(team: Team, decision: str, **given: object) -> SkipDecision:
    options = {"actor": team.mei, "project": team.project, "place": first(team).pk, **given}
    return decide_skips(decision=decision, **options)  # type: ignore[arg-type]


def test_managers_hear_of_it_once_at_the_projects_threshold(team: Team) -> None:
    skipped_by(team, team.ada)
    assert not Notification.objects.filter(kind=SKIPPED).exists()
    assert flagged_count(team.project) == 0
    skipped_by(team, team.abe)
    (told,) = Notification.objects.filter(kind=SKIPPED)
    assert told.user == team.mei
    assert "episode_000000 was skipped by 2 people" in told.text
    assert flagged_count(team.project) == 1


def test_the_threshold_is_the_projects(team: Team) -> None:
    Project.objects.update(skips_flagged=1)
    team.project.refresh_from_db()
    skipped_by(team, team.ada)
    assert flagged_count(team.project) == 1
    assert Notification.objects.filter(kind=SKIPPED, user=team.mei).count() == 1


def test_handed_to_somebody_it_is_their_next(team: Team) -> None:
    skipped_by(team, team.ada, team.abe)
    made = decide(team, "handed", hand_to=team.ravi)
    assert made.handed_to == team.ravi
    assert flagged_count(team.project) == 0
    assert claimed(team.ravi, team.project).project_episode == first(team)
    assert AuditEntry.objects.get(action="skip.decided").actor == team.mei


def test_handing_to_who_had_it_is_refused_and_settles_nothing(team: Team) -> None:
    skipped_by(team, team.ada, team.abe)
    with pytest.raises(NotReservable, match="ada has had"):
        decide(team, "handed", hand_to=team.ada)
    with pytest.raises(NotFound, match="otto is not in"):
        decide(team, "handed", hand_to=team.otto)
    with pytest.raises(SkipUndecided):
        decide(team, "handed")
    assert flagged_count(team.project) == 1


def test_held_back_nobody_gets_it_until_it_is_put_back(team: Team) -> None:
    skipped_by(team, team.ada, team.abe)
    decide(team, "held", note="The lens is dirty.")
    assert first(team).episode.held
    claim = claim_next(actor=team.ravi, project=team.project)
    assert claim is not None
    assert claim.assignment.project_episode.position == 1
    decide(team, "put_back")
    assert not first(team).episode.held
    assert claimed(team.mei, team.project).project_episode == first(team)


def test_what_was_held_for_another_reason_stays_held(team: Team) -> None:
    place = skipped_by(team, team.ada, team.abe)
    type(place.episode).objects.filter(pk=place.episode_id).update(held=True)
    decide(team, "put_back")
    assert first(team).episode.held


def test_skips_after_a_decision_count_anew(team: Team) -> None:
    skipped_by(team, team.ada, team.abe)
    decide(team, "put_back")
    Project.objects.update(skips_flagged=1)
    team.project.refresh_from_db()
    assert flagged_count(team.project) == 0
    held = Assignment.objects.create(
        project_episode=first(team), annotator=team.ravi, lease_expires_at=timezone.now()
    )
    Skip.objects.create(
        project_episode=held.project_episode, annotator=team.ravi, reason="guideline"
    )
    assert flagged_count(team.project) == 1


def test_deciding_is_for_managers(team: Team) -> None:
    skipped_by(team, team.ada, team.abe)
    for user, error in ((team.ravi, RoleMissing), (team.ada, RoleMissing), (team.otto, NotFound)):
        with pytest.raises(error):
            decide(team, "put_back", actor=user)
    with pytest.raises(NotFound, match="Nobody skipped"):
        decide(team, "put_back", place=team.project.project_episodes.get(position=2).pk)
    with pytest.raises(SkipUndecided, match="no decision 'burn'"):
        decide(team, "burn")


def test_the_annotators_page_asks_why(team: Team, as_user: Browser) -> None:
    held = claimed(team.ada, team.project)
    client = as_user(team.ada)
    url = reverse("assignment-skip", args=[held.pk])
    assert url in text(client.get(reverse("queue")))
    assert "It is not clear what the task is" in text(client.get(url))
    refused = client.post(url, {"reason": "other", "text": " "})
    assert refused.status_code == 400
    assert "Say in a few words" in text(refused)
    assert client.post(url, {"reason": "other", "text": "upside down"}).status_code == 302
    assert Skip.objects.get().text == "upside down"


def test_the_managers_page_says_who_and_why_and_takes_a_decision(
    team: Team, as_user: Browser
) -> None:
    client = as_user(team.mei)
    url = reverse("project-skips", args=[team.project.pk])
    assert "Nobody skipped an episode" in text(client.get(url))
    place = skipped_by(team, team.ada, team.abe)
    shown = text(client.get(url))
    assert "to decide" in shown
    assert "The picture is missing, frozen or too dark. “&lt;b&gt;black&lt;/b&gt;”" in shown
    assert "1 to decide on" in text(client.get(reverse("project-episodes", args=[team.project.pk])))
    post = reverse("project-skip-decide", args=[team.project.pk])
    refused = client.post(post, {"place": place.pk, "decision": "handed"}, follow=True)
    assert "Choose who is to get the episode." in text(refused)
    body = {"place": place.pk, "decision": "handed", "hand_to": "ravi"}
    assert "Handed to somebody: " in text(client.post(post, body, follow=True))
    assert "Nothing matches" in text(client.get(url, {"flagged": "on"}))


def test_the_page_asks_a_fixed_number_of_questions(team: Team, as_user: Browser) -> None:
    client = as_user(team.mei)
    url = reverse("project-skips", args=[team.project.pk])
    skipped_by(team, team.ada)
    client.get(url)
    with queries() as few:
        client.get(url)
    skipped_by(team, team.ada, team.ada, team.abe, team.abe)
    with queries() as many:
        client.get(url)
    assert len(many) == len(few) <= 16


def test_programs_skip_read_and_decide(team: Team, as_user: Browser) -> None:
    held = claimed(team.ada, team.project)
    skip_url = reverse("api-assignment-skip", args=[held.pk])
    body = {"reason": "guideline"}
    for who, status in ((team.otto, 404), (team.abe, 403), (team.ada, 200)):
        answer = as_user(who).post(skip_url, body, content_type="application/json")
        assert answer.status_code == status
    url = reverse("api-skips", args=[team.project.pk])
    assert as_user(team.ada).get(url).status_code == 403
    mei = as_user(team.mei)
    (row,) = mei.get(url, {"reason": "guideline", "annotator": "ada"}).json()["results"]
    assert (row["key"], row["annotator"]) == ("episode_000000", "ada")
    assert mei.get(url, {"reason": "bad_video"}).json()["results"] == []
    assert mei.get(url, {"reason": "boring"}).status_code == 400
    until = (timezone.localdate() + timedelta(days=2)).isoformat()
    wanted = {"place": row["place"], "decision": "handed", "hand_to": "abe", "until": until}
    assert as_user(team.ravi).post(url, wanted, content_type="application/json").status_code == 403
    answer = mei.post(url, wanted, content_type="application/json")
    assert (answer.status_code, answer.json()["handed_to"]) == (201, "abe")
    assert first(team).reserved_until is not None
    again = mei.post(url, {**wanted, "hand_to": "ada"}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "not_reservable")


def test_the_editor_offers_what_the_server_knows_and_not_for_what_was_sent_back(team: Team) -> None:
    offered = (CHECKOUT / "frontend/timeline/src/chrome/dialogs/Skip.tsx").read_text()
    for value, label in Skip.Reason.choices:
        assert f'id: "{value}", name: phrase("{label}")' in offered
    held = claimed(team.ada, team.project)
    skip_address = reverse("api-assignment-skip", args=[held.pk])
    assert annotate_payload(team.ada, held)["urls"]["skip"] == skip_address
    held.rework = True
    assert "skip" not in annotate_payload(team.ada, held)["urls"]
