"""Who says what about an episode, who reads it, and what a question holds up."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from annotation.errors import CommentRefused, LeaseExpired, NotFound, RequestReused, RoleMissing
from annotation.models import Assignment, AuditEntry, Comment, Notification, ProjectEpisode
from annotation.roles import Role
from annotation.selectors.ahead import expected_next
from annotation.selectors.comments import talk_json, talk_on, threads_of
from annotation.selectors.queue import anything_left
from annotation.services.claim_next import claim_next
from annotation.services.comments import change_comment, post_comment
from annotation.services.expire_leases import expire_leases
from annotation.services.heartbeat import heartbeat
from annotation.services.set_membership import set_membership
from tests.annotation.scene import DURATION_NS, Team, claimed, draft_of, grasp, save

pytestmark = pytest.mark.django_db
State = Assignment.State


def say(user: User, place: ProjectEpisode, text: str = "Is this a grasp?", **given: Any) -> Comment:
    options: dict[str, Any] = {"comment_id": uuid.uuid4(), **given}
    return post_comment(
        actor=user,
        project_id=place.project_id,
        episode_id=place.episode_id,
        text=text,
        **options,
    )


def heard(user: User, place: ProjectEpisode) -> list[str]:
    """Every text that the person can read of the episode."""
    threads = threads_of(talk_on(user, place))
    return [one.text for thread in threads for one in (thread.root, *thread.answers)]


@pytest.fixture
def both(team: Team) -> tuple[Assignment, Assignment]:
    """Ada and Abe on the first episode."""
    ada, abe = claimed(team.ada, team.project), claimed(team.abe, team.project)
    assert ada.project_episode_id == abe.project_episode_id
    return ada, abe


def test_annotators_never_read_each_other(team: Team, both: tuple[Assignment, Assignment]) -> None:
    place = both[0].project_episode
    asked = say(team.ada, place, "ada asks")
    say(team.abe, place, "abe asks")
    say(team.ravi, place, "ravi answers ada", parent=asked.pk)
    everybody = say(team.ravi, place, "ravi to everybody")
    say(team.ada, place, "ada answers ravi", parent=everybody.pk)
    say(team.abe, place, "abe answers ravi", parent=everybody.pk)
    say(team.ravi, place, "ravi on ada's work", concerning="ada")
    assert heard(team.ada, place) == [
        "ada asks", "ravi answers ada", "ravi to everybody", "ada answers ravi",
        "ravi on ada's work",
    ]  # fmt: skip
    assert heard(team.abe, place) == ["abe asks", "ravi to everybody", "abe answers ravi"]
    for overseer in (team.ravi, team.mei, team.root):
        assert len(heard(overseer, place)) == 7
    with pytest.raises(NotFound):
        heard(team.otto, place)


def test_a_reviewer_who_labels_the_episode_is_blind_there(team: Team) -> None:
    ada = claimed(team.ada, team.project)
    ravi = claimed(team.ravi, team.project)
    place = ada.project_episode
    say(team.ada, place, "ada asks")
    say(team.ravi, place, "ravi thinks aloud")
    assert ravi.project_episode_id == place.pk
    assert heard(team.ravi, place) == ["ravi thinks aloud"]
    assert heard(team.ada, place) == ["ada asks"]


def test_who_holds_nothing_reads_nothing_and_writes_nothing(team: Team) -> None:
    place = claimed(team.ada, team.project).project_episode
    say(team.ravi, place, "to everybody")
    assert heard(team.abe, place) == []
    with pytest.raises(RoleMissing):
        say(team.abe, place)
    with pytest.raises(NotFound):
        say(team.otto, place)


def test_naming_tells_and_lets_read(team: Team, both: tuple[Assignment, Assignment]) -> None:
    place = both[0].project_episode
    say(team.ada, place, "what do you say, @RAVI? (not @nobody, nor a@mei)")
    told = Notification.objects.filter(kind=Notification.Kind.MENTIONED)
    assert [one.user for one in told] == [team.ravi]
    with pytest.raises(CommentRefused, match="must not read"):
        say(team.ada, place, "@abe, what did you mark?")
    with pytest.raises(CommentRefused, match="must not read"):
        say(team.ravi, place, "@abe did it better", concerning="ada")
    assert Comment.objects.count() == 1


def test_a_label_of_ones_own_is_pinned_and_no_other(
    team: Team, both: tuple[Assignment, Assignment]
) -> None:
    place, mine, other = both[0].project_episode, draft_of(both[0]), draft_of(both[1])
    label = grasp()
    save(team.ada, mine, [label])
    said = say(
        team.ada, place, annotation_set=mine.pk, label_id=uuid.UUID(label["id"]), at_ns=1_000
    )
    assert (said.annotation_set_id, str(said.label_id), said.concerning) == (
        mine.pk,
        label["id"],
        team.ada,
    )
    with pytest.raises(CommentRefused, match="no such labels"):
        say(team.ada, place, annotation_set=other.pk)
    with pytest.raises(CommentRefused, match="outside the episode"):
        say(team.ada, place, at_ns=DURATION_NS + 1)
    with pytest.raises(CommentRefused, match="together with its set"):
        say(team.ada, place, label_id=uuid.uuid4())
    about = say(team.ravi, place, annotation_set=other.pk)
    assert about.concerning == team.abe


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_words_have_limits(team: Team, text: str) -> None:
    place = claimed(team.ada, team.project).project_episode
    with pytest.raises(CommentRefused, match="between 1 and 4000"):
        say(team.ada, place, text)


def test_the_same_comment_twice_is_one(team: Team) -> None:
    place, one = claimed(team.ada, team.project).project_episode, uuid.uuid4()
    say(team.ada, place, "Twice", comment_id=one)
    say(team.ada, place, "Twice", comment_id=one)
    assert Comment.objects.count() == 1
    assert Notification.objects.count() == 0
    with pytest.raises(RequestReused):
        say(team.ada, place, "Something else", comment_id=one)
    with pytest.raises(RequestReused):
        say(team.ravi, place, "Twice", comment_id=one)


def test_only_the_author_mends_and_the_trail_keeps_what_was(team: Team) -> None:
    place = claimed(team.ada, team.project).project_episode
    said = say(team.ada, place, "Is this a gasp?")
    with pytest.raises(RoleMissing):
        change_comment(actor=team.ravi, comment_id=said.pk, text="Is this a grasp?")
    with pytest.raises(NotFound):
        change_comment(actor=team.abe, comment_id=said.pk, text="Hello")
    change_comment(actor=team.ada, comment_id=said.pk, text="Is this a grasp?")
    said.refresh_from_db()
    assert (said.text, said.edited_at is not None) == ("Is this a grasp?", True)
    entry = AuditEntry.objects.get(action="comment.edited")
    assert entry.facts == {"before": "Is this a gasp?", "after": "Is this a grasp?"}


def test_resolving_and_opening_again(team: Team) -> None:
    place = claimed(team.ada, team.project).project_episode
    said = say(team.ada, place)
    answer = say(team.ravi, place, "Yes", parent=said.pk)
    for _ in range(2):
        change_comment(actor=team.ravi, comment_id=said.pk, resolved=True)
    said.refresh_from_db()
    assert said.resolved_by == team.ravi
    change_comment(actor=team.ada, comment_id=said.pk, resolved=False)
    said.refresh_from_db()
    assert Comment.objects.filter(pk=said.pk, resolved_at=None, resolved_by=None).exists()
    with pytest.raises(CommentRefused, match="whole thread"):
        change_comment(actor=team.ada, comment_id=answer.pk, resolved=True)
    actions = AuditEntry.objects.filter(action__startswith="comment.re").order_by("id")
    assert [one.action for one in actions] == ["comment.resolved", "comment.reopened"]


def test_a_question_takes_the_episode_from_everybody_and_gives_it_back_first(team: Team) -> None:
    first = claimed(team.ada, team.project)
    question = say(team.ada, first.project_episode, blocks=True)
    first.refresh_from_db()
    assert first.state == State.WAITING
    first.project_episode.refresh_from_db()
    assert first.project_episode.slots_taken == 1
    with pytest.raises(LeaseExpired, match="waits for its answer"):
        heartbeat(actor=team.ada, assignment_id=first.pk)
    # The asker goes on with the next; Abe gets the next as well, though the first has a slot.
    second = claimed(team.ada, team.project)
    assert second.project_episode_id != first.project_episode_id
    assert claimed(team.abe, team.project).project_episode_id == second.project_episode_id
    change_comment(actor=team.ravi, comment_id=question.pk, resolved=True)
    expected = expected_next(team.ada, team.project, timezone.now(), besides=second.pk)
    assert expected == first.project_episode
    heartbeat(actor=team.ada, assignment_id=second.pk)
    assert claimed(team.ada, team.project) == second
    Assignment.objects.filter(pk=second.pk).update(state=State.RELEASED)
    assert claimed(team.ada, team.project) == first
    first.refresh_from_db()
    assert first.state == State.ACTIVE


def test_an_open_question_leaves_nothing_else(team: Team) -> None:
    """Neither lapsed nor returned work of others comes back while it is open."""
    ProjectEpisode.objects.filter(position__gt=0).delete()
    first, abe = claimed(team.ada, team.project), claimed(team.abe, team.project)
    question = say(team.ada, first.project_episode, blocks=True)
    Assignment.objects.filter(pk=abe.pk).update(
        lease_expires_at=timezone.now() - timedelta(minutes=1)
    )
    expire_leases()
    for person in (team.ada, team.abe):
        assert claim_next(actor=person, project=team.project) is None
        assert not anything_left(team.project, person, timezone.now())
    Assignment.objects.filter(pk=abe.pk).update(state=State.RETURNED, rework=True)
    assert claim_next(actor=team.abe, project=team.project) is None
    change_comment(actor=team.ada, comment_id=question.pk, resolved=True)
    assert claimed(team.abe, team.project) == abe
    assert claimed(team.ada, team.project) == first


def test_a_question_is_settled_by_who_asked_or_reviews(
    team: Team, both: tuple[Assignment, Assignment]
) -> None:
    place = both[0].project_episode
    question = say(team.ravi, place, "Who moved the camera?", blocks=True)
    for one in both:
        one.refresh_from_db()
        assert one.state == State.ACTIVE
    with pytest.raises(RoleMissing):
        change_comment(actor=team.ada, comment_id=question.pk, resolved=True)
    change_comment(actor=team.mei, comment_id=question.pk, resolved=True)


def test_work_that_is_handed_in_blocks_nothing(team: Team) -> None:
    assignment = claimed(team.ada, team.project)
    Assignment.objects.filter(pk=assignment.pk).update(state=State.SUBMITTED)
    with pytest.raises(CommentRefused, match="blocked by your question"):
        say(team.ada, assignment.project_episode, blocks=True)


def test_reviewers_are_told_of_a_question_and_the_asker_of_the_answer(team: Team) -> None:
    place = claimed(team.ada, team.project).project_episode
    question = say(team.ada, place, blocks=True)
    assert {one.user for one in Notification.objects.all()} == {team.ravi, team.mei}
    say(team.ravi, place, "Yes, it is", parent=question.pk)
    told = Notification.objects.filter(user=team.ada)
    assert [one.text for one in told] == ["Ravi wrote: Yes, it is"]


def test_the_api_answers_as_the_services_do(
    team: Team, as_user: Callable[[User], Client], both: tuple[Assignment, Assignment]
) -> None:
    place = both[0].project_episode
    path = reverse("api-comments", args=[place.project_id, place.episode_id])
    body = {"id": str(uuid.uuid4()), "text": "Hm", "at_ns": 5}
    ada = as_user(team.ada)
    for _ in range(2):
        answer = ada.post(path, body, "application/json")
        assert (answer.status_code, answer.json()["own"]) == (201, True)
    assert [one["text"] for one in ada.get(path).json()["threads"]] == ["Hm"]
    assert ada.get(path).json()["people"] == ["mei", "ravi"]
    assert as_user(team.abe).get(path).json()["threads"] == []
    assert as_user(team.otto).get(path).status_code == 404
    one = reverse("api-comment", args=[body["id"]])
    assert as_user(team.abe).patch(one, {"text": "x"}, "application/json").status_code == 404
    assert as_user(team.ravi).patch(one, {"text": "x"}, "application/json").status_code == 403
    done = ada.patch(one, {"resolved": True}, "application/json")
    assert done.json()["resolved_by"] == "Ada"
    bad = ada.post(path, {"text": "Hm"}, "application/json")
    assert bad.status_code == 400


def test_reading_costs_the_same_however_much_is_said(
    team: Team, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place = claimed(team.ada, team.project).project_episode
    for number in range(12):
        root = say(team.ada, place, f"{number} @ravi")
        say(team.ravi, place, "yes @mei", parent=root.pk)
    place = ProjectEpisode.objects.select_related("project", "episode").get(pk=place.pk)
    with django_assert_num_queries(6):
        talk_json(talk_on(team.ada, place))


def test_the_page_shows_and_takes_comments(
    team: Team, as_user: Callable[[User], Client], both: tuple[Assignment, Assignment]
) -> None:
    place = both[0].project_episode
    path = reverse("place-comments", args=[place.project_id, place.episode_id])
    ada, abe = as_user(team.ada), as_user(team.abe)
    assert "No comments" in ada.get(path).content.decode()
    assert ada.post(path, {"id": uuid.uuid4(), "text": "Only for reviewers"}).status_code == 302
    assert ada.post(path, {"id": uuid.uuid4(), "text": ""}).status_code == 400
    assert "Only for reviewers" in as_user(team.ravi).get(path).content.decode()
    assert "Only for reviewers" not in abe.get(path).content.decode()
    assert as_user(team.otto).get(path).status_code == 404
    said = Comment.objects.get()
    resolve = reverse("comment-resolve", args=[place.project_id, place.episode_id])
    assert abe.post(resolve, {"comment": said.pk, "resolved": "on"}).status_code == 404
    assert (
        as_user(team.ravi).post(resolve, {"comment": said.pk, "resolved": "on"}).status_code == 302
    )
    said.refresh_from_db()
    assert said.resolved_by == team.ravi


def test_who_left_the_project_reads_nothing(team: Team) -> None:
    place = claimed(team.ada, team.project).project_episode
    say(team.ada, place)
    set_membership(actor=team.mei, project=team.project, user=team.ada, role=None)
    with pytest.raises(NotFound):
        heard(team.ada, place)
    assert heard(team.ravi, place) == ["Is this a grasp?"]


def test_a_comment_costs_the_role_of_its_author_only(team: Team) -> None:
    """A reviewer who is made an annotator speaks to nobody any more but reviewers."""
    place = claimed(team.ada, team.project).project_episode
    say(team.ravi, place, "to everybody")
    set_membership(actor=team.mei, project=team.project, user=team.ravi, role=Role.ANNOTATOR)
    assert heard(team.ada, place) == []
