"""Garbage collection: what nothing names goes, what a record names stays, also under an import."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from episodes.models import Dataset, Episode, ImportItem, MediaAsset, Stream
from episodes.selectors.data_files import data_path
from episodes.selectors.imports import open_items
from episodes.services.garbage import GRACE, collect_garbage
from episodes.services.imports import plan_import
from episodes.services.imports_items import import_item
from episodes.services.imports_rows import write_rows
from episodes.services.media import index_asset, make_packs, make_sprite, store_asset
from tests.episodes.test_import import bring_in, states
from tests.episodes.test_import_reference import refer

LONG_AGO = 3 * GRACE.total_seconds()
pytestmark = pytest.mark.django_db


def age(folder: Path) -> None:
    """Let everything on disk and in the table of videos be older than the grace period."""
    then = time.time() - LONG_AGO
    for path in sorted(folder.rglob("*"), reverse=True):
        os.utime(path, (then, then), follow_symlinks=False)
    for asset in MediaAsset.objects.all():
        older = asset.created_at - timedelta(seconds=LONG_AGO)
        MediaAsset.objects.filter(pk=asset.pk).update(created_at=older)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def whole(path: Path) -> None:
    bring_in(path)
    for stream in Stream.objects.all():
        make_sprite(stream_id=stream.pk)
    make_packs(stream_id=Stream.objects.all()[0].pk)


def test_what_a_record_names_stays(v30: Path, data_dir: Path) -> None:
    whole(v30)
    age(data_dir)
    before = files(data_dir)
    assert collect_garbage().files.total() == 0
    assert files(data_dir) == before
    assert {name.split("/")[0] for name in before} == {
        "media", "index", "sprites", "posters", "packs", "episodes"
    }  # fmt: skip


def test_a_deleted_dataset_leaves_nothing(v30: Path, data_dir: Path) -> None:
    whole(v30)
    Dataset.objects.all().delete()
    assert collect_garbage().files.total() == 0  # still young
    age(data_dir)
    found = collect_garbage()
    assert files(data_dir) == set()
    assert not MediaAsset.objects.exists()
    assert found.files["videos"] == 2
    assert found.bytes.total() > 0


def test_what_this_worker_had_kept_comes_in_again(v30: Path, data_dir: Path) -> None:
    """It remembers the videos of a source; a collection may have taken them since."""
    whole(v30)
    Dataset.objects.all().delete()
    age(data_dir)
    collect_garbage()
    assert states(bring_in(v30)) == ["done"] * 3
    assert MediaAsset.objects.count() == 2
    for stream in Stream.objects.all():
        assert data_path(stream.asset.path).is_file()
        assert index_asset(asset=stream.asset).frames == 20


def test_of_a_shared_video_only_the_deleted_episodes_pictures_go(v30: Path, data_dir: Path) -> None:
    whole(v30)
    Episode.objects.get(index=1).delete()
    age(data_dir)
    found = collect_garbage()
    assert set(found.files) == {"sprites", "posters", "episodes"}
    assert MediaAsset.objects.count() == 2
    for stream in Stream.objects.all():
        assert data_path(stream.sprite_path).is_file()
    assert states(bring_in(v30)) == ["skipped", "done", "skipped"]


def test_a_dry_run_removes_nothing(v30: Path, data_dir: Path) -> None:
    whole(v30)
    Dataset.objects.all().delete()
    age(data_dir)
    before = files(data_dir)
    would = collect_garbage(dry_run=True)
    assert files(data_dir) == before
    assert MediaAsset.objects.count() == 2
    did = collect_garbage()
    assert (would.files, would.bytes) == (did.files, did.bytes)


def test_remnants_of_what_was_killed(v30: Path, data_dir: Path) -> None:
    bring_in(v30)
    before = files(data_dir)
    remnants = [
        "work/0123/camera.mp4",
        "uploads/5e1d/archive.zip",
        "media/aa/.x.mp4.draft",
        f"media/aa/{'a' * 64}.mp4",
        f"index/aa/{'a' * 64}.json.gz",
        "episodes/1/.draft/signal-00.arrow",
    ]
    for name in remnants:
        path = data_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"left behind")
    assert collect_garbage().files.total() == 0
    age(data_dir)
    found = collect_garbage()
    assert files(data_dir) == before
    assert found.files.total() == len(remnants)
    assert found.bytes.total() == len(remnants) * len(b"left behind")


def test_originals_releases_and_the_rest_of_the_folder_are_left_alone(
    v30: Path, data_dir: Path
) -> None:
    refer(v30)
    originals = files(v30)
    for name in ("releases/1/manifest.json", "postgres/PG_VERSION", "imports/set/a.mp4"):
        path = data_dir / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"not ours to judge")
    Dataset.objects.all().delete()
    age(data_dir)
    collect_garbage()
    assert files(v30) == originals
    assert not MediaAsset.objects.exists()
    assert len(files(data_dir)) == 3


def test_an_unused_video_that_is_imported_again_is_young(v21: Path, data_dir: Path) -> None:
    bring_in(v21)
    Dataset.objects.all().delete()
    age(data_dir)
    path = v21 / "videos/chunk-000/observation.images.front/episode_000000.mp4"
    asset = store_asset(source=path)
    collect_garbage()
    assert data_path(asset.path).is_file()
    assert MediaAsset.objects.get() == asset


def racing(collect: Callable[[], Any]) -> Callable[..., Any]:
    """``write_rows`` with a collection between the stored files and the rows that name them."""

    def late(**facts: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            try:
                pool.submit(collect).result(30)
            finally:
                pool.submit(connections.close_all).result()
        return write_rows(**facts)

    return late


@pytest.mark.django_db(transaction=True)
def test_a_collection_in_the_middle_of_an_import_takes_nothing(
    v30: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("episodes.services.imports_bringing.write_rows", racing(collect_garbage))
    assert states(bring_in(v30)) == ["done"] * 3
    for stream in Stream.objects.all():
        assert data_path(stream.asset.path).is_file()
        assert index_asset(asset=stream.asset).frames == 20


@pytest.mark.django_db(transaction=True)
def test_even_without_grace_an_import_never_names_what_is_gone(
    v30: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows hold the videos: one that is gone puts the item back, and it is stored again."""
    at_once = timedelta(seconds=-5)
    monkeypatch.setattr(
        "episodes.services.imports_bringing.write_rows",
        racing(lambda: collect_garbage(grace=at_once)),
    )
    run = plan_import(path=v30)
    first, *rest = open_items(run)
    with pytest.raises(OSError, match="tidied away"):
        import_item(item_id=first)
    assert not Episode.objects.exists()
    monkeypatch.undo()
    for item_id in (first, *rest):
        assert import_item(item_id=item_id).state == ImportItem.State.DONE
    for stream in Stream.objects.all():
        assert data_path(stream.asset.path).is_file()


