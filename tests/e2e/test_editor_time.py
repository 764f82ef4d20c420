"""Time in the editor: candidates, snapping, lanes of one's own, loops, values at the playhead."""

import time
from itertools import count

import pytest
from playwright.sync_api import expect

from tests.e2e.journey import FRAME_NS
from tests.e2e.trials import Trial

pytestmark = pytest.mark.browser


def test_candidates_are_gone_to_named_and_marked(trial: Trial) -> None:
    page = trial.person.page
    announcer, frame = page.get_by_test_id("announcer"), page.get_by_test_id("frame")
    # The samples are looked through while nothing else is to be done: again from the beginning
    # until those of the force have been.
    until = time.monotonic() + 30
    for number in count():
        if number % 12 == 0:
            trial.person.go_to(0)
        trial.person.press("Alt+ArrowRight")
        trial.person.rests()
        if "force rises" in announcer.inner_text() or time.monotonic() > until:
            break
    expect(announcer).to_contain_text("force rises")
    found = int(frame.inner_text())
    trial.person.press("2")
    trial.shows(1)
    # Snapped or not, at rest a mark lies on the frame that is seen.
    trial.person.press("ArrowRight", "Alt+3")
    trial.shows(2)
    trial.phase("saved")
    starts = sorted(label["start_ns"] for label in trial.stored()["labels"])
    assert starts == [found * FRAME_NS, (found + 1) * FRAME_NS]
    trial.person.press("Shift+S")
    expect(announcer).to_contain_text("Snapping off")
    trial.person.press("Alt+ArrowLeft")
    expect(frame).to_have_text(str(found))


def test_lanes_of_ones_own_stay_and_what_is_looped_goes_round(trial: Trial) -> None:
    page = trial.person.page
    announcer = page.get_by_test_id("announcer")
    trial.person.press("Shift+G")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("force", exact=True).uncheck()
    for group in ("gripper", "force"):
        dialog.locator("summary", has_text=group).first.click()
    dialog.get_by_label("gripper.pos (rad)", exact=True).check()
    dialog.get_by_label("fixed_jaw").check()
    dialog.get_by_label("Name of the lane").fill("grasp")
    dialog.get_by_role("button", name="Add the lane").click()
    trial.person.check()
    page.reload()
    trial.person.in_editor()
    page.locator("[data-stage]").focus()
    trial.person.press("ArrowDown")
    expect(announcer).to_contain_text("grasp")
    trial.person.press("ArrowDown", "ArrowDown")
    expect(announcer).not_to_contain_text("force")

    page.get_by_text("Action and state").click()
    trial.person.go_to(50)
    values = page.locator(".tl-values")
    expect(values).to_contain_text("at 1.000 s")
    expect(values.get_by_role("row", name="gripper pos").get_by_role("cell")).to_have_count(2)
    expect(values.get_by_role("row", name="gripper pos")).to_contain_text("rad")
    trial.person.check()

    trial.drop(60, "1")
    trial.person.press("R")
    expect(announcer).to_contain_text("over and over")
    for _ in range(8):
        page.wait_for_timeout(150)
        assert 34 <= int(page.get_by_test_id("frame").inner_text()) <= 86
    trial.person.press("K", "R")
