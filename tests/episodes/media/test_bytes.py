"""GET and HEAD of a video: single ranges, entity tags, and only the episode's own bytes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.test import Client

from episodes.models import MediaAsset, Stream
from tests.episodes.media.conftest import Recorded

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

Stored = Callable[[MediaAsset], bytes]


def url(stream: Stream) -> str:
    return f"/media/streams/{stream.pk}/{stream.asset.sha256}.mp4"


def ask(client: Client, stream: Stream, wanted: str, **headers: str) -> "Response":
    return client.get(url(stream), headers={"range": wanted, **headers})


@pytest.fixture
def whole(recorded: Recorded) -> Stream:
    return recorded("h264_g15")


def test_whole_file(ada: Client, whole: Stream, stored: Stored) -> None:
    response = ada.get(url(whole))
    assert response.status_code == 200
    assert response.getvalue() == stored(whole.asset)
    assert response["Content-Length"] == str(whole.asset.size)
    assert response["Content-Type"] == "video/mp4"
    assert response["Accept-Ranges"] == "bytes"
    assert response["ETag"] == f'"{whole.asset.sha256}"'
    assert set(response["Cache-Control"].split(", ")) == {
        "private",
        "max-age=31536000",
        "immutable",
    }


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-99", 10, 100),
        ("bytes=1000-", 1000, None),
        ("bytes=-500", -500, None),
        ("bytes=5-99999999999", 5, None),
        ("bytes=-99999999999", 0, None),
        ("Bytes = 3 - 7", 3, 8),
    ],
)
def test_one_range(
    ada: Client, whole: Stream, stored: Stored, wanted: str, start: int, end: int | None
) -> None:
    response = ask(ada, whole, wanted)
    content = stored(whole.asset)
    assert response.status_code == 206
    assert response.getvalue() == content[start:end]
    first = start if start >= 0 else len(content) + start
    last = (end or len(content)) - 1
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(content)}"
    assert response["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize(
    "wanted",
    ["bytes=9999999-", "bytes=7-3", "bytes=-0", "bytes=-", "bytes=a-b", "bytes=0-1,4-5", "bytes="],
)
def test_ranges_that_cannot_be_served(ada: Client, whole: Stream, wanted: str) -> None:
    response = ask(ada, whole, wanted)
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{whole.asset.size}"
    assert response.json()["code"] == "range_not_satisfiable"
    assert response.json()["remedy"]


def test_another_unit_is_ignored(ada: Client, whole: Stream) -> None:
    assert ask(ada, whole, "frames=0-1").status_code == 200


def test_head_has_the_headers_and_no_body(ada: Client, whole: Stream) -> None:
    response = ada.head(url(whole))
    assert response.status_code == 200
    assert response["Content-Length"] == str(whole.asset.size)
    assert response.getvalue() == b""
    response = ada.head(url(whole), headers={"range": "bytes=0-9"})
    assert (response.status_code, response["Content-Length"]) == (206, "10")


def test_if_range(ada: Client, whole: Stream) -> None:
    same = f'"{whole.asset.sha256}"'
    assert ask(ada, whole, "bytes=0-9", **{"if-range": same}).status_code == 206
    assert ask(ada, whole, "bytes=0-9", **{"if-range": '"another"'}).status_code == 200
    date = "Wed, 21 Oct 2026 07:28:00 GMT"
    assert ask(ada, whole, "bytes=0-9", **{"if-range": date}).status_code == 200


def test_a_copy_the_browser_has_is_not_sent_again(ada: Client, whole: Stream) -> None:
    tag = f'"{whole.asset.sha256}"'
    response = ada.get(url(whole), headers={"if-none-match": f'"x", {tag}'})
    assert response.status_code == 304
    assert response.getvalue() == b""


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_other_methods(ada: Client, whole: Stream, method: str) -> None:
    assert getattr(ada, method)(url(whole)).status_code == 405


def test_an_episode_gets_its_part_of_a_shared_file_only(
    ada: Client, recorded: Recorded, stored: Stored
) -> None:
    stream = recorded("concat_av1", 40, 47)
    start, end = stream.byte_start, stream.byte_end
    response = ask(ada, stream, f"bytes={start}-{end - 1}")
    assert response.status_code == 206
    assert response.getvalue() == stored(stream.asset)[start:end]
    for wanted in (
        f"bytes={start - 1}-{end - 1}",
        f"bytes={start}-{end}",
        f"bytes={start}-",
        "bytes=-9",
    ):
        refused = ask(ada, stream, wanted)
        assert refused.status_code == 403
        assert refused.json()["code"] == "outside_episode"
    assert ada.get(url(stream)).status_code == 403
    stale = ask(ada, stream, f"bytes={start}-{end - 1}", **{"if-range": '"another"'})
    assert stale.status_code == 403


def test_outsiders_and_strangers(
    whole: Stream, signed_in: Callable[[str], Client], ada: Client
) -> None:
    assert signed_in("otto").get(url(whole)).status_code == 404
    assert signed_in("root").head(url(whole)).status_code == 200
    anonymous = Client().get(url(whole))
    assert anonymous.status_code == 401
    assert anonymous.json()["code"] == "not_signed_in"
    unknown = ada.get(url(whole).replace(str(whole.pk), str(uuid4())))
    assert unknown.status_code == 404
    assert unknown.json() == signed_in("otto").get(url(whole)).json()


def test_another_hash_is_not_found(ada: Client, whole: Stream) -> None:
    assert ada.get(url(whole).replace(whole.asset.sha256, "0" * 64)).status_code == 404


def test_a_file_that_went_missing_is_named(ada: Client, whole: Stream, data_dir: Path) -> None:
    (data_dir / whole.asset.path).unlink()
    response = ada.get(url(whole))
    assert response.status_code == 404
    assert response.json()["code"] == "media_missing"


@pytest.mark.parametrize("path", ["../secret.mp4", "/etc/passwd", "", "media/../../secret.mp4"])
def test_a_stored_path_cannot_leave_the_data_folder(
    ada: Client,
    whole: Stream,
    data_dir: Path,
    path: str,
) -> None:
    (data_dir.parent / "secret.mp4").write_bytes(b"secret")
    MediaAsset.objects.filter(pk=whole.asset_id).update(path=path)
    response = ada.get(url(whole))
    assert response.status_code == 403
    assert response.json()["code"] == "path_outside_data"


def test_a_link_out_of_the_data_folder_is_not_followed(
    ada: Client,
    whole: Stream,
    data_dir: Path,
) -> None:
    secret = data_dir.parent / "secret.mp4"
    secret.write_bytes(b"secret")
    (data_dir / "link.mp4").symlink_to(secret)
    MediaAsset.objects.filter(pk=whole.asset_id).update(path="link.mp4")
    assert ada.get(url(whole)).status_code == 403


def test_a_large_file_is_never_read_whole(ada: Client, whole: Stream, data_dir: Path) -> None:
    """A sparse terabyte behind the asset: the answer starts at once and is read in pieces."""
    with (data_dir / whole.asset.path).open("rb+") as file:
        file.truncate(2**40)
    response = ask(ada, whole, "bytes=1099511627000-")
    assert len(response.getvalue()) == 776
    response = ada.get(url(whole))
    pieces: Iterator[bytes] = iter(response.streaming_content)  # type: ignore[attr-defined]
    assert len(next(pieces)) <= 2**20
    response.close()


def test_few_queries(
    ada: Client, whole: Stream, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with django_assert_max_num_queries(4):  # type: ignore[attr-defined]
        ask(ada, whole, "bytes=0-9")
