"""A real nginx hands out media, after Django's permission check and not without it."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from episodes.models import Stream
from episodes.services.media import make_packs, make_sprite
from tests.config.nginx import ACCEL_PREFIX, running_nginx
from tests.episodes.media.conftest import Recorded, episode, project, recorded, videos

__all__ = ["episode", "project", "recorded", "videos"]

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes


Ask = Callable[..., Answer]


@pytest.fixture
def ask(
    live_server: LiveServer,
    settings: pytest.FixtureRequest,
    data_dir: Path,
    tmp_path: Path,
    project: object,
) -> Iterator[Ask]:
    """Ask nginx for a path, as somebody or as nobody."""
    settings.MEDIA_ACCEL_PREFIX = ACCEL_PREFIX  # type: ignore[attr-defined]
    settings.ALLOWED_HOSTS = ["*"]  # type: ignore[attr-defined]
    web = live_server.url.removeprefix("http://").replace("localhost", "127.0.0.1")
    with running_nginx(tmp_path / "nginx", web=web, data_dir=data_dir) as address:

        def ask(path: str, who: str = "", method: str = "GET", **headers: str) -> Answer:
            if who:
                browser = Client()
                browser.force_login(User.objects.get(username=who))
                headers["Cookie"] = f"sessionid={browser.cookies['sessionid'].value}"
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            request = urllib.request.Request(address + path, headers=named, method=method)
            try:
                with urllib.request.urlopen(request, timeout=10) as response:
                    return Answer(response.status, response.headers, response.read())
            except urllib.error.HTTPError as error:
                return Answer(error.code, error.headers, error.read())

        yield ask


def url(stream: Stream) -> str:
    return f"/media/streams/{stream.pk}/{stream.asset.sha256}.mp4"


def test_whole_file_and_head(ask: Ask, recorded: Recorded, data_dir: Path) -> None:
    stream = recorded("h264_g2")
    stored = (data_dir / stream.asset.path).read_bytes()
    whole = ask(url(stream), "ada")
    assert (whole.status, whole.body) == (200, stored)
    assert whole.headers["Content-Type"] == "video/mp4"
    assert whole.headers["ETag"] == f'"{stream.asset.sha256}"'
    assert "immutable" in whole.headers["Cache-Control"]
    assert "X-Accel-Redirect" not in whole.headers
    head = ask(url(stream), "ada", "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(stored))


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=100-299", 100, 300), ("bytes=-7", -7, None)],
)
def test_206_from_nginx(
    ask: Ask, recorded: Recorded, data_dir: Path, wanted: str, start: int, end: int | None
) -> None:
    stream = recorded("h264_g2")
    stored = (data_dir / stream.asset.path).read_bytes()
    answer = ask(url(stream), "ada", Range=wanted)
    assert (answer.status, answer.body) == (206, stored[start:end])
    assert answer.headers["Content-Range"].endswith(f"/{len(stored)}")
    assert answer.headers["ETag"] == f'"{stream.asset.sha256}"'
    assert answer.headers["Server"] == "nginx"


def test_304_and_if_range(ask: Ask, recorded: Recorded) -> None:
    stream = recorded("h264_g2")
    tag = f'"{stream.asset.sha256}"'
    assert ask(url(stream), "ada", If_None_Match=tag).status == 304
    assert ask(url(stream), "ada", Range="bytes=0-9", If_Range=tag).status == 206
    assert ask(url(stream), "ada", Range="bytes=0-9", If_Range='"old"').status == 200


@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=5-2", "bytes=0-1,3-4"])
def test_416(ask: Ask, recorded: Recorded, wanted: str) -> None:
    stream = recorded("h264_g2")
    answer = ask(url(stream), "ada", Range=wanted)
    assert answer.status == 416
    assert answer.headers["Content-Range"] == f"bytes */{stream.asset.size}"


def test_403_for_the_bytes_of_another_episode(ask: Ask, recorded: Recorded, data_dir: Path) -> None:
    stream = recorded("concat_av1", 40, 47)
    stored = (data_dir / stream.asset.path).read_bytes()
    start, end = stream.byte_start, stream.byte_end
    inside = ask(url(stream), "ada", Range=f"bytes={start}-{end - 1}")
    assert (inside.status, inside.body) == (206, stored[start:end])
    assert ask(url(stream), "ada", Range=f"bytes={start}-{end}").status == 403
    assert ask(url(stream), "ada").status == 403
    sly = {"Range": f"bytes={start}-{end - 1}", "If_Range": '"old"'}
    assert ask(url(stream), "ada", **sly).status == 403


def test_401_and_404(ask: Ask, recorded: Recorded) -> None:
    stream = recorded("h264_g2")
    assert ask(url(stream)).status == 401
    assert ask(url(stream), "otto").status == 404
    assert ask(url(stream).replace(stream.asset.sha256, "0" * 64), "ada").status == 404


def test_nobody_reaches_the_data_folder_past_django(
    ask: Ask, recorded: Recorded, data_dir: Path
) -> None:
    stream = recorded("h264_g2")
    for who in ("", "ada", "root"):
        for path in (
            f"{ACCEL_PREFIX}{stream.asset.path}",
            f"/media/..{ACCEL_PREFIX}{stream.asset.path}",
            f"{ACCEL_PREFIX}../{data_dir.name}/{stream.asset.path}",
        ):
            assert ask(path, who).status in (400, 404)


def test_a_link_out_of_the_data_folder_is_refused(
    ask: Ask, recorded: Recorded, data_dir: Path
) -> None:
    stream = recorded("h264_g2")
    outside = data_dir.parent / "secret.mp4"
    outside.write_bytes(b"secret")
    inside = data_dir / stream.asset.path
    inside.unlink()
    inside.symlink_to(outside)
    assert ask(url(stream), "ada").status == 403


def test_pictures_come_through_nginx_too(ask: Ask, recorded: Recorded) -> None:
    stream = recorded("hevc")
    make_sprite(stream_id=stream.pk)
    make_packs(stream_id=stream.pk)
    for name, kind in (
        ("sprite.jpg", "image/jpeg"),
        ("packs/jpeg640/index.json", "application/json"),
        ("packs/jpeg640/00002.bin", "application/octet-stream"),
    ):
        answer = ask(f"/media/streams/{stream.pk}/{name}", "ada")
        assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
        assert ask(f"/media/streams/{stream.pk}/{name}", "otto").status == 404


def test_the_index_is_gzipped_once(ask: Ask, recorded: Recorded) -> None:
    answer = ask(f"/api/v1/streams/{recorded('h264_g2').pk}/index", "ada", Accept_Encoding="gzip")
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert answer.body[:2] == b"\x1f\x8b"
