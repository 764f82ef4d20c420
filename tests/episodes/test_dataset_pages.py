"""The dataset pages: who sees what, and what stands there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotation.models import Project, ProjectEpisode
from episodes.models import Dataset, Episode
from tests.episodes.test_import import bring_in
from tests.pure.formats.sets import cut

pytestmark = pytest.mark.django_db
Page = Callable[..., Any]


@pytest.fixture
def dataset(v21: Path, mei: User) -> Dataset:
    cut(v21 / "data/chunk-000/episode_000001.parquet", 0.5)
    bring_in(v21, by=mei)
    return Dataset.objects.get()


@pytest.fixture
def queued(dataset: Dataset, project: Project) -> Episode:
    """The first episode is in ada's project."""
    episode = dataset.episodes.get(index=0)
    ProjectEpisode.objects.create(project=project, episode=episode)
    return episode


def visit(person: User, name: str, *args: object) -> Any:
    client = Client()
    client.force_login(person)
    return client.get(reverse(name, args=args))


def test_the_list_for_who_imported(dataset: Dataset, mei: User) -> None:
    text = visit(mei, "dataset-list").content.decode()
    assert "bricks" in text
    assert "so101" in text
    assert "Import a dataset" in text


def test_a_manager_sees_every_episode_and_the_quarantine(dataset: Dataset, mei: User) -> None:
    text = visit(mei, "dataset-detail", dataset.pk).content.decode()
    assert "episode_000000" in text
    assert "episode_000002" in text
    assert "In quarantine" in text
    assert "data/chunk-000/episode_000001.parquet" in text
    assert "Restore the file from the source" in text


def test_a_dataset_of_which_nothing_came_in_says_where_it_is(dataset: Dataset, mei: User) -> None:
    dataset.episodes.all().delete()
    text = visit(mei, "dataset-detail", dataset.pk).content.decode()
    assert "No episodes are in" in text
    assert "Nothing matches" not in text


def test_an_annotator_sees_the_episodes_of_her_project(
    queued: Episode, cast: dict[str, User]
) -> None:
    page = visit(cast["ada"], "dataset-detail", queued.dataset_id)
    text = page.content.decode()
    assert "episode_000000" in text
    assert "episode_000002" not in text
    assert "In quarantine" not in text
    listed = visit(cast["ada"], "dataset-list").content.decode()
    assert "Import a dataset" not in listed
    assert page.context["dataset"].seen == 1


@pytest.mark.parametrize("name", ["ada", "ravi", "otto"])
def test_who_has_nothing_in_it_does_not_know_of_it(
    dataset: Dataset, cast: dict[str, User], name: str
) -> None:
    assert visit(cast[name], "dataset-detail", dataset.pk).status_code == 404
    assert "bricks" not in visit(cast[name], "dataset-list").content.decode()


def test_an_outsider_gets_the_empty_list(queued: Episode, cast: dict[str, User]) -> None:
    assert "No datasets yet" in visit(cast["otto"], "dataset-list").content.decode()
    assert visit(cast["otto"], "dataset-detail", queued.dataset_id).status_code == 404


@pytest.mark.parametrize("name", ["dataset-list", "import-home"])
def test_nobody_unknown_comes_in(client: Client, db: None, name: str) -> None:
    answer = client.get(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("login"))


def test_a_dataset_that_is_not_there(cast: dict[str, User]) -> None:
    assert visit(cast["root"], "dataset-detail", 4711).status_code == 404


def test_posting_is_not_for_these_pages(dataset: Dataset, mei: User, client: Client) -> None:
    client.force_login(mei)
    assert client.post(reverse("dataset-list")).status_code == 405
    assert client.post(reverse("dataset-detail", args=[dataset.pk])).status_code == 405


def test_the_pages_ask_a_fixed_number_of_questions(
    dataset: Dataset, mei: User, django_assert_max_num_queries: Page, client: Client
) -> None:
    client.force_login(mei)
    for number in range(20):
        Dataset.objects.create(name=f"other {number}", format="x", owner=mei)
    with django_assert_max_num_queries(6):
        client.get(reverse("dataset-list"))
    with django_assert_max_num_queries(14):
        client.get(reverse("dataset-detail", args=[dataset.pk]))
