"""Keys are a person's own and kept for them; the editor speaks another language; keys on paper."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.journey import no_violations
from tests.e2e.trials import Trial

pytestmark = pytest.mark.browser
PAGES = re.compile(rb"/Type\s*/Page[^s]")


def test_a_key_of_ones_own_and_another_language_stay_over_a_reload(trial: Trial) -> None:
    person, page = trial.person, trial.person.page
    for leave in ("Enter", "Escape"):
        person.press("g")
        page.get_by_label("Time or frame").fill("f12")
        person.press(leave)
        expect(page.locator("[data-stage]")).to_be_focused()
        expect(page.get_by_role("dialog")).to_have_count(0)
    person.press("Control+,")
    row = page.locator("[data-command='play.toggle']")
    row.get_by_role("button", name="New key for").click()
    no_violations(page)
    person.press("Escape")
    row.get_by_role("button", name="New key for").click()
    person.press("Control+w")
    expect(row.get_by_role("alert")).to_contain_text("The browser keeps Ctrl+W for itself")
    row.get_by_role("button", name="Leave it").click()
    row.get_by_role("button", name="New key for").click()
    person.press("m")
    expect(row.get_by_role("alert")).to_contain_text("M belongs to: Merge with the next segment")
    no_violations(page)
    row.get_by_role("button", name="Take it from there").click()
    expect(row.locator("kbd")).to_have_text(["Space", "M"])
    merge = page.locator("[data-command='mark.merge'] kbd")
    expect(merge).to_have_count(0)

    page.get_by_label("Language", exact=True).select_option("de")
    page.get_by_role("button", name="Load the page again").click()
    expect(page.get_by_role("button", name="Einreichen")).to_be_visible()
    expect(page.locator(".tl-editor")).to_have_attribute("lang", "de")
    person.see_frame(0)
    no_violations(page)
    person.press("m")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    person.press("m")

    # As it came, so that the next trial begins where this one did.
    person.press("Control+,")
    page.get_by_role("button", name="Alle Tasten wie geliefert").click()
    page.get_by_role("button", name="Ja, alle Tasten wie geliefert").click()
    expect(merge).to_have_text(["M"])
    page.get_by_label("Sprache", exact=True).select_option("")
    expect(page.locator(".tl-settings__state")).to_contain_text("Für dich gespeichert")


def test_the_menu_says_why_something_is_not_possible_and_keys_fit_on_two_pages(
    trial: Trial,
) -> None:
    person, page = trial.person, trial.person.page
    person.press("F1")
    page.get_by_role("button", name=re.compile("^Delete the selection")).focus()
    person.press("Enter")
    said = page.locator("dialog [aria-live]")
    expect(said).to_contain_text("Select a label of yours first.")
    no_violations(page)
    page.locator("dialog").get_by_role("button", name=re.compile("^Keys")).click()
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.emulate_media(media="print")
    paper = page.pdf(prefer_css_page_size=True)
    assert 1 <= len(PAGES.findall(paper)) <= 2


def test_at_320_pixels_nothing_is_cut_off(trial: Trial) -> None:
    person, page = trial.person, trial.person.page
    trial.drop(20, "1")
    page.set_viewport_size({"width": 320, "height": 640})
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    for key in ("", "F1", "Control+,", "?"):
        if key:
            person.press(key)
            expect(page.locator("dialog[open]")).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, key
        person.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
