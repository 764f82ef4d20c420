"""Videos in S3-compatible storage: a real server's answers, and what happens when it is away."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from moto.server import ThreadedMotoServer

from annotation.models import Project, ProjectEpisode
from config import env
from episodes.media_errors import MediaChanged, MediaMissing, StorageUnavailable
from episodes.models import Episode, ImportItem, MediaAsset, Stream
from episodes.selectors.data_files import cache_name
from episodes.selectors.imports import open_items
from episodes.selectors.media_files import asset_file, media_bucket, shrink_cache
from episodes.services.garbage import collect_garbage
from episodes.services.imports import plan_import
from episodes.services.imports_items import import_item
from episodes.services.media import make_sprite
from tests.episodes.test_import import bring_in, states
from tests.stack import free_port

pytestmark = pytest.mark.django_db
BUCKET = "recordings"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture(scope="module")
def s3(server: str) -> Any:
    return boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=server,
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )


@pytest.fixture(autouse=True)
def storage(server: str, s3: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A fresh bucket, set up as the environment of a deployment sets it up."""
    requests.post(f"{server}/moto-api/reset", timeout=5)
    use(server, settings, monkeypatch)
    s3.create_bucket(Bucket=BUCKET)
    return s3


def use(endpoint: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_S3": endpoint,
        "TOUCHLINE_STORAGE_ADDRESSING": "path",
    }.items():
        monkeypatch.setenv(name, value)
    entry = env.object_storage(f"s3://{BUCKET}/touchline/videos")
    settings.STORAGES = {**settings.STORAGES, "media": entry}


@pytest.fixture
def imported(v30: Path) -> MediaAsset:
    assert states(bring_in(v30)) == ["done"] * 3
    return Stream.objects.filter(camera="front")[0].asset


@pytest.fixture
def whole(v21: Path) -> MediaAsset:
    """A video that belongs to one episode alone."""
    assert states(bring_in(v21)) == ["done"] * 3
    return Stream.objects.filter(camera="front")[0].asset


def browser(cast: dict[str, User], project: Project, name: str) -> Client:
    for episode in Episode.objects.all():
        ProjectEpisode.objects.get_or_create(project=project, episode=episode)
    client = Client()
    client.force_login(cast[name])
    return client


@pytest.fixture
def ada(whole: MediaAsset, cast: dict[str, User], project: Project) -> Client:
    return browser(cast, project, "ada")


def address(asset: MediaAsset) -> str:
    return reverse("stream-bytes", args=[asset.streams.all()[0].pk, asset.sha256])


