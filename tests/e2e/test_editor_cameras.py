"""Cameras as the annotator arranges them, and a contact's point in a picture, all by key."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.trials import Trial

pytestmark = pytest.mark.browser


def order(page: Page) -> list[str]:
    return page.locator("figure .tl-camera__name").all_text_contents()


def on_the_server(page: Page) -> None:
    """All of it: the browser keeps no change that waits to be sent."""
    page.wait_for_function(
        """() => Object.entries(localStorage).some(([name, text]) =>
        name.startsWith("touchline.preferences.") && JSON.parse(text).unsent === null)"""
    )


def test_the_arrangement_is_kept_and_a_point_is_in_the_pixels_of_the_video(trial: Trial) -> None:
    person = trial.person
    page = person.page
    large = page.locator(".tl-camera--large .tl-camera__name")
    strip = page.locator(".tl-strip")
    assert order(page) == ["front", "side"]
    height = strip.evaluate("each => each.clientHeight")
    # The side camera first and large, in a grid, closer; the strip narrower, of both cameras.
    person.press("v", "i", "ArrowLeft", "i", "g", "Alt+=", "Alt+=", "Alt+ArrowDown")
    person.press("Shift+V", "Shift+V")
    expect(page.locator(".tl-strip__row")).to_have_count(2)
    page.reload()
    person.see_frame(0)
    assert order(page) == ["side", "front"]
    # A machine that has never seen the person: as the server has it, from the first picture on.
    on_the_server(page)
    page.evaluate("localStorage.clear()")
    page.reload()
    person.see_frame(0)
    assert order(page) == ["side", "front"]
    expect(large).to_have_text("side")
    expect(page.locator(".tl-cameras")).to_have_attribute("data-mode", "grid")
    expect(page.get_by_role("button", name="1.6×")).to_be_visible()
    expect(page.locator(".tl-strip__row")).to_have_count(2)
    assert strip.evaluate("each => each.clientHeight") > height

    trial.drop(40, "1")
    person.press("p", "Shift+ArrowRight", "Shift+ArrowDown", "ArrowLeft", "Enter", "Escape")
    expect(page.locator("[data-stage]")).to_be_focused()
    # By mouse in the other one: the middle of its picture.
    front = page.locator("figure", has_text="front").bounding_box()
    assert front
    # Half a pixel of the screen further, where no pixel of the picture ends.
    middle = (front["x"] + front["width"] / 2 + 0.5, front["y"] + front["height"] / 2 + 0.5)
    page.keyboard.down("Control")
    page.mouse.click(*middle)
    page.keyboard.up("Control")
    trial.phase("saved")
    (label,) = trial.stored()["labels"]
    points = {key: value for key, value in label["attributes"].items() if key.startswith("point")}
    # 480 by 360 pixels.
    assert points == {"point.side": "249,190", "point.front": "240,180"}
    person.press("Control+z")
    expect(page.get_by_test_id("announcer")).to_contain_text("Undone")
