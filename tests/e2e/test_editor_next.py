"""The next episode opens in the same page, and nothing of the last one stays behind.

Fourteen in a row here; `python -m tests.bench.bench_editor_next` does two hundred and measures.
"""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.journey import Person
from tests.e2e.longday import KEY, Day, Held, open_first
from tests.e2e.manyepisodes import make_project
from tests.stack import Stack

pytestmark = pytest.mark.browser
SETTLED, EPISODES = 4, 14
# Two cameras of this episode and of the next.
WORKERS = 4
CURTAIN = ".tl-curtain"
AT_HAND = "performance.getEntriesByName('touchline: next episode at hand').length > 0"
REFUSAL = {
    "code": "not_submittable",
    "title": "Not submittable",
    "detail": "1 left to do.",
    "remedy": "",
    "findings": [
        {"code": "x", "severity": "error", "message": "Say more.", "label_id": None, "at_ns": None}
    ],
}


def held_with_next(day: Day) -> Held:
    """What the page holds once the next episode is at hand, too."""
    for _ in range(60):
        if len(day.page.workers) == WORKERS:
            break
        day.page.wait_for_timeout(250)
    day.page.wait_for_timeout(500)
    return day.held()


def test_episodes_in_a_row_leave_nothing_behind(ada: Person, stack: Stack) -> None:
    day = open_first(ada, make_project(stack, "Long day", EPISODES + 2))
    page = ada.page
    page.evaluate("globalThis.samePage = true")
    first, keys = page.url, [day.key()]
    for _ in range(SETTLED):
        keys.append(day.finish_episode(rest_ms=0))
    before = held_with_next(day)
    for _ in range(EPISODES - SETTLED):
        keys.append(day.finish_episode(rest_ms=0))
    after = held_with_next(day)
    assert page.evaluate("globalThis.samePage"), "the page was loaded anew"
    assert len(set(keys)) == EPISODES + 1
    assert day.leaked_frames == []
    assert after.workers == before.workers == WORKERS
    assert after.documents <= before.documents
    assert after.holdings <= before.holdings + 5
    # Chromium may keep the fields that were used last, and with them one editor: about 80 listeners
    # and 800 nodes. What every episode leaves behind would be ten times as much.
    assert after.listeners <= before.listeners + 120
    assert after.nodes <= before.nodes + 1_200
    # Of about ten megabytes that an episode takes.
    assert after.heap_mb <= before.heap_mb + 0.2 * (EPISODES - SETTLED)
    ada.check()
    expect(page).to_have_title(re.compile(day.key()))
    page.go_back()
    page.wait_for_function("() => !globalThis.samePage")
    expect(page).not_to_have_url(first)
    expect(page.get_by_text("Read-only")).to_be_visible()


def test_the_next_is_seen_before_the_server_has_answered(ada: Person, stack: Stack) -> None:
    """What is pressed meanwhile is the next episode's; a refusal leads back to this one."""
    day = open_first(ada, make_project(stack, "Short day", 3, index=60_000))
    page, first = ada.page, day.key()
    page.wait_for_function(AT_HAND)
    ada.press("ArrowRight", "1", "o", "s")
    ada.saved()
    labels = page.locator("[data-label]")
    expect(labels).to_have_count(1)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    def caught() -> Route:
        while not held:
            page.wait_for_timeout(20)
        return held.pop()

    page.route(re.compile("/submit"), hold)
    ada.press("Control+Enter")
    expect(page.locator(f"{CURTAIN} figure[data-frame='0']")).to_have_count(2)
    ada.press("2", "3")
    caught().fulfill(status=422, json=REFUSAL)
    expect(page.locator(CURTAIN)).to_have_count(0)
    expect(page.get_by_text("One thing is left")).to_be_visible()
    expect(labels).to_have_count(1)
    assert day.key() == first
    ada.press("ArrowRight")
    expect(page.get_by_test_id("frame")).to_have_text("2")

    ada.press("Control+Enter")
    expect(page.locator(CURTAIN)).to_be_visible()
    ada.press("1", "ArrowRight", "Control+Enter", "ArrowRight", "2")
    caught().continue_()
    page.wait_for_function(f"{KEY} !== {first!r}")
    ada.see_frame(2)
    expect(page.locator(CURTAIN)).to_have_count(0)
    expect(labels).to_have_count(2)
    assert held == [], "the next episode was handed in by a key meant for this one"
    ada.saved()

    page.unroute(re.compile("/submit"))
    page.goto("/queue/")
    page.locator(".card", has_text="Short day").get_by_role("button", name="Go on").click()
    ada.in_editor()
    expect(labels).to_have_count(2)


def test_a_comment_is_not_left_behind_and_an_episode_is_skipped(ada: Person, stack: Stack) -> None:
    """The keys that submit the episode post a comment while it is being written."""
    day = open_first(ada, make_project(stack, "Odd day", 2, index=70_000))
    page, first = ada.page, day.key()
    ada.press("o", "s", "Control+m")
    page.keyboard.type("Is the block hidden?")
    page.locator("[data-stage]").focus()
    ada.press("Control+Enter")
    expect(page.get_by_text("A comment is written and not posted yet.")).to_be_visible()
    written = page.get_by_label("Comment", exact=True)
    expect(written).to_be_focused()
    expect(written).to_have_value("Is the block hidden?")
    ada.press("Control+Enter")
    expect(page.locator(".tl-comment", has_text="Is the block hidden?")).to_be_visible()
    assert day.key() == first

    ada.press("Control+k")
    page.keyboard.type("skip this")
    ada.press("Enter")
    page.get_by_label("Something else").check()
    skip = page.get_by_role("button", name="Skip the episode")
    skip.click()
    # It has to be said what.
    expect(page.get_by_role("heading", name="Skip this episode")).to_be_visible()
    page.get_by_label("In your words").fill("The camera fell over.")
    skip.click()
    page.wait_for_function(f"{KEY} !== {first!r}")
    ada.in_editor()
    expect(page.locator("[data-label]")).to_have_count(0)
    page.goto("/queue/")
    expect(page.get_by_text("Kept in this browser")).to_be_hidden()
