"""The import page: a folder in an import root, progress, and nobody without the right."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from kombu.exceptions import OperationalError

from episodes.models import Dataset, ImportItem, ImportRun
from episodes.selectors.imports import importable_sources
from episodes.services.imports_items import import_item
from episodes.tasks import handed_over
from tests.episodes.test_import import bring_in
from tests.pure.formats.sets import change_info, cut, write_v21

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_mei(mei: User) -> Client:
    client = Client()
    client.force_login(mei)
    return client


def start(client: Client, path: object, name: str = "") -> Any:
    with patch("episodes.tasks.start_import.delay"):
        facts = {"path": str(path), "name": name, "answered": "1"}
        return client.post(reverse("import-start"), facts)


def test_folders_of_the_roots_are_offered(v21: Path, tmp_path: Path, at_mei: Client) -> None:
    write_v21(tmp_path / "lab" / "tuesday")
    plain = tmp_path / "lab" / "wednesday"
    (plain / "videos").mkdir(parents=True)
    (plain / "videos" / "front.mp4").touch()
    (plain / "touchline.json").touch()
    bridge, runs = tmp_path / "lab" / "bridge", tmp_path / "runs"
    (bridge / "1.0.0").mkdir(parents=True)
    (bridge / "1.0.0" / "dataset_info.json").touch()
    runs.mkdir()
    for number in range(21):
        (runs / f"{number}.mcap").touch()
    bag = tmp_path / "lab" / "thursday" / "run_1"
    bag.mkdir(parents=True)
    (bag / "metadata.yaml").touch()
    # Bags together; neither an RLDS version, nor the folder of videos below the plain one, nor
    # each of many runs.
    tuesday = tmp_path / "lab" / "tuesday"
    assert importable_sources() == [v21, bridge, bag.parent, tuesday, plain, runs]
    text = at_mei.get(reverse("import-home")).content.decode()
    assert f'<option value="{v21}">bricks' in text
    assert "tuesday" in text


def test_no_folder_says_what_to_do(at_mei: Client) -> None:
    text = at_mei.get(reverse("import-home")).content.decode()
    assert "No dataset folders" in text
    assert "No imports yet" in text


def test_an_import_from_the_page(
    v21: Path, at_mei: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = start(at_mei, v21, "Bricks")
    run = ImportRun.objects.get()
    assert answer["Location"] == reverse("import-run", args=[run.pk])
    assert (run.dataset_name, run.requested_by) == ("Bricks", Dataset.objects.get().owner)
    page = at_mei.get(answer["Location"]).content.decode()
    assert "Waiting for a worker" in page
    assert 'hx-trigger="every 1s"' in page


def test_what_can_be_done_moves_with_the_progress(v21: Path, at_mei: Client) -> None:
    start(at_mei, v21)
    run = ImportRun.objects.get()
    address = reverse("import-progress", args=[run.pk])
    assert ">Pause</button>" in at_mei.get(address).content.decode()
    for item in run.items.all():
        import_item(item_id=item.pk)
    part = at_mei.get(address).content.decode()
    assert 'id="import-actions" hx-swap-oob="true"' in part
    assert ">Pause</button>" not in part
    page = at_mei.get(reverse("import-run", args=[run.pk])).content.decode()
    assert "hx-swap-oob" not in page


def test_progress_moves_and_stops_polling(v21: Path, at_mei: Client) -> None:
    cut(v21 / "data/chunk-000/episode_000002.parquet", 0.5)
    start(at_mei, v21)
    run = ImportRun.objects.get()
    address = reverse("import-progress", args=[run.pk])
    assert "0 of 3 episodes looked at" in at_mei.get(address).content.decode()
    first, *rest = run.items.values_list("pk", flat=True)
    import_item(item_id=first)
    assert "1 of 3 episodes looked at" in at_mei.get(address).content.decode()
    for item_id in rest:
        import_item(item_id=item_id)
    done = at_mei.get(address).content.decode()
    assert "3 of 3 episodes looked at" in done
    assert "hx-get" not in done
    assert "episode_000002.parquet" in done
    assert "<html" not in done


def test_an_import_that_keeps_episodes_out_says_so_in_the_list(v21: Path, at_mei: Client) -> None:
    start(at_mei, v21)
    run = ImportRun.objects.get()
    for item in run.items.all():
        import_item(item_id=item.pk)
    assert "Some in quarantine" not in at_mei.get(reverse("import-home")).content.decode()
    run.items.filter(position=1).update(state=ImportItem.State.QUARANTINED)
    assert "Some in quarantine" in at_mei.get(reverse("import-home")).content.decode()


def test_the_page_says_how_it_is_imported(v21: Path, at_mei: Client) -> None:
    start(at_mei, v21)
    run = ImportRun.objects.get()
    ImportRun.objects.update(answers={"unit.action": "", "rate": "50"})
    text = at_mei.get(reverse("import-run", args=[run.pk])).content.decode()
    assert "<dt>Format</dt><dd>LeRobot v2.1</dd>" in text
    assert "<dt>Answered: rate</dt><dd>50 Hz</dd>" in text
    assert "<dt>Answered: unit.action</dt><dd>left unknown</dd>" in text


def test_a_broken_queue_is_said_and_nothing_is_lost(
    v21: Path, at_mei: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with patch("episodes.views.imports.handed_over", return_value=False):
        facts = {"path": str(v21), "answered": "1"}
        answer = at_mei.post(reverse("import-start"), facts, follow=True)
    assert "begins by itself" in answer.content.decode()
    assert ImportRun.objects.get().items.count() == 3


def test_a_broker_that_is_away() -> None:
    def send() -> None:
        raise OperationalError("away")

    with patch("episodes.tasks.transaction.on_commit", side_effect=lambda task: task()):
        assert handed_over(send) is False


@pytest.mark.parametrize("way", ["outside", "climb", "link"])
def test_a_folder_outside_the_roots(
    v21: Path, tmp_path: Path, at_mei: Client, settings: Any, way: str
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    settings.TOUCHLINE_IMPORT_ROOTS = [root]
    (root / "link").symlink_to(v21)
    path = {"outside": v21, "climb": f"{root}/../bricks", "link": root / "link"}[way]
    answer = start(at_mei, path)
    assert answer.status_code in (409, 422)
    text = answer.content.decode()
    assert "is not among the datasets that lie in the import folders" in text
    assert not ImportRun.objects.exists()


def test_a_dataset_that_cannot_be_read_is_explained_on_the_page(v21: Path, at_mei: Client) -> None:
    change_info(v21, lambda info: info.update(fps=0))
    answer = start(at_mei, v21)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "fps 0" in text
    assert "Correct meta/info.json" in text


def test_a_name_that_is_taken_is_explained_on_the_page(
    v21: Path, at_mei: Client, cast: dict[str, User]
) -> None:
    bring_in(v21, "bricks", by=cast["root"])
    answer = start(at_mei, v21, "bricks")
    assert answer.status_code == 409
    assert "is taken" in answer.content.decode()


@pytest.mark.parametrize("name", ["ada", "ravi", "otto"])
def test_who_may_not_import(v21: Path, cast: dict[str, User], client: Client, name: str) -> None:
    run = bring_in(v21, by=cast["mei"])
    client.force_login(cast[name])
    assert client.get(reverse("import-home")).status_code == 403
    assert client.post(reverse("import-start"), {"path": str(v21)}).status_code == 403
    assert client.get(reverse("import-run", args=[run.pk])).status_code == 404
    assert client.get(reverse("import-progress", args=[run.pk])).status_code == 404
    assert ImportRun.objects.count() == 1


def test_another_managers_import_is_not_shown(
    v21: Path, cast: dict[str, User], at_mei: Client
) -> None:
    run = bring_in(v21, by=cast["root"])
    assert at_mei.get(reverse("import-run", args=[run.pk])).status_code == 404
    assert "bricks</a>" not in at_mei.get(reverse("import-home")).content.decode()


def test_methods(at_mei: Client) -> None:
    assert at_mei.get(reverse("import-start")).status_code == 405
    assert at_mei.post(reverse("import-home")).status_code == 405
