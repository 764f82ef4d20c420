"""What goes wrong between the server and the picture, and what the editor is told of it."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from episodes.video.index import build_index
from tests.e2e.conftest import QUIET, chromium
from tests.e2e.frames.conftest import Harness, MakeVideo
from tests.e2e.frames.site import Fault, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def plain_http_page(site: Site, browser: Browser) -> Iterator[Page]:
    """The page on an origin that is neither https nor localhost."""
    program = chromium()
    assert program is not None
    quiet = [*QUIET, "--host-resolver-rules=MAP robots.example 127.0.0.1"]
    running = browser.browser_type.launch(executable_path=program, args=quiet)
    page = running.new_page()
    page.goto(site.address.replace("127.0.0.1", "robots.example"))
    yield page
    running.close()


def _states(harness: Harness) -> list[tuple[str, str | None]]:
    return [(status["state"], status["kind"]) for status in harness.statuses()]


def test_a_lost_connection_is_retried_and_said(
    harness: Harness, site: Site, video: MakeVideo
) -> None:
    made = video("h264_g2")
    stream = site.add_stream("shaky", made.path)
    site.faults["/index/shaky"] = Fault(status=0, times=2)
    site.faults["/media/shaky.mp4"] = Fault(status=0, times=2)
    assert harness.open([stream]) is None
    assert [tuple(shown) for shown in harness.seekAll([40])] == [made.shows[40]]
    states = _states(harness)
    assert ("retrying", "network") in states
    assert states[-1] == ("ready", None)


def test_a_busy_server_is_asked_again(harness: Harness, site: Site, video: MakeVideo) -> None:
    made = video("h264_g2")
    stream = site.add_stream("busy", made.path)
    site.faults["/media/busy.mp4"] = Fault(status=503, times=1)
    assert harness.open([stream]) is None
    assert [tuple(shown) for shown in harness.seekAll([7])] == [made.shows[7]]
    assert ("retrying", "server") in _states(harness)


@pytest.mark.parametrize(
    ("status", "kind"), [(403, "forbidden"), (404, "missing"), (416, "index"), (400, "server")]
)
def test_a_refused_range_fails_at_once_and_names_a_remedy(
    harness: Harness, site: Site, video: MakeVideo, status: int, kind: str
) -> None:
    stream = site.add_stream("refused", video("h264_g2").path)
    site.faults["/media/refused.mp4"] = Fault(status=status)
    assert harness.open([stream]) is None
    failure = harness.seekFailure(10)
    assert (failure["kind"], failure["status"]) == (kind, status)
    assert failure["remedy"]
    assert not any(state == "retrying" for state, _ in _states(harness))


def test_a_picture_comes_once_the_refusal_is_over(
    harness: Harness, site: Site, video: MakeVideo
) -> None:
    made = video("h264_g2")
    stream = site.add_stream("later", made.path)
    site.faults["/media/later.mp4"] = Fault(status=403, times=1)
    assert harness.open([stream]) is None
    assert harness.seekFailure(10)["kind"] == "forbidden"
    assert [tuple(shown) for shown in harness.seekAll([10])] == [made.shows[10]]


@pytest.mark.parametrize(("status", "kind"), [(403, "forbidden"), (404, "missing")])
def test_one_camera_that_cannot_be_opened_leaves_the_others(
    harness: Harness, site: Site, video: MakeVideo, status: int, kind: str
) -> None:
    made = video("h264_g2")
    streams = [site.add_stream(name, made.path) for name in ("front", "side")]
    site.faults["/index/front"] = Fault(status=status)
    assert harness.open(streams) is None
    described = harness.describe()
    assert [camera["streamId"] for camera in described["cameras"]] == ["side"]
    assert [(f["streamId"], f["kind"]) for f in described["failures"]] == [("front", kind)]
    assert ("failed", kind) in _states(harness)


def test_no_camera_at_all_is_an_error(harness: Harness, site: Site, video: MakeVideo) -> None:
    stream = site.add_stream("gone", video("h264_g2").path)
    site.faults["/index/gone"] = Fault(status=404)
    assert harness.open([stream])["kind"] == "missing"


def test_an_index_that_contradicts_itself_is_refused(
    harness: Harness, site: Site, video: MakeVideo
) -> None:
    stream = site.add_stream("broken", video("h264_g2").path, frames=12, order=[1, 2, 3])
    failure = harness.open([stream])
    assert failure["kind"] == "index"
    assert "broken" in failure["message"]


def test_a_server_without_ranges_still_shows_the_right_frames(
    harness: Harness, site: Site, video: MakeVideo
) -> None:
    made = video("h264_g2")
    stream = site.add_stream("whole", made.path)
    site.ranges = False
    assert harness.open([stream]) is None
    shown = harness.seekAll([50, 3])
    assert [tuple(pair) for pair in shown] == [made.shows[50], made.shows[3]]


def _damaged(site: Site, path: Path, folder: Path) -> None:
    """Serve a copy in which the pictures 60 to 74 are no pictures."""
    data = bytearray(path.read_bytes())
    index = build_index(path)
    for row in range(60, 75):
        data[int(index.off[row]) : int(index.off[row]) + 8] = b"\xff" * 8
    broken = folder / "damaged.mp4"
    broken.write_bytes(bytes(data))
    site.files["/media/damaged.mp4"] = broken


def test_damaged_video_falls_back_to_packs(
    harness: Harness, site: Site, video: MakeVideo, tmp_path: Path
) -> None:
    made = video("h264_g15")
    stream = site.add_stream("damaged", made.path, packs=tmp_path / "packs")
    _damaged(site, made.path, tmp_path)
    assert harness.open([stream]) is None
    shown = harness.seekAll([10, 66, 11, 100])
    assert [tuple(pair) for pair in shown] == [made.shows[p] for p in (10, 66, 11, 100)]
    assert harness.stats()["path"] == "packs"
    assert _states(harness) == [("fallback", "decoder")]


def test_damaged_video_without_packs_shows_what_is_whole(
    harness: Harness, site: Site, video: MakeVideo, tmp_path: Path
) -> None:
    made = video("h264_g15")
    stream = site.add_stream("damaged", made.path)
    _damaged(site, made.path, tmp_path)
    assert harness.open([stream]) is None
    held = dict(harness.ringAround(55))
    assert {p for p in held if tuple(held[p]) == made.shows[p]} == set(range(40, 60))
    assert harness.seekFailure(66)["kind"] == "decoder"
    assert [tuple(shown) for shown in harness.seekAll([30, 80])] == [made.shows[30], made.shows[80]]
    assert harness.stats()["path"] == "webcodecs"


def test_a_configuration_no_decoder_takes_needs_packs(
    harness: Harness, site: Site, video: MakeVideo
) -> None:
    junk = base64.b64encode(b"\x01" * 24).decode()
    stream = site.add_stream("junk", video("h264_g15").path, description=junk)
    assert harness.open([stream])["kind"] == "unsupported"


def test_a_codec_unknown_to_the_browser_needs_packs(
    harness: Harness, site: Site, video: MakeVideo
) -> None:
    stream = site.add_stream("hevc", video("hevc").path)
    failure = harness.open([stream])
    assert failure["kind"] == "unsupported"
    assert "hvc1" in failure["message"]


def test_packs_still_being_made_are_waited_for(
    harness: Harness, site: Site, video: MakeVideo, tmp_path: Path
) -> None:
    made = video("h264_g15")
    stream = site.add_stream("slow", made.path, packs=tmp_path)
    soon = {"Retry-After": "0.1"}
    site.faults["/packs/slow/index.json"] = Fault(status=202, times=3, headers=soon)
    site.faults["/packs/slow/00002.bin"] = Fault(status=202, times=2, headers=soon)
    assert harness.open([stream], True) is None
    assert [tuple(shown) for shown in harness.seekAll([70])] == [made.shows[70]]
    states = _states(harness)
    assert states.count(("preparing", None)) == 5
    assert states[-1] == ("ready", None)


def test_a_plain_http_origin_gets_packs(
    plain_http_page: Page, site: Site, video: MakeVideo, tmp_path: Path
) -> None:
    made = video("h264_g15")
    harness = Harness(plain_http_page)
    stream: dict[str, Any] = site.add_stream("lan", made.path, packs=tmp_path)
    assert not plain_http_page.evaluate("isSecureContext")
    assert harness.open([stream]) is None
    assert [tuple(shown) for shown in harness.seekAll([70, 5])] == [made.shows[70], made.shows[5]]
    assert harness.stats()["path"] == "packs"
    assert _states(harness)[0] == ("fallback", "unsupported")
