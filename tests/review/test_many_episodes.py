"""Review's pages take as many queries for many episodes as for few, and read those they show."""

from operator import attrgetter

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotation.models import ProjectEpisode
from annotation.selectors.queue_counts import queued_tasks
from review.selectors import gold_pages
from review.selectors.batches import Ready, batches_of, ready_parts
from review.selectors.gold_pages import gold_candidates
from review.services.batches import approve_batch, create_batch
from tests.annotation.scene import Team
from tests.review.scene import approve, hand_in_by_both, items_of
from tests.review.test_consensus_counts import ABES, settled

pytestmark = pytest.mark.django_db
PAGES = ("review-project", "batch-new", "project-gold")


def queries(team: Team, client: Client, page: str) -> int:
    address = reverse(page, args=[team.project.pk])
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def approved_by_review(team: Team) -> ProjectEpisode:
    batch = create_batch(actor=team.ravi, project=team.project, limit=1)
    (item,) = items_of(batch)
    approve(team.ravi, item)
    approve_batch(actor=team.ravi, batch_id=batch.pk)
    return item.project_episode


@pytest.mark.parametrize("page", PAGES)
def test_a_page_takes_the_same_queries_for_more_episodes(
    team: Team, client: Client, page: str
) -> None:
    client.force_login(team.mei)
    hand_in_by_both(team, 2)
    approved_by_review(team)
    few = queries(team, client, page)
    hand_in_by_both(team, 1)
    assert queries(team, client, page) == few
    approved_by_review(team)
    assert queries(team, client, page) == few <= 20


def test_what_decides_the_policy_is_read_of_the_first_that_go_in(team: Team) -> None:
    hand_in_by_both(team, 2)
    first, second = team.project.project_episodes.order_by("position")[:2]
    task = first.episode.task_id
    ProjectEpisode.objects.filter(pk=second.pk).update(purpose="evaluation")
    assert ready_parts(team.project) == {(task, False), (second.episode.task_id, True)}
    assert ready_parts(team.project, limit=1) == {(task, False)}
    assert ready_parts(team.project, Ready(purpose="evaluation")) == {
        (second.episode.task_id, True)
    }
    tasks = set(team.project.project_episodes.values_list("episode__task", flat=True))
    assert queued_tasks(team.project.pk) == tasks - {None}


def test_batches_count_their_own_episodes(team: Team) -> None:
    hand_in_by_both(team, 3)
    approved_by_review(team)
    create_batch(actor=team.ravi, project=team.project)
    counts = attrgetter("episode_count", "approved_count")
    assert [counts(one) for one in batches_of(team.project, team.ravi)] == [(2, 0), (1, 1)]


def test_a_consensus_is_suggested_before_what_was_approved(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in_by_both(team, 2, abe=ABES)
    earlier = approved_by_review(team)
    batch = create_batch(actor=team.ravi, project=team.project)
    (item,) = items_of(batch)
    settled(team, item)
    found = gold_candidates(team.mei, team.project)
    assert found == [item.project_episode, earlier]
    assert [getattr(one, "by_consensus", None) for one in found] == [True, False]
    monkeypatch.setattr(gold_pages, "CANDIDATES", 1)
    assert gold_candidates(team.mei, team.project) == [item.project_episode]
