"""Where the browser has no WebCodecs the editor works on stills from the server."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.journey import FRAME_NS, Person
from tests.e2e.trials import Plan, Trial

pytestmark = pytest.mark.browser


def test_stills_show_the_frame_they_name(ada: Person, trials: Iterator[Plan]) -> None:
    ada.page.add_init_script("delete globalThis.VideoDecoder")
    trial = Trial.begun(ada, next(trials))
    page = ada.page
    expect(page.locator(".tl-camera--stills")).to_have_count(2)
    expect(page.get_by_text("stills from the server")).to_be_visible()
    # Across the border of a pack, and back.
    for frame in (29, 30, 137):
        ada.go_to(frame)
        ada.see_frame(frame)
    ada.press("ArrowLeft", "2")
    ada.see_frame(136)
    trial.phase("saved")
    (label,) = trial.stored()["labels"]
    assert label["start_ns"] == 136 * FRAME_NS
    ada.check()
