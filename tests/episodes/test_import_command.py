"""manage.py import_episodes: progress, a summary line, errors that name the remedy."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from episodes.models import Dataset, Episode, ImportRun
from tests.pure.formats.sets import cut

pytestmark = pytest.mark.django_db


def run(*arguments: Any, **options: Any) -> str:
    out = StringIO()
    call_command("import_episodes", *map(str, arguments), stdout=out, no_color=True, **options)
    return out.getvalue()


def test_progress_and_summary(v30: Path) -> None:
    said = run(v30)
    assert "3/3 episode_000002: imported" in said
    assert said.endswith("bricks3: 3 imported, 0 already imported, 0 quarantined.\n")
    assert Episode.objects.count() == 3


def test_a_name_and_an_owner(v30: Path, mei: User) -> None:
    run(v30, name="Bricks on a table", owner="mei")
    dataset = Dataset.objects.get()
    assert (dataset.name, dataset.owner) == ("Bricks on a table", mei)


def test_again_costs_and_adds_nothing(v30: Path) -> None:
    run(v30, name="bricks")
    assert run(v30, name="bricks") == "bricks: 3 already imported, nothing changed.\n"
    assert ImportRun.objects.count() == 1


def test_again_after_the_source_was_touched(v30: Path) -> None:
    run(v30)
    (v30 / "notes.txt").write_text("x")
    assert "0 imported, 3 already imported, 0 quarantined." in run(v30)


def test_a_deleted_episode_comes_in_again(v30: Path) -> None:
    run(v30)
    Episode.objects.get(index=1).delete()
    assert "1 imported, 2 already imported" in run(v30)


def test_the_broken_are_named_with_their_remedy(v21: Path) -> None:
    cut(v21 / "data/chunk-000/episode_000001.parquet", 0.5)
    said = run(v21)
    assert "quarantined episode_000001: The data file data/chunk-000/episode_000001.parquet" in said
    assert "  remedy: Restore the file from the source" in said
    assert "2 imported, 0 already imported, 1 quarantined." in said


def test_a_dry_run_stores_nothing(v21: Path, data_dir: Path) -> None:
    cut(v21 / "data/chunk-000/episode_000001.parquet", 0.5)
    said = run(v21, dry_run=True)
    assert "quarantined episode_000001" in said
    assert "lerobot_v21 v2.1: 2 episodes (11 frames) can come in, 1 are broken." in said
    assert not ImportRun.objects.exists()
    assert list(data_dir.iterdir()) == []


def test_quiet_says_nothing_but_trouble(v21: Path) -> None:
    assert run(v21, verbosity=0) == ""


def test_a_folder_that_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"No known format.*meta/info\.json"):
        run(tmp_path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no folder or file"):
        run(tmp_path / "absent")


def test_a_dataset_that_cannot_be_read(v21: Path) -> None:
    cut(v21 / "meta/info.json", 0.5)
    with pytest.raises(CommandError, match=r"not JSON.*Restore meta/info\.json"):
        run(v21)


def test_an_owner_who_is_not_there(v21: Path) -> None:
    with pytest.raises(CommandError, match=r"no user “nobody”"):
        run(v21, owner="nobody")


def test_a_full_disk(v21: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("episodes.services.imports_bringing.store_asset", full)
    with pytest.raises(CommandError, match=r"No space left.*run the same command again"):
        run(v21)
    monkeypatch.undo()
    assert "3 imported" in run(v21)
