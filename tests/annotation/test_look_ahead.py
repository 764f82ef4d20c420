"""Looking at what comes next: it takes no slot, keeps its place while it can, tells no secrets."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from annotation.models import Assignment, AuditEntry, LookAhead, ProjectEpisode
from annotation.selectors.editor import annotate_payload
from annotation.services.claim_next import claim_next
from annotation.services.look_ahead import look_ahead
from annotation.services.return_for_rework import return_for_rework
from annotation.services.submit import submit
from episodes.models import MediaAsset
from tests.annotation.scene import (
    Team,
    claimed,
    draft_of,
    instruction,
    make_dataset,
    make_episodes,
    outcome,
    queue_up,
    save,
)

Login = Callable[[User], Client]
# To hand in, to claim the next and to build its page (its words are looked for in the newest sets:
# whose they are, and which); the draft that the test looks up is one.
MOST_QUERIES = 66


def ahead(user: User, assignment: Assignment) -> str | None:
    episode = look_ahead(actor=user, assignment_id=assignment.pk)
    return None if episode is None else episode.key


def key(assignment: Assignment) -> str:
    return assignment.project_episode.episode.key


def hand_in(user: User, assignment: Assignment) -> None:
    draft = draft_of(assignment)
    revision = save(user, draft, [instruction(), outcome()]).revision
    request = uuid.uuid4()
    submit(actor=user, annotation_set_id=draft.pk, base_revision=revision, request_id=request)


def claim_after(team: Team, assignment: Assignment) -> Assignment:
    hand_in(team.ada, assignment)
    return claimed(team.ada, team.project)


def test_what_is_seen_ahead_is_what_comes(team: Team) -> None:
    first = claimed(team.ada, team.project)
    seen = ahead(team.ada, first)
    hand_in(team.ada, first)
    assert key(claimed(team.ada, team.project)) == seen


def test_nothing_is_claimed_by_looking(team: Team) -> None:
    first = claimed(team.ada, team.project)
    before = list(Assignment.objects.values_list("pk", "state", "lease_expires_at"))
    ahead(team.ada, first)
    assert list(Assignment.objects.values_list("pk", "state", "lease_expires_at")) == before


def test_others_are_offered_other_episodes_while_there_are_any(team: Team) -> None:
    """Overlap 1: what ada has ahead comes to abe last of all, but it comes."""
    team.project.project_episodes.update(overlap=1)
    first = claimed(team.ada, team.project)
    seen = ahead(team.ada, first)
    left = team.project.project_episodes.count() - 1
    came = []
    for _ in range(left):
        assignment = claimed(team.abe, team.project)
        came.append(key(assignment))
        hand_in(team.abe, assignment)
    assert came[-1] == seen
    assert claim_next(actor=team.abe, project=team.project) is None
    assert ahead(team.ada, first) is None
    hand_in(team.ada, first)
    assert claim_next(actor=team.ada, project=team.project) is None


def test_two_who_look_at_once_see_different_episodes_where_one_slot_is_left(team: Team) -> None:
    team.project.project_episodes.update(overlap=1)
    more = make_dataset("more", owner=team.mei)
    asset = MediaAsset.objects.get()
    queue_up(team.project, make_episodes(more, 1, asset))
    team.project.project_episodes.update(overlap=1)
    first, second = claimed(team.ada, team.project), claimed(team.abe, team.project)
    seen = look_ahead(actor=team.ada, assignment_id=first.pk)
    assert seen != look_ahead(actor=team.abe, assignment_id=second.pk)


def test_with_room_for_both_two_see_the_same(team: Team) -> None:
    first, second = claimed(team.ada, team.project), claimed(team.abe, team.project)
    assert ahead(team.ada, first) == ahead(team.abe, second)


def test_a_look_is_forgotten_when_a_lease_would_be(team: Team) -> None:
    team.project.project_episodes.update(overlap=1)
    seen = ahead(team.ada, claimed(team.ada, team.project))
    LookAhead.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert key(claimed(team.abe, team.project)) == seen


def test_returned_work_is_what_comes_next(team: Team) -> None:
    first = claimed(team.ada, team.project)
    draft = draft_of(first)
    hand_in(team.ada, first)
    second = claimed(team.ada, team.project)
    return_for_rework(actor=team.ravi, annotation_set_id=draft.pk, comment="Earlier, please.")
    assert ahead(team.ada, second) == key(first)


def test_the_answer_is_made_of_the_recording_alone(team: Team, as_user: Login) -> None:
    """Nothing in it can depend on gold labels, on others' work or on the review: blindness."""
    assignment = claimed(team.ada, team.project)
    answer = as_user(team.ada).post(f"/api/v1/assignments/{assignment.pk}/ahead").json()
    assert set(answer) == {"episode", "streams", "signals"}
    assert answer["episode"] == annotate_payload(team.ada, claim_after(team, assignment))["episode"]
    assert len(answer["streams"]) == 2
    assert not AuditEntry.objects.filter(action__contains="ahead").exists()


