"""Filmstrips, posters and fallback packs over HTTP."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from kombu.exceptions import OperationalError

from episodes.services.media import make_sprite
from episodes.tasks_media import make_packs_task
from episodes.video.packs import pack_pictures
from tests import barcode
from tests.episodes.media.conftest import Recorded
from tests.episodes.media.test_services import damage
from tests.pure.video.conftest import Videos
from tests.pure.video.test_images import picture


@pytest.fixture(autouse=True)
def commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run in a transaction: what waits for its commit is run at once."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda queued: queued())


def test_a_sprite_before_and_after_it_is_made(ada: Client, recorded: Recorded) -> None:
    stream = recorded("h264_g2")
    address = f"/media/streams/{stream.pk}/sprite.jpg"
    assert ada.get(address).status_code == 404
    make_sprite(stream_id=stream.pk)
    response = ada.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert picture(response.getvalue()).shape == (120, 960, 3)
    again = ada.get(address, headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304


def test_a_poster_shows_the_middle(ada: Client, recorded: Recorded, videos: Videos) -> None:
    stream = recorded("h264_g2", 20, 10)
    make_sprite(stream_id=stream.pk)
    response = ada.get(f"/media/streams/{stream.pk}/poster.jpg")
    assert barcode.read(picture(response.getvalue())) == videos("h264_g2").shows[25]


def test_packs_are_made_on_demand(
    ada: Client, recorded: Recorded, videos: Videos, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = recorded("concat_b", 40, 47)
    address = f"/media/streams/{stream.pk}/packs/jpeg640/"
    queued: list[tuple[str, str]] = []
    monkeypatch.setattr(make_packs_task, "delay", lambda *args: queued.append(args))
    for name in ("index.json", "00001.bin", "index.json"):
        response = ada.get(address + name)
        assert (response.status_code, response["Retry-After"]) == (202, "1")
        assert response.json() == {"state": "making"}
    assert queued == [(str(stream.pk), "jpeg640")]
    make_packs_task(*queued[0])
    layout = ada.get(address + "index.json")
    assert layout.status_code == 200
    assert layout.headers["Content-Type"] == "application/json"
    described = layout.getvalue()
    assert described == (
        b'{"profile": "jpeg640", "frames_per_pack": 30, "frames": 47, "packs": 2, '
        b'"width": 320, "height": 240}'
    )
    pictures = [
        jpeg
        for number in range(2)
        for jpeg in pack_pictures(ada.get(f"{address}{number:05d}.bin").getvalue())
    ]
    shown = [barcode.read(picture(jpeg)) for jpeg in pictures]
    assert shown == list(videos("concat_b").shows[40:87])


def test_packs_that_cannot_be_made_say_so(
    ada: Client, recorded: Recorded, data_dir: Path, eager: None
) -> None:
    stream = recorded("av1_g2")
    damage(stream, data_dir)
    address = f"/media/streams/{stream.pk}/packs/jpeg640/00000.bin"
    assert ada.get(address).status_code == 202
    response = ada.get(address)
    assert (response.status_code, response.json()["code"]) == (422, "packs_failed")
    assert response.json()["remedy"]


def test_a_queue_that_is_down_is_named(
    ada: Client, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: str) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(make_packs_task, "delay", refuse)
    response = ada.get(f"/media/streams/{recorded('h264_g2').pk}/packs/jpeg640/index.json")
    assert (response.status_code, response.json()["code"]) == (503, "queue_unavailable")
    assert response["Retry-After"]


@pytest.mark.parametrize("name", ["packs/webp/index.json", "packs/jpeg640/00003.bin"])
def test_packs_that_do_not_exist(ada: Client, recorded: Recorded, name: str) -> None:
    assert ada.get(f"/media/streams/{recorded('h264_g2').pk}/{name}").status_code == 404


@pytest.mark.parametrize(
    "name", ["sprite.jpg", "poster.jpg", "packs/jpeg640/index.json", "packs/jpeg640/00000.bin"]
)
def test_who_may_see_them(
    recorded: Recorded, signed_in: Callable[[str], Client], name: str
) -> None:
    stream = recorded("h264_g2")
    make_sprite(stream_id=stream.pk)
    address = f"/media/streams/{stream.pk}/{name}"
    assert signed_in("otto").get(address).status_code == 404
    assert Client().get(address).status_code == 401
