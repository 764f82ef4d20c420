"""Whatever happens between the editor and the server, no label is lost and none comes twice."""

import json
import re

import pytest
from playwright.sync_api import Dialog, Request, Response, expect

from tests.e2e.journey import FRAME_NS
from tests.e2e.trials import Trial, contact, take_over
from tests.stack import Stack

pytestmark = pytest.mark.browser


def test_marks_made_offline_are_kept_and_sent_once(trial: Trial) -> None:
    page = trial.person.page
    page.context.set_offline(True)
    trial.drop(20, "1")
    trial.drop(30, "2")
    trial.phase("offline")
    expect(page.get_by_test_id("save")).to_contain_text("kept here")
    sent: list[str] = []

    def note(response: Response) -> None:
        if response.request.method == "PATCH":
            assert response.status == 200
            diff = json.loads(response.request.post_data or "{}")
            sent.extend(label["id"] for label in diff["put"])

    page.on("response", note)
    page.context.set_offline(False)
    trial.phase("saved")
    stored = trial.stored()["labels"]
    assert sorted(sent) == sorted(each["id"] for each in stored)
    assert sorted(each["start_ns"] // FRAME_NS for each in stored) == [20, 30]


def test_a_stale_save_brings_both_sides_together(trial: Trial) -> None:
    identity = trial.person.page.evaluate("crypto.randomUUID()")
    trial.save_elsewhere(contact(identity, 40))
    trial.drop(20, "1")
    trial.phase("saved")
    trial.shows(2)
    assert len(trial.stored()["labels"]) == 2


def test_the_same_label_changed_on_both_sides_shows_both_until_one_is_chosen(trial: Trial) -> None:
    person = trial.person
    trial.drop(20, "1")
    trial.phase("saved")
    (mine,) = trial.stored()["labels"]
    trial.save_elsewhere({**mine, "start_ns": 50 * FRAME_NS})
    person.press("Control+ArrowRight")
    conflict = person.page.locator("[data-conflict]")
    expect(conflict).to_contain_text("0.420")
    expect(conflict).to_contain_text("1.000")
    person.check()
    conflict.get_by_role("button", name="Keep both").click()
    trial.phase("saved")
    trial.shows(2)
    frames = sorted(each["start_ns"] // FRAME_NS for each in trial.stored()["labels"])
    assert frames == [21, 50]


def test_a_reload_keeps_what_had_not_reached_the_server(trial: Trial) -> None:
    page = trial.person.page

    def accept(dialog: Dialog) -> None:
        dialog.accept()

    page.on("dialog", accept)
    saving = re.compile("/annotation-sets/.*/labels")
    page.route(saving, lambda route: route.abort())
    trial.drop(20, "1")
    trial.phase("offline")
    page.reload()
    trial.person.see_frame(0)
    trial.shows(1)
    expect(page.get_by_text("had not reached the server")).to_be_visible()
    page.unroute(saving)
    trial.phase("saved")
    assert len(trial.stored()["labels"]) == 1


def test_submitting_twice_at_once_is_one_submission(trial: Trial) -> None:
    person = trial.person
    person.press("o", "s")
    person.saved()
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/submit") and request.method == "POST":
            sent.append(request.url)

    person.page.on("request", note)
    address = trial.payload["urls"]["save"]
    person.press("Control+Enter", "Control+Enter")
    expect(person.page).to_have_url(re.compile("/queue/|/next/"))
    assert len(sent) == 1
    stored = person.page.context.request.get(address).json()
    assert stored["state"] == "submitted"


def test_a_lost_slot_is_told_and_takes_no_label_away(trial: Trial, stack: Stack) -> None:
    person = trial.person
    trial.drop(20, "1")
    trial.phase("saved")
    take_over(stack, trial.project)
    trial.drop(30, "2")
    trial.phase("lease_lost")
    expect(person.page.get_by_test_id("save")).to_contain_text("1 change kept here")
    expect(person.page.get_by_role("alert")).to_be_visible()
    trial.shows(2)
    person.check()
    person.page.get_by_role("button", name="Try again").click()
    trial.phase("lease_lost")
    trial.shows(2)
    person.page.on("dialog", lambda dialog: dialog.accept())
