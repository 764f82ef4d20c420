"""GET /api/v1/streams/<id>/index: what the browser decodes from."""

import gzip
import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from episodes.models import FrameIndex, Stream
from episodes.selectors.data_files import data_path
from tests.episodes.media.conftest import Recorded


def test_the_index_of_a_slice(ada: Client, recorded: Recorded) -> None:
    stream = recorded("concat_b", 40, 47, offset=2_000)
    response = ada.get(f"/api/v1/streams/{stream.pk}/index")
    assert response.status_code == 200
    index = response.json()
    assert set(index) == {
        "schema_version", "stream_id", "camera", "sha256", "codec", "description", "width",
        "height", "rotation", "time_base", "offset_ns", "off", "size", "pts", "key", "order",
        "frames", "url",
    }  # fmt: skip
    rows = len(index["off"])
    assert rows == len(index["size"]) == len(index["pts"]) == len(index["key"]) == 47
    assert index["frames"] == len(index["order"]) == 47
    assert index["key"][0] == 1
    assert index["offset_ns"] == 2_000
    assert (index["time_base"], index["rotation"]) == ([1, 15360], 0)
    shown = [index["pts"][row] for row in index["order"]]
    assert shown == sorted(shown)
    assert index["off"][0] == stream.byte_start
    assert index["url"] == f"/media/streams/{stream.pk}/{stream.asset.sha256}.mp4"
    first = ada.get(
        index["url"],
        headers={"range": f"bytes={index['off'][0]}-{index['off'][0] + index['size'][0] - 1}"},
    )
    assert first.status_code == 206


def test_a_depth_camera_says_what_its_values_mean(ada: Client, recorded: Recorded) -> None:
    stream = recorded("av1_g2")
    assert "depth_unit_m" not in ada.get(f"/api/v1/streams/{stream.pk}/index").json()
    stream.modality, stream.depth_unit_m = Stream.Modality.DEPTH, 0.001
    stream.sprite = {"depth_range": [400, 2000]}
    stream.save()
    index = ada.get(f"/api/v1/streams/{stream.pk}/index").json()
    assert (index["depth_unit_m"], index["depth_range"]) == (0.001, [400, 2000])


def test_it_travels_gzipped_and_is_revalidated(ada: Client, recorded: Recorded) -> None:
    address = f"/api/v1/streams/{recorded('h264_g2').pk}/index"
    plain = ada.get(address)
    zipped = ada.get(address, headers={"accept-encoding": "br, gzip"})
    assert zipped["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(zipped.content)) == plain.json()
    assert len(zipped.content) < len(plain.content) / 1.9
    assert zipped["ETag"] != plain["ETag"]
    again = ada.get(address, headers={"accept-encoding": "gzip", "if-none-match": zipped["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_who_may_read_it(
    recorded: Recorded, signed_in: Callable[[str], Client], ada: Client
) -> None:
    stream = recorded("h264_g2")
    address = f"/api/v1/streams/{stream.pk}/index"
    assert signed_in("otto").get(address).status_code == 404
    assert Client().get(address).status_code == 401
    assert ada.get(f"/api/v1/streams/{uuid4()}/index").status_code == 404
    assert ada.post(address).status_code == 405


def test_a_video_without_an_index_says_what_to_do(ada: Client, recorded: Recorded) -> None:
    stream = recorded("h264_g2")
    FrameIndex.objects.all().delete()
    response = ada.get(f"/api/v1/streams/{stream.pk}/index")
    assert (response.status_code, response.json()["code"]) == (409, "not_indexed")
    assert "index_media" in response.json()["remedy"]


@pytest.mark.parametrize("content", [b"", b"garbage"])
def test_a_damaged_stored_index_is_named(ada: Client, recorded: Recorded, content: bytes) -> None:
    stream = recorded("h264_g2")
    data_path(stream.asset.frame_index.path).write_bytes(content)
    response = ada.get(f"/api/v1/streams/{stream.pk}/index")
    assert (response.status_code, response.json()["code"]) == (500, "frame_index_unreadable")
