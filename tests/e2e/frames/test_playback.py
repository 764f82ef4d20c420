"""One clock for all cameras: what is shown together belongs together, whichever way it runs."""

from bisect import bisect_right
from typing import Any

import pytest

from tests.e2e.frames.conftest import Harness, MakeVideo
from tests.e2e.frames.site import Site

pytestmark = pytest.mark.browser

SECOND = 1_000_000_000
# Even, with B-frames at uneven times, and an edit list: three cameras that agree on nothing.
NAMES = ("av1_g2", "vfr", "edit_list")


def _open(harness: Harness, site: Site, video: MakeVideo) -> list[Any]:
    streams = [
        site.add_stream(name, video(name).path, offset_ns=n * 7_000_000)
        for n, name in enumerate(NAMES)
    ]
    assert harness.open(streams) is None
    return list(harness.describe()["cameras"])


def _skewed(cameras: list[Any], video: MakeVideo, played: dict[str, Any]) -> list[Any]:
    """Sets in which a camera shows another frame than that of the set's instant."""
    wrong = []
    for shown in played["sets"]:
        positions = [
            max(0, bisect_right(camera["timesNs"], shown["tNs"]) - 1) for camera in cameras
        ]
        right = [list(video(name).shows[p]) for name, p in zip(NAMES, positions, strict=True)]
        if shown["shown"] != right or shown["positions"] != positions:
            wrong.append([shown, positions, right])
    return wrong


@pytest.mark.parametrize(
    ("start", "rate"), [(0.0, 1.0), (0.2, 0.25), (0.0, 4.0), (1.9, -1.0), (1.8, -2.0)]
)
def test_every_set_shows_one_instant(
    harness: Harness, site: Site, video: MakeVideo, start: float, rate: float
) -> None:
    cameras = _open(harness, site, video)
    played = harness.play(int(start * SECOND), rate, 700, 2 * SECOND)
    assert _skewed(cameras, video, played) == []
    times = [shown["tNs"] for shown in played["sets"]]
    # The last one is that of the pause, which goes back to the frame's own time.
    assert times[:-1] == sorted(times[:-1], reverse=rate < 0)
    moved = abs(played["endNs"] - start * SECOND)
    assert moved > 0.2 * abs(rate) * 0.7 * SECOND
    assert len(times) > 4


def test_a_pause_stays_on_the_frame_it_names(
    harness: Harness, site: Site, video: MakeVideo
) -> None:
    cameras = _open(harness, site, video)
    played = harness.play(SECOND // 2, 1.0, 500, 2 * SECOND)
    assert played["endNs"] in cameras[0]["timesNs"]
    assert played["sets"][-1]["tNs"] == played["endNs"]
