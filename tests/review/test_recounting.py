"""Days follow their episodes' tasks, and a page says when its figures are still being counted."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from episodes.models import Episode, ImportRun, Task
from review.models import CountedSet, DailyLabels, DailyWorkMark, TaskDay
from review.selectors.day_counts import BEGINNING, under_other_tasks
from review.services.daily_work import rebuild_daily_work, sweep_daily_work
from tests.annotation.scene import Team
from tests.review.scene import hand_in

pytestmark = pytest.mark.django_db


def brought_in_again(team: Team) -> Task:
    """The first episode is of another task from now on."""
    other = Task.objects.create(text="stack the cups")
    place = team.project.project_episodes.earliest("position")
    Episode.objects.filter(pk=place.episode_id).update(task=other)
    ImportRun.objects.create(dataset=team.dataset, dataset_name="so101", finished_at=timezone.now())
    return other


def tasks() -> list[set[int | None]]:
    models = (CountedSet, TaskDay, DailyLabels)
    return [set(one._default_manager.values_list("task", flat=True)) for one in models]


def test_an_import_that_changes_a_task_moves_the_days(team: Team) -> None:
    hand_in(team.ada, team.project)
    assert sweep_daily_work() == 1
    other = brought_in_again(team)
    assert sweep_daily_work() == 1
    assert tasks() == [{other.pk}] * 3
    assert under_other_tasks(team.project, [team.dataset.pk]) == []
    kept = list(TaskDay.objects.values("task", "day", "submitted", "labels"))
    rebuild_daily_work(team.project)
    assert list(TaskDay.objects.values("task", "day", "submitted", "labels")) == kept


def test_other_imports_move_nothing(team: Team) -> None:
    hand_in(team.ada, team.project)
    sweep_daily_work()
    before = tasks()
    ImportRun.objects.create(dataset=team.dataset, dataset_name="so101", finished_at=timezone.now())
    sweep_daily_work()
    assert tasks() == before


def test_pages_say_that_figures_are_still_being_counted(team: Team, client: Client) -> None:
    hand_in(team.ada, team.project)
    client.force_login(team.mei)
    address = reverse("project-dashboard", args=[team.project.pk])
    said = "still being counted"
    assert said not in client.get(address).content.decode()
    sweep_daily_work()
    assert said not in client.get(address).content.decode()
    # As an upgrade leaves it: days are there, what each set counts for is not.
    CountedSet.objects.all().delete()
    DailyWorkMark.objects.update(looked_at=BEGINNING)
    assert said in client.get(f"{address}people/").content.decode()
    sweep_daily_work()
    assert said not in client.get(f"{address}people/").content.decode()
    assert CountedSet.objects.exists()
