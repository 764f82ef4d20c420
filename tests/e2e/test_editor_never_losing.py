"""A lost session, a second tab, a closed lid, a reload, a sign-out: the work is still there."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.journey import FRAME_NS, Person
from tests.e2e.trials import Trial, contact, lapse, take_over
from tests.stack import Stack

pytestmark = pytest.mark.browser
SAVING = re.compile("/annotation-sets/.*/labels")


def frames(trial: Trial) -> list[int]:
    return sorted(each["start_ns"] // FRAME_NS for each in trial.stored()["labels"])


def test_undo_survives_a_reload_and_what_another_changed_is_left_alone(trial: Trial) -> None:
    person = trial.person
    trial.drop(20, "1")
    trial.drop(30, "2")
    trial.phase("saved")
    person.press("Control+z")
    trial.shows(1)
    trial.phase("saved")
    identity = person.page.evaluate("crypto.randomUUID()")
    trial.save_elsewhere(contact(identity, 40))
    person.page.reload()
    person.see_frame(0)
    trial.shows(2)
    person.press("Control+Shift+z")
    trial.shows(3)
    person.press("Control+z", "Control+z", "Control+z")
    trial.shows(1)
    trial.phase("saved")
    assert frames(trial) == [40]


def test_two_tabs_show_each_others_marks_and_one_submit_ends_both(trial: Trial) -> None:
    first = trial.person
    second = Person(first.page.context.new_page(), first.errors)
    second.page.goto(first.page.url)
    second.see_frame(0)
    expect(first.page.get_by_text("open in another tab")).to_be_visible()
    trial.drop(20, "1")
    expect(second.page.locator("[data-label]")).to_have_count(1)
    second.go_to(30)
    second.press("2")
    trial.shows(2)
    trial.phase("saved")
    assert frames(trial) == [20, 30]
    second.press("o", "s")
    second.saved()
    second.press("Control+Enter")
    trial.phase("frozen")
    expect(first.page.get_by_text("submitted in another tab")).to_be_visible()
    first.check()


def test_signing_in_again_goes_on_without_leaving_the_page(trial: Trial, stack: Stack) -> None:
    page = trial.person.page
    kept = page.context.cookies()
    page.context.clear_cookies()
    trial.drop(20, "1")
    trial.phase("signed_out")
    expect(page.get_by_role("alert")).to_contain_text("signed out")
    trial.person.check()
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Sign in").click()
    login = opened.value
    login.fill("#id_username", "ada")
    login.fill("#id_password", "ada-demo")
    login.keyboard.press("Enter")
    trial.phase("saved")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert frames(trial) == [20]
    # Another session of hers is as good as the first.
    page.context.add_cookies(kept)  # type: ignore[arg-type]  # as they came
    login.close()


def test_a_conflict_is_settled_by_key_and_undo_opens_it_again(trial: Trial) -> None:
    person = trial.person
    trial.drop(20, "1")
    trial.phase("saved")
    (mine,) = trial.stored()["labels"]
    trial.save_elsewhere({**mine, "start_ns": 50 * FRAME_NS})
    person.press("Control+ArrowRight")
    conflict = person.page.locator("[data-conflict]")
    expect(conflict.get_by_role("row", name="Start")).to_have_text(
        re.compile(r"Start\s*0\.400 s\s*0\.420 s\s*1\.000 s")
    )
    person.check()
    person.press("u", "t")
    expect(conflict).to_have_count(0)
    trial.phase("saved")
    assert frames(trial) == [50]
    person.press("Control+z")
    expect(conflict).to_have_count(1)
    person.press("u", "m")
    expect(conflict).to_have_count(0)
    trial.phase("saved")
    assert frames(trial) == [21]


def test_nobody_signs_out_with_work_that_is_only_here(trial: Trial) -> None:
    page = trial.person.page
    page.on("dialog", lambda dialog: dialog.accept())
    page.context.route(SAVING, lambda route: route.abort())
    trial.drop(20, "1")
    trial.phase("offline")
    address = trial.payload["urls"]["save"]
    page.goto("/queue/")
    expect(page.get_by_text("Kept in this browser, not on the server")).to_be_visible()
    trial.person.check()
    page.get_by_role("button", name="Log out").click()
    refusal = page.get_by_role("dialog", name="Not signed out yet")
    expect(refusal).to_contain_text("1 change")
    trial.person.check()
    stored = page.context.request.get(address).json()["labels"]
    assert stored == []
    page.context.unroute(SAVING)
    refusal.get_by_role("button", name="Stay signed in").click()
    # The page sends what is kept, once its script runs.
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as sent:
        page.reload()
    assert SAVING.search(sent.value.url)
    stored = page.context.request.get(address).json()["labels"]
    assert [label["start_ns"] for label in stored] == [20 * FRAME_NS]
    expect(page.get_by_text("Kept in this browser, not on the server")).to_be_hidden()


def test_drafts_of_one_person_are_not_shown_to_another(trial: Trial, stack: Stack) -> None:
    page = trial.person.page
    page.on("dialog", lambda dialog: dialog.accept())
    page.context.route(SAVING, lambda route: route.abort())
    trial.drop(20, "1")
    trial.phase("offline")
    page.goto("about:blank")
    page.context.clear_cookies()
    page.goto("/login/")
    page.fill("#id_username", "abe")
    page.fill("#id_password", "abe-demo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.goto("/queue/")
    expect(page.get_by_text("Kept in this browser, not on the server")).to_be_hidden()
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/login/"))


def test_a_closed_lid_and_a_lapsed_lease_cost_nothing_while_the_slot_is_free(
    trial: Trial, stack: Stack
) -> None:
    page = trial.person.page
    trial.drop(20, "1")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    lapse(stack, trial.project)
    devtools.send("Page.setWebLifecycleState", {"state": "active"})
    trial.drop(30, "2")
    trial.phase("saved")
    assert frames(trial) == [20, 30]


def test_work_on_a_lost_slot_is_kept_and_listed(trial: Trial, stack: Stack) -> None:
    person = trial.person
    trial.drop(20, "1")
    trial.phase("saved")
    take_over(stack, trial.project)
    trial.drop(30, "2")
    trial.phase("lease_lost")
    person.page.on("dialog", lambda dialog: dialog.accept())
    person.page.get_by_role("button", name="Back to the queue").click()
    kept = person.page.locator("[data-kept-work]")
    expect(kept).to_contain_text("1 change")
    kept.get_by_role("link", name="Open").click()
    person.see_frame(0)
    trial.shows(2)
    trial.phase("lease_lost")