def keys(client: Any) -> list[str]:
    return [one["Key"] for one in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_an_import_puts_each_video_there_once(
    imported: MediaAsset, storage: Any, data_dir: Path
) -> None:
    assert sorted(keys(storage)) == sorted(
        f"touchline/videos/{asset.path}" for asset in MediaAsset.objects.all()
    )
    assert not (data_dir / "media").exists()
    head = storage.head_object(Bucket=BUCKET, Key=f"touchline/videos/{imported.path}")
    assert (head["ContentType"], head["ContentLength"]) == ("video/mp4", imported.size)


def test_a_range_goes_through_django(whole: MediaAsset, ada: Client, v21: Path) -> None:
    source = v21 / "videos/chunk-000/observation.images.front/episode_000000.mp4"
    answer = ada.get(address(whole), headers={"Range": "bytes=4-19"})
    assert answer.status_code == 206
    assert answer.getvalue() == source.read_bytes()[4:20]
    assert answer["Content-Range"] == f"bytes 4-19/{whole.size}"
    assert answer["ETag"] == f'"{whole.sha256}"'
    assert ada.get(address(whole)).getvalue() == source.read_bytes()
    tail = ada.get(address(whole), headers={"Range": "bytes=-5"})
    assert tail.getvalue() == source.read_bytes()[-5:]


def test_head_and_a_range_beyond_the_end(whole: MediaAsset, ada: Client) -> None:
    head = ada.head(address(whole))
    assert (head.status_code, head["Content-Length"]) == (200, str(whole.size))
    assert head.getvalue() == b""
    beyond = ada.get(address(whole), headers={"Range": f"bytes={whole.size}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{whole.size}")


def test_of_a_shared_video_only_the_own_part_goes_out(
    imported: MediaAsset, cast: dict[str, User], project: Project, settings: Any
) -> None:
    settings.TOUCHLINE_STORAGE_PRESIGNED = True
    client = browser(cast, project, "ada")
    stream = imported.streams.get(episode__index=1)
    url = reverse("stream-bytes", args=[stream.pk, imported.sha256])
    assert client.get(url).status_code == 403
    span = f"bytes={stream.byte_start}-{stream.byte_end - 1}"
    assert client.get(url, headers={"Range": span}).status_code == 206


def test_nobody_else_gets_them(
    whole: MediaAsset, cast: dict[str, User], project: Project, settings: Any
) -> None:
    for presigned in (False, True):
        settings.TOUCHLINE_STORAGE_PRESIGNED = presigned
        assert browser(cast, project, "otto").get(address(whole)).status_code == 404
        assert Client().get(address(whole)).status_code == 401


def test_a_signed_link_opens_the_object_for_a_while(
    whole: MediaAsset, ada: Client, settings: Any, v21: Path
) -> None:
    settings.TOUCHLINE_STORAGE_PRESIGNED = True
    settings.TOUCHLINE_STORAGE_PRESIGNED_SECONDS = 120
    answer = ada.get(address(whole))
    assert answer.status_code == 302
    assert answer["Cache-Control"] == "private, max-age=60"
    assert "X-Amz-Expires=120" in answer["Location"]
    got = requests.get(answer["Location"], headers={"Range": "bytes=4-7"}, timeout=5)
    assert (got.status_code, got.content) == (206, b"ftyp")


def test_links_name_the_endpoint_that_browsers_reach(
    whole: MediaAsset, settings: Any, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    monkeypatch.setenv("TOUCHLINE_STORAGE_PUBLIC_ENDPOINT", "https://video.example.org")
    use(server, settings, monkeypatch)
    bucket = media_bucket()
    assert bucket is not None
    assert urlsplit(bucket.link(whole.path, seconds=60)).netloc == "video.example.org"
    assert bucket.object_size(whole.path) == whole.size


def test_decoding_fetches_a_checked_copy(whole: MediaAsset, data_dir: Path, storage: Any) -> None:
    path = asset_file(whole)
    assert path == data_dir / cache_name(whole.sha256)
    storage.delete_object(Bucket=BUCKET, Key=f"touchline/videos/{whole.path}")
    assert asset_file(whole) == path
    make_sprite(stream_id=whole.streams.all()[0].pk)
    path.unlink()
    with pytest.raises(MediaMissing, match="not in the object storage"):
        asset_file(whole)


def test_a_damaged_object_is_never_decoded(whole: MediaAsset, data_dir: Path, storage: Any) -> None:
    key = f"touchline/videos/{whole.path}"
    storage.put_object(Bucket=BUCKET, Key=key, Body=b"x" * whole.size)
    with pytest.raises(MediaChanged, match="other bytes"):
        asset_file(whole)
    assert not list((data_dir / "cache").rglob("*.mp4"))


def test_the_cache_keeps_what_was_used_last(
    whole: MediaAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets = list(MediaAsset.objects.all())[:3]
    paths = [asset_file(asset) for asset in assets]
    assert shrink_cache(most_bytes=0) == 0  # somebody may be about to open them
    monkeypatch.setattr("episodes.selectors.media_files.JUST_USED_S", -1)
    asset_file(assets[0])
    shrink_cache(most_bytes=assets[0].size)
    assert [path.exists() for path in paths] == [True, False, False]


def test_what_was_stored_before_stays_on_this_disk(
    v21: Path, settings: Any, data_dir: Path, storage: Any
) -> None:
    with_bucket = settings.STORAGES
    settings.STORAGES = {name: with_bucket[name] for name in ("default", "staticfiles")}
    bring_in(v21)
    settings.STORAGES = with_bucket
    asset = MediaAsset.objects.all()[0]
    assert asset_file(asset) == data_dir / asset.path
    assert keys(storage) == []


def test_a_storage_that_is_away_is_said_and_tried_again(
    whole: MediaAsset,
    ada: Client,
    v30: Path,
    server: str,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(f"http://127.0.0.1:{free_port()}", settings, monkeypatch)
    answer = ada.get(address(whole), headers={"Accept": "application/json"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert answer.json()["code"] == "storage_unavailable"
    assert "TOUCHLINE_STORAGE" in answer.json()["remedy"]
    run = plan_import(path=v30)
    item_id = open_items(run)[0]
    with pytest.raises(StorageUnavailable):
        import_item(item_id=item_id)
    item = run.items.get(pk=item_id)
    assert item.state == ImportItem.State.PENDING
    assert item.not_before is not None
    use(server, settings, monkeypatch)
    assert import_item(item_id=item_id).state == ImportItem.State.DONE
    assert ada.get(address(whole)).status_code == 200


def test_garbage_in_the_bucket(whole: MediaAsset, storage: Any) -> None:
    """Objects without a row, and of videos that nothing shows; what a record names stays."""
    key = f"touchline/videos/media/ab/ab{'0' * 62}.mp4"
    storage.put_object(Bucket=BUCKET, Key=key, Body=b"left behind")
    storage.put_object(Bucket=BUCKET, Key="other/media/x.mp4", Body=b"not ours")
    Episode.objects.get(index=2).delete()
    assert collect_garbage().files["objects"] == 0  # all of it is young
    at_once = timedelta(seconds=-1)
    assert collect_garbage(dry_run=True, grace=at_once).files["objects"] == 3
    assert key in keys(storage)
    assert collect_garbage(grace=at_once).files["objects"] == 3
    named = {f"touchline/videos/{asset.path}" for asset in MediaAsset.objects.all()}
    assert set(keys(storage)) == {*named, "other/media/x.mp4"}
    assert len(named) == 4
