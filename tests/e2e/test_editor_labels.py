"""Labels in full by keyboard: what comes next, names by one key, goals, tags, many at once."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.journey import FRAME_NS
from tests.e2e.trials import Trial

pytestmark = pytest.mark.browser


def stored(trial: Trial, kind: str) -> list[dict[str, Any]]:
    trial.phase("saved")
    found = [each for each in trial.stored()["labels"] if each["kind"] == kind]
    return sorted(found, key=lambda each: each["start_ns"] or 0)


def test_contacts_in_their_usual_order_and_how_sure_they_are(trial: Trial) -> None:
    person = trial.person
    for frame in (100, 110, 130):
        trial.drop(frame, "d")
    person.press("Control+ArrowUp", "Control+ArrowUp", "Control+ArrowUp", "Control+ArrowDown")
    contacts = stored(trial, "instant")
    names = [each["label_class"] for each in contacts]
    assert names == ["first_contact", "grasp_closed", "lift_off"]
    assert [each["uncertainty_ns"] for each in contacts] == [0, 0, 2 * FRAME_NS]
    before = [each["start_ns"] for each in contacts]
    # All of them at once, by a frame, as one step.
    person.press("Shift+ArrowUp", "Shift+ArrowUp", "Control+ArrowRight")
    moved = [each["start_ns"] for each in stored(trial, "instant")]
    assert all(0 < now - then <= FRAME_NS for now, then in zip(moved, before, strict=True))
    person.press("Control+z")
    assert [each["start_ns"] for each in stored(trial, "instant")] == before
    person.press("Delete")
    trial.shows(0)
    person.press("Control+z")
    trial.shows(3)


def test_boundaries_without_gaps_named_by_one_key(trial: Trial) -> None:
    person = trial.person
    person.press("Shift+b")
    for frame in (45, 80, 130, 165, 200, 235, 275):
        trial.drop(frame, "b")
    trial.shows(8)
    person.press("f")
    segments = stored(trial, "segment")
    assert segments[0]["start_ns"] == 0
    assert segments[-1]["end_ns"] == trial.payload["episode"]["duration_ns"]
    assert segments[3]["text"] == "lift the red block"
    # A deleted tile leaves no gap.
    trial.drop(140, "Escape")
    person.press(".", "Delete")
    after = stored(trial, "segment")
    assert len(after) == 7
    for left, right in pairwise(after):
        assert left["end_ns"] == right["start_ns"]
    person.press("Shift+b")


def test_goals_and_tags(trial: Trial) -> None:
    person = trial.person
    person.press("o", "s")
    (outcome,) = stored(trial, "outcome")
    assert set(outcome["attributes"].values()) == {"met"}
    person.press("o", "p", "o", "1", "o", "2", "o", "2")
    (outcome,) = stored(trial, "outcome")
    assert outcome["attributes"] == {"goal.over_square": "met", "goal.inside_square": "not_met"}
    panel = person.page.locator(".tl-outcome")
    panel.get_by_text("Tags", exact=True).click()
    panel.get_by_role("button", name="Distractors").click()
    expect(panel.get_by_role("button", name="Distractors")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert [each["label_class"] for each in stored(trial, "tag")] == ["tag_distractors"]
    person.check()
