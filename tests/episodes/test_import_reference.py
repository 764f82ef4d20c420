"""Videos left where they are: never other pictures than those that were imported."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from annotation.models import Project, ProjectEpisode
from episodes.errors import ImportRefused
from episodes.media_errors import MediaChanged, MediaMissing
from episodes.models import Episode, ImportRun, MediaAsset, Stream
from episodes.selectors.imports import open_items
from episodes.selectors.media_files import asset_file
from episodes.services.imports import plan_import
from episodes.services.imports_items import import_item
from episodes.services.media import make_sprite
from tests.episodes.test_import import bring_in, states
from tests.pure.formats.sets import write_v21

pytestmark = pytest.mark.django_db
PLACE = MediaAsset.Place


def refer(path: Path, name: str = "") -> ImportRun:
    run = plan_import(path=path, name=name, mode=ImportRun.Mode.REFERENCE)
    for item_id in open_items(run):
        import_item(item_id=item_id)
    run.refresh_from_db()
    return run


@pytest.fixture
def referred(v21: Path) -> MediaAsset:
    assert states(refer(v21)) == ["done"] * 3
    stream = Stream.objects.get(camera="front", episode__index=0)
    return stream.asset


@pytest.fixture
def at_ada(referred: MediaAsset, project: Project, cast: dict[str, User]) -> Client:
    for episode in Episode.objects.all():
        ProjectEpisode.objects.create(project=project, episode=episode)
    client = Client()
    client.force_login(cast["ada"])
    return client


def address(asset: MediaAsset) -> str:
    return reverse("stream-bytes", args=[asset.streams.all()[0].pk, asset.sha256])


def test_nothing_is_copied(referred: MediaAsset, v21: Path, data_dir: Path) -> None:
    assert not (data_dir / "media").exists()
    assert set(MediaAsset.objects.values_list("place", flat=True)) == {PLACE.REFERENCE}
    path = Path(referred.path)
    assert path.is_relative_to(v21)
    assert (referred.size, referred.modified_ns) == (path.stat().st_size, path.stat().st_mtime_ns)
    assert asset_file(referred) == path
    make_sprite(stream_id=referred.streams.all()[0].pk)


def test_its_bytes_go_out_by_ranges(referred: MediaAsset, at_ada: Client, settings: Any) -> None:
    settings.MEDIA_ACCEL_PREFIX = "/_data/"
    answer = at_ada.get(address(referred), headers={"Range": "bytes=4-7"})
    assert (answer.status_code, answer.getvalue()) == (206, b"ftyp")
    assert "X-Accel-Redirect" not in answer.headers
    assert answer["Content-Range"] == f"bytes 4-7/{referred.size}"
    assert at_ada.get(address(referred), headers={"Range": "bytes=9999999-"}).status_code == 416


@pytest.mark.parametrize("change", ["grown", "touched", "replaced"])
def test_a_changed_original_gives_no_frame(
    referred: MediaAsset, at_ada: Client, change: str
) -> None:
    path = Path(referred.path)
    if change == "grown":
        path.write_bytes(path.read_bytes() + b"\0")
    elif change == "touched":
        os.utime(path)
    else:
        other = Stream.objects.get(camera="front", episode__index=1).asset
        shutil.copyfile(other.path, path)
    with pytest.raises(MediaChanged, match="changed after its import") as caught:
        asset_file(referred)
    assert "import the dataset again" in caught.value.remedy
    answer = at_ada.get(address(referred), headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (409, "media_changed")
    assert "Put the original back" in answer.json()["remedy"]


def test_a_vanished_original_is_named(referred: MediaAsset, at_ada: Client) -> None:
    Path(referred.path).unlink()
    with pytest.raises(MediaMissing, match="not where it was imported from"):
        asset_file(referred)
    assert at_ada.get(address(referred)).status_code == 404


def test_a_root_that_was_taken_away_closes_its_originals(
    referred: MediaAsset, tmp_path: Path, settings: Any
) -> None:
    settings.TOUCHLINE_IMPORT_ROOTS = [tmp_path / "other"]
    with pytest.raises(MediaMissing, match="in no import root") as caught:
        asset_file(referred)
    assert "TOUCHLINE_IMPORT_ROOTS" in caught.value.remedy


def test_a_source_outside_the_roots_is_copied_or_not_imported(
    v21: Path, tmp_path: Path, settings: Any
) -> None:
    settings.TOUCHLINE_IMPORT_ROOTS = [tmp_path / "other"]
    with pytest.raises(ImportRefused, match="in no import root"):
        refer(v21)
    with pytest.raises(CommandError, match="in no import root"):
        call_command("import_episodes", str(v21), "--reference")
    assert not ImportRun.objects.exists()


def test_importing_again_finds_a_touched_original(referred: MediaAsset, v21: Path) -> None:
    os.utime(referred.path)
    run = refer(v21)
    assert states(run) == ["skipped"] * 3
    referred.refresh_from_db()
    assert asset_file(referred) == Path(referred.path)
    assert "the video of camera “front”" in run.items.get(position=0).reason
    assert run.items.get(position=1).reason == ""


def test_importing_the_moved_dataset_finds_its_originals(
    referred: MediaAsset, v21: Path, tmp_path: Path
) -> None:
    moved = v21.rename(tmp_path / "moved")
    refer(moved, "bricks")
    referred.refresh_from_db()
    assert asset_file(referred).is_relative_to(moved)


def test_importing_again_with_copies_needs_the_source_no_more(
    referred: MediaAsset, v21: Path, data_dir: Path
) -> None:
    run = bring_in(v21)
    assert states(run) == ["skipped"] * 3
    shutil.rmtree(v21)
    assert set(MediaAsset.objects.values_list("place", flat=True)) == {PLACE.STORED}
    referred.refresh_from_db()
    assert asset_file(referred).is_relative_to(data_dir)


def test_what_is_stored_already_stays_stored(v21: Path, tmp_path: Path) -> None:
    bring_in(v21)
    refer(write_v21(tmp_path / "twin"), "twin")
    assert set(MediaAsset.objects.values_list("place", flat=True)) == {PLACE.STORED}
    assert Episode.objects.count() == 6
