"""axe finds nothing on the editor: either theme, every dialog, and the reviewer's view."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.journey import Person, no_violations
from tests.e2e.trials import Trial

pytestmark = pytest.mark.browser
DIALOGS = {
    "?": "Keys",
    "Control+k": "Commands",
    "F1": "All commands",
    "Control+,": "Settings",
    "g": "Go to",
    "y": "Guideline",
}


def dress(page: Page, theme: str) -> None:
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)


def test_the_editor_and_its_dialogs_in_both_themes(trial: Trial) -> None:
    person = trial.person
    trial.drop(20, "1")
    trial.drop(100, "b")
    person.press("Escape")
    for theme in ("light", "dark"):
        dress(person.page, theme)
        no_violations(person.page)
        for key, title in DIALOGS.items():
            person.press(key)
            dialog = person.page.get_by_role("dialog", name=re.compile(title))
            expect(dialog).to_be_visible()
            no_violations(person.page)
            person.press("Escape")
            expect(dialog).to_be_hidden()


def test_reviewing_differences_in_both_themes(ravi: Person) -> None:
    page = ravi.page
    page.goto("/review/")
    page.get_by_role("link", name=re.compile("Worked example")).first.click()
    page.get_by_role("button", name="Make a batch").click()
    page.locator("tbody th a").first.click()
    ravi.see_frame(0)
    differences = page.locator(".tl-checks .tl-finding")
    expect(differences.first).to_be_visible()
    ravi.press("n")
    chosen = page.locator(".tl-finding[aria-current=true]")
    expect(chosen).to_have_count(1)
    expect(page.locator("tr[aria-selected=true]")).to_have_count(2)
    # T leads to the other side's frame and back.
    ravi.rests()
    before = page.get_by_test_id("frame").inner_text()
    ravi.press("t")
    expect(page.get_by_test_id("frame")).not_to_have_text(before)
    ravi.press("t")
    expect(page.get_by_test_id("frame")).to_have_text(before)
    for theme in ("light", "dark"):
        dress(page, theme)
        ravi.check()
