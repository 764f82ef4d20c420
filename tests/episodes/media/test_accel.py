"""Behind nginx: Django decides, nginx sends."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.episodes.media.conftest import Recorded
from tests.episodes.media.test_bytes import ask, url


@pytest.fixture(autouse=True)
def behind_nginx(settings: pytest.FixtureRequest) -> None:
    settings.MEDIA_ACCEL_PREFIX = "/_data/"  # type: ignore[attr-defined]


def test_the_answer_names_the_file_and_carries_no_body(ada: Client, recorded: Recorded) -> None:
    stream = recorded("h264_g2")
    for response in (ada.get(url(stream)), ask(ada, stream, "bytes=0-99")):
        assert response.status_code == 200
        assert response["X-Accel-Redirect"] == f"/_data/{stream.asset.path}"
        assert response["Content-Type"] == "video/mp4"
        assert "immutable" in response["Cache-Control"]
        assert response.content == b""


def test_django_still_refuses_what_lies_outside_the_episode(
    ada: Client, recorded: Recorded
) -> None:
    stream = recorded("concat_av1", 40, 47)
    inside = f"bytes={stream.byte_start}-{stream.byte_end - 1}"
    assert "X-Accel-Redirect" in ask(ada, stream, inside)
    for response in (
        ada.get(url(stream)),
        ask(ada, stream, f"bytes={stream.byte_start - 1}-{stream.byte_end - 1}"),
        ask(ada, stream, inside, **{"if-range": '"stale"'}),
    ):
        assert response.status_code == 403
        assert "X-Accel-Redirect" not in response
    several = ask(ada, stream, f"{inside},0-5")
    assert several.status_code == 416
    assert "X-Accel-Redirect" not in several


def test_if_range_is_decided_here_because_nginx_knows_another_tag(
    ada: Client, recorded: Recorded
) -> None:
    stream = recorded("h264_g2")
    response = ask(ada, stream, "bytes=0-9", **{"if-range": f'"{stream.asset.sha256}"'})
    assert response.status_code == 206
    assert "X-Accel-Redirect" not in response


def test_nobody_else_gets_the_name(signed_in: Callable[[str], Client], recorded: Recorded) -> None:
    stream = recorded("h264_g2")
    for client, status in ((signed_in("otto"), 404), (Client(), 401)):
        response = client.get(url(stream))
        assert response.status_code == status
        assert "X-Accel-Redirect" not in response
