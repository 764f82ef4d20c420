"""A reviewer reviews an episode by keyboard, from its differences to a consensus that stands."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.journey import Person, no_violations

pytestmark = pytest.mark.browser
PLACES = ".tl-places > li > .tl-finding"


def open_the_last_example(ravi: Person) -> None:
    """The last with differences; another test may have made the batch, and looks at its first."""
    page = ravi.page
    page.goto("/review/")
    with page.expect_navigation():
        page.get_by_role("link", name=re.compile("Worked example")).first.click()
    make = page.get_by_role("button", name="Make a batch")
    with page.expect_navigation():
        (make if make.count() else page.get_by_role("link", name="Batch 1")).click()
    links = page.locator("tbody th a").evaluate_all("all => all.map(each => each.href)")
    for link in reversed(links):
        page.goto(link)
        ravi.see_frame(0)
        if page.locator(PLACES).count():
            return
    pytest.fail("The simulated annotators of the worked example agree in everything.")


def verdicts_outlive_the_page(ravi: Person, count: int) -> None:
    """The first lane is right; a word on one label, with a comment."""
    page = ravi.page
    judged = page.get_by_test_id("judged")
    ravi.press("n")
    ravi.press("Shift+I")
    expect(page.locator(".tl-sides .tl-word[data-verdict=ok]")).not_to_have_count(0)
    expect(judged).to_contain_text(f"1 of {count}")
    ravi.press("Shift+U")
    expect(page.get_by_role("button", name=re.compile("^Not visible"))).to_have_attribute(
        "aria-pressed", "true"
    )
    ravi.press("Shift+K")
    with page.expect_response(
        lambda answer: "hides it" in (answer.request.post_data or "")
    ) as kept:
        page.keyboard.type("The gripper hides it.")
        page.keyboard.press("Enter")
    assert kept.value.status == 201
    page.reload()
    ravi.see_frame(0)
    expect(judged).to_contain_text(f"1 of {count}")
    ravi.press("n")
    comment = page.get_by_role("textbox", name="Comment on the verdict")
    expect(comment).to_have_value("The gripper hides it.")
    no_violations(page)


def make_a_consensus(ravi: Person, count: int) -> None:
    """A draft with what both agree on; the second lane is right in all the rest."""
    page = ravi.page
    with page.expect_navigation():
        ravi.press("u")
        ravi.press("c")
    ravi.see_frame(0)
    expect(page.get_by_role("button", name="Accept the consensus")).to_be_visible()
    for _ in range(count):
        ravi.press("n")
        ravi.press("Shift+O")
    expect(page.get_by_test_id("judged")).to_contain_text(f"{count} of {count}")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    no_violations(page)


def test_from_differences_to_a_consensus_by_keyboard(ravi: Person) -> None:
    page = ravi.page
    open_the_last_example(ravi)
    count = page.locator(PLACES).count()
    expect(page.get_by_test_id("judged")).to_contain_text(f"0 of {count}")
    verdicts_outlive_the_page(ravi, count)
    make_a_consensus(ravi, count)
    address = page.url
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    page.goto(address)
    expect(page.get_by_role("heading", name="A consensus stands")).to_be_visible()
    page.get_by_role("link", name="What each label came from").first.click()
    expect(page.get_by_text("Chosen by the reviewer").first).to_be_visible()
    no_violations(page)