def test_from_training_nothing_is_shown_ahead(team: Team) -> None:
    """What was learned comes first."""
    first = claimed(team.ada, team.project)
    assert ahead(team.ada, first) is not None
    ProjectEpisode.objects.filter(pk=first.project_episode_id).update(purpose="training")
    assert ahead(team.ada, first) is None
    assert not LookAhead.objects.exists()


def test_nothing_left_is_said(team: Team, as_user: Login) -> None:
    assignment = claimed(team.ada, team.project)
    team.project.project_episodes.exclude(pk=assignment.project_episode_id).delete()
    assert as_user(team.ada).post(f"/api/v1/assignments/{assignment.pk}/ahead").status_code == 204


def test_only_the_annotator_looks(team: Team, as_user: Login) -> None:
    url = f"/api/v1/assignments/{claimed(team.ada, team.project).pk}/ahead"
    for user in (team.abe, team.ravi, team.mei):
        assert as_user(user).post(url).status_code == 403
    assert as_user(team.otto).post(url).status_code == 404
    assert Client().post(url).status_code in (401, 403)
    assert as_user(team.ada).get(url).status_code == 405


class TestSubmitAndGoOn:
    @pytest.fixture
    def ready(self, team: Team) -> tuple[Assignment, dict[str, Any]]:
        assignment = claimed(team.ada, team.project)
        revision = save(team.ada, draft_of(assignment), [instruction(), outcome()]).revision
        body = {"base_revision": revision, "request_id": str(uuid.uuid4()), "claim_next": True}
        return assignment, body

    def send(self, client: Client, assignment: Assignment, body: dict[str, Any]) -> dict[str, Any]:
        draft = assignment.annotation_sets.get()
        url = f"/api/v1/annotation-sets/{draft.pk}/submit"
        answer = client.post(url, body, content_type="application/json")
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def test_the_answer_brings_the_next_page(
        self, team: Team, as_user: Login, ready: tuple[Assignment, dict[str, Any]]
    ) -> None:
        assignment, body = ready
        answer = self.send(as_user(team.ada), assignment, body)
        page = as_user(team.ada).get(answer["next"]["url"])
        payload = page.context["payload"]
        assert answer["next"]["payload"]["sets"] == payload["sets"]
        assert answer["next"]["payload"]["urls"] == payload["urls"]
        assert answer["next"]["payload"]["streams"] == payload["streams"]

    def test_it_asks_little_while_somebody_waits(
        self,
        team: Team,
        as_user: Login,
        ready: tuple[Assignment, dict[str, Any]],
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        assignment, body = ready
        client = as_user(team.ada)
        with django_assert_max_num_queries(MOST_QUERIES):
            self.send(client, assignment, body)

    def test_sent_again_it_is_the_same_next(
        self, team: Team, as_user: Login, ready: tuple[Assignment, dict[str, Any]]
    ) -> None:
        assignment, body = ready
        client = as_user(team.ada)
        first = self.send(client, assignment, body)
        again = self.send(client, assignment, body)
        assert again["next"]["url"] == first["next"]["url"]
        assert Assignment.objects.filter(annotator=team.ada).count() == 2

    def test_unasked_nothing_is_claimed(
        self, team: Team, as_user: Login, ready: tuple[Assignment, dict[str, Any]]
    ) -> None:
        assignment, body = ready
        answer = self.send(as_user(team.ada), assignment, {**body, "claim_next": False})
        assert answer["next"] is None
        assert answer["next_url"] is not None
        assert Assignment.objects.filter(annotator=team.ada).count() == 1

    def test_the_last_one_leads_to_the_queue(
        self, team: Team, as_user: Login, ready: tuple[Assignment, dict[str, Any]]
    ) -> None:
        assignment, body = ready
        team.project.project_episodes.exclude(pk=assignment.project_episode_id).delete()
        answer = self.send(as_user(team.ada), assignment, body)
        assert (answer["next"], answer["next_url"]) == (None, None)


def test_looks_cost_the_claim_one_question(
    team: Team, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for user in (team.ada, team.abe):
        ahead(user, claimed(user, team.project))
    LookAhead.objects.all().delete()
    first = Assignment.objects.get(annotator=team.ada)
    hand_in(team.ada, first)
    with django_assert_max_num_queries(24):
        claimed(team.ada, team.project)
