"""The episode list in a browser: search as one types, keys, a tag on many, a saved filter, axe."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.journey import Person, no_violations
from tests.stack import Stack

pytestmark = pytest.mark.browser


def test_searching_moving_selecting_opening_by_key(mei: Person) -> None:
    page = mei.page
    page.goto("/episodes/")
    rows = page.locator("tr[data-episode]")
    expect(rows.first).to_be_visible()
    everything = rows.count()
    page.keyboard.press("/")
    expect(page.locator("#id_q")).to_be_focused()
    page.keyboard.type("zebra")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/episodes/\?q=zebra$"))
    page.locator("#id_q").fill("")
    expect(rows).to_have_count(everything)
    page.locator("#id_q").press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1).locator("[data-open]")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("#selected-count")).to_have_text("1 selected")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/episodes/[0-9a-f-]{36}/$"))


def test_tagging_what_matches_and_keeping_the_filter(mei: Person) -> None:
    page = mei.page
    page.goto("/episodes/")
    page.locator("tr[data-episode] input[type=checkbox]").first.check()
    page.get_by_role("textbox", name="Tag", exact=True).fill("look again")
    page.get_by_role("button", name="Add tag").click()
    expect(page.get_by_text("1 episode is tagged “look again”.")).to_be_visible()
    page.get_by_role("link", name="look again").first.click()
    expect(page.locator("tr[data-episode]")).to_have_count(1)
    page.get_by_role("textbox", name="Name for this filter").fill("To look at")
    page.get_by_role("button", name="Save filter").click()
    expect(page.get_by_role("link", name="To look at")).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Delete the filter To look at").click()
    expect(page.get_by_text("“To look at” is deleted.")).to_be_visible()
    page.locator("#select-all").check()
    page.get_by_role("textbox", name="Tag", exact=True).fill("look again")
    page.get_by_role("button", name="Remove tag").click()
    expect(page.get_by_text("1 episode is no longer tagged")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(mei: Person, theme: str) -> None:
    page = mei.page
    for address in ("/episodes/", "/episodes/?q=zebra", "/episodes/quarantined/"):
        page.goto(address)
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        no_violations(page)
    page.goto("/episodes/")
    page.locator("[data-open]").first.click()
    expect(page.get_by_role("heading", name="Provenance")).to_be_visible()
    expect(page.get_by_role("region", name="Timeline")).to_be_visible()
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    no_violations(page)


def test_without_javascript_it_is_searched_all_the_same(
    stack: Stack, browser: Browser, mei: Person
) -> None:
    state = mei.page.context.storage_state()
    context = browser.new_context(
        base_url=stack.address, storage_state=state, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/episodes/")
    page.locator("#id_q").fill("zebra")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    context.close()
