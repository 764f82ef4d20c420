"""Every list asks the database the same number of times, however many rows it has."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.models import Assignment, Membership, Project, ProjectEpisode
from episodes.models import Dataset, ImportItem, ImportRun, Signal, Upload
from review.selectors.sets import current_sets
from review.services.batches import approve_batch, create_batch
from review.services.gold import set_gold
from review.services.releases import request_release
from review.services.score import score_pending
from tests.annotation.conftest import pages_without_a_build as pages_without_a_build
from tests.annotation.conftest import team as team
from tests.annotation.pages import queries
from tests.annotation.scene import Team, claimed, make_asset, make_dataset, make_episodes, queue_up
from tests.review.scene import approve, hand_in, items_of
from tests.review.test_score import gold_labels

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
Grow = Callable[[], None]


@pytest.fixture
def grow(team: Team, data_dir: Path) -> Grow:
    """Adds a row to every list there is: a round of work from import to release."""
    ProjectEpisode.objects.all().delete()
    numbers = count(1)

    def more() -> None:
        number = next(numbers)
        dataset = make_dataset(f"set {number}", owner=team.mei)
        episodes = make_episodes(dataset, 4, make_asset(data_dir, f"b{number}"))
        _imported(dataset, team.mei)
        rows = queue_up(team.project, episodes[:3])
        other = Project.objects.create(name=f"P{number}", schema=team.project.schema, overlap=2)
        for name, role in (("ada", "annotator"), ("ravi", "reviewer"), ("mei", "manager")):
            Membership.objects.create(project=other, user=getattr(team, name), role=role)
        queue_up(other, episodes[3:])
        claimed(team.ada, other)
        _worked(team, rows, number)

    return more


def _imported(dataset: Dataset, mei: User) -> None:
    run = ImportRun.objects.create(dataset=dataset, dataset_name=dataset.name, requested_by=mei)
    for episode in dataset.episodes.all():
        ImportItem.objects.create(
            run=run, key=episode.key, position=episode.index, episode=episode, state="quarantined",
            reason_code="media_missing", reason="There is no video.", remedy="Restore it.",
        )  # fmt: skip
        Signal.objects.create(
            episode=episode, name="action", dimensions=[], samples=1, path="signals/x.arrow"
        )
    Upload.objects.create(owner=mei, filename="a.zip", size=10, run=run)


def _worked(team: Team, rows: list[ProjectEpisode], number: int) -> None:
    """The first episode is released, the second waits for a batch, the third went back to ada."""
    for name in ("one", "two"):
        newcomer = User.objects.create_user(f"{name} {number}")
        Membership.objects.create(project=team.project, user=newcomer, role="annotator")
        for _ in range(2):
            hand_in(newcomer, team.project)
    set_gold(actor=team.mei, project_episode=rows[0], labels=gold_labels(), origin="physics")
    score_pending()
    batch = create_batch(actor=team.ravi, project=team.project, limit=1)
    (item,) = items_of(batch)
    approve(team.ravi, item, annotation_set_id=current_sets([rows[0].pk])[0].pk)
    approve_batch(actor=team.ravi, batch_id=batch.pk)
    request_release(actor=team.mei, project=team.project, batches=[batch])
    # Outside the batch: what is ready is taken in the order of the queue.
    ProjectEpisode.objects.filter(pk=rows[1].pk).update(position=100 + number)
    Assignment.objects.create(
        project_episode=rows[2],
        annotator=team.ada,
        state=Assignment.State.RETURNED,
        returned_by=team.ravi,
        lease_expires_at=timezone.now(),
    )


def asked(user: User, pages: list[str]) -> dict[str, int]:
    client = Client()
    client.force_login(user)
    counts = {}
    for page in pages:
        assert client.get(page).status_code == 200, page
        with queries() as context:
            client.get(page)
        counts[page] = len(context)
    return counts


def test_pages(team: Team, grow: Grow) -> None:
    grow()
    project = [team.project.pk]
    pages = {
        team.ada: [reverse("queue"), reverse("project-list"), reverse("dataset-list")],
        team.ravi: [
            reverse("review-home"),
            reverse("review-project", args=project),
            reverse("review-agreement", args=project),
        ],
        team.mei: [
            reverse("project-list"),
            reverse("project-detail", args=project),
            reverse("dataset-list"),
            reverse("import-home"),
            reverse("review-releases", args=project),
        ],
    }
    few = {user: asked(user, found) for user, found in pages.items()}
    for _ in range(3):
        grow()
    assert {user: asked(user, found) for user, found in pages.items()} == few
    # Agreement compares by everything that it can be narrowed to.
    most = few[team.ravi].pop(reverse("review-agreement", args=project))
    assert most <= 26
    assert few[team.ada][reverse("queue")] <= 16
    rest = [n for counts in few.values() for page, n in counts.items() if page != reverse("queue")]
    assert max(rest) <= 12


def test_a_dataset_and_its_import(team: Team, data_dir: Path) -> None:
    dataset = make_dataset("set", owner=team.mei)
    asset = make_asset(data_dir, "b")
    make_episodes(dataset, 3, asset)
    _imported(dataset, team.mei)
    run = ImportRun.objects.get()
    pages = [
        reverse("dataset-detail", args=[dataset.pk]),
        reverse("import-run", args=[run.pk]),
        reverse("import-progress", args=[run.pk]),
    ]
    few, gone = asked(team.mei, pages), str(run.pk)
    dataset.episodes.all().delete()
    run.delete()
    make_episodes(dataset, 12, asset)
    _imported(dataset, team.mei)
    again = [page.replace(gone, str(ImportRun.objects.get().pk)) for page in pages]
    assert list(asked(team.mei, again).values()) == list(few.values())
    # The dataset page lists its episodes with their filters, its facts, clocks and embodiment.
    assert max(few.values()) <= 30


def test_the_administration(team: Team, grow: Grow) -> None:
    grow()
    pages = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]
    few = asked(team.root, pages)
    for _ in range(2):
        grow()
    assert asked(team.root, pages) == few
