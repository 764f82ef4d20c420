"""The sync page in a real browser: measured by a real worker, without a finding of axe."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.journey import Person, no_violations
from tests.stack import Stack

pytestmark = pytest.mark.browser
# No other test works on the last one. Copies of recordings lie behind them.
MEASURE_THE_LAST = """
from episodes.models import Dataset
from episodes.services.sync import measure_sync
from review.services.demo import DATASET
recorded = Dataset.objects.get(name=DATASET).episodes.filter(key__startswith="episode_")
measure_sync(episode_id=recorded.latest("index").pk, again=True)
"""


def dress(page: Page, theme: str) -> None:
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)


def test_a_clock_is_set_measured_again_and_taken_back(stack: Stack, mei: Person) -> None:
    page = mei.page
    stack.shell.run(MEASURE_THE_LAST)
    page.goto("/datasets/")
    page.get_by_role("link", name=re.compile("SO-101")).first.click()
    page.get_by_role("link", name="Clocks", exact=True).click()
    page.get_by_role("navigation", name="Which episodes").get_by_text("All").click()
    no_violations(page)
    page.locator("tbody th a", has_text="episode_").last.click()
    expect(page.get_by_role("img", name=re.compile("Samples of each stream"))).to_be_visible()
    for theme in ("light", "dark"):
        dress(page, theme)
        for line in page.locator("summary").all():
            line.click()
        no_violations(page)

    # 200 ms off: the worker measures, the page reloads by itself, and the episode is held back.
    dress(page, "light")
    front = page.get_by_role("article", name="front")
    front.get_by_text("Set the clock of front by hand").click()
    front.get_by_label("Offset in all, ms").fill("200")
    front.get_by_label("Reason").fill("a trial")
    front.get_by_role("button", name="Set the clock").click()
    expect(page.get_by_text("The clocks are measured again.")).to_be_visible()
    held = page.locator(".toolbar").get_by_text("Held back")
    expect(held).to_be_visible(timeout=60_000)
    expect(front.get_by_text("Out of step")).to_be_visible()
    no_violations(page)

    front.get_by_role("button", name=re.compile("Apply −2")).click()
    expect(held).to_be_hidden(timeout=60_000)
    expect(front.get_by_text("In step")).to_be_visible(timeout=60_000)


def test_embodiment_pages(mei: Person) -> None:
    page = mei.page
    page.goto("/embodiments/")
    no_violations(page)
    page.locator("tbody th a").first.click()
    expect(page.get_by_role("heading", name=re.compile("State, 6 dimensions"))).to_be_visible()
    for theme in ("light", "dark"):
        dress(page, theme)
        no_violations(page)
    page.get_by_role("link", name="Change").click()
    expect(page.get_by_role("button", name="Save the embodiment")).to_be_visible()
    no_violations(page)
    page.goto("/embodiments/new")
    no_violations(page)


def test_the_lanes_of_the_demo_show_units(mei: Person) -> None:
    """The files name no unit; the embodiment does."""
    page = mei.page
    page.goto("/episodes/")
    page.locator("tbody th a").first.click()
    payload = page.locator("#timeline-payload").text_content()
    assert payload is not None
    assert '"unit": "rad"' in payload