@pytest.mark.django_db(transaction=True)
def test_collections_and_imports_side_by_side(v30: Path, v21: Path) -> None:
    """Without any grace, again and again: whatever is in at the end has all its files."""
    over = Event()

    def collect() -> int:
        rounds = 0
        try:
            # Ever less often: on a busy machine an import needs longer than the first pauses.
            while not over.wait(0.02 + rounds / 1000):
                collect_garbage(grace=timedelta(seconds=-5))
                rounds += 1
        finally:
            connections.close_all()
        return rounds

    with ThreadPoolExecutor(1) as pool:
        collecting = pool.submit(collect)
        try:
            for path in (v30, v21):
                run = plan_import(path=path)
                for item_id in open_items(run):
                    try_until_in(item_id)
        finally:
            over.set()
        assert collecting.result(30) > 0
    assert Episode.objects.count() == 6
    for stream in Stream.objects.all():
        assert data_path(stream.asset.path).is_file()


def try_until_in(item_id: int) -> None:
    for _ in range(400):
        ImportItem.objects.filter(pk=item_id).update(attempts=0)
        try:
            import_item(item_id=item_id)
        except OSError:
            continue
        return
    raise AssertionError("The collection never let the episode in.")


def test_the_command(v30: Path, data_dir: Path) -> None:
    def said(*words: str) -> str:
        out = StringIO()
        call_command("collect_garbage", *words, stdout=out)
        return out.getvalue()

    whole(v30)
    assert said() == "0 files, 0 bytes freed.\n"
    Dataset.objects.all().delete()
    age(data_dir)
    dry = said("--dry-run", "-v", "2")
    assert "videos: 2 files" in dry
    assert "nothing was removed (--dry-run)" in dry
    assert "media/" in dry
    assert "freed." in said()
    assert files(data_dir) == set()
    with pytest.raises(CommandError, match="grace period"):
        said("--grace-hours", "0")
