"""Proxies of videos with far-apart key frames: made once, shown instead, tidied and made again."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotation.selectors.frames import camera_frames
from episodes.models import MediaAsset, Proxy, Stream
from episodes.selectors.data_files import data_path
from episodes.services.garbage import GRACE, collect_garbage
from episodes.services.proxies import assets_to_proxy, make_proxy
from episodes.tasks_media import make_waiting_proxies, prepare_stream
from episodes.video.errors import DecodeFailed
from tests.episodes.media.conftest import Recorded
from tests.episodes.media.test_services import damage

pytestmark = pytest.mark.django_db


def index(client: Client, stream: Stream) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/streams/{stream.pk}/index").json()
    return found


def shown_pts(index: dict[str, Any]) -> list[int]:
    return [index["pts"][row] for row in index["order"]]


def age(folder: Path) -> None:
    then = time.time() - 3 * GRACE.total_seconds()
    for path in folder.rglob("*"):
        os.utime(path, (then, then))
    for asset in MediaAsset.objects.all():
        older = asset.created_at - timedelta(seconds=3 * GRACE.total_seconds())
        MediaAsset.objects.filter(pk=asset.pk).update(created_at=older)


@pytest.fixture
def proxied(recorded: Recorded) -> Stream:
    """An episode within a file that other episodes share, its keys 120 frames apart."""
    stream = recorded("h264_b", 20, 80, offset=5_000)
    assert make_proxy(asset_id=stream.asset_id)
    return Stream.objects.get(pk=stream.pk)


def test_the_editor_gets_the_proxy_with_the_sources_positions_and_pts(
    ada: Client, recorded: Recorded
) -> None:
    stream = recorded("h264_b", 20, 80, offset=5_000)
    before = index(ada, stream)
    frames = camera_frames(stream.episode)[0]
    assert make_proxy(asset_id=stream.asset_id)
    after = index(ada, stream)
    assert after["sha256"] != before["sha256"]
    assert shown_pts(after) == shown_pts(before)
    for same in ("frames", "time_base", "offset_ns", "rotation", "width", "height"):
        assert after[same] == before[same]
    keys = [row for row, key in enumerate(after["key"]) if key]
    assert max(b - a for a, b in zip(keys, [*keys[1:], len(after["key"])], strict=True)) <= 15
    again = camera_frames(stream.episode)[0]
    assert again.pts.tolist() == frames.pts.tolist() == shown_pts(after)
    assert again.times_ns.tolist() == frames.times_ns.tolist()


def test_its_bytes_are_sent_as_far_as_the_episode_reaches(ada: Client, proxied: Stream) -> None:
    found = index(ada, proxied)
    stored = data_path(Proxy.objects.get().asset.path).read_bytes()  # type: ignore[union-attr]
    first, last = found["off"][0], found["off"][-1] + found["size"][-1]
    response = ada.get(found["url"], headers={"range": f"bytes={first}-{last - 1}"})
    assert response.status_code == 206
    assert b"".join(response.streaming_content) == stored[first:last]  # type: ignore[attr-defined]
    outside = ada.get(found["url"], headers={"range": f"bytes={first}-{len(stored) - 1}"})
    assert outside.status_code == 403


def test_a_page_that_opened_the_source_goes_on_with_it(ada: Client, recorded: Recorded) -> None:
    stream = recorded("h264_b")
    before = index(ada, stream)
    make_proxy(asset_id=stream.asset_id)
    assert ada.get(before["url"], headers={"range": "bytes=0-99"}).status_code == 206
    assert ada.get(before["url"].replace("mp4", "0.mp4")).status_code == 404


def test_strangers_do_not_get_it(
    ada: Client, proxied: Stream, signed_in: Callable[[str], Client]
) -> None:
    url = index(ada, proxied)["url"]
    assert signed_in("otto").get(url).status_code == 404
    assert Client().get(url).status_code == 401


def test_a_worker_makes_it_at_import_and_the_sweep_what_got_lost(
    recorded: Recorded, eager: None
) -> None:
    long, short = recorded("h264_b"), recorded("h264_g2")
    prepare_stream(str(long.pk))
    prepare_stream(str(short.pk))
    assert [one.source for one in Proxy.objects.all()] == [long.asset]
    Proxy.objects.all().delete()
    make_waiting_proxies()
    assert [one.source for one in Proxy.objects.all()] == [long.asset]


def test_made_once(proxied: Stream) -> None:
    assert not make_proxy(asset_id=proxied.asset_id)
    assert not assets_to_proxy().exists()
    assert MediaAsset.objects.count() == 2


def test_what_cannot_be_decoded_keeps_the_reason_and_is_shown_itself(
    ada: Client, recorded: Recorded, data_dir: Path, eager: None
) -> None:
    stream = recorded("h264_b")
    damage(stream, data_dir)
    with pytest.raises(DecodeFailed):
        make_proxy(asset_id=stream.asset_id)
    proxy = Proxy.objects.get()
    assert (proxy.asset, stream.asset.sha256 in proxy.error) == (None, True)
    assert proxy.remedy
    make_waiting_proxies()  # not tried again by itself
    assert index(ada, stream)["sha256"] == stream.asset.sha256


def test_garbage_collection_keeps_it_as_long_as_its_source(proxied: Stream, data_dir: Path) -> None:
    age(data_dir)
    assert collect_garbage().files.total() == 0
    Stream.objects.all().delete()
    assert collect_garbage().files["videos"] == 2
    assert not MediaAsset.objects.exists()
    assert not Proxy.objects.exists()


def test_a_removed_file_is_made_again(ada: Client, proxied: Stream, eager: None) -> None:
    """Not always to the same bytes: that is the encoder's affair. Positions and times are ours."""
    made = Proxy.objects.get().asset
    assert made is not None
    before = index(ada, proxied)
    data_path(made.path).unlink()
    assert index(ada, proxied)["sha256"] == proxied.asset.sha256
    make_waiting_proxies()
    again = Proxy.objects.get().asset
    assert again is not None
    assert data_path(again.path).is_file()
    after = index(ada, proxied)
    assert after["sha256"] == again.sha256
    assert shown_pts(after) == shown_pts(before)


def test_the_episodes_page_tells_of_it(ada: Client, recorded: Recorded) -> None:
    stream = recorded("h264_b")
    address = reverse("episode-detail", args=[stream.episode_id])
    assert "its proxy" not in ada.get(address).content.decode()
    make_proxy(asset_id=stream.asset_id)
    assert "Shown by its proxy" in ada.get(address).content.decode()
    Proxy.objects.update(asset=None, error="it stops at frame 7", remedy="Copy it again.")
    said = ada.get(address).content.decode()
    assert "it stops at frame 7 Copy it again." in said


def test_depth_has_none(recorded: Recorded) -> None:
    stream = recorded("h264_b")
    Stream.objects.filter(pk=stream.pk).update(modality=Stream.Modality.DEPTH)
    assert not make_proxy(asset_id=stream.asset_id)
