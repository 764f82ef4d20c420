"""A batch of a long queue takes all of it, part by part, and so does adding that many."""

from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotation.models import AnnotationSet, Assignment, Membership, Project, ProjectEpisode
from annotation.services.add_episodes import add_episodes
from annotation.services.create_project import create_project
from annotation.services.progress import note_progress
from episodes.models import Episode, Task
from review.models import BatchItem
from review.selectors.acceptance_plans import Choice
from review.services import batches
from review.services.batches import create_batch
from review.services.score import score_episodes
from tests.annotation.scene import Team

pytestmark = pytest.mark.django_db

MANY = 3000


@pytest.fixture
def project(team: Team) -> Project:
    """A queue of ``MANY``, by turns over two tasks, with nothing done yet."""
    found = create_project(actor=team.root, name="Long", overlap=1)
    Membership.objects.create(project=found, user=team.ravi, role="reviewer")
    tasks = Task.objects.bulk_create(Task(text=f"put the {n}. thing away") for n in range(2))
    made = Episode.objects.bulk_create(
        Episode(
            dataset=team.dataset,
            key=f"long-{n:05d}",
            index=1000 + n,
            task=tasks[n % 2],
            state=Episode.State.READY,
            duration_ns=1_000_000_000,
            rows=50,
            rate_num=50,
            content_sha256="0" * 64,
        )
        for n in range(MANY)
    )
    ids: list[UUID] = [one.pk for one in made]
    assert add_episodes(actor=team.root, project=found, episode_ids=ids, by_turns=True) == MANY
    assert add_episodes(actor=team.root, project=found, episode_ids=ids[:9]) == 0
    return found


def handed_in(project: Project, team: Team) -> None:
    """By ada and abe in turns."""
    now, people = timezone.now(), (team.ada, team.abe)
    places = list(project.project_episodes.order_by("position").values_list("pk", flat=True))
    held = Assignment.objects.bulk_create(
        Assignment(
            project_episode_id=pk,
            annotator=people[n % 2],
            state=Assignment.State.SUBMITTED,
            lease_expires_at=now,
            submitted_at=now,
        )
        for n, pk in enumerate(places)
    )
    AnnotationSet.objects.bulk_create(
        AnnotationSet(
            project_episode_id=one.project_episode_id,
            assignment=one,
            state=AnnotationSet.State.SUBMITTED,
            schema=project.schema,
            submitted_at=now,
        )
        for one in held
    )
    note_progress(places)


def test_episodes_are_added_once_and_in_turns(project: Project) -> None:
    places = project.project_episodes.order_by("position")
    assert list(places.values_list("position", flat=True)) == list(range(MANY))
    tasks = list(places.values_list("episode__task", flat=True))
    assert all(len(set(tasks[at : at + 2])) == 2 for at in range(0, MANY, 2))


def test_a_batch_takes_all_that_is_ready_in_the_order_of_the_queue(
    project: Project, team: Team
) -> None:
    handed_in(project, team)
    batch = create_batch(actor=team.ravi, project=project, choice=Choice("hypergeometric", c=1))
    taken = batch.items.order_by("pk").values_list("project_episode", flat=True)
    queue = project.project_episodes.order_by("position").values_list("pk", flat=True)
    assert list(taken) == list(queue)
    assert set(project.project_episodes.values_list("progress", "review")) == {
        ("in_review", "open")
    }
    sample = batch.samples.get()
    assert (sample.lot, sample.items.count()) == (MANY, sample.n)
    drawn = sample.items.values_list("annotators", "task").distinct().order_by()
    people = {one.get_full_name() or one.username for one in (team.ada, team.abe)}
    assert {annotators for annotators, _ in drawn} == people
    assert all(task.startswith("put the") for _, task in drawn)


def test_a_page_of_a_batch_shows_a_part_and_counts_all(
    project: Project, team: Team, client: Client
) -> None:
    handed_in(project, team)
    batch = create_batch(actor=team.ravi, project=project)
    first, last = batch.items.order_by("pk").first(), batch.items.order_by("pk").last()
    assert first is not None
    assert last is not None
    client.force_login(team.ravi)
    address = reverse("batch-detail", args=[batch.pk])
    page = client.get(address).content.decode()
    assert f"0 of {MANY} episodes are approved" in page
    assert page.count('<th scope="row">') == 50
    assert f"Review {first.project_episode.episode.key}" in page
    assert f"Page 1 of {MANY // 50}" in page
    page = client.get(f"{address}?page={MANY // 50}").content.decode()
    assert page.count('<th scope="row">') == 50
    assert f">{last.project_episode.episode.key}</a>" in page


def test_no_more_than_a_part_is_read_at_once(
    project: Project, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in(project, team)
    parts: list[int] = []

    def counting(places: list[int]) -> None:
        parts.append(len(places))
        score_episodes(places)

    monkeypatch.setattr(batches, "score_episodes", counting)
    with CaptureQueriesContext(connection) as captured:
        create_batch(actor=team.ravi, project=project, limit=2500)
    assert parts == [1000, 1000, 500]
    assert BatchItem.objects.count() == 2500
    named = ProjectEpisode._meta.db_table
    whole = [one for one in captured if one["sql"].startswith(f'SELECT "{named}"."id", "{named}".')]
    assert whole == []
