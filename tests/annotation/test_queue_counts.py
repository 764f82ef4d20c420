"""How many episodes are how far is right at any moment, whoever counted last."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.db.models.lookups import IsNull
from django.utils import timezone

from annotation.models import ProjectEpisode, QueueCount
from annotation.models.projects import to_be_counted_as
from annotation.selectors.project_pages import queue_length, queue_rows
from annotation.selectors.queue_counts import by_progress, queue_counts
from annotation.services.change_queue import remove_episodes
from annotation.services.queue_counts import rebuild_queue_counts, sweep_queue_counts
from episodes.models import Episode, ImportRun, Task
from tests.annotation.scene import Team, claimed

pytestmark = pytest.mark.django_db


def counted(team: Team) -> dict[tuple[int | None, str], int]:
    return dict(queue_counts([team.project.pk])[team.project.pk])


def truly(team: Team) -> dict[tuple[int | None, str], int]:
    found: dict[tuple[int | None, str], int] = {}
    places = ProjectEpisode.objects.filter(project=team.project).order_by()
    for key in places.values_list("episode__task", "progress"):
        found[key] = found.get(key, 0) + 1
    return found


def rows() -> list[tuple[Any, ...]]:
    kept = QueueCount.objects.exclude(episodes=0).order_by("project", "task", "progress")
    return list(kept.values_list("project", "task", "progress", "episodes"))


def test_they_are_right_before_and_after_the_sweep(team: Team) -> None:
    assert not QueueCount.objects.exists()
    assert counted(team) == truly(team)
    assert sweep_queue_counts() == 3
    assert counted(team) == truly(team)
    claimed(team.ada, team.project)
    assert by_progress(queue_counts([team.project.pk])[team.project.pk])["labelling"] == 1
    assert counted(team) == truly(team)
    assert sweep_queue_counts() == 1
    assert sweep_queue_counts() == 0
    assert counted(team) == truly(team)


def test_what_is_to_be_counted_is_known_to_be_little(team: Team) -> None:
    """Or the planner reads the whole queue for what changed in it."""
    one = Episode.objects.first()
    assert one is not None
    made = Episode.objects.bulk_create(
        Episode(
            dataset=one.dataset,
            key=f"more-{n}",
            index=100 + n,
            duration_ns=1,
            rows=1,
            rate_num=30,
            rate_den=1,
        )
        for n in range(200)
    )
    ProjectEpisode.objects.bulk_create(
        ProjectEpisode(project=team.project, episode=episode) for episode in made
    )
    rebuild_queue_counts(team.project)
    changed = ProjectEpisode.objects.filter(IsNull(to_be_counted_as(), False))
    (plan,) = json.loads(changed.explain(format="json"))
    assert plan["Plan"]["Plan Rows"] < 10


def test_a_rebuild_writes_the_same_rows(team: Team) -> None:
    claimed(team.ada, team.project)
    sweep_queue_counts()
    claimed(team.abe, team.project)
    sweep_queue_counts()
    before = rows()
    rebuild_queue_counts(team.project)
    assert rows() == before
    QueueCount.objects.update(episodes=F("episodes") + 7)
    call_command("rebuild_progress")
    assert rows() == before


@pytest.mark.parametrize("swept", [True, False])
def test_what_leaves_a_queue_is_not_counted(team: Team, swept: bool) -> None:
    if swept:
        sweep_queue_counts()
    one = ProjectEpisode.objects.filter(project=team.project).earliest("pk")
    remove_episodes(
        actor=team.mei,
        project=team.project,
        chosen=ProjectEpisode.objects.filter(pk=one.pk),
    )
    assert counted(team) == truly(team)
    assert sum(counted(team).values()) == 2


def test_of_one_task_or_of_all(team: Team) -> None:
    place = ProjectEpisode.objects.filter(project=team.project).earliest("pk")
    other = Task.objects.create(text="stack the cups")
    Episode.objects.filter(pk=place.episode_id).update(task=other)
    counts = queue_counts([team.project.pk])[team.project.pk]
    assert by_progress(counts, other.pk) == {"waiting": 1}
    assert by_progress(counts)["waiting"] == 3


def test_an_import_that_corrects_a_task_is_counted_over(team: Team) -> None:
    sweep_queue_counts()
    place = ProjectEpisode.objects.filter(project=team.project).earliest("pk")
    other = Task.objects.create(text="stack the cups")
    Episode.objects.filter(pk=place.episode_id).update(task=other)
    ImportRun.objects.create(dataset=team.dataset, dataset_name="so101", finished_at=timezone.now())
    assert sweep_queue_counts() == 1
    assert counted(team) == truly(team)


def test_pages_ask_once_however_many_queues(
    team: Team, django_assert_num_queries: Callable[..., Any]
) -> None:
    with django_assert_num_queries(1):
        queue_counts([team.project.pk, team.project.pk + 1])


def test_the_length_of_a_queue_is_that_of_its_rows(team: Team) -> None:
    sweep_queue_counts()
    claimed(team.ada, team.project)
    place = team.project.project_episodes.earliest("pk")
    other = Task.objects.create(text="stack the cups")
    Episode.objects.filter(pk=place.episode_id).update(task=other)
    ImportRun.objects.create(dataset=team.dataset, dataset_name="so101", finished_at=timezone.now())
    sweep_queue_counts()
    narrowed: list[dict[str, Any]] = [
        {},
        {"progress": "waiting"},
        {"progress": "labelling", "task": other},
        {"task": other},
        {"task": other, "purpose": "production"},
        {"key": "000001"},
    ]
    for asked in narrowed:
        rows = queue_rows(team.mei, team.project, asked)
        assert queue_length(team.mei, team.project, asked) == rows.count(), asked
